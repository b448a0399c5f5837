/** What became of every message: told once, to the sender's promise, to listeners, and to the counters. */
import { UplinkError } from '../core/errors.ts'
import type { DropReason, OutboxMessage } from '../core/outbox.ts'
import type { Stats } from '../core/stats.ts'
import type { Emitter } from './events.ts'
import type { Platform } from './platform.ts'

/**
 * The fate of a message.
 *
 * - `delivered`: the server handled it, and said so.
 * - `rejected`: the server said no, for good.
 * - `expired`: it waited longer than its time to live, and was certainly not handled.
 * - `dropped`: it never left, for the reason given.
 * - `unknown`: it was sent, and nobody can know whether it was handled.
 * - `kept`: this connection has let go of it, and it lies in the storage: whoever connects with the same identity
 *   next sends it, unless its time is over by then, or learns what became of it.
 */
export type Outcome = 'delivered' | 'rejected' | 'expired' | 'dropped' | 'unknown' | 'kept'

/** What `sendWithAck` resolves with. It always resolves, and never rejects. */
export interface DeliveryResult<Data = unknown> {
  /** Whether the server handled the message. */
  readonly acknowledged: boolean
  readonly outcome: Outcome
  readonly id: string
  /** What the server's handler answered. */
  readonly data?: Data
  /** Why it was not delivered. */
  readonly error?: UplinkError
  /** From `sendWithAck` to the outcome, in ms. */
  readonly latencyMs: number
}

/** How many messages met which fate, since the connection was made. */
export interface OutcomeCounts {
  delivered: number
  rejected: number
  expired: number
  dropped: number
  unknown: number
  kept: number
}

/** Tells outcomes. */
export interface Outcomes {
  readonly counts: Readonly<OutcomeCounts>
  /** The promise of a message that is about to be sent. */
  promise(id: string): Promise<DeliveryResult>
  delivered(message: OutboxMessage, data: unknown): void
  rejected(message: OutboxMessage, code: string, text: string): void
  /** `why` where the reason alone does not say it. */
  dropped(id: string, reason: DropReason, why?: string): void
  unknown(message: Pick<OutboxMessage, 'id' | 'queuedAt'>, why: string): void
  kept(id: string): void
  /** Answers a promise whose message was refused at the door. */
  refused(id: string, error: UplinkError): void
  /** Counts a message that was not even let as far as the door. Returns what its sender is told. */
  turnedAway(id: string, error: UplinkError): DeliveryResult
}

/** What outcomes are told with. */
export interface OutcomesHost {
  readonly platform: Platform
  readonly stats: Stats
  emit: Emitter['emit']
  /** Runs after the current step, isolated. */
  later(tell: () => void): void
  /** The message has its outcome; one that is `kept` stays where it is. */
  settled(id: string, outcome: Outcome): void
}

interface Pending {
  readonly since: number
  readonly resolve: (result: DeliveryResult) => void
}

const DROPPED: Readonly<Record<DropReason, string>> = {
  overflow: 'the outbox was full',
  expired: 'it waited longer than its time to live',
  too_large: 'it is larger than queueMaxBytes',
  replaced: 'a newer message of the same key took its place',
  disconnected: 'the connection was destroyed',
  forgotten: 'forget() or signedOut() was called',
  adopted: 'another page sends it now',
}

/** Makes the teller of one connection. */
export function createOutcomes(host: OutcomesHost): Outcomes {
  const { platform, stats } = host
  const pending = new Map<string, Pending>()
  const counts: OutcomeCounts = { delivered: 0, rejected: 0, expired: 0, dropped: 0, unknown: 0, kept: 0 }

  function settle(id: string, outcome: Outcome, details: { data?: unknown; error?: UplinkError }): void {
    counts[outcome]++
    host.settled(id, outcome)
    const waiting = pending.get(id)
    pending.delete(id)
    const latencyMs = waiting === undefined ? 0 : platform.now() - waiting.since
    waiting?.resolve({ acknowledged: outcome === 'delivered', outcome, id, latencyMs, ...details })
  }

  return {
    counts,
    promise: (id) => new Promise((resolve) => pending.set(id, { since: platform.now(), resolve })),
    delivered(message, data) {
      settle(message.id, 'delivered', { data })
      const latencyMs = platform.now() - message.queuedAt
      host.later(() => host.emit('messageAcknowledged', { id: message.id, data, latencyMs }))
    },
    rejected({ id }, code, text) {
      const error = new UplinkError('UPLINK_MESSAGE_REJECTED', `${text} (${code})`, { messageId: id })
      settle(id, 'rejected', { error })
      host.later(() => host.emit('messageRejected', { id, code, error }))
    },
    dropped(id, reason, why) {
      stats.dropped++
      const isBound = why === undefined && (reason === 'overflow' || reason === 'too_large')
      const code = reason === 'expired' ? 'UPLINK_MESSAGE_EXPIRED' : isBound ? 'UPLINK_QUEUE_OVERFLOW' : 'UPLINK_MESSAGE_DROPPED'
      const error = new UplinkError(code, why ?? DROPPED[reason], { messageId: id })
      settle(id, reason === 'expired' ? 'expired' : 'dropped', { error })
      host.later(() => host.emit('messageDropped', { id, reason }))
    },
    unknown({ id }, why) {
      const error = new UplinkError('UPLINK_MESSAGE_UNKNOWN_OUTCOME', why, { messageId: id })
      settle(id, 'unknown', { error })
      host.later(() => host.emit('messageUnknown', { id, error }))
    },
    kept(id) {
      const error = new UplinkError('UPLINK_MESSAGE_KEPT', 'this connection has let go of it; it lies in the storage, and who connects next with this identity sends it', { messageId: id })
      settle(id, 'kept', { error })
      host.later(() => host.emit('messageKept', { id }))
    },
    turnedAway(id, error) {
      counts.dropped++
      return { acknowledged: false, outcome: 'dropped', id, error, latencyMs: 0 }
    },
    refused: (id, error) => settle(id, 'dropped', { error }),
  }
}
