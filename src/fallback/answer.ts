/** What a request brought, whichever way the user put it: a `Response`, or an answer made by hand. */
import { UplinkError, messageOf } from '../core/errors.ts'
import type { Position } from '../protocol/message.ts'
import type { PollResult, ResolvedPoll } from './options.ts'

/** A polled message. What it lacks is filled in: `type` from the option, the channel, the time. */
export interface PolledMessage {
  readonly data: unknown
  readonly type?: string
  readonly timestamp?: number | string
  readonly id?: string
  /** Its place in the stream, with protocols that have positions; `from..offset` where it stands for several. */
  readonly offset?: number
  readonly from?: number
}

/**
 * An answer. `data` is the state of the channel: one message, which stands for everything before it. `messages` are
 * messages one by one, oldest first. One of them, or `notModified`, or none where nothing is new.
 */
export interface PollAnswer {
  readonly data?: unknown
  readonly messages?: readonly PolledMessage[]
  /** The last answer still holds. */
  readonly notModified?: boolean
  /** Where the stream stands with this answer; needed for positions to count, because offsets mean nothing without their epoch. */
  readonly position?: Position
  /** Nothing lies between what was asked from (`since`, `position`) and these messages, though none of them is known already. */
  readonly complete?: boolean
  /** Type of the message that `data` becomes. */
  readonly type?: string
  readonly timestamp?: number | string
  /** What to ask with the next time. */
  readonly validator?: string | null
  /** No request for this channel before so many ms. */
  readonly retryAfterMs?: number
  /** Size of the answer, for the statistics. */
  readonly bytes?: number
}

/** An answer as it was read. */
export interface Answer {
  /** `undefined`: nothing is new. */
  readonly messages: readonly PolledMessage[]
  /** The messages are one, and it is the state of the channel. */
  readonly isState: boolean
  readonly isComplete: boolean
  readonly position: Position | null
  readonly validator: string | null | undefined
  readonly retryAfterMs: number
  readonly bytes: number
  /** The body, where only its text tells whether the next one is another. */
  readonly text: string | undefined
}

/** Bodies up to this length are compared with the next one where the server gives no validator. */
const COMPARED_MOST = 65_536

/** A failure that says when it is worth another try. */
export class PollFailure extends Error {
  readonly retryAfterMs: number

  constructor(message: string, retryAfterMs = 0) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

const NOTHING: Answer = Object.freeze({
  messages: [], isState: false, isComplete: true, position: null, validator: undefined, retryAfterMs: 0, bytes: 0, text: undefined,
})

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const isResponse = (value: unknown): value is Response =>
  isObject(value) && typeof (value as Response).text === 'function' && typeof (value as Response).headers?.get === 'function'

const bad = (what: string): UplinkError => new UplinkError('UPLINK_POLL_INVALID', what, { severity: 'warning' })

/** `Retry-After`, in seconds or as a date. */
function retryAfterMs(response: Response, time: number): number {
  const value = response.headers.get('retry-after')
  if (value === null) return 0
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - time
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}

function checkMessage(message: PolledMessage): void {
  if (!isObject(message) || !('data' in message)) throw bad('a polled message without data')
  const { offset, from = offset, type } = message
  if (type !== undefined && (typeof type !== 'string' || type === '')) throw bad('a polled message with a wrong type')
  if (offset !== undefined && !(isWhole(offset) && offset > 0 && isWhole(from) && from > 0 && from <= offset)) throw bad('a polled message with a wrong offset')
}

function messagesOf(answer: PollAnswer): readonly PolledMessage[] {
  const { data, messages, type, timestamp } = answer
  if (messages === undefined) return data === undefined ? [] : [{ data, ...(type === undefined ? {} : { type }), ...(timestamp === undefined ? {} : { timestamp }) }]
  if (!Array.isArray(messages)) throw bad('messages of an answer are no array')
  messages.forEach(checkMessage)
  if (answer.position === undefined && messages.some(({ offset }) => offset !== undefined)) throw bad('messages with offsets need the position of the answer: an offset means nothing without its epoch')
  return messages
}

/** Reads an answer made by hand. */
function readMade(answer: PollAnswer): Answer {
  if (!isObject(answer) || Array.isArray(answer)) throw bad('fetch returned neither a Response nor an answer; put what it should bring under `data`')
  const { position = null, validator, notModified = false, retryAfterMs: retry = 0, bytes = 0, complete = false } = answer
  if (position !== null && !(isObject(position) && typeof position.epoch === 'string' && isWhole(position.offset))) throw bad('the position of an answer is not {epoch, offset}')
  if (!notModified && !('data' in answer) && !('messages' in answer) && !('validator' in answer) && !('position' in answer)) {
    throw bad('an answer without data, messages or notModified; put what it should bring under `data`')
  }
  return {
    messages: notModified ? [] : messagesOf(answer), isState: answer.messages === undefined, isComplete: complete, position,
    validator: typeof validator === 'string' || validator === null ? validator : undefined,
    retryAfterMs: typeof retry === 'number' && retry > 0 ? retry : 0, bytes: isWhole(bytes) ? bytes : 0, text: undefined,
  }
}

async function readResponse(response: Response, channel: string, options: ResolvedPoll, before: string | undefined, time: number): Promise<Answer> {
  const { status, headers } = response
  const wait = retryAfterMs(response, time)
  if (status === 304 || status === 204) return { ...NOTHING, retryAfterMs: wait }
  if (!response.ok) throw new PollFailure(`HTTP ${status}`, wait)
  const tooLong = (length: number): PollFailure => new PollFailure(`a body of ${length}; maxBytes is ${options.maxBytes}`)
  const announced = Number(headers.get('content-length') ?? 0)
  if (announced > options.maxBytes) throw tooLong(announced)
  const text = await response.text()
  if (text.length > options.maxBytes) throw tooLong(text.length)
  const validator = headers.get('etag') ?? headers.get('last-modified')
  const known = { validator, bytes: text.length, retryAfterMs: wait, text: validator === null && text.length <= COMPARED_MOST ? text : undefined }
  if (known.text !== undefined && text === before) return { ...NOTHING, ...known }
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (thrown) {
    throw bad(`the body is no JSON: ${messageOf(thrown)}`)
  }
  if (/"__proto__"\s*:/.test(text)) throw bad('the body has the key "__proto__"')
  return { ...readMade(options.read(body, channel)), ...known }
}

/**
 * Reads what `fetch` returned. `before` is the body that the last one had, `time` the epoch ms.
 *
 * @throws UplinkError `UPLINK_POLL_INVALID` for what is no answer, {@link PollFailure} for what is a bad one.
 */
export async function readAnswer(result: PollResult, channel: string, options: ResolvedPoll, before: string | undefined, time: number): Promise<Answer> {
  if (result === undefined || result === null) return NOTHING
  return isResponse(result) ? readResponse(result, channel, options, before, time) : readMade(result)
}

/** The headers of a conditional request. A date is asked about by another name than a tag. */
export function conditional(validator: string | null): Readonly<Record<string, string>> {
  if (validator === null) return {}
  return /^(W\/)?"/.test(validator) || Number.isNaN(Date.parse(validator)) ? { 'if-none-match': validator } : { 'if-modified-since': validator }
}
