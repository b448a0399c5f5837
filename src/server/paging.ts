/** A page of history: what is asked, which messages it holds, and how much of it goes out at once. Pure. docs/PROTOCOL.md, section 6. */
import type { ChannelRequest } from '../protocol/message.ts'
import { readRequest } from './requests.ts'
import { type Entry, type History, type RecoveryLimits, type StreamLog, readHistory } from './stream.ts'

/** What is asked of a history: what lies next to the position `recover`, or the newest messages where there is none. */
export interface PageRequest extends ChannelRequest {
  /** Messages at most. */
  readonly limit: number
  /** Whether those after the position are asked for, not those before it. */
  readonly isForward: boolean
}

/** Messages of a stream that may belong to a page, in order: all that there are on its side, or more than it holds. */
export type Found = Pick<History, 'epoch' | 'top' | 'entries' | 'reason'>

/** Messages of a stream next to a position. */
export interface Page extends Found {
  readonly stream: string
  /** Whether there are more, in the direction that was asked for. */
  readonly more: boolean
  readonly isForward: boolean
}

/** A page, or why there is none. */
export type PageAnswer = Page | { readonly code: string; readonly message: string; readonly retryable?: boolean }

const DEFAULT_LIMIT = 100
const EVERYTHING: RecoveryLimits = { count: Infinity, size: Infinity }

/** Reads a question about history; `null` where it is none. */
export function readQuestion(value: unknown): PageRequest | null {
  const { channel, params, before, after, limit = DEFAULT_LIMIT } = (value ?? {}) as Readonly<Record<string, unknown>>
  const request = readRequest({ channel, params, recover: before ?? after })
  if (request === null || (before !== undefined && after !== undefined) || !Number.isSafeInteger(limit) || (limit as number) < 1) return null
  return { ...request, limit: limit as number, isForward: after !== undefined }
}

/** How many messages a page may hold. */
export function countOf({ limit }: PageRequest, { count }: RecoveryLimits): number {
  return Math.max(1, Math.min(limit, count))
}

/**
 * As much of a page as so many characters hold, from the side that it was asked from. One message it holds in any
 * case, unless that is larger than `most`.
 */
export function within(page: Page, size: number, most: number): Page {
  const { entries, isForward } = page
  const all = entries.length
  let count = 0
  let taken = 0
  for (; count < all; count++) {
    const { length } = (entries[isForward ? count : all - 1 - count] as Entry).text
    taken += length + 1
    if (length > most || (count > 0 && taken > size)) break
  }
  return count === all ? page : { ...page, more: true, entries: isForward ? entries.slice(0, count) : entries.slice(all - count) }
}

/** Makes a page of what was found on its side. */
export function pageOf(stream: string, request: PageRequest, { epoch, top, entries, reason }: Found, limits: RecoveryLimits): Page {
  const { recover, isForward } = request
  // Who is ahead of the stream holds another one, whatever its epoch says.
  const isOther = recover !== undefined && (recover.epoch !== epoch || recover.offset > top + (isForward ? 0 : 1))
  const why = isOther ? 'epoch_changed' : reason
  if (why !== undefined) return { stream, epoch, top, entries: [], more: false, isForward, reason: why }
  const count = countOf(request, limits)
  const near = isForward ? entries.slice(0, count) : entries.slice(-count)
  const more = isForward ? (near.at(-1)?.offset ?? top) < top : near.length < entries.length
  return within({ stream, epoch, top, entries: near, more, isForward }, limits.size, Infinity)
}

/** Makes a page of a log. `now` is by the clock of the log. */
export function readPage(log: StreamLog, request: PageRequest, limits: RecoveryLimits, now: number): Page {
  const { recover, isForward } = request
  const end = recover?.offset ?? Infinity
  const found = isForward
    ? readHistory(log, recover ?? null, 'stream', EVERYTHING, now)
    : { ...log, entries: log.entries.filter(({ offset, endsAt = Infinity }) => offset < end && endsAt > now) }
  return pageOf(log.name, request, found, limits)
}
