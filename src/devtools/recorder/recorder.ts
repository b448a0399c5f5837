/**
 * Listens to one connection and keeps what the monitor shows: bounded, sampled where it must be, and told at most
 * five times a second, and only while somebody looks. It changes nothing about the connection.
 */
import type { Platform, TimerHandle } from '../../engine/platform.ts'
import type { Frame } from '../../protocol/message.ts'
import type { AnyUplink } from '../../store/create-uplink.ts'
import { type Meters, createMeters, loseAll, measure, noteControl, noteMessage, noteSource } from '../model/channels.ts'
import { type Decode, type Direction, type Entry, type Read, peekType, readFrame } from '../model/entry.ts'
import { type Ring, createRing } from '../model/ring.ts'
import { type Sampler, createSampler, keepsNext, settle } from '../model/sampling.ts'
import { type Sends, noteSend } from '../model/sends.ts'
import { type Sample, type Totals, sampleOf, withSample } from '../model/series.ts'
import { type Happening, happeningOf, withHappening } from '../model/timeline.ts'
import { RESERVED_TYPES } from '../../protocol/uplink-v1.ts'

/** What is kept. All of it is bounded. */
export interface RecorderOptions {
  /** Most rows of the message log, 100 to 100,000. @default 10_000 */
  readonly maxMessages?: number
  /** What the rows may weigh, in characters or bytes, 65,536 to 268,435,456. @default 8_388_608 */
  readonly maxBytes?: number
  /** Messages from the server that are kept a second; of more, 1 of n is. Infinity keeps all. @default 1_000 */
  readonly maxPerSecond?: number
  /** Reads frames that are not JSON, for example the `decode` of your protocol. */
  readonly decode?: Decode
}

/** What was recorded. Changed in place: `subscribe` tells when to look again. */
export interface Recorder {
  readonly log: Ring<Entry>
  readonly meters: Meters
  readonly sends: Sends
  /** Types that were seen, the first two hundred. */
  readonly types: ReadonlySet<string>
  readonly sampler: Readonly<Sampler>
  timeline(): readonly Happening[]
  series(): readonly Sample[]
  /** Counts up whenever there is something new to see. */
  version(): number
  subscribe(listener: () => void): () => void
  /** Forgets the messages. */
  clear(): void
  destroy(): void
}

const TELL_EVERY_MS = 200

const SAMPLE_EVERY_MS = 1_000

const TYPES_MOST = 200

/** A timer that repeats until it is stopped. */
function every(platform: Platform, ms: number, run: () => void): () => void {
  let timer: TimerHandle
  const again = (): void => {
    timer = platform.setTimer(again, ms)
    run()
  }
  timer = platform.setTimer(again, ms)
  return () => platform.clearTimer(timer)
}

