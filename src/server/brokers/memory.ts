/** The broker of one node: everything lies in its memory, and is gone with it. */
import { randomUUID } from 'node:crypto'
import type { Position } from '../../protocol/message.ts'
import { type HistoryLimits, type StreamLog, append, createStreamLog, readHistory, trim } from '../stream.ts'
import type { Broker, BrokerEvents } from './broker.ts'

/** Options of {@link memoryBroker}. */
export interface MemoryBrokerOptions {
  /** Monotonic ms. @default the process's clock */
  readonly now?: () => number
  /** Epoch ms. @default the system's clock */
  readonly time?: () => number
  /** How long the counter of a stream is kept after its last use, ms; a stream that lost it has another epoch. @default a day */
  readonly metaTtlMs?: number
}

interface Stream {
  log: StreamLog
  limits: HistoryLimits
  /** When it was last published on, read or left. */
  usedAt: number
}

/** A key of a publication is remembered so long. */
const IDEMPOTENCY_MS = 600_000
/** What is too old is looked for this often. */
const SWEEP_EVERY_MS = 60_000
const DAY_MS = 86_400_000
const NOTHING: HistoryLimits = { count: 0, size: 0, ageMs: 0 }

/**
 * Keeps streams in memory: for one node, for tests, and for channels that belong to one node. After a restart
 * every stream has another epoch, and clients are told so.
 *
 * @example
 * const server = createUplinkServer({ broker: memoryBroker(), doors, channels, authenticate })
 */
export function memoryBroker({ now = () => performance.now(), time = Date.now, metaTtlMs = DAY_MS }: MemoryBrokerOptions = {}): Broker {
  const streams = new Map<string, Stream>()
  const followed = new Set<string>()
  // Keys end in the order they came, because each is remembered equally long.
  const keys = new Map<string, { readonly position: Position; readonly endsAt: number }>()
  let events: BrokerEvents | undefined
  let sweeping: NodeJS.Timeout | undefined

  function streamOf(name: string, channel: string): Stream {
    const known = streams.get(name) ?? { log: createStreamLog(name, channel, randomUUID()), limits: NOTHING, usedAt: 0 }
    streams.set(name, known)
    known.usedAt = now()
    return known
  }

  /** How long an unused stream lives: with its messages, and with the keys that remember a position in it. */
  function lifeOf({ log, limits: { ageMs } }: Stream): number {
    // Where nothing was ever published, nobody has anything to continue from.
    if (log.top === 0) return 0
    return Math.max(metaTtlMs, IDEMPOTENCY_MS, Number.isFinite(ageMs) ? ageMs : 0)
  }

  function sweep(): void {
    for (const [name, stream] of streams) {
      // It has another epoch when it is used again, so whoever was here is told.
      if (!followed.has(name) && now() - stream.usedAt > lifeOf(stream)) streams.delete(name)
      else trim(stream.log, now(), stream.limits)
    }
    for (const [key, { endsAt }] of keys) {
      if (endsAt > now()) return
      keys.delete(key)
    }
  }

  /** The page of a log: what lies before an offset, or the newest. */
  function pageOf({ epoch, top, entries }: StreamLog, before: number, limit: number): Awaited<ReturnType<Broker['page']>> {
    const older = entries.filter(({ offset, endsAt = Infinity }) => offset < before && endsAt > now())
    return { epoch, top, entries: older.slice(Math.max(0, older.length - limit)) }
  }

  return {
    name: 'memory',
    results: null,
    async open(told) {
      events = told
      sweeping = setInterval(sweep, SWEEP_EVERY_MS).unref()
    },
    async publish(name, channel, publication, { history, idempotencyKey }) {
      const key = idempotencyKey === undefined ? undefined : JSON.stringify([name, idempotencyKey])
      const before = key === undefined ? undefined : keys.get(key)
      if (before !== undefined && before.endsAt > now()) return before.position
      const stream = streamOf(name, channel)
      const entry = append(stream.log, publication, now(), history)
      stream.limits = history
      const position = { epoch: stream.log.epoch, offset: entry.offset }
      if (key !== undefined) keys.set(key, { position, endsAt: now() + IDEMPOTENCY_MS })
      if (followed.has(name)) events?.published(name, position.epoch, entry, time())
      return position
    },
    async follow(name) {
      followed.add(name)
    },
    unfollow(name) {
      const stream = streams.get(name)
      if (followed.delete(name) && stream !== undefined) stream.usedAt = now()
    },
    async read(name, channel, position, mode, recovery) {
      const { log, limits } = streamOf(name, channel)
      trim(log, now(), limits)
      return readHistory(log, position, mode, recovery, now())
    },
    async tops(names) {
      return names.map((name) => {
        const log = streams.get(name)?.log
        return log === undefined ? null : { epoch: log.epoch, offset: log.top }
      })
    },
    async page(name, before = Infinity, limit) {
      const stream = streams.get(name)
      if (stream === undefined) return { epoch: '', top: 0, entries: [] }
      trim(stream.log, now(), stream.limits)
      stream.usedAt = now()
      return pageOf(stream.log, before, limit)
    },
    async reset(name, channel) {
      const stream = streamOf(name, channel)
      stream.log = createStreamLog(name, channel, randomUUID())
      if (followed.has(name)) events?.reset(name, stream.log.epoch)
    },
    async tell(notice) {
      events?.notice(notice)
    },
    async probe() {
      await Promise.resolve()
    },
    async close() {
      clearInterval(sweeping)
      streams.clear()
      keys.clear()
    },
  }
}
