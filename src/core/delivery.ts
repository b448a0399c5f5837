/**
 * Messages that were sent and have no answer yet. Decides which are sent again, about which the server is
 * asked, and which nobody can know. docs/PROTOCOL.md, section 7; injected by protocols with acknowledgements.
 *
 * A message here is in one of these states:
 * - `flying`: sent on the current socket; `dueAt` is when its answer is overdue.
 * - `stranded`: its socket is gone; it waits for the next.
 * - `held`: the server asked to try later, at `dueAt`. Its priority is held back meanwhile.
 * - `asked`: the server was asked what became of it; at `dueAt` nobody knows.
 */
import type { OutboxMessage, Priority } from './outbox.ts'
import type { Policy } from './policy.ts'

/** A message without an answer. Times are monotonic ms. */
export interface Unanswered {
  readonly message: OutboxMessage
  state: 'flying' | 'stranded' | 'held' | 'asked'
  /** Times it was sent again on account of a missing or retryable answer. */
  retries: number
  /** Answers the current socket still owes: one for every time the message went out on it. */
  answersDue: number
  dueAt: number
  /** The server may have forgotten it. For good: a clock that is set back does not bring a memory back, and those behind it have gone ahead. */
  lapsed: boolean
}

/** What the server said no with. */
export interface Refusal {
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly retryAfterMs: number | null
}

/** What the server is known to remember. */
export interface ResultsMemory {
  readonly epoch: string
  readonly ttlMs: number
}

/** What has to be done now, in this order. */
export interface DeliveryOrders {
  readonly resend: readonly OutboxMessage[]
  readonly ask: readonly string[]
  /** Nobody can know what became of these. */
  readonly unknown: readonly OutboxMessage[]
  /** The server had said "later", and later was too late: these were certainly not handled. */
  readonly expired: readonly OutboxMessage[]
}

/** Keeps watch over unanswered messages. `now` is monotonic ms, `time` epoch ms. */
export interface Delivery {
  readonly size: number
  /** Earliest time at which `due` may have something to say. */
  deadline(): number
  isHeld(priority: Priority): boolean
  /** A message goes out for the first time. */
  sent(message: OutboxMessage, now: number, time: number): void
  /** A message that an earlier page sent, and had no answer to. `restored` decides about it. */
  strand(message: OutboxMessage): void
  /** An answer came. Returns the message if it was waited for. */
  answered(id: string): OutboxMessage | undefined
  /** A retryable no: true when it will be tried again, or another copy of it has no answer yet; false when its retries are spent. */
  hold(id: string, refusal: Refusal, now: number): boolean
  /** The socket is gone. */
  lost(): void
  /** There is a new socket. */
  restored(memory: ResultsMemory, now: number, time: number): DeliveryOrders
  /** The server said which messages it never began, and which it is still busy with. */
  told(unseen: readonly string[], running: readonly string[], now: number, time: number): DeliveryOrders
  /** Looks at what is overdue or has expired. */
  due(now: number, time: number, isOpen: boolean): DeliveryOrders
  /** Takes out everything, in order. */
  clear(): readonly OutboxMessage[]
  /** All unanswered messages, in the order they were sent. */
  all(): Iterable<Unanswered>
}

/** Makes the watch of one connection. */
export type CreateDelivery = (policy: Policy) => Delivery

/** The wait after the first retryable no without a time of its own; it doubles from there. */
const RETRY_DELAY_MS = 1_000
const RETRY_DELAY_MOST_MS = 30_000

type Collected = { [Key in keyof DeliveryOrders]: Array<DeliveryOrders[Key][number]> }

const none = (): Collected => ({ resend: [], ask: [], unknown: [], expired: [] })

const NOTHING: DeliveryOrders = Object.freeze(none())

