/**
 * Messages that were sent and have no answer yet. Decides which are sent again, about which the server is
 * asked, and which nobody can know. docs/PROTOCOL.md, section 7; injected by protocols with acknowledgements.
 *
 * A message here is in one of these states:
 * - `flying`: sent on the current socket; `dueAt` is when its answer is overdue.
 * - `stranded`: its socket is gone; it waits for the next.
 * - `held`: the server asked to try later, at `dueAt`. Its priority is held back meanwhile. Only while there is a socket.
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
  /** Times it was put on a socket, by this page or an earlier one. */
  copies: number
  /** Answers the current socket still owes: one for every time the message went out on it. */
  answersDue: number
  dueAt: number
  /** The server wants it no earlier than this, whatever the socket. */
  notBefore: number
  /** Times the current server was asked what became of it. */
  asks: number
  /** The server said "later" to its last copy: it is as if it had never been sent. */
  unhandled: boolean
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

/** What the server is known to remember, and to take. */
export interface ResultsMemory {
  readonly epoch: string
  readonly ttlMs: number
  /** Larger messages cannot be sent again. */
  readonly maxFrame: number
}

/** What has to be done now, in this order. */
export interface DeliveryOrders {
  readonly resend: readonly OutboxMessage[]
  readonly ask: readonly string[]
  /** Nobody can know what became of these. */
  readonly unknown: readonly OutboxMessage[]
  /** Too late, and certainly not handled: the server had said "later", or that it never saw them. */
  readonly expired: readonly OutboxMessage[]
  /** Larger than the server takes, and certainly not handled. */
  readonly tooLarge: readonly OutboxMessage[]
}

