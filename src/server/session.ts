/** One connection as the server knows it: who it is, what it follows, and the frames it is sent. */
import type { ChannelRequest, Position, StreamMode } from '../protocol/message.ts'
import type { Answer } from './results.ts'
import type { Entry, History } from './stream.ts'

/** One subscription of a session. */
export interface Subscription {
  readonly request: ChannelRequest
  /** The client's name for it, or the channel's. */
  readonly ref: string
  /** The server's name of its stream, once it is authorized. */
  stream: string | null
  /** Waits for the right to read, for the history, or for nothing. */
  state: 'authorizing' | 'reading' | 'live'
  /** The question it waits for an answer to. */
  question: number
  /** Messages that were published while its history was read. */
  held: Array<{ readonly epoch: string; readonly entry: Entry | null }>
  reads: number
}

/** A connection. Times are monotonic ms. */
export interface Session {
  readonly number: number
  phase: 'greeting' | 'verifying' | 'open'
  clientId: string
  /** Largest frame it takes. */
  maxFrame: number
  /** Who the user is; `null` for nobody in particular. */
  identity: string | null
  /** When it must have said hello, and later, when its credentials end. */
  deadline: number
  /** The question about credentials that waits for an answer. */
  question: number
  readonly subscriptions: Map<string, Subscription>
}

/** A session that has just been opened. */
export function createSession(number: number, deadline: number): Session {
  return { number, phase: 'greeting', clientId: '', maxFrame: 0, identity: null, deadline, question: 0, subscriptions: new Map() }
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

/** The answer to a message, as a frame. */
export function answerFrame(id: string, answer: Answer): string {
  if (answer.ok) return JSON.stringify({ type: 'ack', id, data: answer.data })
  const { code, message, retryable, retryAfterMs } = answer
  return JSON.stringify({ type: 'nack', id, code, message, retryable, retryAfter: retryAfterMs })
}

/** Room that a frame needs around the messages it holds. */
const WRAPPING = 64

/**
 * The frames that tell where a subscription stands, and everything that follows, none larger than the client
 * takes. `null` where that cannot be: a single message is larger.
 */
export function standingFrames(request: ChannelRequest, stream: string, history: History, maxFrame: number): string[] | null {
  const { epoch, top, recovered, reason, entries } = history
  const offset = recovered && request.mode !== 'latest' ? (request.recover?.offset ?? top) : entries.length > 0 ? (entries[0] as Entry).from - 1 : top
  const head = JSON.stringify({
    type: 'subscription_confirmed', channel: request.channel, ref: request.ref, stream, epoch, offset, top, recovered,
    reason: request.recover === undefined ? undefined : reason,
  }).slice(0, -1)
  const frames: string[] = []
  let texts: string[] = []
  let size = head.length + WRAPPING
  const close = (): void => {
    const list = texts.join(',')
    frames.push(frames.length > 0 ? `{"type":"batch","messages":[${list}]}` : `${head}${texts.length > 0 ? `,"messages":[${list}]` : ''}}`)
    texts = []
    size = WRAPPING
  }
  for (const { text } of entries) {
    if (text.length + WRAPPING > maxFrame) return null
    if (size + text.length > maxFrame) close()
    texts.push(text)
    size += text.length + 1
  }
  if (texts.length > 0 || frames.length === 0) close()
  return frames
}
