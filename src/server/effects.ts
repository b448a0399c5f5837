/** What a hub is told, and what it asks for. */
import type { ChannelParams, Message, Position, StreamMode } from '../protocol/message.ts'
import type { PageAnswer, PageRequest } from './paging.ts'
import type { Answer } from './results.ts'
import type { Entry, History } from './stream.ts'
import type { Verdict } from './user.ts'

export type { Verdict } from './user.ts'

/** Whether a user may read a channel, and which stream that is. */
export type Permission = { readonly stream: string } | { readonly code: string; readonly message: string }

/** How somebody who was too slow is brought to the present: with the newest of every key, or with a notice that something is missing. */
export type CatchUp = 'conflate' | 'skip'

/** Everything a hub can be told. Sessions are numbered by the door, questions by the hub. */
export type HubInput =
  /** A connection. Plain ones say no hello: what they showed while they were opened are their `credentials`. */
  | { readonly type: 'opened'; readonly session: number; readonly plain?: boolean; readonly credentials?: unknown }
  | { readonly type: 'frame'; readonly session: number; readonly text: string }
  | { readonly type: 'closed'; readonly session: number }
  /** Whose credentials these are. Where they are void, newer ones may be told from them only after a while. */
  | { readonly type: 'verdict'; readonly question: number; readonly verdict: Verdict; readonly newerAfterMs?: number }
  | { readonly type: 'permission'; readonly question: number; readonly permission: Permission }
  | { readonly type: 'history'; readonly question: number; readonly history: History }
  /** A history that cannot be had now; the client may ask again. */
  | { readonly type: 'unread'; readonly question: number; readonly message: string }
  /** What was published, in order; together they cover every offset from the first to the last. */
  | { readonly type: 'published'; readonly stream: string; readonly epoch: string; readonly entries: readonly Entry[] }
  /** A stream was lost, or begun anew: whoever follows another epoch of it is told. It comes in its place among what is published. */
  | { readonly type: 'reset'; readonly stream: string; readonly epoch: string }
  /** Something of a stream was missed on the way here: its followers read it again. */
  | { readonly type: 'missed'; readonly stream: string }
  /** A session that was too slow takes frames again. It holds the stream up to `offset`. */
  | { readonly type: 'catch_up'; readonly session: number; readonly stream: string; readonly offset: number; readonly how: CatchUp }
  /** The page of history that a session asked for under an id. */
  | { readonly type: 'paged'; readonly session: number; readonly id: string; readonly page: PageAnswer }
  /** What became of a message. It is no outcome where nothing was begun: then it is told, and not remembered. */
  | { readonly type: 'handled'; readonly question: number; readonly answer: Answer; readonly isOutcome?: boolean }
  /** What others remember of messages, in the order of the question; `null` where they cannot be asked: the client will ask again. */
  | { readonly type: 'recalled'; readonly question: number; readonly standings: ReadonlyArray<'unseen' | 'running' | Answer> | null }
  /** A message that ran elsewhere has its answer. */
  | { readonly type: 'finished'; readonly identity: string; readonly id: string; readonly answer: Answer }
  /** Credentials are void; all that is given must fit. Times are epoch ms, and mean the whole second. */
  | { readonly type: 'revoked'; readonly userId?: string; readonly sessionId?: string; readonly issuedBefore?: number }
  /** A user's roles changed: what they no longer allow is taken away. */
  | { readonly type: 'roles'; readonly userId: string; readonly roles: readonly string[] }
  /** Something everybody should know. */
  | { readonly type: 'notice'; readonly code: string; readonly message: string }
  | { readonly type: 'goodbye'; readonly reason: string; readonly retryAfterMs: (session: number) => number | null }
  | { readonly type: 'tick' }

/** Everything a hub asks for. Those with a question are answered by an input, at once or later. */
export type HubEffect =
  /** The same frame to everyone named. What is of a stream says so, and which offset it begins at: who is too slow for it catches up later. `parts` are the messages of a batch. */
  | { readonly type: 'send'; readonly to: Iterable<number>; readonly text: string; readonly stream?: string; readonly from?: number; readonly parts?: readonly string[] }
  | { readonly type: 'close'; readonly session: number; readonly code: number; readonly reason: string }
  | { readonly type: 'authenticate'; readonly question: number; readonly session: number; readonly credentials: unknown }
  | { readonly type: 'authorize'; readonly question: number; readonly session: number; readonly identity: string | null; readonly channel: string; readonly params: ChannelParams | undefined }
  | { readonly type: 'read'; readonly question: number; readonly stream: string; readonly position: Position | null; readonly mode: StreamMode; readonly session: number; readonly channel: string }
  /** Read a page of history for a session, if it may have it. Answered by `paged`, which names session and id. */
  | { readonly type: 'page'; readonly session: number; readonly id: string; readonly identity: string | null; readonly request: PageRequest }
  /** Run the handler of a message. It is answered even where the sender asked for no answer. */
  | { readonly type: 'handle'; readonly question: number; readonly session: number; readonly identity: string | null; readonly message: Message }
  /** Whether others remember these messages. */
  | { readonly type: 'recall'; readonly question: number; readonly identity: string; readonly ids: readonly string[] }
  /** Nobody follows a stream any more, or somebody does again. */
  | { readonly type: 'followed'; readonly stream: string; readonly isFollowed: boolean }
  /** Somebody would not keep to the limits, and is not to come back for a while. */
  | { readonly type: 'ban'; readonly session: number; readonly identity: string | null; readonly forMs: number }
