/** One connection as the server knows it: who it is, and what it follows. */
import type { ChannelRequest } from '../protocol/message.ts'
import type { CatchUp } from './effects.ts'
import type { Allowances } from './allowances.ts'
import type { Idleness } from './idleness.ts'
import type { Entry } from './stream.ts'
import type { User } from './user.ts'

/** What was published while a history was read; without an entry, that the stream was begun anew. */
export interface Held {
  readonly epoch: string
  readonly entry: Entry | null
}

/** One subscription of a session. */
export interface Subscription {
  readonly request: ChannelRequest
  /** Names it among those of its connection. */
  readonly ref: string
  /** The server's name of its stream, once it is authorized. */
  stream: string | null
  /** Waits for the right to read, for the history, or for nothing. */
  state: 'authorizing' | 'reading' | 'live'
  /** The question it waits for an answer to. */
  question: number
  /** The last question whether it may still be followed; 0 before the first. What renews it keeps it, what takes its ref does not. */
  again: number
  /** Messages that were published while its history was read; `null` while it is not. */
  held: Held[] | null
  reads: number
  /** Set while it is brought to the present after having been too slow. */
  catchUp: CatchUp | undefined
}

/** A connection. Times are monotonic ms. */
export interface Session {
  readonly number: number
  phase: 'greeting' | 'verifying' | 'open'
  /** Says no hello. What it sends before it is known waits in `early`. */
  readonly plain: boolean
  early: readonly string[]
  clientId: string
  /** Largest frame it takes. */
  maxFrame: number
  user: User
  /** Roles that were set while it was open; they hold over what its credentials say. */
  ruled: readonly string[] | null
  /** When it must have said hello, and later, when its credentials end. */
  deadline: number
  /** When it is told that they will. */
  warnAt: number
  /** The question about credentials that waits for an answer. */
  question: number
  readonly subscriptions: Map<string, Subscription>
  readonly allowances: Allowances | null
  /** Since when it is in no use; `null` where that does not matter. */
  readonly idleness: Idleness | null
  /** Ids of its questions about history that wait for an answer; `null` before the first. */
  asked: Set<string> | null
}

/** No frames: one for all sessions, because most never have any. */
export const NONE: readonly never[] = Object.freeze([])

/** Somebody of whom nothing is known. */
export const NOBODY: User = Object.freeze({ identity: null, roles: [] })

/** A session that has just been opened. */
export function createSession(number: number, deadline: number, plain: boolean, allowances: Allowances | null, idleness: Idleness | null = null): Session {
  return {
    number, plain, deadline, allowances, idleness, phase: 'greeting', early: NONE, clientId: '', maxFrame: Infinity, user: NOBODY, ruled: null,
    warnAt: Infinity, question: 0, subscriptions: new Map(), asked: null,
  }
}
