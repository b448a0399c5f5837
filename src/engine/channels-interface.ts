/** What the channels of a connection need, and what they can do. */
import type { UplinkError } from '../core/errors.ts'
import type { Follow, Gap } from '../core/position.ts'
import type { ChannelParams, ChannelRequest, Message } from '../protocol/message.ts'
import type { Standing } from '../protocol/protocol.ts'
import type { ChannelLease, LeaseHow } from './channel-lease.ts'
import type { ReportThrow } from './listeners.ts'

/** What channels need from the connection. */
export interface ChannelsHost {
  /** Whether frames can go out now. */
  isOpen(): boolean
  now(): number
  time(): number
  grace: number
  /** How long an answer of the server may take where one is owed. */
  timeout: number
  /** Whether the server has to be asked. */
  asks: boolean
  /** Whether streams have positions, and channels several streams. */
  resumes: boolean
  /** Judges messages that are numbered, though none can be had again. */
  follow: Follow | undefined
  subscribe(channels: readonly ChannelRequest[]): void
  unsubscribe(channels: readonly ChannelRequest[]): void
  /** The deadline may have changed. */
  rearm(): void
  report: ReportThrow
  /** Hears every message once, before its channel does, until `isOver`: listeners by type, and those of all messages. */
  others(message: Message, isOver: () => boolean): void
  onGap(channel: string, params: ChannelParams | undefined, gap: Gap): void
  onFault(error: UplinkError): void
  /** Whether some channel is not current may have changed. */
  onProgress(): void
}

/** The channels of one connection. */
export interface Channels {
  lease(name: string, params?: ChannelParams, how?: LeaseHow): ChannelLease
  /** Hands a message to everyone; called for every data message. */
  route(message: Message, isOver: () => boolean): void
  confirmed(ref: string, standing: Standing | undefined, isOver: () => boolean): void
  /** The server said no. Returns whether it was asked, so that there are no more such answers than questions. */
  refused(ref: string, error: UplinkError, isRetryable: boolean): boolean
  /** The connection is open: joins all, in one batch. */
  restore(): void
  /** The connection is gone. */
  lost(): void
  /** Whether a channel that was current once is not, though somebody uses it. */
  isBehind(): boolean
  deadline(): number
  /** Leaves what nobody has used for the grace; asks again where an answer is overdue. */
  tick(): void
  destroy(): void
}
