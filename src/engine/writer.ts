/**
 * Puts frames on the socket: what one tick sends goes out as one frame where the protocol has batches, and
 * nothing more goes out while the network takes nothing, so that a heartbeat never waits behind much data.
 */
import { UplinkError, messageOf } from '../core/errors.ts'
import type { OutboxMessage } from '../core/outbox.ts'
import type { Stats } from '../core/stats.ts'
import { type Frame, frameSize } from '../protocol/message.ts'
import type { Protocol } from '../protocol/protocol.ts'
import type { Emitter } from './events.ts'
import type { Socket } from './transport.ts'

/** `bufferedAmount` is read once for so many characters: reading it costs more than a small send. */
const LOOK_EVERY = 4_096

/** Most messages of one batch. */
const BATCH_MOST = 256

/** What a writer needs. */
export interface WriterHost {
  readonly protocol: Protocol
  readonly stats: Stats
  readonly highWaterMark: number
  socket(): Socket | undefined
  /** Largest frame the server takes. */
  maxFrame(): number
  onError(error: UplinkError): void
  readonly emit: Emitter['emit']
  /** It is on the socket. */
  written(message: OutboxMessage): void
  /** These were not put on the socket after all; they are in the order they came. */
  unsent(messages: readonly OutboxMessage[]): void
}

/** The writer of a connection. */
export interface Writer {
  /** Puts a frame on the socket now; false when there is none, or it refused. A control frame holds 0 messages. @default 1 */
  put(frame: Frame, size: number, messages?: number): boolean
  /** Takes a message for this tick; what cannot be put on the socket comes back by `unsent`. */
  write(message: OutboxMessage): void
  /** Puts what this tick has gathered on the socket now. */
  flush(): void
  /** Whether the socket holds so much unsent data that more should wait. */
  isCongested(): boolean
  /** A new socket. */
  reset(): void
}

/** Makes a writer. */
export function createWriter(host: WriterHost): Writer {
  const { protocol, stats, highWaterMark } = host
  let tick: OutboxMessage[] = []
  /** Size of what this tick has gathered. */
  let gathered = 0
  let unseen = 0
  let congested = false
  let failing = false

  /** Told once, until something goes out again or there is another socket: a broken one would drown its own report. */
  function failed(thrown: unknown): false {
    if (!failing) host.onError(new UplinkError('UPLINK_SEND_FAILED', messageOf(thrown), { cause: thrown }))
    failing = true
    return false
  }

  function put(frame: Frame, size: number, messages = 1): boolean {
    const socket = host.socket()
    if (socket === undefined) return false
    try {
      socket.send(frame)
    } catch (thrown) {
      return failed(thrown)
    }
    failing = false
    stats.messagesSent += messages
    stats.bytesSent += size
    unseen += size
    host.emit('frameSent', frame)
    return true
  }

  function putAll(messages: readonly OutboxMessage[]): boolean {
    const [only] = messages
    if (messages.length === 1 && only !== undefined) return put(only.frame, only.size)
    let frame: Frame
    try {
      frame = protocol.batch?.(messages.map((message) => message.frame)) ?? ''
    } catch (thrown) {
      return failed(thrown)
    }
    return put(frame, frameSize(frame), messages.length)
  }

  function flush(): void {
    const messages = tick
    tick = []
    gathered = 0
    const most = host.maxFrame() - 64
    for (let start = 0; start < messages.length;) {
      let end = start
      let size = 0
      do size += (messages[end++] as OutboxMessage).size + 1
      while (end < messages.length && end - start < BATCH_MOST && size + (messages[end] as OutboxMessage).size < most)
      if (!putAll(messages.slice(start, end))) return host.unsent(messages.slice(start))
      for (; start < end; start++) host.written(messages[start] as OutboxMessage)
    }
  }

  return {
    put,
    flush,
    write(message) {
      if (protocol.batch === undefined || typeof message.frame !== 'string') {
        if (tick.length > 0) flush()
        if (put(message.frame, message.size)) host.written(message)
        else host.unsent([message])
        return
      }
      tick.push(message)
      gathered += message.size
      unseen += message.size
      if (tick.length === 1) queueMicrotask(flush)
    },
    isCongested() {
      if (unseen < LOOK_EVERY && !congested) return false
      unseen = 0
      congested = gathered + (host.socket()?.bufferedAmount ?? 0) > highWaterMark
      return congested
    },
    reset() {
      unseen = 0
      congested = false
      failing = false
    },
  }
}
