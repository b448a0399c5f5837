/**
 * Messages that wait for the connection: four priorities, first in, first out inside each, bounded by
 * count and size. Every message that does not make it is handed back with the reason, never forgotten.
 */
import type { Frame } from '../protocol/message.ts'
import type { Policy } from './policy.ts'

/** How urgent a message is. Within one priority messages keep their order. */
export type Priority = 'low' | 'normal' | 'high' | 'critical'

/** Most urgent first. */
export const PRIORITIES: readonly Priority[] = ['critical', 'high', 'normal', 'low']

/** When a message was first handed to a socket (epoch ms), and what the server called its memory then. */
export interface Attempt {
  readonly at: number
  readonly resultsEpoch: string | null
}

/** A message on its way out. Times are monotonic ms. */
export interface OutboxMessage {
  readonly id: string
  readonly frame: Frame
  readonly size: number
  readonly priority: Priority
  /** A newer message of the same key takes its place. */
  readonly key: string | undefined
  readonly queuedAt: number
  readonly expiresAt: number
  /** Whether the server's answer is waited for. */
  readonly tracked: boolean
  /** Handling it twice does no harm, so it may be sent again when nobody knows whether it arrived. */
  readonly idempotent: boolean
  /** Whether it is kept in storage, or on its way there. */
  stored: boolean
  attempted: Attempt | null
}

/** Why a message left the outbox without being sent, or never got in. `too_large`: for the outbox, or for the server. */
export type DropReason = 'overflow' | 'expired' | 'too_large' | 'replaced' | 'disconnected' | 'forgotten' | 'adopted'

interface Slot {
  message: OutboxMessage | undefined
}

interface Lane {
  slots: Slot[]
  /** Slots before it are taken; they are cut off now and then, not one by one. */
  head: number
  count: number
  bytes: number
}

/** The outbox; changed in place by the functions here. */
export interface Outbox {
  readonly lanes: Readonly<Record<Priority, Lane>>
  readonly keys: Map<string, Slot>
  count: number
  bytes: number
  /** No message expires before this; it may be earlier than need be. */
  earliest: number
}

/** What became of an offer: whether it waits now, and which messages gave way to it. */
export interface Offered {
  readonly accepted: boolean
  readonly reason?: DropReason
  readonly evicted: readonly OutboxMessage[]
  /** The message of the same key whose place it took. */
  readonly replaced?: OutboxMessage
}

const NOBODY: readonly OutboxMessage[] = Object.freeze([])

/** Taken slots that are kept before a lane is cut. */
const CUT_AT = 512

const lane = (): Lane => ({ slots: [], head: 0, count: 0, bytes: 0 })

/** An empty outbox. */
export function createOutbox(): Outbox {
  return { lanes: { critical: lane(), high: lane(), normal: lane(), low: lane() }, keys: new Map(), count: 0, bytes: 0, earliest: Infinity }
}

function account(outbox: Outbox, { priority, size }: OutboxMessage, sign: 1 | -1): void {
  const own = outbox.lanes[priority]
  own.count += sign
  own.bytes += sign * size
  outbox.count += sign
  outbox.bytes += sign * size
}

/** Empties a slot; the lane skips it later. */
function vacate(outbox: Outbox, slot: Slot): OutboxMessage | undefined {
  const { message } = slot
  if (message === undefined) return undefined
  slot.message = undefined
  account(outbox, message, -1)
  if (message.key !== undefined && outbox.keys.get(message.key) === slot) outbox.keys.delete(message.key)
  return message
}

function occupy(outbox: Outbox, slot: Slot, message: OutboxMessage): void {
  slot.message = message
  account(outbox, message, 1)
  if (message.key !== undefined) outbox.keys.set(message.key, slot)
  if (message.expiresAt < outbox.earliest) outbox.earliest = message.expiresAt
}

/** The first message of a lane, without taking it. */
function first(own: Lane): Slot | undefined {
  while (own.head < own.slots.length && own.slots[own.head]?.message === undefined) own.head++
  if (own.head > CUT_AT || own.head === own.slots.length) {
    own.slots.splice(0, own.head)
    own.head = 0
  }
  return own.slots[own.head]
}

/** What of the outbox a message may push out: everything that is not more urgent than itself. */
function evictable(outbox: Outbox, priority: Priority): Lane[] {
  return PRIORITIES.slice(PRIORITIES.indexOf(priority)).reverse().map((name) => outbox.lanes[name])
}

/**
 * Offers a message. One with the key of a waiting message takes its place. A full outbox acts by
 * `policy.overflow`: `drop-oldest` evicts the oldest of the least urgent, and nothing that is more urgent
 * than the new one; `drop-newest` and `refuse` turn the new one away. What is larger than the whole outbox
 * never fits.
 */
