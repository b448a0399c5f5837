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
}

interface Stream {
  log: StreamLog
  limits: HistoryLimits
}

/** A key of a publication is remembered so long. */
const IDEMPOTENCY_MS = 600_000
/** What is too old is looked for this often. */
const SWEEP_EVERY_MS = 60_000
const NOTHING: HistoryLimits = { count: 0, size: 0, ageMs: 0 }

/**
 * Keeps streams in memory: for one node, for tests, and for channels that belong to one node. After a restart
 * every stream has another epoch, and clients are told so.
 *
 * @example
 * const server = createUplinkServer({ broker: memoryBroker(), doors, channels, authenticate })
 */
export function memoryBroker({ now = () => performance.now(), time = Date.now }: MemoryBrokerOptions = {}): Broker {
  const streams = new Map<string, Stream>()
  const followed = new Set<string>()
  // Keys end in the order they came, because each is remembered equally long.
  const keys = new Map<string, { readonly position: Position; readonly endsAt: number }>()
  let events: BrokerEvents | undefined
  let sweeping: NodeJS.Timeout | undefined

  function streamOf(name: string, channel: string): Stream {
    const known = streams.get(name) ?? { log: createStreamLog(name, channel, randomUUID()), limits: NOTHING }
    streams.set(name, known)
    return known
  }

  function sweep(): void {
    for (const [name, { log, limits }] of streams) {
      if (log.top === 0 && !followed.has(name)) streams.delete(name)
      else trim(log, now(), limits)
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
    unfollow: (name) => void followed.delete(name),
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
      return pageOf(stream.log, before, limit)
    },
    async reset(name, channel) {
      const { limits } = streamOf(name, channel)
      const log = createStreamLog(name, channel, randomUUID())
      streams.set(name, { log, limits })
      if (followed.has(name)) events?.reset(name, log.epoch)
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
