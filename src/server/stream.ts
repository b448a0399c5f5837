/**
 * A stream: a bounded log of messages with positions. Pure: the epoch and the time are arguments. The rules of
 * recovery are those of docs/PROTOCOL.md, section 6.
 */
import type { Position, StreamMode } from '../protocol/message.ts'
import type { RecoveryFailure } from '../protocol/uplink-v1.ts'

/** One message of a stream, encoded once for everyone. */
export interface Entry {
  /** The offsets it covers. */
  readonly from: number
  readonly offset: number
  /** The whole message as JSON, with its offsets. */
  readonly text: string
}

/** How much of a stream is kept. */
export interface HistoryLimits {
  /** Messages; 0 keeps none. */
  readonly count: number
  /** Characters of all their texts. */
  readonly size: number
  /** Age of the oldest, ms. */
  readonly ageMs: number
}

/** How much is recovered at once. */
export interface RecoveryLimits {
  readonly count: number
  readonly size: number
}

/** A stream's log; changed in place. Times are monotonic ms. */
export interface StreamLog {
  /** The server's name of the stream. */
  readonly name: string
  readonly channel: string
  readonly epoch: string
  /** The newest position. */
  top: number
  entries: Array<Entry & { readonly at: number }>
  size: number
}

/** What is known of a stream after a position. */
export interface History {
  readonly epoch: string
  readonly top: number
  /** Whether everything after the position follows; false also where no position was given. */
  readonly recovered: boolean
  readonly reason?: RecoveryFailure
  /** All that follows, in order; in mode `latest` the newest at most. */
  readonly entries: readonly Entry[]
}

/** A message to be published. */
export interface Publication {
  readonly type: string
  readonly data?: unknown
  readonly timestamp?: number
  /** How many offsets the message stands for, itself included: more than 1 where others were left out on purpose. @default 1 */
  readonly covers?: number
}

/** An empty stream. The epoch must be random, with 64 bits at least. */
export function createStreamLog(name: string, channel: string, epoch: string): StreamLog {
  return { name, channel, epoch, top: 0, entries: [], size: 0 }
}

/** Forgets what is too much or too old. */
export function trim(log: StreamLog, now: number, limits: HistoryLimits): void {
  let gone = 0
  while (gone < log.entries.length) {
    const entry = log.entries[gone] as StreamLog['entries'][number]
    const isKept = log.entries.length - gone <= limits.count && log.size <= limits.size && now - entry.at <= limits.ageMs
    if (isKept) break
    log.size -= entry.text.length
    gone++
  }
  if (gone > 0) log.entries.splice(0, gone)
}

/** Adds a message, and encodes it. */
export function append(log: StreamLog, publication: Publication, now: number, limits: HistoryLimits): Entry {
  const { type, data, timestamp, covers = 1 } = publication
  const offset = log.top + covers
  const from = log.top + 1
  const text = JSON.stringify({
    type, channel: log.channel, stream: log.name === log.channel ? undefined : log.name, data,
    from: from === offset ? undefined : from, offset, timestamp,
  })
  log.top = offset
  const entry = { from, offset, text, at: now }
  log.entries.push(entry)
  log.size += text.length
  trim(log, now, limits)
  return entry
}

function refuse(log: StreamLog, reason: RecoveryFailure): History {
  return { epoch: log.epoch, top: log.top, recovered: false, reason, entries: [] }
}

/** The offset a client holds of a stream; 0 where it holds another epoch of it, or nothing. */
export function heldOf(position: Position | null, epoch: string, top: number): number {
  return position !== null && position.epoch === epoch ? Math.min(position.offset, top) : 0
}

/** The same message, covering everything after a position. */
export function covering(entry: Entry, position: number): Entry {
  if (entry.from <= position + 1) return entry
  const from = position + 1
  return { from, offset: entry.offset, text: JSON.stringify({ ...(JSON.parse(entry.text) as object), from }) }
}

/** What follows a position: all of it, or nothing and the reason. Without a position, only where the stream stands. */
export function readHistory(log: StreamLog, position: Position | null, mode: StreamMode, limits: RecoveryLimits): History {
  const { epoch, top, entries } = log
  const newest = entries.at(-1)
  if (mode === 'latest') {
    const held = heldOf(position, epoch, top)
    const wanted = newest !== undefined && newest.offset > held ? [covering(newest, held)] : []
    return { epoch, top, recovered: held === top || wanted.length > 0, entries: wanted }
  }
  if (position === null) return { epoch, top, recovered: false, entries: [] }
  if (position.epoch !== epoch || position.offset > top) return refuse(log, 'epoch_changed')
  if (position.offset === top) return { epoch, top, recovered: true, entries: [] }
  const first = entries.findIndex(({ offset }) => offset > position.offset)
  if (newest === undefined) return refuse(log, 'no_history')
  if (first < 0 || (entries[first] as Entry).from > position.offset + 1) return refuse(log, 'trimmed')
  const following = entries.slice(first)
  const size = following.reduce((sum, { text }) => sum + text.length, 0)
  if (following.length > limits.count || size > limits.size) return refuse(log, 'too_many')
  return { epoch, top, recovered: true, entries: following }
}