export function offer(outbox: Outbox, message: OutboxMessage, policy: Policy): Offered {
  const { queueSize, queueMaxBytes, overflow } = policy
  if (queueSize === 0 || message.size > queueMaxBytes) {
    return { accepted: false, reason: queueSize === 0 ? 'overflow' : 'too_large', evicted: NOBODY }
  }
  const slot = message.key === undefined ? undefined : outbox.keys.get(message.key)
  const old = slot?.message
  const more = { count: old === undefined ? 1 : 0, bytes: message.size - (old?.size ?? 0) }
  const fits = (): boolean => outbox.count + more.count <= queueSize && outbox.bytes + more.bytes <= queueMaxBytes
  const evicted: OutboxMessage[] = []
  if (!fits()) {
    const lanes = evictable(outbox, message.priority)
    const room = lanes.reduce((sum, { count, bytes }) => ({ count: sum.count + count, bytes: sum.bytes + bytes }), { count: 0, bytes: 0 })
    // The one whose place it takes makes room as well, also where it is more urgent.
    const freed = old === undefined || lanes.includes(outbox.lanes[old.priority]) ? { count: 0, bytes: 0 } : { count: 1, bytes: old.size }
    const possible = outbox.count - room.count - freed.count + 1 <= queueSize && outbox.bytes - room.bytes - freed.bytes + message.size <= queueMaxBytes
    if (overflow !== 'drop-oldest' || !possible) return { accepted: false, reason: 'overflow', evicted: NOBODY }
    for (const own of lanes) {
      while (!fits() && own.count > 0) {
        const gone = vacate(outbox, first(own) as Slot)
        if (gone === old) Object.assign(more, { count: 1, bytes: message.size })
        else if (gone !== undefined) evicted.push(gone)
      }
    }
  }
  if (old !== undefined && slot?.message === old && old.priority === message.priority) {
    vacate(outbox, slot)
    occupy(outbox, slot, message)
  } else {
    if (slot !== undefined) vacate(outbox, slot)
    const fresh: Slot = { message: undefined }
    outbox.lanes[message.priority].slots.push(fresh)
    occupy(outbox, fresh, message)
  }
  return { accepted: true, evicted, ...(old === undefined ? {} : { replaced: old }) }
}

/** Takes the next message: the oldest of the most urgent priority that is not held back. */
export function take(outbox: Outbox, isHeld: (priority: Priority) => boolean): OutboxMessage | undefined {
  if (outbox.count === 0) return undefined
  for (const priority of PRIORITIES) {
    const own = outbox.lanes[priority]
    if (own.count > 0 && !isHeld(priority)) return vacate(outbox, first(own) as Slot)
  }
  return undefined
}

/**
 * Puts a message back in front of its priority, past every bound: it was in before. Where another of its key waits
 * by now, only the newer of the two stays; the other one is returned.
 */
export function putBack(outbox: Outbox, message: OutboxMessage): OutboxMessage | undefined {
  const place = message.key === undefined ? undefined : outbox.keys.get(message.key)
  const other = place?.message
  if (place !== undefined && other !== undefined) {
    if (other.queuedAt >= message.queuedAt) return message
    vacate(outbox, place)
    if (other.priority === message.priority) {
      occupy(outbox, place, message)
      return other
    }
  }
  const own = outbox.lanes[message.priority]
  const slot: Slot = { message: undefined }
  first(own)
  if (own.head > 0) own.slots[--own.head] = slot
  else own.slots.unshift(slot)
  occupy(outbox, slot, message)
  return other
}

/** All that wait and are not held back, most urgent first, in their order. Changing the outbox meanwhile is not allowed. */
export function* waiting(outbox: Outbox, isHeld: (priority: Priority) => boolean = () => false): Generator<OutboxMessage> {
  for (const priority of PRIORITIES) {
    if (isHeld(priority)) continue
    const { slots, head } = outbox.lanes[priority]
    for (let index = head; index < slots.length; index++) {
      const message = slots[index]?.message
      if (message !== undefined) yield message
    }
  }
}

/** Takes out all messages that `leaves` names. */
export function takeWhere(outbox: Outbox, leaves: (message: OutboxMessage) => boolean): OutboxMessage[] {
  const taken: OutboxMessage[] = []
  let earliest = Infinity
  for (const priority of PRIORITIES) {
    for (const slot of outbox.lanes[priority].slots) {
      if (slot.message === undefined) continue
      if (leaves(slot.message)) taken.push(vacate(outbox, slot) as OutboxMessage)
      else earliest = Math.min(earliest, slot.message.expiresAt)
    }
  }
  outbox.earliest = earliest
  return taken
}

/** Takes out what has waited too long. Looks only when something may have. */
export function takeExpired(outbox: Outbox, now: number): readonly OutboxMessage[] {
  return now < outbox.earliest ? NOBODY : takeWhere(outbox, ({ expiresAt }) => now >= expiresAt)
}
