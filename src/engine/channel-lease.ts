/** What the users of a channel hold and see. */
import type { ChannelStatus } from '../core/channel.ts'
import type { UplinkError } from '../core/errors.ts'
import type { Gap, Place } from '../core/position.ts'
import type { Message, StreamMode } from '../protocol/message.ts'
import type { Standing } from '../protocol/protocol.ts'
import type { MessageListener } from './router.ts'

/** How a channel is claimed. */
export interface LeaseHow {
  /** `latest`: only the newest message matters, and an outage brings back only that. Needs a protocol that resumes. @default 'stream' */
  readonly mode?: StreamMode | undefined
}

/** Where the data of a channel came from: the socket, polling while that cannot deliver, or what was kept from before. */
export type DataSource = 'live' | 'fallback' | 'cache'

/** Where a stream stands, as somebody else than the socket has it. `epoch` is `null` where streams have no positions. */
export interface TakenStanding extends Omit<Standing, 'stream' | 'epoch'> {
  readonly epoch: string | null
}

/** What is known about a channel. Times are epoch ms. */
export interface ChannelSnapshot {
  readonly status: ChannelStatus
  /** Why the server refused it, else null. */
  readonly error: UplinkError | null
  /** Whether the last outage was bridged without a loss; `null` before the first, and where the protocol cannot tell. */
  readonly recovered: boolean | null
  /** What the last outage cost, if it could not be bridged. */
  readonly gap: Gap | null
  /** The data is as of this time; `null` while it is current, and before it ever was. */
  readonly asOf: number | null
  /** What a fallback says of its newest data; left out where there is none, and while the socket is good enough for it. */
  readonly source?: DataSource
}

/** A channel nobody uses. */
export const IDLE_CHANNEL: ChannelSnapshot = Object.freeze({ status: 'idle', error: null, recovered: null, gap: null, asOf: null })

/** A claim on a channel. While one is held, the channel is joined whenever the connection is open. */
export interface ChannelLease<Data = unknown> {
  readonly name: string
  /** Every message of the channel, none left out, none twice. The returned function stops it. */
  onMessage(listener: MessageListener<Data>): () => void
  onStatus(listener: (snapshot: ChannelSnapshot) => void): () => void
  /** Messages were lost for good: time to fetch a snapshot. Told before the messages that come after the gap. */
  onGap(listener: (gap: Gap) => void): () => void
  snapshot(): ChannelSnapshot
  /** The last message, also when nobody has been shown it yet. */
  latest(): Message<Data> | undefined
  /** Where the stream is held; its `epoch` is `null` before the first answer, and where the protocol has no positions. Changes with every message. */
  position(): Readonly<Pick<Place, 'epoch' | 'offset'>>
  /**
   * Takes messages that came another way (`uplink/fallback` polls them) as if the socket had brought them: they are
   * judged by their positions, and the socket goes on after them. The status stays what the server says.
   */
  take(standing: TakenStanding): void
  /** Gives the claim back, once; its listeners are removed. */
  release(): void
}
