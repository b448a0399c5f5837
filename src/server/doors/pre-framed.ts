/** A text as the bytes of a WebSocket frame, made once for everybody it is sent to. */
import * as ws from 'ws'

interface FrameOptions {
  readonly fin: boolean
  readonly opcode: number
  readonly mask: boolean
  readonly rsv1: boolean
  readonly readOnly: boolean
}

/** The part of `ws` that puts bytes into frames. It is exported, and Socket.IO lives on it too, but its types do not know it. */
const { frame } = (ws as unknown as { readonly Sender: { frame(data: Buffer, options: FrameOptions): readonly Buffer[] } }).Sender

const TEXT = 1

/** The frame of a text from a server: unmasked, whole, not compressed. RFC 6455, section 5. */
export function framesOf(text: string): Buffer {
  return Buffer.concat(frame(Buffer.from(text), { fin: true, opcode: TEXT, mask: false, rsv1: false, readOnly: false }))
}
