/**
 * Messages that wait for the connection: first in, first out, bounded by count and size. Every message
 * that does not make it is handed back with the reason, never forgotten.
 */
import type { Frame } from '../protocol/message.ts'
import type { Policy } from './policy.ts'

/** A frame that waits. `at` is monotonic ms. */
export interface Queued {
  readonly id: string
  readonly frame: Frame
  readonly size: number
  readonly at: number
}

/** Why a message left the queue without being sent, or never got in. */
export type DropReason = 'overflow' | 'expired' | 'too_large' | 'disconnected'

/** The queue; changed in place by the functions here. */
export interface Queue {
  items: Queued[]
  bytes: number
}

/** What became of an offer: whether it waits now, and which messages gave way to it. */
export interface Offered {
  readonly accepted: boolean
  readonly reason?: DropReason
  readonly evicted: readonly Queued[]
}

const NOBODY: readonly Queued[] = Object.freeze([])

/** An empty queue. */
export function createQueue(): Queue {
  return { items: [], bytes: 0 }
}

/**
 * Offers a message. A full queue acts by `policy.overflow`: `drop-oldest` evicts from the front until
 * it fits, `drop-newest` and `refuse` turn the new one away (the first counts it as dropped, the second
 * tells the sender that it was refused). A message larger than the whole queue never fits.
 */
export function offer(queue: Queue, item: Queued, policy: Policy): Offered {
  const { queueSize, queueMaxBytes, overflow } = policy
  if (queueSize === 0 || item.size > queueMaxBytes) {
    return { accepted: false, reason: queueSize === 0 ? 'overflow' : 'too_large', evicted: NOBODY }
  }
  const fits = (): boolean => queue.items.length < queueSize && queue.bytes + item.size <= queueMaxBytes
  if (!fits() && overflow !== 'drop-oldest') return { accepted: false, reason: 'overflow', evicted: NOBODY }
  let count = 0
  while (queue.items.length - count >= queueSize || queue.bytes + item.size > queueMaxBytes) {
    queue.bytes -= queue.items[count++]?.size ?? 0
  }
  const evicted = count === 0 ? NOBODY : queue.items.splice(0, count)
  queue.items.push(item)
  queue.bytes += item.size
  return { accepted: true, evicted }
}

/** Takes everything out, in order. */
export function takeAll(queue: Queue): Queued[] {
  const items = queue.items
  queue.items = []
  queue.bytes = 0
  return items
}

/** True for a message that has waited longer than `policy.messageTtl`. */
export function isExpired(item: Queued, now: number, policy: Policy): boolean {
  return now - item.at > policy.messageTtl
}
