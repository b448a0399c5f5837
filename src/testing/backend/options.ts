/** What the servers of tests are told, and what they tell: they differ in the door, not in what lies behind. */
import type { ChannelParams, Message, Position } from '../../protocol/message.ts'
import type { ServerLimits } from '../../protocol/uplink-v1.ts'
import type { Verdict } from '../../server/effects.ts'
import type { HistoryLimits, RecoveryLimits } from '../../server/stream.ts'

/** Where a message that is handled came from. */
export interface Sender {
  /** Who the credentials say the user is; `null` without any. */
  readonly identity: string | null
  /** The page's name, from its `hello`. */
  readonly clientId: string
}

/**
 * Handles a message. What it returns, or its promise resolves with, is the `data` of the acknowledgement;
 * what it throws rejects the message: {@link reject} says how, anything else is `failed`.
 */
export type MessageHandler = (message: Message, sender: Sender) => unknown

/** A message as a handler got it. */
export interface ReceivedMessage extends Sender {
  readonly message: Message
}

/** What outlives a restart: the streams with their positions, the memory of results, both, or nothing. */
export type Kept = 'everything' | 'streams' | 'results' | 'nothing'

/** Options of every server for tests. */
export interface BackendOptions {
  /** Handles every message without a handler of its own. @default acknowledges it without data */
  readonly handler?: MessageHandler
  /** Who credentials belong to; `null` closes with 4401, and so does whatever it throws. @default everybody may in, without an identity */
  readonly authenticate?: (credentials: unknown) => Verdict | Promise<Verdict>
  /** Whether a user may read a channel. @default yes */
  readonly permit?: (identity: string | null, channel: string, params: ChannelParams | undefined) => boolean
  /** How much of every stream is kept. @default 10,000 messages, 16 Mi characters, 10 minutes */
  readonly history?: Partial<HistoryLimits>
  /** How much of it is recovered at once. @default all of it */
  readonly recovery?: Partial<RecoveryLimits>
  /** What the greeting says. @default 1 MiB frames, 200 channels, results for 10 minutes */
  readonly limits?: Partial<ServerLimits>
  /** Results that are remembered at most; then new messages are answered `busy`. @default 1,000,000 */
  readonly resultsMost?: number
  /** Received messages that are remembered for `received()`, the newest. @default 100,000 */
  readonly receivedMost?: number
}

/** What is published on a channel. */
export interface BackendPublication {
  /** The message's type. @default the channel's name */
  readonly type?: string
  /** Which stream of the channel. */
  readonly params?: ChannelParams
  /** How many offsets the message stands for. @default 1 */
  readonly covers?: number
}

/** A server that speaks `uplink.v1`, with everything in memory, and a handle on everything that can go wrong. */
export interface Backend {
  /** Sets the handler of a type. */
  handle(type: string, handler: MessageHandler): void
  /** Messages that were handed to a handler, in that order: once each. */
  received(): readonly ReceivedMessage[]
  /** Publishes to all who follow. Returns the position of the message. */
  publish(channel: string, data: unknown, publication?: BackendPublication): Position
  /** Begins a stream anew, as after a loss of its history: a new epoch, from offset 0. Who follows is told. */
  resetStream(channel: string, params?: ChannelParams): void
  /** Clients that have been greeted. */
  clients(): number
  /** Says goodbye to all; each may come back after `retryAfterMs`. The connections stay until something ends them. */
  goodbye(reason?: string, retryAfterMs?: number): void
  /** Closes all connections with a code. Without one they break off, where the door can. */
  dropAll(code?: number, reason?: string): void
}