/** Keeps watch over unanswered messages. `now` is monotonic ms, `time` epoch ms. */
export interface Delivery {
  readonly size: number
  /** Earliest time at which `due` may have something to say. */
  deadline(): number
  isHeld(priority: Priority): boolean
  /** A message goes out for the first time. */
  sent(message: OutboxMessage, now: number, time: number): void
  /** It was not put on the socket after all. True when it never was on any: then it is watched no longer. */
  unsent(id: string): boolean
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

/** A result is believed to be remembered for so much less than the server says: what is sent has to arrive in time, and clocks differ. */
const MARGIN_MS = 30_000
const MARGIN_SHARE = 0.1

type Collected = { [Key in keyof DeliveryOrders]: Array<DeliveryOrders[Key][number]> }

const none = (): Collected => ({ resend: [], ask: [], unknown: [], expired: [], tooLarge: [] })

const NOTHING = Object.freeze(none())

/** Watches by the rules of `uplink.v1`. */
export const createDelivery: CreateDelivery = (policy) => {
  const { messageTimeout, messageRetries } = policy
  const unanswered = new Map<string, Unanswered>()
  const held: Record<Priority, number> = { critical: 0, high: 0, normal: 0, low: 0 }
  let memory: ResultsMemory = { epoch: '', ttlMs: 0, maxFrame: Infinity }
  let earliest = Infinity

  /** When it next wants to be looked at. Once the server was asked, the end of its time changes nothing more. */
  const watchedUntil = ({ dueAt, asks, message }: Unanswered): number => (asks > 0 ? dueAt : Math.min(dueAt, message.expiresAt))

  function become(one: Unanswered, state: Unanswered['state'], dueAt: number): void {
    const { priority } = one.message
    if (one.state === 'held') held[priority]--
    if (state === 'held') held[priority]++
    one.state = state
    one.dueAt = dueAt
    earliest = Math.min(earliest, watchedUntil(one))
  }

  function add(message: OutboxMessage, state: Unanswered['state'], dueAt: number): void {
    const answersDue = state === 'flying' ? 1 : 0
    unanswered.set(message.id, { message, state, retries: 0, copies: 1, answersDue, dueAt, notBefore: -Infinity, asks: 0, unhandled: false, lapsed: false })
    earliest = Math.min(earliest, dueAt, message.expiresAt)
  }

  function remove(one: Unanswered): OutboxMessage {
    if (one.state === 'held') held[one.message.priority]--
    unanswered.delete(one.message.id)
    return one.message
  }

  /** Whether the server certainly knows if it has begun this message. */
  const isRemembered = ({ attempted }: OutboxMessage, time: number): boolean =>
    attempted !== null && attempted.resultsEpoch === memory.epoch && time - attempted.at < memory.ttlMs - Math.min(MARGIN_MS, memory.ttlMs * MARGIN_SHARE)

  function isKnown(one: Unanswered, time: number): boolean {
    if (one.unhandled) return true
    one.lapsed ||= !isRemembered(one.message, time)
    return !one.lapsed
  }

  const fits = ({ size }: OutboxMessage): boolean => size <= memory.maxFrame

  const maySendAgain = (one: Unanswered, time: number): boolean => (isKnown(one, time) || one.message.idempotent) && fits(one.message)

  /** The server is asked what became of it. */
  function asked(one: Unanswered, now: number): string {
    one.asks++
    become(one, 'asked', now + messageTimeout)
    return one.message.id
  }

  function collect(look: (one: Unanswered, orders: Collected) => void): DeliveryOrders {
    const orders = none()
    for (const one of unanswered.values()) look(one, orders)
    return orders
  }

  function again(one: Unanswered, now: number, time: number): OutboxMessage {
    const { message } = one
    if (one.unhandled || !isRemembered(message, time)) message.attempted = { at: time, resultsEpoch: memory.epoch }
    one.copies++
    one.answersDue++
    one.unhandled = false
    become(one, 'flying', now + messageTimeout)
    return message
  }

  /** When a retry of this message may go out: never before one of its priority that waits in front of it. */
  function turnOf(id: string, priority: Priority, wanted: number): number {
    let turn = wanted
    if (held[priority] === 0) return turn
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
      // Whatever it was marked with, it has not been on a socket before.
      if (message.attempted?.resultsEpoch !== memory.epoch) message.attempted = { at: time, resultsEpoch: memory.epoch }
      add(message, 'flying', now + messageTimeout)
    },
    unsent(id) {
      const one = unanswered.get(id)
      if (one === undefined) return false
      one.answersDue--
      if (--one.copies > 0) return false
      remove(one).attempted = null
      return true
    },
    strand: (message) => add(message, 'stranded', Infinity),
    answered(id) {
      const one = unanswered.get(id)
      return one === undefined ? undefined : remove(one)
    },
    hold(id, { code, retryAfterMs }, now) {
      const one = unanswered.get(id)
      if (one === undefined) return false
      // A copy that went out later may be handled in this moment: its answer decides.
      if (--one.answersDue > 0) return true
      one.answersDue = 0
      // Too fast, or a busy server, is not the message's fault: it is tried until its time is over.
      if (code !== 'rate_limited' && code !== 'busy' && one.retries++ >= messageRetries) return false
      const delayMs = retryAfterMs ?? Math.min(RETRY_DELAY_MOST_MS, RETRY_DELAY_MS * 2 ** Math.max(0, one.retries - 1))
      one.unhandled ||= one.message.attempted?.resultsEpoch === memory.epoch
      one.notBefore = turnOf(id, one.message.priority, now + delayMs)
      become(one, 'held', one.notBefore)
      return true
    },
    lost() {
      for (const one of unanswered.values()) {
        one.asks = 0
        become(one, 'stranded', Infinity)
      }
    },
    restored(known, now, time) {
      memory = known
      return collect((one, { resend, ask, tooLarge }) => {
        if (one.state !== 'stranded') return
        one.answersDue = 0
        const { message } = one
        const turn = turnOf(message.id, message.priority, one.notBefore)
        // Also one that nobody wants later waits behind one that is.
        if (message.expiresAt > now && turn > now) become(one, 'held', turn)
        else if (one.unhandled && !fits(message)) tooLarge.push(remove(one))
        else if (message.expiresAt > now && maySendAgain(one, time)) resend.push(again(one, now, time))
        else ask.push(asked(one, now))
      })
    },
    told(unseen, running, now, time) {
      const orders = none()
      for (const id of running) {
        const one = unanswered.get(id)
        if (one?.state !== 'asked') continue
        one.answersDue++
        // The time it was given to be answered in goes on: a handler that never ends must not be waited for without end.
        become(one, 'flying', one.dueAt)
      }
      for (const id of unseen) {
        const one = unanswered.get(id)
        if (one?.state !== 'asked') continue
        if (one.message.expiresAt > now && maySendAgain(one, time)) orders.resend.push(again(one, now, time))
        // An idempotent one may have been handled by a server that was there before this one.
        else if (!isKnown(one, time) || one.message.idempotent) orders.unknown.push(remove(one))
        else if (one.message.expiresAt > now) orders.tooLarge.push(remove(one))
        else orders.expired.push(remove(one))
      }
      return orders
    },
    due(now, time, isOpen) {
      if (now < earliest) return NOTHING
      const orders = collect((one, { resend, ask, unknown, expired }) => {
        if (now < watchedUntil(one)) return
        const isExpired = one.message.expiresAt <= now
        if (isExpired && one.unhandled) expired.push(remove(one))
        else if (!isOpen) {
          if (isExpired) unknown.push(remove(one))
        } else if (one.state === 'asked') unknown.push(remove(one))
        else if (one.state === 'held' && !isExpired) {
          if (maySendAgain(one, time)) resend.push(again(one, now, time))
          else ask.push(asked(one, now))
        } else if (!isExpired && one.retries < messageRetries && maySendAgain(one, time)) {
          one.retries++
          resend.push(again(one, now, time))
        } else if (one.asks > 0 && (isExpired || one.retries >= messageRetries)) unknown.push(remove(one))
        else {
          one.retries++
          ask.push(asked(one, now))
        }
      })
      earliest = Infinity
      for (const one of unanswered.values()) earliest = Math.min(earliest, watchedUntil(one))
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
