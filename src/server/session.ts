/** One connection as the server knows it: who it is, what it follows, and the frames it is sent. */
import type { ChannelRequest, Position, StreamMode } from '../protocol/message.ts'
import type { CatchUp } from './effects.ts'
import type { Allowances } from './allowances.ts'
import type { Idleness } from './idleness.ts'
import type { Answer } from './results.ts'
import type { Entry, History } from './stream.ts'
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

/** Reads a subscription of a `subscribe` frame; `null` where it is none. */
export function readRequest(value: unknown): ChannelRequest | null {
  if (typeof value === 'string') return { channel: value }
  if (typeof value !== 'object' || value === null) return null
  const { channel, params, ref, recover, mode } = value as Readonly<Record<string, unknown>>
  if (typeof channel !== 'string') return null
  if (params !== undefined && (typeof params !== 'object' || params === null || Array.isArray(params))) return null
  if (ref !== undefined && typeof ref !== 'string') return null
  if (mode !== undefined && mode !== 'stream' && mode !== 'latest') return null
  const position = recover === undefined ? undefined : readPosition(recover)
  if (position === null) return null
  return {
    channel,
    ...(params === undefined ? {} : { params: params as Readonly<Record<string, unknown>> }),
    ...(ref === undefined ? {} : { ref }),
    ...(position === undefined ? {} : { recover: position }),
    ...(mode === undefined ? {} : { mode: mode as StreamMode }),
  }
}

function readPosition(value: unknown): Position | null {
  if (typeof value !== 'object' || value === null) return null
  const { epoch, offset } = value as Readonly<Record<string, unknown>>
  return typeof epoch === 'string' && Number.isSafeInteger(offset) && (offset as number) >= 0 ? { epoch, offset: offset as number } : null
}

/** The same answer, or a no where JSON cannot hold it. */
export function tellable(answer: Answer): Answer {
  if (!answer.ok || answer.data === undefined) return answer
  try {
    return JSON.stringify(answer.data) === undefined ? { ok: true } : answer
  } catch {
    return { ok: false, code: 'failed', message: 'the answer of the handler cannot be written as JSON', retryable: false }
  }
}

/** The answer to a message, as a frame; without its data where the client does not take a frame so large. */
export function answerFrame(id: string, answer: Answer, maxFrame: number = Infinity): string {
  if (answer.ok) {
    const text = JSON.stringify({ type: 'ack', id, data: answer.data })
    return text.length <= maxFrame ? text : JSON.stringify({ type: 'ack', id })
  }
  const { code, message, retryable, retryAfterMs } = answer
  return JSON.stringify({ type: 'nack', id, code, message, retryable, retryAfter: retryAfterMs })
}

/** Room that a frame needs around the messages it holds. */
export const WRAPPING = 64

/**
 * The frames that tell where a subscription stands, and everything that follows, none larger than the client
 * takes. `null` where that cannot be: a single message is larger.
 */
export function standingFrames(request: ChannelRequest, stream: string, history: History, maxFrame: number): string[] | null {
  const { epoch, top, recovered, reason, entries, snapshot } = history
  const offset = snapshot !== undefined ? snapshot.offset : recovered && request.mode !== 'latest' ? (request.recover?.offset ?? top) : entries.length > 0 ? (entries[0] as Entry).from - 1 : top
  const head = JSON.stringify({
    type: 'subscription_confirmed', channel: request.channel, ref: request.ref, stream, epoch, offset, top, recovered,
    reason: request.recover === undefined ? undefined : reason, snapshot: snapshot?.data,
  }).slice(0, -1)
  if (head.length + WRAPPING > maxFrame && snapshot !== undefined) return null
  const parts = cut(entries, maxFrame, head.length)
  if (parts === null) return null
  const [first = [], ...more] = parts
  return [`${head}${first.length > 0 ? `,"messages":[${first.join(',')}]` : ''}}`, ...more.map(batchOf)]
}

/** Messages as frames no larger than the client takes; `null` where a single one is larger. */
export function batchFrames(entries: readonly Entry[], maxFrame: number): string[] | null {
  return cut(entries, maxFrame, 0)?.filter((texts) => texts.length > 0).map((texts) => (texts.length === 1 ? (texts[0] as string) : batchOf(texts))) ?? null
}

/** Messages as frames for one session: plain clients know nothing of batches. `null` where one is larger than it takes. */
export function framesFor({ plain, maxFrame }: Session, entries: readonly Entry[]): string[] | null {
  return plain ? entries.map(({ text }) => text) : batchFrames(entries, maxFrame)
}

/** Several messages as one frame. */
export function batchOf(texts: readonly string[]): string {
  return `{"type":"batch","messages":[${texts.join(',')}]}`
}

/** The texts of messages, cut into frames; `head` is what the first frame holds besides. */
function cut(entries: readonly Entry[], maxFrame: number, head: number): string[][] | null {
  const frames: string[][] = []
  let texts: string[] = []
  let size = head + WRAPPING
  for (const { text } of entries) {
    if (text.length + WRAPPING > maxFrame) return null
    if (size + text.length > maxFrame) {
      frames.push(texts)
      texts = []
      size = WRAPPING
    }
    texts.push(text)
    size += text.length + 1
  }
  frames.push(texts)
  return frames
}
