/** The seam between the engine and what one server speaks. */
import type { ChannelRequest, Frame, Message, OutboundMessage } from './message.ts'

/** What a server can do, as far as its protocol lets a client use it. The UI follows from it. */
export interface ProtocolFeatures {
  /** The server confirms or rejects single messages. */
  readonly acks: boolean
  /** A channel can be continued from a position after an outage. */
  readonly resume: boolean
  /** The server answers pings, so latency can be measured. */
  readonly latency: boolean
}

/** What a server says of itself when the connection opens. Durations are ms. */
export interface Greeting {
  /** Who the server takes the user for. */
  readonly identity: string | null
  /** The server's clock, epoch ms. */
  readonly serverTime: number
  /** How long the credentials last; `null` where the server does not say. */
  readonly expiresInMs: number | null
  /** Changes when the server has lost its memory of results. */
  readonly resultsEpoch: string
  /** How long it remembers results, at least. */
  readonly resultsTtlMs: number
  /** Largest frame it takes. */
  readonly maxFrame: number
  /** How many messages it takes in how many ms; `null` where it does not say. */
  readonly messageRate: { readonly max: number; readonly windowMs: number } | null
}

/** Where a subscription stands, as the server confirmed it. */
export interface Standing {
  /** The server's name of the stream, which its messages carry. */
  readonly stream: string
  readonly epoch: string
  /** The position to continue from. */
  readonly offset: number
  /** The newest position: who has it is current. */
  readonly top: number
  /** Whether everything after the client's position follows. */
  readonly recovered: boolean
  /** Why it does not; `null` where nothing was to be recovered. */
  readonly reason: string | null
  /** The first of the messages that follow; before them, where the server gives one, a message of type `snapshot` without an offset: the state of the stream at `offset`. */
  readonly messages: readonly Message[]
}

/**
 * What a decoded frame means to the engine. A plain `data` message is the common case and carries no
 * object of its own: {@link Protocol.control} answers `undefined` for it.
 *
 * - `pong` answers our ping; `ping` is the peer's own, answered with `reply`.
 * - `greeting` ends the greeting phase.
 * - `subscribed` / `unsubscribed` confirm a channel; `channelError` refuses one, for this connection or, where it
 *   is `retryable`, for now. `ref` names the subscription where the request did.
 * - `ack` / `nack` answer a message; `status` answers a question about messages.
 * - `batch` holds data messages. What is none, here or in a confirmation, makes it `unreadable` in part: that is
 *   reported, and the others are taken.
 * - `goodbye` announces the server's close. `authenticated` answers newer credentials. `fault` reports that the
 *   server could not do something. `notice` says something that asks for nothing; `expiresInMs` that of credentials.
 */
export type Control =
  | { readonly kind: 'pong' }
  | { readonly kind: 'ping'; readonly reply?: Frame }
  | { readonly kind: 'greeting'; readonly greeting?: Greeting }
  | { readonly kind: 'subscribed'; readonly channel: string; readonly ref?: string; readonly standing?: Standing; readonly unreadable?: ProtocolError }
  | { readonly kind: 'unsubscribed'; readonly channel: string; readonly ref?: string }
  | { readonly kind: 'channelError'; readonly channel: string; readonly ref?: string; readonly code: string; readonly message: string; readonly retryable?: boolean }
  | { readonly kind: 'ack'; readonly id: string; readonly data: unknown }
  | { readonly kind: 'nack'; readonly id: string; readonly code: string; readonly message: string; readonly retryable: boolean; readonly retryAfterMs: number | null }
  | { readonly kind: 'status'; readonly unseen: readonly string[]; readonly running: readonly string[] }
  | { readonly kind: 'batch'; readonly messages: readonly Message[]; readonly unreadable?: ProtocolError }
  | { readonly kind: 'goodbye'; readonly reason: string; readonly retryAfterMs: number | null }
  | { readonly kind: 'authenticated'; readonly expiresInMs: number | null }
  | { readonly kind: 'fault'; readonly code: string; readonly message: string }
  | { readonly kind: 'notice'; readonly code: string; readonly message: string; readonly expiresInMs: number | null }

/** What the first frame on a new socket is made of. */
export interface HelloRequest {
  readonly clientId: string
  /** What the credential provider gave; `undefined` where there is none. */
  readonly credentials: unknown
  /** Largest frame the client takes. */
  readonly maxFrame: number
  readonly timestamp: number
}

/**
 * How messages are put on the wire. A protocol is a value without connection state: one may serve
 * many connections.
 *
 * A member that a server has no use for is left out: no `ping`, no heartbeat; no `hello`, no
 * greeting phase; no `subscribe`, channels are routed but never announced.
 *
 * @example
 * const lines: Protocol = {
 *   name: 'lines',
 *   features: { acks: false, resume: false, latency: false },
 *   encode: (message) => String(message.data),
 *   decode: (frame) => ({ type: 'line', data: frame }),
 * }
 */
export interface Protocol {
  /** Shown in logs and errors. */
  readonly name: string
  /** Sub-protocols offered in the WebSocket handshake, before those of the options. */
  readonly subprotocols?: readonly string[]
  readonly features: ProtocolFeatures
  /** Turns a message into a frame. May throw: the message is refused and the error reported. */
  encode(message: OutboundMessage): Frame
  /**
   * Turns a frame into a message. May throw a {@link ProtocolError} (or anything): the frame is
   * counted as malformed and reported, the connection stays.
   */
  decode(frame: Frame): Message
  /** Says what a message means to the engine; `undefined` for a data message, a list where it means several things. A list holds no `batch`. */
  control?(message: Message): Control | readonly Control[] | undefined
  /** The frame of a heartbeat. `timestamp` is epoch ms, here and below: a protocol reads no clock. */
  ping?(timestamp: number): Frame
  /** Whether a server must answer every ping: then one that never answered any is dead as well. @default false */
  readonly answersPings?: boolean
  /** The first frame on a new socket; the server must answer with a `greeting`. */
  hello?(request: HelloRequest): Frame
  /** Frames that join these channels, several in one where the server allows it. */
  subscribe?(channels: readonly ChannelRequest[], timestamp: number): Frame[]
  /** Frames that leave these channels. */
  unsubscribe?(channels: readonly ChannelRequest[], timestamp: number): Frame[]
  /** Newer credentials of the same user, without a new connection. */
  authenticate?(credentials: unknown, timestamp: number): Frame
  /** Asks what became of messages, without sending them again. */
  status?(ids: readonly string[], timestamp: number): Frame[]
  /** Several encoded messages as one frame. */
  batch?(frames: readonly Frame[]): Frame
  /** Close codes after which trying again is useless, on top of the table in `close.ts`. */
  readonly fatalCloseCodes?: readonly number[]
}

/** Why a frame could not be read. Each is reported under a code of its own. */
export type ProtocolFault = 'malformed' | 'binary' | 'unsafe' | 'too_deep' | 'unknown'

/**
 * Thrown by {@link Protocol.decode} to say why a frame could not be read. It never leaves the engine
 * as an exception: it becomes an `error` event.
 */
export class ProtocolError extends Error {
  readonly fault: ProtocolFault

  constructor(fault: ProtocolFault, message: string) {
    super(message)
    this.name = 'ProtocolError'
    this.fault = fault
  }
}
