/**
 * The way out: message -> frame -> socket, or the outbox while there is none. New messages join the outbox
 * as long as it is not empty, so order holds. With a protocol that has acknowledgements every message is
 * watched until its outcome is known.
 */
import { UplinkError } from '../core/errors.ts'
import type { DeliveryOrders } from '../core/delivery.ts'
import {
  type DropReason, type OutboxMessage, type Priority, createOutbox, offer, putBack, take, takeExpired, takeWhere, waiting,
} from '../core/outbox.ts'
import { frameSize } from '../protocol/message.ts'
import type { SendResult } from './send-options.ts'
import { type Outcomes, createOutcomes } from './outcomes.ts'
import { createDoor } from './door.ts'
import { createMessageIds } from './message-ids.ts'
import { createPacing } from './pacing.ts'
import type { Outbound, OutboundParts } from './outbound-interface.ts'
import { createSending } from './sending.ts'
import { createWriter } from './writer.ts'

/** Characters of a question about messages besides their ids. */
const QUESTION_SIZE = 100

/** Makes the outbound path of a connection. */
export function createOutbound(parts: OutboundParts): Outbound {
  const { protocol, platform, policy, stats, persistence, rearm } = parts
  const outbox = createOutbox()
  const delivery = parts.createDelivery?.(policy)
  const ids = createMessageIds(platform)
  const door = createDoor({ protocol, platform, ids, answers: delivery !== undefined })
  const outcomes: Outcomes = createOutcomes({
    platform, stats, emit: parts.emit, later: parts.later,
    settled(id, outcome) {
      ids.free(id)
      if (outcome !== 'kept') persistence?.release(id)
    },
  })
  const writer = createWriter({
    protocol, stats, highWaterMark: policy.highWaterMark, socket: parts.socket, maxFrame: () => maxFrame, onError: parts.onError, emit: parts.emit, written, unsent,
  })
  let maxFrame = Infinity
  let resultsEpoch: string | null = null
  let draining = false

  const pacing = createPacing(policy, platform, writer.isCongested)
  const isHeld = (priority: Priority): boolean => delivery?.isHeld(priority) === true
  const isWatched = ({ tracked }: OutboxMessage): boolean => tracked && delivery !== undefined

  /** How many more may be without an answer. */
  const answersFree = (): number => (delivery === undefined ? Infinity : policy.maxInFlight - delivery.size)

  function isClear(priority: Priority): boolean {
    return !isHeld(priority) && outbox.count === 0 && parts.socket() !== undefined && answersFree() > 0 && pacing.isFree()
  }

  /** It will not be sent from here. What was let go of may be sent by another page, and then it was not dropped. */
  function drop(id: string, reason: DropReason, why?: string): void {
    if (persistence?.isLetGo() === true && persistence.leave(id)) outcomes.kept(id)
    else outcomes.dropped(id, reason, why)
  }

  const tooLarge = (id: string, size: number): void => drop(id, 'too_large', `it has ${size} characters, and the server takes ${maxFrame}`)

  /** Sends a message that is no longer, or never was, in the outbox. */
  function transmit(message: OutboxMessage): void {
    ids.know(message.id)
    if (isWatched(message)) {
      const { attempted } = message
      delivery?.sent(message, platform.now(), platform.time())
      if (message.stored && attempted !== message.attempted) persistence?.note(message)
    }
    writer.write(message)
  }

  /** Nobody answers for what is not watched: it is done. */
  function written(message: OutboxMessage): void {
    if (isWatched(message)) return
    ids.free(message.id)
    if (message.stored) persistence?.release(message.id)
  }

  function backToTheOutbox(message: OutboxMessage): void {
    const loser = putBack(outbox, message)
    if (loser !== undefined) drop(loser.id, 'replaced')
  }

  /** What has never been on a socket goes back to where it was; the watch sends the others again. */
  function unsent(messages: readonly OutboxMessage[]): void {
    pacing.pause()
    for (let index = messages.length - 1; index >= 0; index--) {
      const message = messages[index] as OutboxMessage
      if (isWatched(message) && delivery?.unsent(message.id) !== true) continue
      message.attempted = null
      if (message.stored) persistence?.keep(message)
      backToTheOutbox(message)
    }
    rearm()
  }

  function enqueue(message: OutboxMessage): SendResult {
    const { id } = message
    const { accepted, evicted, replaced, reason = 'overflow' } = offer(outbox, message, policy)
    for (const old of evicted) drop(old.id, 'overflow')
    if (replaced !== undefined) drop(replaced.id, 'replaced')
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

  const sending = createSending({
    policy, platform, door, ids, outcomes, isClear, enqueue, tooLarge,
    watches: delivery !== undefined, keeps: persistence !== undefined, isDirect: protocol.batch === undefined, maxFrame: () => maxFrame, onError: parts.onError,
    put(frame, size) {
      if (writer.put(frame, size)) return true
      pacing.pause()
      return false
    },
    transmit(message) {
      transmit(message)
      // The socket refused it at once.
      if (outbox.count > 0) return false
      if (!isWatched(message)) return true
      if (message.stored) persistence?.keep(message)
      rearm()
      return true
    },
  })

  function expire(): void {
    for (const message of takeExpired(outbox, platform.now())) drop(message.id, 'expired')
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
        pacing.left()
        transmit(message)
      }
    } finally {
      draining = false
    }
  }

  /** Asked of the storage last: what is marked as attempted and then cannot go looks as if it had gone. */
  function mayGo(): boolean {
    if (parts.socket() === undefined) return false
    const free = answersFree()
    const room = free > 0 ? Math.min(free, pacing.room()) : 0
    return room > 0 && (persistence === undefined || persistence.isMarked(waiting(outbox, isHeld), resultsEpoch, room, resume))
  }

  function carryOut({ resend, ask, unknown, expired, tooLarge: large }: DeliveryOrders): void {
    for (const message of expired) drop(message.id, 'expired')
    for (const message of large) tooLarge(message.id, message.size)
    for (const message of unknown) outcomes.unknown(message, 'it was sent, and no answer came while one could still be had')
    for (const message of resend) {
      if (message.stored) persistence?.note(message)
      writer.write(message)
    }
    if (ask.length > 0) inquire(ask)
  }

  /** Asks what became of messages, in frames that the server takes. */
  function inquire(all: readonly string[]): void {
    const longest = all.reduce((most, id) => Math.max(most, JSON.stringify(id).length + 1), 0)
    const most = Math.max(1, Math.floor((maxFrame - QUESTION_SIZE) / longest))
    for (let start = 0; start < all.length; start += most) {
      for (const frame of protocol.status?.(all.slice(start, start + most), platform.time()) ?? []) writer.put(frame, frameSize(frame), 0)
    }
  }

  /** A second answer to a message that was sent twice is no surprise; one to a message that was never sent is. */
  function unexpected(id: string): void {
    if (ids.isKnown(id)) return
    parts.onError(new UplinkError('UPLINK_ACK_UNEXPECTED', 'an answer came to a message that was not sent', { messageId: id, severity: 'warning' }))
  }

  function forget(): void {
    const letGo = persistence?.isLetGo() === true
    for (const message of takeWhere(outbox, () => true)) {
      if (letGo && persistence?.leave(message.id) === true) outcomes.unknown(message, 'it was let go of, and another page may have sent it before it was forgotten')
      else outcomes.dropped(message.id, 'forgotten')
    }
    for (const message of delivery?.clear() ?? []) outcomes.unknown(message, 'the connection was given up before an answer came')
  }

  return {
    ...sending,
    sendControl: (frame) => void writer.put(frame, frameSize(frame), 0),
    restore(memory, serverMaxFrame, messageRate) {
      maxFrame = serverMaxFrame
      resultsEpoch = memory?.epoch ?? null
      pacing.reset(messageRate)
      writer.reset()
      if (maxFrame !== Infinity) for (const message of takeWhere(outbox, ({ size }) => size > maxFrame)) tooLarge(message.id, message.size)
      if (memory !== undefined && delivery !== undefined) carryOut(delivery.restored(memory, platform.now(), platform.time()))
      drain()
    },
    flush: writer.flush,
    lost() {
      delivery?.lost()
      // Marked, and then not sent on that socket: whoever takes them over must not believe that they were.
      for (const message of waiting(outbox)) {
        if (message.attempted === null) continue
        message.attempted = null
        if (message.stored) persistence?.note(message)
      }
    },
    acknowledged(id, data) {
      const message = delivery?.answered(id)
      if (message === undefined) return unexpected(id)
      outcomes.delivered(message, data)
      drain()
    },
    refused(id, refusal) {
      if (refusal.retryable && delivery?.hold(id, refusal, platform.now()) === true) {
        // A connection that is closing sends nothing more: it waits for the next.
        if (parts.socket() === undefined) delivery.lost()
        return rearm()
      }
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
        ids.occupy(message.id)
        if (message.attempted === null || (message.idempotent && !isWatched(message))) unsentBefore.push(message)
        else if (isWatched(message)) delivery?.strand(message)
        else outcomes.unknown(message, 'an earlier page sent it, and nobody answers for it')
      }
      for (const message of unsentBefore.reverse()) backToTheOutbox(message)
    },
    disown(ids) {
      const gone = new Set(ids)
      for (const { id } of takeWhere(outbox, (message) => gone.has(message.id))) outcomes.dropped(id, 'adopted')
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
    forget,
    close: () => door.close('signed_out'),
    open: door.open,
    destroy() {
      door.close('destroyed')
      const isKept = (id: string): boolean => persistence?.leave(id) === true
      for (const { id } of takeWhere(outbox, () => true)) {
        if (isKept(id)) outcomes.kept(id)
        else outcomes.dropped(id, 'disconnected')
      }
      for (const message of delivery?.clear() ?? []) {
        if (isKept(message.id)) outcomes.kept(message.id)
        else outcomes.unknown(message, 'the connection was destroyed before an answer came')
      }
    },
  }
}
