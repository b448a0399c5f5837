/**
 * What may be told now, and what has to wait: the same thing not again before its time, and all together not faster
 * than a limit. What waits is counted and told later; nothing is lost without a number. Times are monotonic ms.
 */
import { type RateLimit, createTokenBucket, readyAt, takeToken } from '../core/token-bucket.ts'

/** Things of so many kinds are kept apart; those of further kinds are only counted while all of them wait. */
export const KINDS_MOST = 100

/** Something to tell. */
export interface Told<Item> {
  /** The newest of its kind. */
  readonly item: Item
  /** How many of its kind came since it was told last; at least 1. */
  readonly count: number
  /** How many of other kinds were left out because too many kinds waited. */
  readonly omitted: number
}

/** Decides; it holds no timer and reads no clock. */
export interface Gate<Item> {
  /** Takes something in, and gives it back if it may be told now. */
  offer(kind: string, item: Item, now: number, isOpen: boolean): Told<Item> | null
  /** What has waited long enough. */
  due(now: number): Array<Told<Item>>
  /** When something will be due; Infinity where nothing waits. */
  nextAt(): number
  /** Everything that waits, whether it is due or not. */
  drain(now: number): Array<Told<Item>>
}

interface Entry<Item> {
  item: Item
  count: number
  /** When it may be told again. */
  freeAt: number
}

/** Makes a gate that lets one of a kind through per `dedupeMs`, and all kinds together as `limit` says. */
export function createGate<Item>(dedupeMs: number, limit: RateLimit, now: number): Gate<Item> {
  const entries = new Map<string, Entry<Item>>()
  const bucket = createTokenBucket(limit, now)
  let omitted = 0

  function take(entry: Entry<Item>, freeAt: number): Told<Item> {
    const told: Told<Item> = { item: entry.item, count: entry.count, omitted }
    entry.count = 0
    entry.freeAt = freeAt
    omitted = 0
    return told
  }

  /** A place for one more kind, at the cost of the one that has been quiet longest; none where all wait. */
  function place(kind: string, item: Item): Entry<Item> | undefined {
    if (entries.size >= KINDS_MOST) {
      const [quiet] = [...entries].find(([, { count }]) => count === 0) ?? []
      if (quiet === undefined) return undefined
      entries.delete(quiet)
    }
    const entry: Entry<Item> = { item, count: 0, freeAt: -Infinity }
    entries.set(kind, entry)
    return entry
  }

  const waiting = (): Array<Entry<Item>> => [...entries.values()].filter(({ count }) => count > 0)

  return {
    offer(kind, item, at, isOpen) {
      const entry = entries.get(kind) ?? place(kind, item)
      if (entry === undefined) {
        omitted++
        return null
      }
      entry.item = item
      const first = entry.count++ === 0
      return first && isOpen && at >= entry.freeAt && takeToken(bucket, at) ? take(entry, at + dedupeMs) : null
    },
    due(at) {
      const told: Array<Told<Item>> = []
      for (const entry of waiting()) {
        if (at < entry.freeAt) continue
        if (!takeToken(bucket, at)) break
        told.push(take(entry, at + dedupeMs))
      }
      return told
    },
    nextAt() {
      const free = Math.min(...waiting().map(({ freeAt }) => freeAt))
      return free === Infinity ? Infinity : Math.max(free, readyAt(bucket))
    },
    drain: (at) => waiting().map((entry) => take(entry, at + dedupeMs)),
  }
}
