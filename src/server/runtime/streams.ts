/** The streams of a node: which are followed, how they are read, and how they come back after the broker was away. */
import type { Position, StreamMode } from '../../protocol/message.ts'
import type { ChannelDefinition } from '../access/channel.ts'
import type { Broker } from '../brokers/broker.ts'
import type { HubInput } from '../effects.ts'
import type { Page, PageRequest } from '../paging.ts'
import type { Entry, History, HistoryLimits, Publication, RecoveryLimits } from '../stream.ts'
import type { Clock } from './clock.ts'
import { type Feed, createFeed } from './feed.ts'
import type { SlowPolicy } from './outbound.ts'
import { readPage } from './pages.ts'

/** What the streams of a node need. */
export interface StreamsHost {
  readonly clock: Clock
  readonly broker: Broker
  readonly history: HistoryLimits
  readonly recovery: RecoveryLimits
  /** How often the newest positions of followed streams are compared with the broker's, ms. */
  readonly verifyEveryMs: number
  tell(input: HubInput): void
  /** Runs what sends to many, and sends afterwards, one frame to each. */
  together(run: () => void): void
  sent(publishedAt: number): void
  repaired(isWhole: boolean): void
  failed(what: string, error: unknown): void
}

/** What is known of a stream besides its messages. */
export interface StreamPlace {
  readonly channel: string
  readonly definition: ChannelDefinition
  /** Parameters of the channel's pattern. */
  readonly params: Readonly<Record<string, string>>
}

/** The streams of a node. */
export interface NodeStreams {
  /** Notes what a stream belongs to; before it is read, followed or published on. */
  place(stream: string, place: StreamPlace): void
  /** Forgets it where nobody came to follow it after all. */
  unplace(stream: string): void
  policyOf(stream: string): SlowPolicy
  followed(stream: string, isFollowed: boolean): void
  /** Reads a stream, once it is followed. */
  read(stream: string, position: Position | null, mode: StreamMode): Promise<History>
  /** Reads a page of a stream, whether it is followed or not. */
  page(stream: string, definition: ChannelDefinition, request: PageRequest): Promise<Page>
  publish(stream: string, place: StreamPlace, publication: Publication, idempotencyKey?: string): Promise<Position>
  published(stream: string, epoch: string, entry: Entry, publishedAt: number): void
  reset(stream: string, epoch: string): void
  /** Compares all followed streams with the broker. */
  verify(): Promise<void>
  stop(): void
}

interface Followed {
  readonly feed: Feed
  /** Resolves when everything that is published from now on comes. */
  readonly ready: Promise<void>
  leaving: unknown
}

/** Who comes back soon finds the stream still followed. */
const LINGER_MS = 5_000
/** A snapshot that takes longer is a failure: others wait behind it. */
const SNAPSHOT_MS = 10_000
const SNAPSHOT_TRIES = 5