/** Begins to record. */
export function createRecorder(uplink: AnyUplink, options: RecorderOptions = {}): Recorder {
  const { platform } = uplink
  const { maxMessages = 10_000, maxBytes = 8_388_608, maxPerSecond = 1_000, decode } = options
  const log = createRing<Entry>(maxMessages, maxBytes)
  const meters = createMeters()
  const sends: Sends = new Map()
  const types = new Set<string>()
  const sampler = createSampler(maxPerSecond)
  const listeners = new Set<() => void>()
  let timeline = uplink.history.getState().reduce<readonly Happening[]>((all, one) => withHappening(all, happeningOf(one)), [])
  let series: readonly Sample[] = []
  let serial = 0
  let version = 0
  let timer: TimerHandle | undefined

  function tell(): void {
    timer = undefined
    version++
    for (const listener of listeners) listener()
  }

  function changed(): void {
    if (timer === undefined && listeners.size > 0) timer = platform.setTimer(tell, TELL_EVERY_MS)
  }

  function keep({ type, channel, id, isControl, size, content }: Read, direction: Direction, at: number): void {
    if (types.size < TYPES_MOST) types.add(type)
    log.push({ serial, at, direction, type, channel, id, isControl, size, content })
  }

  function received(frame: Frame): void {
    changed()
    const peeked = peekType(frame)
    // The common case of a flood: a single message that is not kept need not even be read.
    const isSingle = peeked !== undefined && !RESERVED_TYPES.has(peeked)
    if (isSingle) {
      serial++
      if (!keepsNext(sampler, platform.now())) return
    }
    const at = platform.time()
    for (const read of readFrame(frame, decode)) {
      if (!isSingle) serial++
      if (read.isControl && read.message !== undefined) noteControl(meters, read.type, read.message)
      if (isSingle || read.isControl || keepsNext(sampler, platform.now())) keep(read, 'in', at)
    }
  }

  function sent(frame: Frame): void {
    changed()
    const at = platform.time()
    for (const read of readFrame(frame, decode)) {
      serial++
      keep(read, 'out', at)
      const { id, type, channel, isControl, message } = read
      if (isControl && message !== undefined) noteControl(meters, type, message)
      else if (id !== undefined) noteSend(sends, id, at, { type, channel: channel ?? null, fate: 'sent', tries: (sends.get(id)?.tries ?? 0) + 1 })
    }
  }

  function happened(next: Omit<Happening, 'serial' | 'at' | 'from' | 'to'>): void {
    timeline = withHappening(timeline, { at: platform.time(), from: null, to: null, ...next })
    changed()
  }

  function fate(id: string, change: Parameters<typeof noteSend>[3]): void {
    noteSend(sends, id, platform.time(), change)
    changed()
  }

  let known = uplink.history.getState()
  function followHistory(): void {
    const now = uplink.history.getState()
    const last = known.at(-1)
    const fresh = last === undefined ? now : now.slice(now.lastIndexOf(last) + 1)
    known = now
    for (const one of fresh) {
      timeline = withHappening(timeline, happeningOf(one))
      if (one.from === 'open') loseAll(meters)
    }
    changed()
  }

  let lastLatency: number | null = null
  let totals: Totals = uplink.stats.getState()
  let sampledAt = platform.now()
  function measureSecond(): void {
    const now = platform.now()
    const elapsedMs = now - sampledAt
    if (elapsedMs <= 0) return
    const after = uplink.stats.getState()
    series = withSample(series, sampleOf(totals, after, elapsedMs, { at: platform.time(), latencyMs: lastLatency, isConnected: uplink.getState().state === 'connected' }))
    measure(meters, elapsedMs)
    settle(sampler, now)
    totals = after
    sampledAt = now
    lastLatency = null
    changed()
  }

  const forget = [
    uplink.on('frameReceived', received),
    uplink.on('frameSent', sent),
    uplink.on('message', (message) => noteMessage(meters, message, platform.time(), Date.parse)),
    uplink.on('pong', ({ latencyMs }) => { lastLatency = Math.max(lastLatency ?? 0, latencyMs) }),
    uplink.on('close', ({ code, reason }) => happened({ kind: 'close', code: String(code), text: reason })),
    uplink.on('error', ({ code, message }) => happened({ kind: 'error', code, text: message })),
    uplink.on('reconnecting', ({ attempt, delayMs }) => happened({ kind: 'retry', code: null, text: `attempt ${attempt} in ${(delayMs / 1_000).toFixed(1)} s` })),
    uplink.on('heartbeatTimeout', ({ silentMs }) => happened({ kind: 'heartbeat', code: null, text: `nothing heard for ${(silentMs / 1_000).toFixed(1)} s` })),
    uplink.on('gap', ({ channel, gap }) => {
      const meter = meters.byName.get(channel)
      if (meter !== undefined) meter.gaps++
      happened({ kind: 'gap', code: gap.reason, text: `${channel}: messages ${gap.from} to ${gap.to ?? 'unknown'} are lost` })
    }),
    uplink.on('source', ({ channel, source }) => { noteSource(meters, channel, source); changed() }),
    uplink.on('messageQueued', ({ id }) => fate(id, { fate: 'queued' })),
    uplink.on('messageAcknowledged', ({ id, latencyMs }) => fate(id, { fate: 'delivered', latencyMs })),
    uplink.on('messageRejected', ({ id, code }) => fate(id, { fate: 'rejected', why: code })),
    uplink.on('messageDropped', ({ id, reason }) => fate(id, { fate: 'dropped', why: reason })),
    uplink.on('messageUnknown', ({ id, error }) => fate(id, { fate: 'unknown', why: error.message })),
    uplink.on('messageKept', ({ id }) => fate(id, { fate: 'kept' })),
    uplink.history.subscribe(followHistory),
    every(platform, SAMPLE_EVERY_MS, measureSecond),
  ]

  return {
    log,
    meters,
    sends,
    types,
    sampler,
    timeline: () => timeline,
    series: () => series,
    version: () => version,
    subscribe(listener) {
      listeners.add(listener)
      // What came while nobody looked is there already.
      version++
      return () => listeners.delete(listener)
    },
    clear() {
      log.clear()
      sends.clear()
      timeline = []
      tell()
    },
    destroy() {
      for (const stop of forget) stop()
      platform.clearTimer(timer)
      listeners.clear()
    },
  }
}
