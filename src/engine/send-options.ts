/** How one message is sent, and what its sender is told at once. */
import { type DropReason, PRIORITIES, type Priority } from '../core/outbox.ts'
import { type Policy, invalid, readBoolean, readNumber, readWord } from '../core/policy.ts'
import type { OutcomeCounts } from './outcomes.ts'

/** How a message is sent. */
export interface SendOptions {
  /** More urgent messages leave the outbox first; within one priority the order is kept. @default 'normal' */
  readonly priority?: Priority
  /** How long it may wait, in ms, 1 or more; Infinity for ever. @default messageTtl of the connection */
  readonly ttl?: number
  /** A waiting message of the same key is replaced, and its place taken: only the latest matters. */
  readonly key?: string
  /** Whether the server's answer is waited for, and the message sent again until there is one. @default true where the protocol has acknowledgements */
  readonly ack?: boolean
  /** Handling it twice does no harm: it is sent again even where nobody knows whether it arrived. @default false */
  readonly idempotent?: boolean
  /** Whether it survives the page, where there is a storage. @default true */
  readonly persist?: boolean
}

/** Send options with everything filled in. */
export interface ResolvedSendOptions {
  readonly priority: Priority
  readonly ttl: number
  readonly key: string | undefined
  readonly ack: boolean
  readonly idempotent: boolean
  readonly persist: boolean
}

/**
 * Why a message was not taken: it is no message, or cannot be encoded; one of its id has no outcome yet; the user
 * has signed out; the connection was destroyed; the protocol has no answers to wait for.
 */
export type RefusalReason = 'not_encodable' | 'duplicate_id' | 'signed_out' | 'destroyed' | 'no_acknowledgements'

/**
 * What became of a message at once: `sent` was handed to the socket, `queued` waits in the outbox, `refused`
 * goes nowhere, for a reason. What becomes of it later is told by events, and by `sendWithAck`.
 */
export interface SendResult {
  /** The message's own id, or one made for it. */
  readonly id: string
  readonly outcome: 'sent' | 'queued' | 'refused'
  readonly reason?: DropReason | RefusalReason | 'not_attached'
}

/** The outbox at one moment, and the fates of all messages so far. `bytes` are characters or bytes. */
export interface OutboxSnapshot extends Readonly<OutcomeCounts> {
  /** Messages that wait. */
  readonly queued: number
  readonly bytes: number
  /** Messages that were sent and have no answer yet. */
  readonly inFlight: number
  /** Messages that would survive the page now. */
  readonly persisted: number
}

const plain = new WeakMap<Policy, ResolvedSendOptions>()

function defaults(policy: Policy): ResolvedSendOptions {
  const known = plain.get(policy)
  if (known !== undefined) return known
  const made = { priority: 'normal', ttl: policy.messageTtl, key: undefined, ack: true, idempotent: false, persist: true } as const
  plain.set(policy, made)
  return made
}

/**
 * Fills in defaults.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`, naming the option and what is allowed.
 */
export function resolveSendOptions(options: SendOptions | undefined, policy: Policy): ResolvedSendOptions {
  if (options === undefined) return defaults(policy)
  const { key } = options
  if (key !== undefined && typeof key !== 'string') throw invalid('key', key, 'a string')
  return {
    priority: options.priority === undefined ? 'normal' : readWord('priority', options.priority, PRIORITIES as [Priority, ...Priority[]]),
    ttl: readNumber('ttl', options.ttl, policy.messageTtl, 1, Infinity),
    key,
    ack: readBoolean('ack', options.ack, true),
    idempotent: readBoolean('idempotent', options.idempotent, false),
    persist: readBoolean('persist', options.persist, true),
  }
}