/** Watches by the rules of `uplink.v1`. */
export const createDelivery: CreateDelivery = (policy) => {
  const { messageTimeout, messageRetries } = policy
  const unanswered = new Map<string, Unanswered>()
  const held: Record<Priority, number> = { critical: 0, high: 0, normal: 0, low: 0 }
  let memory: ResultsMemory = { epoch: '', ttlMs: 0 }
  let earliest = Infinity

  function become(one: Unanswered, state: Unanswered['state'], dueAt: number): void {
    const { priority, expiresAt } = one.message
    if (one.state === 'held') held[priority]--
    if (state === 'held') held[priority]++
    one.state = state
    one.dueAt = dueAt
    earliest = Math.min(earliest, dueAt, state === 'asked' ? Infinity : expiresAt)
  }

  function add(message: OutboxMessage, state: Unanswered['state'], dueAt: number): void {
    unanswered.set(message.id, { message, state, retries: 0, answersDue: state === 'flying' ? 1 : 0, dueAt, lapsed: false })
    earliest = Math.min(earliest, dueAt, message.expiresAt)
  }

  function remove(one: Unanswered): OutboxMessage {
    if (one.state === 'held') held[one.message.priority]--
    unanswered.delete(one.message.id)
    return one.message
  }

  /** Whether the server certainly knows if it has begun this message. */
  const isRemembered = ({ attempted }: OutboxMessage, time: number): boolean =>
    attempted !== null && attempted.resultsEpoch === memory.epoch && time - attempted.at < memory.ttlMs

  function maySendAgain(one: Unanswered, time: number): boolean {
    const { message } = one
    if (message.attempted === null || message.idempotent) return true
    one.lapsed ||= !isRemembered(message, time)
    return !one.lapsed
  }

  function collect(look: (one: Unanswered, orders: Collected) => void): DeliveryOrders {
    const orders = none()
    for (const one of unanswered.values()) look(one, orders)
    return orders
  }

  function again(one: Unanswered, now: number, time: number): OutboxMessage {
    const { message } = one
    if (!isRemembered(message, time)) message.attempted = { at: time, resultsEpoch: memory.epoch }
    one.answersDue++
    become(one, 'flying', now + messageTimeout)
    return message
  }

  /** When a retry of this message may go out: never before one of its priority that waits in front of it. */
  function turnOf(id: string, priority: Priority, wanted: number): number {
    let turn = wanted
    for (const [other, one] of unanswered) {
      if (other === id) break
      if (one.state === 'held' && one.message.priority === priority) turn = Math.max(turn, one.dueAt)
    }
    return turn
  }

  return {
    get size() {
      return unanswered.size
    },
    deadline: () => earliest,
    isHeld: (priority) => held[priority] > 0,
    sent(message, now, time) {
      if (message.attempted === null || message.attempted.resultsEpoch === null) message.attempted = { at: time, resultsEpoch: memory.epoch }
      add(message, 'flying', now + messageTimeout)
    },
    strand: (message) => add(message, 'stranded', Infinity),
    answered(id) {
      const one = unanswered.get(id)
      return one === undefined ? undefined : remove(one)
    },
    hold(id, { retryAfterMs }, now) {
      const one = unanswered.get(id)
      if (one === undefined) return false
      // A copy that went out later may be handled in this moment: its answer decides.
      if (--one.answersDue > 0) return true
      one.answersDue = 0
      if (one.retries >= messageRetries) return false
      const delayMs = retryAfterMs ?? Math.min(RETRY_DELAY_MOST_MS, RETRY_DELAY_MS * 2 ** one.retries)
      // A no to its last copy proves that it was not handled: it is as if it had never been sent.
      if (one.message.attempted?.resultsEpoch === memory.epoch) one.message.attempted = null
      one.retries++
      become(one, 'held', turnOf(id, one.message.priority, now + delayMs))
      return true
    },
    lost() {
      for (const one of unanswered.values()) {
        one.answersDue = 0
        become(one, 'stranded', Infinity)
      }
    },
    restored(known, now, time) {
      memory = known
      return collect((one, { resend, ask }) => {
        if (one.state !== 'stranded') return
        if (one.message.expiresAt > now && maySendAgain(one, time)) resend.push(again(one, now, time))
        else {
          become(one, 'asked', now + messageTimeout)
          ask.push(one.message.id)
        }
      })
    },
    told(unseen, running, now, time) {
      const orders = none()
      for (const id of running) {
        const one = unanswered.get(id)
        if (one?.state !== 'asked') continue
        one.answersDue++
        become(one, 'flying', now + messageTimeout)
      }
      for (const id of unseen) {
        const one = unanswered.get(id)
        if (one?.state !== 'asked') continue
        if (maySendAgain(one, time) && one.message.expiresAt > now) orders.resend.push(again(one, now, time))
        else orders.unknown.push(remove(one))
      }
      return orders
    },
    due(now, time, isOpen) {
      if (now < earliest) return NOTHING
      const orders = collect((one, { resend, ask, unknown, expired }) => {
        const { message } = one
        const isExpired = message.expiresAt <= now
        if (isExpired && message.attempted === null) expired.push(remove(one))
        else if (isExpired && (!isOpen || (one.state === 'asked' && one.dueAt <= now))) unknown.push(remove(one))
        else if (one.state === 'asked') {
          if (one.dueAt <= now) unknown.push(remove(one))
        } else if (one.dueAt <= now && one.state === 'held' && !isExpired) resend.push(again(one, now, time))
        else if (one.dueAt <= now || isExpired) {
          if (!isExpired && one.retries < messageRetries && maySendAgain(one, time)) {
            one.retries++
            resend.push(again(one, now, time))
          } else {
            become(one, 'asked', now + messageTimeout)
            ask.push(message.id)
          }
        }
      })
      earliest = Infinity
      for (const { state, dueAt, message } of unanswered.values()) {
        earliest = Math.min(earliest, dueAt, state === 'asked' ? Infinity : message.expiresAt)
      }
      return orders
    },
    clear() {
      const all = [...unanswered.values()].map(remove)
      earliest = Infinity
      return all
    },
    all: () => unanswered.values(),
  }
}
