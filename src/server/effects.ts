/** What a hub is told, and what it asks for. */
import type { ChannelParams, Message, Position, StreamMode } from '../protocol/message.ts'
import type { Answer } from './results.ts'
import type { Entry, History } from './stream.ts'

/** Who a user is, as an authenticator found out; `null` refuses the credentials. */
export type Verdict = { readonly identity: string | null; readonly expiresInMs?: number } | null

/** Whether a user may read a channel, and which stream that is. */
export type Permission = { readonly stream: string } | { readonly code: string; readonly message: string }

/** Everything a hub can be told. Sessions are numbered by the door, questions by the hub. */
export type HubInput =
  | { readonly type: 'opened'; readonly session: number }
  | { readonly type: 'frame'; readonly session: number; readonly text: string }
  | { readonly type: 'closed'; readonly session: number }
  | { readonly type: 'verdict'; readonly question: number; readonly verdict: Verdict }
  | { readonly type: 'permission'; readonly question: number; readonly permission: Permission }
  | { readonly type: 'history'; readonly question: number; readonly history: History }
  | { readonly type: 'published'; readonly stream: string; readonly epoch: string; readonly entry: Entry }
  /** A stream was lost, or begun anew: whoever follows another epoch of it is told. It comes in its place among what is published. */
  | { readonly type: 'reset'; readonly stream: string; readonly epoch: string }
  | { readonly type: 'handled'; readonly question: number; readonly answer: Answer }
  | { readonly type: 'goodbye'; readonly reason: string; readonly retryAfterMs: (session: number) => number | null }
  | { readonly type: 'tick' }

/** Everything a hub asks for. Those with a question are answered by an input, at once or later. */
export type HubEffect =
  /** The same frame to everyone named. */
  | { readonly type: 'send'; readonly to: Iterable<number>; readonly text: string }
  | { readonly type: 'close'; readonly session: number; readonly code: number; readonly reason: string }
  | { readonly type: 'authenticate'; readonly question: number; readonly session: number; readonly credentials: unknown }
  | { readonly type: 'authorize'; readonly question: number; readonly session: number; readonly identity: string | null; readonly channel: string; readonly params: ChannelParams | undefined }
  | { readonly type: 'read'; readonly question: number; readonly stream: string; readonly position: Position | null; readonly mode: StreamMode }
  /** Run the handler of a message. It is answered even where the sender asked for no answer. */
  | { readonly type: 'handle'; readonly question: number; readonly session: number; readonly identity: string | null; readonly message: Message }
