/** What a client asks of a channel, read from what it sent. Pure. */
import type { ChannelRequest, Position, StreamMode } from '../protocol/message.ts'

/** Reads a subscription of a `subscribe` frame; `null` where it is none. */
export function readRequest(value: unknown): ChannelRequest | null {
  if (typeof value === 'string') return { channel: value }
  if (typeof value !== 'object' || value === null) return null
  const { channel, params, ref, recover, mode } = value as Readonly<Record<string, unknown>>
  if (typeof channel !== 'string') return null
  if (params !== undefined && (typeof params !== 'object' || params === null || Array.isArray(params))) return null
  if (ref !== undefined && typeof ref !== 'string') return null
  if (mode !== undefined && mode !== 'stream' && mode !== 'latest') return null
  const position = recover === undefined ? undefined : readPosition(recover)
  if (position === null) return null
  return {
    channel,
    ...(params === undefined ? {} : { params: params as Readonly<Record<string, unknown>> }),
    ...(ref === undefined ? {} : { ref }),
    ...(position === undefined ? {} : { recover: position }),
    ...(mode === undefined ? {} : { mode: mode as StreamMode }),
  }
}

function readPosition(value: unknown): Position | null {
  if (typeof value !== 'object' || value === null) return null
  const { epoch, offset } = value as Readonly<Record<string, unknown>>
  return typeof epoch === 'string' && Number.isSafeInteger(offset) && (offset as number) >= 0 ? { epoch, offset: offset as number } : null
}
