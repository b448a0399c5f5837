/**
 * The frames of `uplink.v1`, as types. Both ends build and read frames by them; docs/PROTOCOL.md says what
 * they mean, and its twin `docs/uplink-v1.schema.json` holds them in tests.
 */
import type { ChannelParams, ChannelRequest, Message, Position } from './message.ts'

/** The subprotocol's name in the WebSocket handshake. */
export const SUBPROTOCOL = 'uplink.v1'

/** The version this package speaks. */
export const VERSION = 1

/** Why a subscription could not be continued from its position. */
export type RecoveryFailure = 'epoch_changed' | 'trimmed' | 'too_many' | 'too_slow' | 'no_history' | 'not_authorized'

/** Why a page of history cannot be made from a position: what a recovery from there would fail by. */
export type PageFailure = 'epoch_changed' | 'trimmed' | 'no_history'

/** What is asked of the history of a channel: the newest messages, or those next to a position. */
export interface HistoryQuery {
  readonly channel: string
  readonly params?: ChannelParams
  /** Messages older than this one. Not together with `after`. */
  readonly before?: Position
  /** Messages that follow what is held up to and with this position. */
  readonly after?: Position
  /** Messages at most. @default 100 */
  readonly limit?: number
}

/** A page of history, as the `data` of the `ack` that answers `history`. */
export interface HistoryAnswer {
  readonly stream: string
  readonly epoch: string
  /** The newest position. */
  readonly top: number
  /** Whether there are more beyond the page, in the direction that was asked for. */
  readonly more: boolean
  readonly reason?: PageFailure
  /** Oldest first, each with its `offset`. */
  readonly messages: readonly Message[]
}

interface Stamped {
  readonly timestamp?: number
}

/** The client's first frame. */
export interface Hello extends Stamped {
  readonly type: 'hello'
  readonly versions: readonly number[]
  readonly clientId: string
  readonly credentials?: unknown
  readonly maxFrame: number
}

/** The limits a server tells in its greeting. */
export interface ServerLimits {
  /** Largest frame the server takes. */
  readonly maxFrame: number
  readonly maxChannels: number
  /** How long results are remembered at least, ms. */
  readonly resultsTtl: number
  /** Messages, and requests, of one connection; a client keeps to them by itself. */
  readonly messages?: { readonly max: number; readonly windowMs: number }
  readonly commands?: { readonly max: number; readonly windowMs: number }
}

/** The greeting. */
export interface ConnectionFrame extends Stamped {
  readonly type: 'connection'
  readonly version: number
  readonly session: string
  readonly identity?: string
  readonly serverTime: number
  readonly expiresIn?: number
  readonly resultsEpoch: string
  readonly limits: ServerLimits
}

/** The answer to a subscription. */
export interface SubscriptionConfirmed extends Stamped {
  readonly type: 'subscription_confirmed'
  readonly channel: string
  readonly ref?: string
  readonly stream: string
  readonly epoch: string
  readonly offset: number
  readonly top: number
  readonly recovered: boolean
  readonly reason?: RecoveryFailure
  readonly messages?: readonly Message[]
}

/** A message was not handled. */
export interface Nack extends Stamped {
  readonly type: 'nack'
  readonly id: string
  readonly code: string
  readonly message?: string
  readonly retryable: boolean
  readonly retryAfter?: number
}

/** A message was handled. */
export interface Ack extends Stamped {
  readonly type: 'ack'
  readonly id: string
  readonly data?: unknown
}

/** Everything a server may send besides messages. */
export type ServerFrame =
  | ConnectionFrame
  | SubscriptionConfirmed
  | Ack
  | Nack
  | ({ readonly type: 'authentication_confirmed'; readonly expiresIn?: number } & Stamped)
  | ({ readonly type: 'pong' } & Stamped)
  | ({ readonly type: 'unsubscription_confirmed'; readonly channel: string; readonly ref?: string } & Stamped)
  | ({ readonly type: 'status'; readonly resultsEpoch: string; readonly unseen: readonly string[]; readonly running: readonly string[] } & Stamped)
  | ({ readonly type: 'error'; readonly code: string; readonly message: string; readonly channel?: string; readonly ref?: string; readonly retryable?: boolean } & Stamped)
  | ({ readonly type: 'goodbye'; readonly reason: string; readonly retryAfter?: number; readonly closeCode?: number } & Stamped)
  | ({ readonly type: 'notice'; readonly code: string; readonly message: string; readonly expiresIn?: number } & Stamped)
  | { readonly type: 'batch'; readonly messages: readonly Message[] }

/** Everything a client may send besides messages. */
export type ClientFrame =
  | Hello
  | ({ readonly type: 'authenticate'; readonly credentials: unknown } & Stamped)
  | ({ readonly type: 'ping' } & Stamped)
  | ({ readonly type: 'subscribe' | 'unsubscribe'; readonly channels: ReadonlyArray<ChannelRequest | string> } & Stamped)
  | ({ readonly type: 'status'; readonly ids: readonly string[] } & Stamped)
  | ({ readonly type: 'history'; readonly id: string; readonly data: HistoryQuery } & Stamped)
  | { readonly type: 'batch'; readonly messages: readonly Message[] }

/** Types an application cannot use: those of frames, and `snapshot`, as which a client hands on the snapshot of a confirmation. */
export const RESERVED_TYPES: ReadonlySet<string> = new Set([
  'hello', 'authenticate', 'ping', 'subscribe', 'unsubscribe', 'status', 'history', 'connection', 'authentication_confirmed', 'pong',
  'subscription_confirmed', 'unsubscription_confirmed', 'ack', 'nack', 'error', 'goodbye', 'batch', 'heartbeat', 'heartbeat_ack', 'notice',
  'snapshot',
])

/** Most ids in one `status` frame. */
export const STATUS_IDS_MOST = 1_000
