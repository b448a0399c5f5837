/** What in a frame of `uplink.v1` is a message. */
import type { Message } from '../protocol/message.ts'
import { RESERVED_TYPES } from '../protocol/uplink-v1.ts'

/** Whether a message of a stream says where it stands. */
export const hasPlace = ({ from, offset }: Message): boolean =>
  Number.isSafeInteger(offset) && (offset as number) >= 1 && (from === undefined || (Number.isSafeInteger(from) && from >= 1 && from <= (offset as number)))

/** Whether it is a message; `payload` is then read as `data`. */
export function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false
  const message = value as { type?: unknown; data?: unknown; payload?: unknown } & Message
  if (typeof message.type !== 'string') return false
  if (message.data === undefined && message.payload !== undefined) (message as { data: unknown }).data = message.payload
  // What has a place in a stream is data, whatever its type: it is so when it comes alone, and must be when it is recovered.
  return message.offset === undefined ? !RESERVED_TYPES.has(message.type) : hasPlace(message)
}
