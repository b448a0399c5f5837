/** What `send` and `sendWithAck` do before a message is on its way: the door, the frame, the answer to the sender. */
import { UplinkError } from '../core/errors.ts'
import type { OutboxMessage, Priority } from '../core/outbox.ts'
import type { Policy } from '../core/policy.ts'
import { type Frame, type OutboundMessage, frameSize } from '../protocol/message.ts'
import type { Door, TurnedAway } from './door.ts'
import type { MessageIds } from './message-ids.ts'
import type { DeliveryResult, Outcomes } from './outcomes.ts'
import type { Platform } from './platform.ts'
import { type ResolvedSendOptions, type SendOptions, type SendResult, resolveSendOptions } from './send-options.ts'

/** The rest of the way out, as senders see it. */
export interface SendingHost {
  readonly policy: Policy
  readonly platform: Platform
  readonly door: Door
  readonly ids: MessageIds
  readonly outcomes: Outcomes
  /** Whether the server's answers are waited for, where the sender does not mind. */
  readonly watches: boolean
  /** Whether there is a storage. */
  readonly keeps: boolean
  /** Whether a message that nobody watches may go past everything, straight to the socket. */
  readonly isDirect: boolean
  maxFrame(): number
  /** Whether a message may go out now, before any other. Counts it. */
  isClear(priority: Priority): boolean
  /** Puts a frame on the socket; false when it refused. */
  put(frame: Frame, size: number): boolean
  /** Sends a message now. False when the socket refused it, so that it waits. */
  transmit(message: OutboxMessage): boolean
  enqueue(message: OutboxMessage): SendResult
  tooLarge(id: string, size: number): void
  onError(error: UplinkError): void
}

/** What senders call. */
export interface Sending {
  send(message: OutboundMessage, options?: SendOptions): SendResult
  sendWithAck(message: OutboundMessage, options?: SendOptions): Promise<DeliveryResult>
}

/** Makes what senders call. */
export function createSending(host: SendingHost): Sending {
  const { policy, platform, door, ids, outcomes } = host

  /** Takes a message that the door has nothing against. */
  function accept(message: OutboundMessage, id: string, how: ResolvedSendOptions): SendResult {
    const tracked = host.watches && how.ack
    let frame: Frame
    try {
      frame = door.encode(message, id, tracked)
    } catch (thrown) {
      outcomes.refused(id, thrown as UplinkError)
      host.onError(thrown as UplinkError)
      return { id, outcome: 'refused', reason: 'not_encodable' }
    }
    const size = frameSize(frame)
    if (size > host.maxFrame()) {
      host.tooLarge(id, size)
      return { id, outcome: 'refused', reason: 'too_large' }
    }
    let clear = host.isClear(how.priority)
    if (clear && !tracked && host.isDirect) {
      clear = host.put(frame, size)
      if (clear) return { id, outcome: 'sent' }
    }
    const now = platform.now()
    const outgoing: OutboxMessage = {
      id, frame, size, priority: how.priority, key: how.key, queuedAt: now, expiresAt: now + how.ttl, tracked,
      idempotent: how.idempotent, stored: host.keeps && how.persist && typeof frame === 'string', attempted: null,
    }
    if (message.id !== undefined) ids.occupy(id)
    if (!clear) return host.enqueue(outgoing)
    return { id, outcome: host.transmit(outgoing) ? 'sent' : 'queued' }
  }

  /** What is wrong with the code that sends is told aloud; that nobody may send at the moment is told to the sender alone. */
  function turnAway(id: string, { reason, error }: TurnedAway): DeliveryResult {
    if (reason === 'not_encodable' || reason === 'duplicate_id') host.onError(error)
    return outcomes.turnedAway(id, error)
  }

  function nameOf(message: OutboundMessage | undefined): string {
    const id: unknown = message?.id
    return typeof id === 'string' ? id : ids.next()
  }

  function send(message: OutboundMessage, options?: SendOptions): SendResult {
    const how = resolveSendOptions(options, policy)
    const no = door.examine(message, false)
    const id = nameOf(message)
    if (no === undefined) return accept(message, id, how)
    turnAway(id, no)
    return { id, outcome: 'refused', reason: no.reason }
  }

  function sendWithAck(message: OutboundMessage, options?: SendOptions): Promise<DeliveryResult> {
    const how = resolveSendOptions({ ...options, ack: true }, policy)
    const no = door.examine(message, true)
    const id = nameOf(message)
    if (no !== undefined) return Promise.resolve(turnAway(id, no))
    const promise = outcomes.promise(id)
    accept(message, id, how)
    return promise
  }

  return { send, sendWithAck }
}
