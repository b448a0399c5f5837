/** One stream of a channel, as the client keeps it: who uses it, how far it is held, how the server knows it. */
import { UplinkError } from '../core/errors.ts'
import { type Gap, type Place, createPlace } from '../core/position.ts'
import type { ChannelParams, ChannelRequest, Message, StreamMode } from '../protocol/message.ts'
import { type ChannelSnapshot, IDLE_CHANNEL } from './channel-lease.ts'
import { type Listeners, createListeners } from './listeners.ts'

/** A stream; changed in place by the channels. */
export interface Stream {
  readonly name: string
  readonly params: ChannelParams | undefined
  readonly mode: StreamMode
  readonly key: string
  /** The name of this subscription to the server; the channel's own where that is enough. */
  readonly ref: string
  readonly place: Place
  readonly messages: Listeners<unknown, Message>
  readonly statuses: Listeners<ChannelSnapshot, undefined>
  readonly gaps: Listeners<Gap, undefined>
  /** What its messages are found by. */
  route: string
  leases: number
  joined: boolean
  answerBy: number
  leaveAt: number
  latest: Message | undefined
  snapshot: ChannelSnapshot
}

/** Tells streams of one channel apart. Params are compared by value. */
export function keyOf(params: ChannelParams | undefined, mode: StreamMode): string {
  if (params === undefined) return mode
  return mode + JSON.stringify(params, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value)
}

/** A stream nobody uses yet. */
export function createStream(name: string, params: ChannelParams | undefined, mode: StreamMode, ref: string): Stream {
  return {
    name, params, mode, key: keyOf(params, mode), ref, place: createPlace(), messages: createListeners(), statuses: createListeners(),
    gaps: createListeners(), route: name, leases: 0, joined: false, answerBy: Infinity, leaveAt: Infinity, latest: undefined, snapshot: IDLE_CHANNEL,
  }
}

/** Why a channel cannot be had with other params. */
export function conflictOf(channel: string): UplinkError {
  return new UplinkError('UPLINK_CHANNEL_CONFLICT', `channel "${channel}" is in use with other params, and its messages do not say whose they are. Use the same, or put them into the name`, { channel })
}

/** What leaves a stream. */
export function leaveOf({ name, params, ref }: Stream): ChannelRequest {
  return { channel: name, ...(params === undefined ? {} : { params }), ...(ref === name ? {} : { ref }) }
}

/** What joins a stream, or asks it to be continued from where it is held. */
export function requestOf(stream: Stream): ChannelRequest {
  const { place: { epoch, offset }, mode } = stream
  return { ...leaveOf(stream), ...(epoch === null ? {} : { recover: { epoch, offset } }), ...(mode === 'stream' ? {} : { mode }) }
}
