/** What a server or a client publishes, on its way to the broker. */
import { UplinkError } from '../../core/errors.ts'
import type { ChannelParams, Position } from '../../protocol/message.ts'
import type { Channels } from '../access/channels.ts'
import type { Clock } from './clock.ts'
import type { PublishingOptions } from './server-interface.ts'
import type { Counters } from './stats.ts'
import type { NodeStreams } from './streams.ts'

/** What publishing needs. */
export interface PublishingHost {
  readonly channels: Channels
  readonly streams: NodeStreams
  readonly clock: Clock
  readonly counters: Counters
  isClosed(): boolean
}

/** Publishes. */
export interface Publishing {
  /** Publishes on a stream of a channel; rejects for a channel that is not defined, and where the broker does not have it. */
  publishOn(channel: string, stream: string, publication: PublishingOptions & { readonly data?: unknown }): Promise<Position>
  /** The stream of a channel that params mean; throws where it has none for them. */
  streamOf(channel: string, params: ChannelParams | undefined): string
}

/** Makes what publishes. */
export function createPublishing(host: PublishingHost): Publishing {
  const { channels, streams, clock, counters } = host
  return {
    async publishOn(channel, stream, { type = channel, data, key, ttlMs, idempotencyKey }) {
      const found = channels.find(channel)
      if (host.isClosed()) throw new UplinkError('UPLINK_DESTROYED', 'the server is closed, and publishes nothing any more')
      if (found === null) throw new UplinkError('UPLINK_OPTION_INVALID', `channel ${JSON.stringify(channel)} is not defined; define it in the option "channels"`)
      try {
        const position = await streams.publish(stream, { channel, ...found }, {
          type, data, timestamp: clock.time(), ...(key === undefined ? {} : { key }), ...(ttlMs === undefined ? {} : { ttlMs }),
        }, idempotencyKey)
        counters.published++
        return position
      } catch (error) {
        counters.publishFailed++
        throw error
      }
    },
    streamOf(channel, params) {
      if (params === undefined || Object.keys(params).length === 0) return channel
      const suffix = channels.find(channel)?.definition.stream?.(params) ?? null
      // Never on the channel itself: those who follow it did not ask for this.
      if (suffix === null) throw new UplinkError('UPLINK_OPTION_INVALID', `channel ${JSON.stringify(channel)} does not take these params; see its option "stream"`)
      return `${channel}?${suffix}`
    },
  }
}
