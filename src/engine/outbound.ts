/**
 * The outbound hot path: message -> frame -> socket, or the queue while there is none. New messages
 * join the queue as long as it is not empty, so order holds.
 *
 * Priorities, acknowledgements and persistence belong to an outbox, which takes the queue's place here.
 */
import { UplinkError, messageOf } from '../core/errors.ts'
import type { Policy } from '../core/policy.ts'
import { type DropReason, type Queued, createQueue, isExpired, offer, takeAll } from '../core/queue.ts'
import type { Stats } from '../core/stats.ts'
import { type Frame, type OutboundMessage, frameSize } from '../protocol/message.ts'
import type { Protocol } from '../protocol/protocol.ts'
import type { Platform } from './platform.ts'
import type { Socket } from './transport.ts'

/**
 * What became of a message: `sent` was handed to the socket, `queued` waits for the connection,
 * `refused` goes nowhere, for a reason.
 */
export interface SendResult {
  /** The message's own id, or one made for it. */
  readonly id: string
  readonly outcome: 'sent' | 'queued' | 'refused'
  readonly reason?: DropReason | 'not_encodable' | 'destroyed' | 'not_attached'
}

/** A message that was dropped after it had been queued, or instead of it. */
export interface DroppedMessage {
  readonly id: string
  readonly reason: DropReason
}

/** What the outbound path is made of. */
export interface OutboundParts {
  readonly protocol: Protocol
  readonly platform: Platform
  readonly policy: Policy
  readonly stats: Stats
  clientId(): string
  /** The open socket, if there is one. */
  socket(): Socket | undefined
  onDrop(dropped: DroppedMessage): void
  onError(error: UplinkError): void
}

/** The outbound path. */
export interface Outbound {
  send(message: OutboundMessage): SendResult
  /** Sends a frame of the protocol itself: past the queue, and not at all without a socket. */
  sendControl(frame: Frame): void
  /** Sends what is queued, in order. */
  flush(): void
  queued(): { readonly count: number; readonly bytes: number }
  destroy(): void
}

/** Makes the outbound path of a connection. */
export function createOutbound(parts: OutboundParts): Outbound {
  const { protocol, platform, policy, stats } = parts
  const queue = createQueue()
  let serial = 0
  let destroyed = false

  function put(socket: Socket, frame: Frame, size: number): boolean {
    try {
      socket.send(frame)
    } catch (thrown) {
      parts.onError(new UplinkError('UPLINK_SEND_FAILED', messageOf(thrown), { cause: thrown }))
      return false
    }
    stats.messagesSent++
    stats.bytesSent += size
    return true
  }

  function drop(item: { readonly id: string }, reason: DropReason): void {
    stats.dropped++
    parts.onDrop({ id: item.id, reason })
  }

  function enqueue(item: Queued): SendResult {
    const { id } = item
    const { accepted, evicted, reason = 'overflow' } = offer(queue, item, policy)
    for (const old of evicted) drop(old, 'overflow')
    if (accepted) return { id, outcome: 'queued' }
    drop(item, reason)
    return { id, outcome: 'refused', reason }
  }

  function send(message: OutboundMessage): SendResult {
    const id = message.id ?? `${parts.clientId()}:${++serial}`
    if (destroyed) return { id, outcome: 'refused', reason: 'destroyed' }
    let frame: Frame
    try {
      const { type, channel, data, timestamp = platform.time() } = message
      frame = protocol.encode({ type, channel, data, timestamp, id: message.id } as OutboundMessage)
    } catch (thrown) {
      parts.onError(new UplinkError('UPLINK_ENCODE_FAILED', messageOf(thrown), { cause: thrown, messageId: id }))
      return { id, outcome: 'refused', reason: 'not_encodable' }
    }
    const size = frameSize(frame)
    const socket = parts.socket()
    if (socket !== undefined && queue.items.length === 0 && put(socket, frame, size)) return { id, outcome: 'sent' }
    return enqueue({ id, frame, size, at: platform.now() })
  }

  function flush(): void {
    const socket = parts.socket()
    if (socket === undefined || queue.items.length === 0) return
    const items = takeAll(queue)
    const now = platform.now()
    items.forEach((item, index) => {
      if (isExpired(item, now, policy)) drop(item, 'expired')
      else if (parts.socket() !== socket || !put(socket, item.frame, item.size)) {
        // The socket went away meanwhile: the rest waits for the next one, in front of newer messages.
        queue.items = [...items.slice(index), ...takeAll(queue)]
        queue.bytes = queue.items.reduce((sum, { size }) => sum + size, 0)
        items.length = 0
      }
    })
  }

  return {
    send,
    sendControl(frame) {
      const socket = parts.socket()
      if (socket !== undefined) put(socket, frame, frameSize(frame))
    },
    flush,
    queued: () => ({ count: queue.items.length, bytes: queue.bytes }),
    destroy() {
      destroyed = true
      for (const item of takeAll(queue)) drop(item, 'disconnected')
    },
  }
}