/** Makes the streams of a node. */
export function createStreams(host: StreamsHost): NodeStreams {
  const { broker, clock } = host
  const followed = new Map<string, Followed>()
  const places = new Map<string, StreamPlace>()
  /** Streams that the hub wants; reads that come later than that bring nobody back. */
  const wanted = new Set<string>()
  /** The same read, asked for by many at once, is one. */
  const reading = new Map<string, Promise<History>>()
  let verifying: unknown
  let flushes: Array<() => void> = []
  let isStopped = false

  const channelOf = (stream: string): string => places.get(stream)?.channel ?? stream

  /** What all streams have to say in one turn is said together: a client that follows many of them gets one frame. */
  function flushAll(): void {
    const all = flushes
    flushes = []
    if (all.length === 1) all[0]?.()
    else host.together(() => { for (const flush of all) flush() })
  }

  const turn: Clock = {
    ...clock,
    soon(flush) {
      if (flushes.push(flush) === 1) clock.soon(flushAll)
    },
  }

  function follow(stream: string): Followed {
    const known = followed.get(stream)
    if (known !== undefined) {
      clock.clearTimer(known.leaving)
      known.leaving = undefined
      return known
    }
    const { throttleMs = 0, batchMs = 0 } = places.get(stream)?.definition ?? {}
    const feed = createFeed(stream, { throttleMs, batchMs }, {
      clock: turn, tell: host.tell, sent: host.sent, repaired: host.repaired,
      read: (name, position) => broker.read(name, channelOf(name), position, 'stream', host.recovery),
    })
    const ready = broker.follow(stream).then(() => broker.tops([stream])).then(([position = null]) => feed.begin(position))
    const begun: Followed = { feed, ready, leaving: undefined }
    followed.set(stream, begun)
    // Whoever reads the stream hears of the failure, and the next one tries again.
    ready.catch(() => { if (followed.get(stream) === begun) drop(stream, begun) })
    return begun
  }

  function drop(stream: string, { feed }: Followed): void {
    followed.delete(stream)
    feed.stop()
    broker.unfollow(stream)
    if (!wanted.has(stream)) places.delete(stream)
  }

  async function snapshotOf(stream: string, history: History): Promise<History> {
    const place = places.get(stream)
    const snapshot = place?.definition.snapshot
    if (place === undefined || snapshot === undefined) return history
    const about = { channel: place.channel, stream, params: place.params }
    // What is published meanwhile may be gone from a short history before it is read: then once more.
    for (let tries = 0; tries < SNAPSHOT_TRIES; tries++) {
      // The position first, then the state, then what was published since: nothing falls between them.
      const [position] = await broker.tops([stream])
      const at = position ?? { epoch: history.epoch, offset: 0 }
      const data = await within(SNAPSHOT_MS, async () => snapshot(about))
      // What JSON cannot hold is found here, where it can be said.
      JSON.stringify(data)
      const since = await broker.read(stream, place.channel, at, 'stream', host.recovery)
      const { reason } = history
      if (since.recovered) return { ...since, recovered: false, ...(reason === undefined ? {} : { reason }), snapshot: { offset: at.offset, data } }
    }
    return history
  }

  /** The same, or a rejection when it takes longer. */
  function within<Value>(ms: number, work: () => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(() => reject(new Error(`the snapshot took longer than ${ms} ms`)), ms)
      work().then(resolve, reject).finally(() => clock.clearTimer(timer))
    })
  }

  async function readNow(key: string, stream: string, position: Position | null, mode: StreamMode): Promise<History> {
    if (!wanted.has(stream)) throw new Error('nobody follows it any more')
    await follow(stream).ready
    // Who asks from now on holds back only what is published from now on: the answer to this read is not theirs.
    reading.delete(key)
    const history = await broker.read(stream, channelOf(stream), position, mode, host.recovery)
    return history.recovered || mode === 'latest' ? history : snapshotOf(stream, history)
  }

  async function verify(): Promise<void> {
    const names = [...followed.keys()]
    if (names.length === 0) return
    try {
      const tops = await broker.tops(names)
      names.forEach((name, index) => {
        followed.get(name)?.feed.verify(tops[index] ?? null)
      })
    } catch (error) {
      host.failed('compare positions', error)
    }
  }

  function verifyAgain(): void {
    if (isStopped) return
    verifying = clock.setTimer(() => void verify().then(verifyAgain), host.verifyEveryMs)
  }
  verifyAgain()

  return {
    place: (stream, place) => { if (!places.has(stream)) places.set(stream, place) },
    unplace: (stream) => { if (!wanted.has(stream) && !followed.has(stream)) places.delete(stream) },
    policyOf: (stream) => places.get(stream)?.definition.slow ?? 'resume',
    followed(stream, isFollowed) {
      if (isFollowed) {
        wanted.add(stream)
        return void follow(stream)
      }
      wanted.delete(stream)
      const known = followed.get(stream)
      if (known !== undefined) known.leaving = clock.setTimer(() => drop(stream, known), LINGER_MS)
      return undefined
    },
    read(stream, position, mode) {
      const key = JSON.stringify([stream, position, mode])
      const known = reading.get(key)
      if (known !== undefined) return known
      const begun = readNow(key, stream, position, mode)
      reading.set(key, begun)
      begun.catch(() => reading.delete(key))
      return begun
    },
    page: (stream, { keep }, request) => readPage({ broker, stream, recovery: host.recovery, kept: keep?.count ?? host.history.count }, request),
    publish(stream, { channel, definition }, publication, idempotencyKey) {
      const options = { history: { ...host.history, ...definition.keep }, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) }
      return broker.publish(stream, channel, publication, options)
    },
    published: (stream, epoch, entry, publishedAt) => followed.get(stream)?.feed.published(epoch, entry, publishedAt),
    reset: (stream, epoch) => followed.get(stream)?.feed.reset(epoch),
    verify,
    stop() {
      isStopped = true
      clock.clearTimer(verifying)
      for (const [stream, one] of followed) {
        clock.clearTimer(one.leaving)
        drop(stream, one)
      }
    },
  }
}
