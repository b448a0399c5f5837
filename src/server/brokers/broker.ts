/**
 * The seam to what lies behind all nodes: streams that outlive a node, what is published on them, notices among
 * nodes, and the memory of results. A node trusts none of it: it checks every offset.
 */
import type { Position, StreamMode } from '../../protocol/message.ts'
import type { Answer } from '../results.ts'
import type { Entry, History, HistoryLimits, Publication, RecoveryLimits } from '../stream.ts'

/** What nodes tell each other. */
export type Notice =
  /** Credentials are void: of a user, of a sign-in, or all made before a moment (epoch ms); given together, all must fit. */
  | { readonly type: 'revoked'; readonly userId?: string; readonly sessionId?: string; readonly issuedBefore?: number }
  /** A user's roles changed. */
  | { readonly type: 'roles'; readonly userId: string; readonly roles: readonly string[] }
  /** How many follow the streams of a node. */
  | { readonly type: 'presence'; readonly nodeId: string; readonly counts: Readonly<Record<string, number>> }
  /** A message that a node had begun has its result. */
  | { readonly type: 'result'; readonly identity: string; readonly id: string; readonly answer: Answer }

/** What a broker tells a node. Callbacks do not throw. */
export interface BrokerEvents {
  /** Something was published on a stream that this node follows. Some may be lost or come twice: the node sees it by the offsets. */
  published(stream: string, epoch: string, entry: Entry, publishedAt: number): void
  /** A stream that this node follows was begun anew. */
  reset(stream: string, epoch: string): void
  /** A notice, also this node's own. */
  notice(notice: Notice): void
  /** Whether the broker can be reached. After a `down`, `up` means that anything may have been missed. */
  state(state: 'up' | 'down', reason: string): void
}

/** Where a message that arrived stands among all nodes. */
export type ClusterStanding = 'new' | 'running' | Answer

/** Results of messages, shared by all nodes. Methods reject while the broker is away. */
export interface SharedResults {
  /** Changes when the memory is lost. */
  epoch(): string
  /** Begins a message, unless somebody has. One that was begun by a node which is gone is answered `lost`. */
  begin(identity: string, id: string): Promise<ClusterStanding>
  /** Looks without beginning. */
  look(identity: string, ids: readonly string[]): Promise<ReadonlyArray<'unseen' | 'running' | Answer>>
  /** Notes an answer; a retryable no is forgotten. Everybody hears of it by a `result` notice. */
  finish(identity: string, id: string, answer: Answer): Promise<void>
}

/** How a publication is kept. */
export interface PublishOptions {
  readonly history: HistoryLimits
  /** The same key within ten minutes publishes once; the position of the first is returned. */
  readonly idempotencyKey?: string
}

/** A broker. Methods that return promises reject with an `Error` while it is away; none rejects unheard. */
export interface Broker {
  readonly name: string
  /** Starts; resolves when it can be used. Called once. */
  open(events: BrokerEvents): Promise<void>
  /** Numbers, stores and tells a publication, as one step. Offsets of a stream count from 1 by 1. */
  publish(stream: string, channel: string, publication: Publication, options: PublishOptions): Promise<Position>
  /** From when it resolves on, what is published on the stream is told. Following twice is following once. */
  follow(stream: string): Promise<void>
  unfollow(stream: string): void
  /** What follows a position; see `readHistory`. A stream that does not exist begins by this, with offset 0. */
  read(stream: string, channel: string, position: Position | null, mode: StreamMode, recovery: RecoveryLimits): Promise<History>
  /** The newest positions; `null` for a stream that does not exist. */
  tops(streams: readonly string[]): Promise<ReadonlyArray<Position | null>>
  /** Up to `limit` messages before an offset, oldest first; the newest ones without it. */
  page(stream: string, before: number | undefined, limit: number): Promise<{ readonly epoch: string; readonly top: number; readonly entries: readonly Entry[] }>
  /** Begins a stream anew, with another epoch. */
  reset(stream: string, channel: string): Promise<void>
  tell(notice: Notice): Promise<void>
  /** `null` where every node remembers its own: one node is all there is. */
  readonly results: SharedResults | null
  /** One write and one publication, there and back. */
  probe(): Promise<void>
  close(): Promise<void>
}
