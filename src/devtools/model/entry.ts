/** What the log keeps of a message, and how a frame is read into such entries. Pure. */
import { type Frame, type Message, frameSize } from '../../protocol/message.ts'
import { RESERVED_TYPES } from '../../protocol/uplink-v1.ts'

/** Which way it went: `in` from the server, `out` to it. */
export type Direction = 'in' | 'out'

/** A message read out of a frame; it need not be well-formed. */
export interface Read {
  readonly type: string
  readonly channel: string | undefined
  readonly id: string | undefined
  /** It belongs to the protocol: heartbeats, subscriptions, acknowledgements. */
  readonly isControl: boolean
  /** Characters or bytes; the share of its frame, where several share one. */
  readonly size: number
  /** What there is to show: the frame, or where several share one, the message. */
  readonly content: Frame | Message
  /** The message, where the frame could be read. It is not kept. */
  readonly message: Message | undefined
}

/** One row of the log. Times are epoch ms. */
export interface Entry extends Omit<Read, 'message'> {
  /** Number among everything that was seen, kept or not. */
  readonly serial: number
  readonly at: number
  readonly direction: Direction
}

/** Turns a frame into a message; for wire formats that are not JSON. */
export type Decode = (frame: Frame) => Message

/** Types of what cannot be read. */
export const UNREADABLE = { text: '(text)', binary: '(binary)' } as const

/** A frame that says its type first, which everything of ours does, needs no parsing to tell it. */
const TYPE_FIRST = /^\{"type":"([^"\\]*)"/

/** The type of a frame where that costs next to nothing, else `undefined`. */
export function peekType(frame: Frame): string | undefined {
  return typeof frame === 'string' ? TYPE_FIRST.exec(frame)?.[1] : undefined
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function parse(frame: Frame, decode: Decode | undefined): unknown {
  try {
    return decode === undefined ? JSON.parse(frame as string) : decode(frame)
  } catch {
    return undefined
  }
}

function readMessage(value: unknown, size: number, content: Frame | Message): Read {
  const fields = isObject(value) ? value : {}
  const type = textOf(fields['type'])
  return {
    type: type ?? (content instanceof ArrayBuffer || content instanceof Uint8Array ? UNREADABLE.binary : UNREADABLE.text),
    channel: textOf(fields['channel']),
    id: textOf(fields['id']),
    isControl: type !== undefined && RESERVED_TYPES.has(type),
    size,
    content,
    message: type === undefined ? undefined : (value as Message),
  }
}

/**
 * Reads a frame. A batch is read as its messages; what cannot be read is one entry of the type `(text)` or `(binary)`.
 *
 * @param decode - for wire formats that are not JSON; what it throws means that the frame cannot be read
 */
export function readFrame(frame: Frame, decode?: Decode): Read[] {
  const value = typeof frame === 'string' || decode !== undefined ? parse(frame, decode) : undefined
  const size = frameSize(frame)
  const messages = isObject(value) && value['type'] === 'batch' ? value['messages'] : undefined
  if (!Array.isArray(messages) || messages.length === 0) return [readMessage(value, size, frame)]
  return messages.map((message: unknown) => readMessage(message, Math.ceil(size / messages.length), isObject(message) ? (message as unknown as Message) : JSON.stringify(message)))
}
