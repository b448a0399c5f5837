/**
 * The way out: message -> frame -> socket, or the outbox while there is none. New messages join the outbox
 * as long as it is not empty, so order holds. With a protocol that has acknowledgements every message is
 * watched until its outcome is known.
 */
import { UplinkError, messageOf } from '../core/errors.ts'
import type { CreateDelivery, DeliveryOrders, Refusal, ResultsMemory } from '../core/delivery.ts'
import {
  type DropReason, type OutboxMessage, type Priority, createOutbox, offer, putBack, take, takeExpired, takeWhere, waiting,
} from '../core/outbox.ts'
import type { Policy } from '../core/policy.ts'
import type { Stats } from '../core/stats.ts'
import { type Frame, type OutboundMessage, frameSize } from '../protocol/message.ts'
import type { Protocol } from '../protocol/protocol.ts'
import { type OutboxSnapshot, type SendOptions, type SendResult, resolveSendOptions } from './send-options.ts'
import { type DeliveryResult, type Outcomes, createOutcomes } from './outcomes.ts'
import type { Emitter } from './events.ts'
import { createMessageIds } from './message-ids.ts'
import { createPacing } from './pacing.ts'
import type { Persistence } from './persistence-interface.ts'
import type { Platform } from './platform.ts'
import type { Socket } from './transport.ts'
import { createWriter } from './writer.ts'

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
  restore(memory: ResultsMemory | undefined, maxFrame: number): void
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
  clear(reason: DropReason): void
  destroy(): void
}

