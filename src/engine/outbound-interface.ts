/** What the way out is made of, and what it does. */
import type { UplinkError } from '../core/errors.ts'
import type { CreateDelivery, Refusal, ResultsMemory } from '../core/delivery.ts'
import type { OutboxMessage } from '../core/outbox.ts'
import type { Policy } from '../core/policy.ts'
import type { Stats } from '../core/stats.ts'
import type { RateLimit } from '../core/token-bucket.ts'
import type { Frame, OutboundMessage } from '../protocol/message.ts'
import type { Protocol } from '../protocol/protocol.ts'
import type { Emitter } from './events.ts'
import type { DeliveryResult } from './outcomes.ts'
import type { Persistence } from './persistence-interface.ts'
import type { Platform } from './platform.ts'
import type { OutboxSnapshot, SendOptions, SendResult } from './send-options.ts'
import type { Socket } from './transport.ts'

/** What the outbound path is made of. */
export interface OutboundParts {
  readonly protocol: Protocol
  readonly createDelivery: CreateDelivery | undefined
  readonly platform: Platform
  readonly policy: Policy
  readonly stats: Stats
  readonly persistence: Persistence | undefined
  emit: Emitter['emit']
  later(tell: () => void): void
  /** The open socket, if there is one. */
  socket(): Socket | undefined
  onError(error: UplinkError): void
  /** The deadline may have become earlier. */
  rearm(): void
}

/** The outbound path. */
export interface Outbound {
  send(message: OutboundMessage, options?: SendOptions): SendResult
  sendWithAck(message: OutboundMessage, options?: SendOptions): Promise<DeliveryResult>
  /** Sends a frame of the protocol itself: past the outbox, and not at all without a socket. */
  sendControl(frame: Frame): void
  /** The connection is open: what has no answer goes out again, then what waits. */
  restore(memory: ResultsMemory | undefined, maxFrame: number, messageRate: RateLimit | null): void
  /** Puts what this tick has sent on the socket now, because the socket is about to go. */
  flush(): void
  lost(): void
  acknowledged(id: string, data: unknown): void
  refused(id: string, refusal: Refusal): void
  /** The server answered `status`. */
  told(unseen: readonly string[], running: readonly string[]): void
  /** Messages that an earlier page left. */
  adopt(messages: readonly OutboxMessage[]): void
  /** Messages that belong to another page now. */
  disown(ids: readonly string[]): void
  deadline(): number
  tick(): void
  snapshot(): OutboxSnapshot
  /** Drops everything that waits; what was sent has an unknown outcome. */
  forget(): void
  /** Takes no messages until it is opened again, because nobody is signed in. */
  close(): void
  open(): void
  destroy(): void
}
