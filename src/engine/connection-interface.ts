/** What a connection can do, for those who use one. */
import type { UplinkError } from '../core/errors.ts'
import type { Transition } from '../core/history.ts'
import type { LatencySnapshot } from '../core/latency.ts'
import type { ConnectionStats } from '../core/stats.ts'
import type { ChannelParams, OutboundMessage } from '../protocol/message.ts'
import type { MessagePattern } from '../protocol/schema.ts'
import type { ChannelLease, LeaseHow } from './channel-lease.ts'
import type { EventListener, EventName } from './events.ts'
import type { DeliveryResult } from './outcomes.ts'
import type { MessageListener } from './router.ts'
import type { OutboxSnapshot, SendOptions, SendResult } from './send-options.ts'
import type { ConnectionSnapshot } from './snapshot.ts'

/** How `disconnect` goes about it. */
export interface DisconnectOptions {
  /** Wait (at most `closeTimeout`) until the server has answered the close, so that what was sent has arrived. */
  readonly graceful?: boolean
}

/**
 * A lasting relation to a server: it dials, notices death, comes back, and says what happened.
 * All methods may be called in any state and from any callback.
 */
export interface Connection {
  readonly clientId: string
  /**
   * Starts connecting. Resolves at the first `connected`, stays pending through retries, rejects with an
   * {@link UplinkError} when it ends (refused, `disconnect()`). A rejection nobody handles is no accident.
   */
  connect(): Promise<void>
  /** Ends the connection; the state is `disconnected` when this returns, unless `graceful`. */
  disconnect(options?: DisconnectOptions): void
  /** Tries now: fresh attempt counter, breaker closed, old socket dropped. */
  reconnect(): void
  /**
   * Says that an attempt is worth it, as a sign that the network is back would: a wait is cut short, unless the server
   * asked for it; an attempt under way is begun anew; an open connection is pinged. Failures stay counted, and an open
   * breaker lets this one attempt through.
   */
  probe(): void
  /**
   * Sends a message, or queues it while it cannot go out. What becomes of it is told by events.
   * @throws UplinkError `UPLINK_OPTION_INVALID` for options that are not allowed.
   */
  send(message: OutboundMessage, options?: SendOptions): SendResult
  /**
   * Sends a message and waits for its outcome. Always resolves: within its time to live while there is no
   * connection, within `messageTimeout` times `messageRetries` + 2 while there is one.
   * @throws UplinkError `UPLINK_OPTION_INVALID` for options that are not allowed.
   * @example
   * const { acknowledged, outcome, data } = await connection.sendWithAck({ type: 'ORDER', data: order })
   */
  sendWithAck(message: OutboundMessage, options?: SendOptions): Promise<DeliveryResult>
  /** Hears messages by exact type, `prefix*`, or predicate. */
  subscribe(pattern: MessagePattern, listener: MessageListener): () => void
  /**
   * Claims a channel.
   * @throws UplinkError `UPLINK_CHANNEL_CONFLICT` when it is in use with other params.
   */
  channel(name: string, params?: ChannelParams, how?: LeaseHow): ChannelLease
  on<Name extends EventName>(name: Name, listener: EventListener<Name>): () => void
  /** The connection as it is; the same object until something changes. */
  snapshot(): ConnectionSnapshot
  /** Called synchronously after every change of the snapshot, before any event. */
  onChange(listener: (snapshot: ConnectionSnapshot) => void): () => void
  stats(): ConnectionStats
  latency(): LatencySnapshot
  /** The last transitions, oldest first. */
  history(): readonly Transition[]
  /** What waits, what is on its way, and what became of everything so far. */
  outbox(): OutboxSnapshot
  /**
   * Drops everything that waits, here and in the storage. What was sent has an unknown outcome. Settles within
   * seconds; rejects with `UPLINK_STORAGE_FAILED` where the storage could not be wiped yet: that is tried again as
   * long as the connection exists. A rejection nobody handles is no accident.
   */
  forget(): Promise<void>
  /** The user has signed out: disconnects, drops the credentials, forgets, and takes no message until somebody connects. Settles as `forget` does. */
  signedOut(): Promise<void>
  /** Counts and tells an error as the connection's own. */
  report(error: UplinkError): void
  /**
   * Ends everything for good: no timer, listener or handle is left, once the storage has written what it has to.
   * Messages that are stored are `kept` for the next connection; the others are dropped.
   */
  destroy(): void
}