/** Makes the outbound path of a connection. */
export function createOutbound(parts: OutboundParts): Outbound {
  const { protocol, platform, policy, stats, persistence, rearm } = parts
  const outbox = createOutbox()
  const delivery = parts.createDelivery?.(policy)
  const ids = createMessageIds(platform)
  const outcomes: Outcomes = createOutcomes({
    platform, stats, emit: parts.emit, later: parts.later, release: (id) => persistence?.release(id),
  })
  const writer = createWriter({
    protocol, stats, highWaterMark: policy.highWaterMark, socket: parts.socket, maxFrame: () => maxFrame, onError: parts.onError, unsent,
  })
  let maxFrame = Infinity
  let resultsEpoch: string | null = null
  let draining = false
  let destroyed = false

  const pacing = createPacing(policy, platform, writer.isCongested)
  const isHeld = (priority: Priority): boolean => delivery?.isHeld(priority) === true

  const isCrowded = (): boolean => delivery !== undefined && delivery.size >= policy.maxInFlight

  function isClear(): boolean {
    return outbox.count === 0 && parts.socket() !== undefined && !isCrowded() && pacing.isFree()
  }

  /** Sends a message that is no longer, or never was, in the outbox. */
  function transmit(message: OutboxMessage): void {
    ids.know(message.id)
    if (message.tracked) {
      const { attempted } = message
      delivery?.sent(message, platform.now(), platform.time())
      if (message.stored && attempted !== message.attempted) persistence?.note(message)
    }
    writer.write(message)
    if (!message.tracked) persistence?.release(message.id)
  }

  /** Tracked messages stay with the watch, which sends them again on the next socket; the others go back to where they were. */
  function unsent(messages: readonly OutboxMessage[]): void {
    for (let index = messages.length - 1; index >= 0; index--) {
      const message = messages[index] as OutboxMessage
      if (!message.tracked) putBack(outbox, message)
    }
  }

  function enqueue(message: OutboxMessage): SendResult {
    const { id } = message
    const { accepted, evicted, replaced, reason = 'overflow' } = offer(outbox, message, policy)
    for (const old of evicted) outcomes.dropped(old.id, 'overflow')
    if (replaced !== undefined) outcomes.dropped(replaced.id, 'replaced')
    if (!accepted) {
      outcomes.dropped(id, reason)
      return { id, outcome: 'refused', reason }
    }
    if (message.stored) persistence?.keep(message)
    parts.later(() => parts.emit('messageQueued', { id }))
    // There is a socket, and yet it waits: for the rate, the network, or those before it.
    if (parts.socket() !== undefined) drain()
    rearm()
    return { id, outcome: 'queued' }
  }

  function encode(message: OutboundMessage, id: string, tracked: boolean): Frame {
    const { type, channel, data, timestamp = platform.time() } = message
    return protocol.encode({ type, channel, data, timestamp, id: tracked ? id : message.id } as OutboundMessage)
  }

  function send(message: OutboundMessage, options?: SendOptions): SendResult {
    const id = message.id ?? ids.next()
    if (destroyed) return { id, outcome: 'refused', reason: 'destroyed' }
    const how = resolveSendOptions(options, policy)
    const tracked = delivery !== undefined && how.ack
    let frame: Frame
    try {
      frame = encode(message, id, tracked)
    } catch (thrown) {
      const error = new UplinkError('UPLINK_ENCODE_FAILED', messageOf(thrown), { cause: thrown, messageId: id })
      outcomes.refused(id, error)
      parts.onError(error)
      return { id, outcome: 'refused', reason: 'not_encodable' }
    }
    const size = frameSize(frame)
    const clear = isClear() && !isHeld(how.priority)
    if (clear && !tracked && protocol.batch === undefined && writer.put(frame, size)) return { id, outcome: 'sent' }
    const now = platform.now()
    const outgoing: OutboxMessage = {
      id, frame, size, priority: how.priority, key: how.key, queuedAt: now, expiresAt: now + how.ttl, tracked,
      idempotent: how.idempotent, stored: persistence !== undefined && how.persist && typeof frame === 'string', attempted: null,
    }
    if (!clear) return enqueue(outgoing)
    transmit(outgoing)
    if (outgoing.stored && tracked) persistence?.keep(outgoing)
    if (tracked) rearm()
    return { id, outcome: 'sent' }
  }

  function sendWithAck(message: OutboundMessage, options?: SendOptions): Promise<DeliveryResult> {
    const id = message.id ?? ids.next()
    const promise = outcomes.promise(id)
    if (destroyed) outcomes.refused(id, new UplinkError('UPLINK_DESTROYED', 'this connection was destroyed; make a new one'))
    else if (delivery === undefined) {
      outcomes.refused(id, new UplinkError('UPLINK_ACKS_UNSUPPORTED', `the protocol ${protocol.name} has no acknowledgements; use for example uplink()`))
    } else send({ ...message, id }, { ...options, ack: true })
    return promise
  }

  function expire(): void {
    for (const message of takeExpired(outbox, platform.now())) outcomes.dropped(message.id, 'expired')
  }

  function resume(): void {
    drain()
    rearm()
  }

  function drain(): void {
    if (draining || outbox.count === 0) return
    draining = true
    expire()
    try {
      while (outbox.count > 0 && mayGo()) {
        const message = take(outbox, isHeld)
        if (message === undefined) break
        transmit(message)
      }
    } finally {
      draining = false
    }
  }

  function mayGo(): boolean {
    const isDurable = persistence === undefined || persistence.isMarked(waiting(outbox, isHeld), resultsEpoch, resume)
    return isDurable && parts.socket() !== undefined && !isCrowded() && pacing.isTurn()
  }

  function carryOut({ resend, ask, unknown, expired }: DeliveryOrders): void {
    for (const message of expired) outcomes.dropped(message.id, 'expired')
    for (const message of unknown) outcomes.unknown(message, 'it was sent, and no answer came while one could still be had')
    for (const message of resend) {
      if (message.stored) persistence?.note(message)
      writer.write(message)
    }
    if (ask.length > 0) for (const frame of protocol.status?.(ask, platform.time()) ?? []) writer.put(frame, frameSize(frame))
  }

  /** A second answer to a message that was sent twice is no surprise; one to a message that was never sent is. */
  function unexpected(id: string): void {
    if (ids.isKnown(id)) return
    parts.onError(new UplinkError('UPLINK_ACK_UNEXPECTED', 'an answer came to a message that was not sent', { messageId: id, severity: 'warning' }))
  }

  function clear(reason: DropReason): void {
    for (const message of takeWhere(outbox, () => true)) outcomes.dropped(message.id, reason)
    for (const message of delivery?.clear() ?? []) outcomes.unknown(message, 'the connection was given up before an answer came')
  }

  return {
    send,
    sendWithAck,
    sendControl: (frame) => void writer.put(frame, frameSize(frame)),
    restore(memory, serverMaxFrame) {
      maxFrame = serverMaxFrame
      resultsEpoch = memory?.epoch ?? null
      pacing.reset()
      writer.reset()
      if (memory !== undefined && delivery !== undefined) carryOut(delivery.restored(memory, platform.now(), platform.time()))
      drain()
    },
    flush: writer.flush,
    lost() {
      delivery?.lost()
      // Marked, and then not sent on that socket: the next one marks them anew.
      for (const message of waiting(outbox)) message.attempted = null
    },
    acknowledged(id, data) {
      const message = delivery?.answered(id)
      if (message === undefined) return unexpected(id)
      outcomes.delivered(message, data)
      drain()
    },
    refused(id, refusal) {
      if (refusal.retryable && delivery?.hold(id, refusal, platform.now()) === true) return rearm()
      const message = delivery?.answered(id)
      if (message === undefined) return unexpected(id)
      if (refusal.code === 'lost') outcomes.unknown(message, 'the server lost it while it was being handled')
      else outcomes.rejected(message, refusal.code, refusal.message)
      drain()
    },
    told(unseen, running) {
      if (delivery !== undefined) carryOut(delivery.told(unseen, running, platform.now(), platform.time()))
    },
    adopt(messages) {
      const unsentBefore: OutboxMessage[] = []
      for (const message of messages) {
        if (message.attempted === null || (message.idempotent && delivery === undefined)) unsentBefore.push(message)
        else if (message.tracked && delivery !== undefined) delivery.strand(message)
        else outcomes.unknown(message, 'an earlier page sent it, and nobody answers for it')
      }
      for (const message of unsentBefore.reverse()) putBack(outbox, message)
    },
    disown(ids) {
      const gone = new Set(ids)
      for (const message of takeWhere(outbox, ({ id }) => gone.has(id))) outcomes.dropped(message.id, 'adopted')
      for (const id of ids) {
        const message = delivery?.answered(id)
        if (message !== undefined) outcomes.unknown(message, 'another page asks what became of it now')
      }
    },
    deadline() {
      const watch = Math.min(outbox.earliest, delivery?.deadline() ?? Infinity)
      return outbox.count > 0 && parts.socket() !== undefined ? Math.min(watch, pacing.deadline()) : watch
    },
    tick() {
      const now = platform.now()
      pacing.tick()
      expire()
      if (delivery !== undefined) carryOut(delivery.due(now, platform.time(), parts.socket() !== undefined))
      drain()
    },
    snapshot: () => ({
      queued: outbox.count, bytes: outbox.bytes, inFlight: delivery?.size ?? 0, persisted: persistence?.count() ?? 0, ...outcomes.counts,
    }),
    clear,
    destroy() {
      destroyed = true
      clear('disconnected')
    },
  }
}
