/**
 * A stream: a bounded log of messages with positions. Pure: the epoch and the time are arguments. The rules of
 * recovery are those of docs/PROTOCOL.md, section 6.
 */
import type { Position, StreamMode } from '../protocol/message.ts'
import { RESERVED_TYPES, type RecoveryFailure } from '../protocol/uplink-v1.ts'

/** One message of a stream, encoded once for everyone. */
export interface Entry {
  /** The offsets it covers. */
  readonly from: number
  readonly offset: number
  /** The whole message as JSON, with its offsets first: see {@link entryText}. */
  readonly text: string
  /** Of several messages with one key only the newest matters. */
  readonly key?: string
  /** Until when it may be recovered, by the clock of the log. @default for ever */
  readonly endsAt?: number
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
  /** The state of the stream at an offset, which the entries follow: where nothing was recovered, and the channel has one. */
  readonly snapshot?: { readonly offset: number; readonly data: unknown }
}

/** Whether nothing is missing between what a client holds, or the snapshot it gets, and the top. */
export function isWhole({ recovered, snapshot }: History): boolean {
  return recovered || snapshot !== undefined
}

/** A message to be published. */
export interface Publication {
  readonly type: string
  readonly data?: unknown
  readonly timestamp?: number
  /** Of several messages with one key only the newest matters: throttled channels send no other. */
  readonly key?: string
  /** How long it may be recovered, ms. @default as long as the history lasts */
  readonly ttlMs?: number
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

/** A message without its offsets, as JSON without the opening brace: what is stored and published before it is numbered. */
export function bodyOf(stream: string, channel: string, { type, data, timestamp }: Publication): string {
  if (RESERVED_TYPES.has(type)) throw new Error(`"${type}" is a type of the protocol; publish with another type`)
  return JSON.stringify({ type, channel, stream: stream === channel ? undefined : stream, data, timestamp }).slice(1)
}

/** Numbers a body. The offsets stand first, so that brokers and {@link covering} can set them without reading the rest. */
export function entryText(from: number, offset: number, body: string): string {
  return from === offset ? `{"offset":${offset},${body}` : `{"from":${from},"offset":${offset},${body}`
}

/** Adds a message, and encodes it. `endsAt` of the entry is by the same clock as `now`. */
export function append(log: StreamLog, publication: Publication, now: number, limits: HistoryLimits): Entry {
  const { key, ttlMs, covers = 1 } = publication
  const offset = log.top + covers
  const from = log.top + 1
  const text = entryText(from, offset, bodyOf(log.name, log.channel, publication))
  log.top = offset
  const entry = { from, offset, text, at: now, ...(key === undefined ? {} : { key }), ...(ttlMs === undefined ? {} : { endsAt: now + ttlMs }) }
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
  // The body begins behind the offset: `{"offset":7,` or `{"from":5,"offset":7,`.
  const body = entry.text.slice(entry.text.indexOf(',', entry.text.indexOf('"offset":')) + 1)
  return { ...entry, from, text: entryText(from, entry.offset, body) }
}

/** The newest message of every key, in order, each covering what was left out before it. Without a key all messages are of one. */
export function conflate(entries: readonly Entry[]): Entry[] {
  const newest = new Map<string | undefined, Entry>()
  for (const entry of entries) newest.set(entry.key, entry)
  const kept = entries.filter((entry) => newest.get(entry.key) === entry)
  let position = (entries[0]?.from ?? 1) - 1
  return kept.map((entry) => {
    const whole = covering(entry, position)
    position = entry.offset
    return whole
  })
}

/** What follows a position: all of it, or nothing and the reason. Without a position, only where the stream stands. */
export function readHistory(log: StreamLog, position: Position | null, mode: StreamMode, limits: RecoveryLimits, now: number = -Infinity): History {
  const { epoch, top, entries } = log
  const newest = entries.at(-1)
  if (mode === 'latest') {
    const held = heldOf(position, epoch, top)
    const wanted = newest !== undefined && newest.offset > held && (newest.endsAt ?? Infinity) > now ? [covering(newest, held)] : []
    // Nothing older than the newest matters, so nothing is missing where even that is gone.
    return { epoch, top, recovered: position !== null || held === top || wanted.length > 0, entries: wanted }
  }
  if (position === null) return { epoch, top, recovered: false, entries: [] }
  if (position.epoch !== epoch || position.offset > top) return refuse(log, 'epoch_changed')
  if (position.offset === top) return { epoch, top, recovered: true, entries: [] }
  const first = entries.findIndex(({ offset }) => offset > position.offset)
  if (newest === undefined) return refuse(log, 'no_history')
  if (first < 0 || (entries[first] as Entry).from > position.offset + 1) return refuse(log, 'trimmed')
  const following = entries.slice(first)
  if (following.some(({ endsAt = Infinity }) => endsAt <= now)) return refuse(log, 'trimmed')
  const size = following.reduce((sum, { text }) => sum + text.length, 0)
  if (following.length > limits.count || size > limits.size) return refuse(log, 'too_many')
  return { epoch, top, recovered: true, entries: following }
}
