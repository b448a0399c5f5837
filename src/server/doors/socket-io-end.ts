/** One client of the Socket.IO door: what it is sent, made once for all who get it, and the callbacks it waits in. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'socket.io'
import type { DoorEnd } from './door.ts'
import { framesOf } from './pre-framed.ts'

/** What goes to a client, made once for everybody: the frame, the packet, and its WebSocket frame. */
interface Packet {
  readonly text: string
  readonly data: string
  readonly options: { readonly compress: false; readonly wsPreEncodedFrame: readonly Buffer[] }
}

/** The part of an Engine.IO socket that is used here; it takes packets which are encoded already. */
export interface Carrier {
  readonly request: IncomingMessage
  write(data: string, options: Packet['options'], sent: () => void): unknown
  close(isAtOnce: boolean): void
  once(event: 'close', listener: () => void): unknown
}

const ANSWERS_MOST = 1_000
/** So much waits in a socket of Node before it says so. */
const WORTH_A_LOOK = 16_384

/** Makes a packet: for stock clients of an object, for ours of the text that they decode themselves. */
export function packetOf(text: string, isPlain: boolean): Packet {
  // Engine.IO's 4 is a message, Socket.IO's 2 an event. Stock clients get an object, ours the text it decodes itself.
  const data = `2["message",${isPlain ? text : JSON.stringify(text)}]`
  return { text, data, options: { compress: false, wsPreEncodedFrame: [framesOf(`4${data}`)] } }
}

/** Calls back a stock client. */
export type Answered = (frame: unknown) => void

/** Callbacks of stock clients (`emitWithAck`), by the id that their message was given. */
class Answers {
  #waiting: Map<string, Answered> | null = null

  /** Gives the message an id, under which the callback gets its `ack` or `nack`. */
  expect(answered: Answered): string {
    this.#waiting ??= new Map()
    // The oldest of so many gives way: what was refused by an `error` is never taken.
    for (const oldest of this.#waiting.size >= ANSWERS_MOST ? this.#waiting.keys() : []) {
      this.#waiting.delete(oldest)
      break
    }
    const id = randomUUID()
    this.#waiting.set(id, answered)
    return id
  }

  /** Whether the frame is an answer that a callback waits for. */
  take(text: string): boolean {
    if (this.#waiting === null || this.#waiting.size === 0 || !/^\{"type":"n?ack"/.test(text)) return false
    const frame = JSON.parse(text) as { readonly id: string }
    const answered = this.#waiting.get(frame.id)
    if (answered === undefined) return false
    this.#waiting.delete(frame.id)
    answered(frame)
    return true
  }
}

/** The end of a client: what it is sent, and how much of that it has not taken. */
export function endOf(socket: Socket, isPlain: boolean): DoorEnd & { readonly answers: Answers } {
  const answers = new Answers()
  const carrier = socket.conn as unknown as Carrier
  /** Sizes of what was sent and not taken, oldest first; Engine.IO tells of each when it is. */
  let sizes: number[] = []
  let taken = 0
  let waiting = 0
  const sent = (): void => {
    waiting -= sizes[taken++] ?? 0
    if (taken < sizes.length && taken < 1_024) return
    sizes = sizes.slice(taken)
    taken = 0
  }
  return {
    answers,
    send(packet) {
      const { text, data, options } = packet as Packet
      if (socket.conn.readyState !== 'open' || answers.take(text)) return true
      sizes.push(data.length)
      waiting += data.length
      carrier.write(data, options, sent)
      return waiting < WORTH_A_LOOK
    },
    close(code, reason) {
      if (isPlain) socket.emit('message', { type: 'goodbye', reason, closeCode: code })
      else socket.emit('uplink:close', code, reason)
      socket.disconnect(true)
    },
    waitingBytes: () => waiting,
  }
}
