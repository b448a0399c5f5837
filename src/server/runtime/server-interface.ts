/** What a server is to its application. */
import type { ChannelParams, Position } from '../../protocol/message.ts'
import type { Channels, Explanation } from '../access/channels.ts'
import type { User } from '../user.ts'
import type { Revocation } from '../revoked.ts'
import type { Health } from './health.ts'
import type { ServerStats } from './stats.ts'

/** How something is published. */
export interface PublishingOptions {
  /** The message's type. @default the channel's name */
  readonly type?: string
  /** Which stream of the channel. */
  readonly params?: ChannelParams
  /** Of several messages with one key only the newest matters: channels that are throttled send no other. */
  readonly key?: string
  /** How long it may be recovered, ms. @default as long as the history lasts */
  readonly ttlMs?: number
  /** The same key within ten minutes publishes once. */
  readonly idempotencyKey?: string
}

/** How a server goes away. */
export interface DrainOptions {
  /** Told to clients. @default 'restarting' */
  readonly reason?: string
  /** Clients come back spread over this time, ms. @default 5,000 */
  readonly spreadMs?: number
  /** How long answers that are under way may take, ms. @default 5,000 */
  readonly graceMs?: number
}

/** A running server. */
export interface UplinkServer {
  /** Names this node in logs. */
  readonly nodeId: string
  readonly channels: Channels
  /** Resolves when it can be used; rejects when the broker cannot be had. Clients are let in from then on. */
  readonly ready: Promise<void>
  /**
   * Publishes to all who follow a channel, on all nodes. Resolves with the position of the message; rejects when
   * the broker does not have it.
   *
   * @throws (rejects) UplinkError `UPLINK_OPTION_INVALID` for a channel that is not defined, or a type of the protocol
   */
  publish(channel: string, data: unknown, options?: PublishingOptions): Promise<Position>
  /** Begins a channel anew: positions and history are void, and followers are told. */
  reset(channel: string, params?: ChannelParams): Promise<void>
  /**
   * Voids credentials on all nodes, for a day: of a user (all made until now), of a sign-in, or all made before a moment.
   * Whole seconds count: those made in the second of that moment are void too. Credentials that do not say when they were made count as old.
   */
  revoke(revocation: Revocation): Promise<void>
  /** Tells all nodes the roles a user has now; channels they no longer allow are taken away at once. */
  setRoles(userId: string, roles: readonly string[]): Promise<void>
  /** What a user may do with a channel, and by which rule. */
  explain(user: Partial<User>, channel: string): Promise<Explanation>
  /** How many follow a channel on all nodes, as of a few seconds ago for the others; for channels with `presence: true`. */
  presence(channel: string, params?: ChannelParams): number
  stats(): ServerStats
  /** Whether it works: with one write and one publication through the broker. */
  health(): Promise<Health>
  /** Whether new clients should be sent here. */
  isReady(): boolean
  /** Takes nobody in any more, gives every client its own moment to come back elsewhere, waits for answers that are under way, and closes. */
  drain(options?: DrainOptions): Promise<void>
  /** Cuts everything off. */
  close(): Promise<void>
}
