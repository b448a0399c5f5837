/**
 * What travels inside frames. Both ends agree on this envelope; everything that is not one of its
 * fields lives in `data`.
 */

/**
 * A decoded frame.
 *
 * `timestamp` is epoch milliseconds or an ISO 8601 string, as the sender wrote it. `id`, `from`,
 * `offset` and `epoch` are only there when a protocol with acknowledgements or positions is spoken:
 * a data message covers the offsets `from..offset` of its stream, which `stream` names where it is not
 * simply the channel.
 *
 * @example
 * const tick: Message<{ price: number }> = { type: 'tick', channel: 'btc', data: { price: 1 } }
 */
export interface Message<Data = unknown> {
  readonly type: string
  readonly channel?: string
  readonly stream?: string
  readonly data: Data
  readonly timestamp?: number | string
  readonly id?: string
  readonly from?: number
  readonly offset?: number
  readonly epoch?: string
}

/** A message as the application hands it to `send`: `timestamp` is filled in when it is missing. */
export interface OutboundMessage<Data = unknown> {
  readonly type: string
  readonly channel?: string
  readonly data?: Data
  readonly timestamp?: number | string
  readonly id?: string
}

/** What a socket carries: text, or bytes. */
export type Frame = string | ArrayBuffer | Uint8Array

/** Plain values by name that tell a server which stream of a channel is meant. */
export type ChannelParams = Readonly<Record<string, unknown>>

/** A place in a stream: everything up to and with `offset` is held; 0 is before the first message. */
export interface Position {
  /** Changes when the stream is lost or begun again, so that an old offset is never mistaken for a new one. */
  readonly epoch: string
  readonly offset: number
}

/** Which messages of a stream matter: all of them, or only the newest. */
export type StreamMode = 'stream' | 'latest'

/** A channel as it stands in a `subscribe` or `unsubscribe` frame. `ref`, `recover` and `mode` are for protocols that resume. */
export interface ChannelRequest {
  readonly channel: string
  readonly params?: ChannelParams
  /** The client's name for this subscription. */
  readonly ref?: string
  readonly recover?: Position
  readonly mode?: StreamMode
}

/**
 * The size of a frame as uplink counts it everywhere: the string's length, or the number of bytes.
 * A string's length is not its UTF-8 size; counting that would cost a pass over every frame.
 */
export function frameSize(frame: Frame): number {
  return typeof frame === 'string' ? frame.length : frame.byteLength
}
