/**
 * What comes back from Redis, checked: whoever else can write there must not be able to confuse a node. What is
 * malformed is `null`. The text of a message is checked at its head only: reading all of it would cost every node
 * a pass over every message.
 */
import { type Answer, LOST } from '../results.ts'
import { type Entry, entryText } from '../stream.ts'
import type { Notice } from './broker.ts'

/** What is published on a stream's channel: a message, or that the stream begins anew. */
export type StreamPayload =
  | { readonly type: 'entry'; readonly epoch: string; readonly entry: Entry; readonly at: number }
  | { readonly type: 'reset'; readonly epoch: string }

/** An entry of a log, with the time it was published at (epoch ms). */
export type LoggedEntry = Entry & { readonly at: number }

type Fields = Readonly<Record<string, unknown>>

const EPOCH_LONGEST = 128
/** Longer than any header or notice without its data. */
const HEADER_LONGEST = 4_096

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
const isEpoch = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= EPOCH_LONGEST
const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0
const isOptional = (value: unknown, type: 'string' | 'number'): boolean => value === undefined || typeof value === type
const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Puts an entry together, if its offsets are offsets and its text begins with them. */
function entryOf(from: unknown, offset: unknown, text: unknown, key: unknown, endsAt: unknown): Entry | null {
  if (!isOffset(from) || !isOffset(offset) || from > offset) return null
  if (typeof text !== 'string' || !text.endsWith('}') || !text.startsWith(entryText(from, offset, '"'))) return null
  if (!isOptional(key, 'string') || (endsAt !== undefined && !isTime(endsAt))) return null
  return { from, offset, text, ...(key === undefined ? {} : { key: key as string }), ...(endsAt === undefined ? {} : { endsAt }) }
}

/** Reads what was published on a stream's channel; `null` where it is malformed, or much longer than `longest` characters. */
export function readStreamPayload(payload: string, longest: number): StreamPayload | null {
  const end = payload.indexOf('\n')
  if (payload.length > longest + HEADER_LONGEST) return null
  const header = parse(end < 0 ? payload : payload.slice(0, end))
  if (!isObject(header) || !isEpoch(header['epoch'])) return null
  const { epoch, from, offset, key, endsAt, at } = header
  if (end < 0) return header['reset'] === true ? { type: 'reset', epoch } : null
  const entry = entryOf(from, offset, payload.slice(end + 1), key, endsAt)
  return entry === null || !isTime(at) ? null : { type: 'entry', epoch, entry, at }
}

/** Reads an item of a log, as Redis answers it: `[id, [name, value, …]]`. */
export function readLogItem(item: unknown): LoggedEntry | null {
  if (!Array.isArray(item) || !Array.isArray(item[1])) return null
  const [id, values] = item as [unknown, readonly unknown[]]
  const fields: Record<string, unknown> = {}
  for (let index = 0; index + 1 < values.length; index += 2) fields[String(values[index])] = values[index + 1]
  const { from, text, key, at, endsAt } = fields
  const entry = entryOf(
    Number(from), Number(/^(\d+)-0$/.exec(String(id))?.[1]), text,
    key === undefined ? undefined : (parse(String(key)) ?? 0), endsAt === undefined ? undefined : Number(endsAt),
  )
  return entry === null || !isTime(Number(at)) ? null : { ...entry, at: Number(at) }
}

/** Where a stream stands, with entries of it, as the scripts answer. */
export interface LogReply {
  readonly epoch: string
  readonly top: number
  /** The clock of Redis, epoch ms. */
  readonly now: number
  readonly items: readonly unknown[]
}

/** Reads the answer of a script; throws where it is none. */
export function readLogReply(reply: unknown): LogReply {
  const [epoch, top, now, items] = Array.isArray(reply) ? (reply as readonly unknown[]) : []
  if (!isEpoch(epoch) || !Number.isSafeInteger(Number(top)) || !isTime(Number(now)) || !Array.isArray(items)) throw new Error('Redis holds something else than a stream')
  return { epoch, top: Number(top), now: Number(now), items: items as unknown[] }
}

/** Reads `[epoch, offset]`; `null` where there is no stream, or something else in its place. */
export function readPosition(reply: unknown): { readonly epoch: string; readonly offset: number } | null {
  const [epoch, offset] = Array.isArray(reply) ? (reply as readonly unknown[]) : []
  return isEpoch(epoch) && typeof offset === 'string' && Number.isSafeInteger(Number(offset)) ? { epoch, offset: Number(offset) } : null
}

/** Reads an answer; of what it is not, nothing is kept. */
export function readAnswer(value: unknown): Answer | null {
  if (!isObject(value)) return null
  if (value['ok'] === true) return value['data'] === undefined ? { ok: true } : { ok: true, data: value['data'] }
  const { ok, code, message, retryable, retryAfterMs } = value
  if (ok !== false || typeof code !== 'string' || typeof retryable !== 'boolean' || !isOptional(message, 'string') || !isOptional(retryAfterMs, 'number')) return null
  return {
    ok, code, retryable, ...(message === undefined ? {} : { message: message as string }), ...(retryAfterMs === undefined ? {} : { retryAfterMs: retryAfterMs as number }),
  }
}

/** Reads a notice; `null` where it is malformed, or much longer than `longest` characters. */
export function readNotice(payload: string, longest: number): Notice | null {
  const value = payload.length > longest + HEADER_LONGEST ? null : parse(payload)
  if (!isObject(value)) return null
  const { type, userId, sessionId, issuedBefore, roles, identity, id } = value
  switch (type) {
    case 'revoked':
      if (!isOptional(userId, 'string') || !isOptional(sessionId, 'string') || (issuedBefore !== undefined && !isTime(issuedBefore))) return null
      // One that names nobody would sign everybody out.
      if (userId === undefined && sessionId === undefined && issuedBefore === undefined) return null
      return {
        type, ...(userId === undefined ? {} : { userId: userId as string }), ...(sessionId === undefined ? {} : { sessionId: sessionId as string }),
        ...(issuedBefore === undefined ? {} : { issuedBefore }),
      }
    case 'roles':
      return typeof userId === 'string' && Array.isArray(roles) && roles.every((role) => typeof role === 'string') ? { type, userId, roles: roles as string[] } : null
    case 'result': {
      const answer = readAnswer(value['answer'])
      return typeof identity === 'string' && typeof id === 'string' && answer !== null ? { type, identity, id, answer } : null
    }
    case 'presence': {
      const { nodeId, counts } = value
      const isCounts = isObject(counts) && Object.values(counts).every((count) => Number.isSafeInteger(count) && (count as number) >= 0)
      return typeof nodeId === 'string' && isCounts ? { type, nodeId, counts: counts as Readonly<Record<string, number>> } : null
    }
    default: return null
  }
}

/** What is kept of a message: its answer, or who runs it. */
export type Kept = { readonly type: 'answer'; readonly answer: Answer } | { readonly type: 'running'; readonly owner: string }

/** Writes down an answer. */
export function answerValue(answer: Answer): string {
  return `a${JSON.stringify(answer)}`
}

/** Writes down who runs a message. */
export function runningValue(owner: string): string {
  return `r${owner}`
}

/** Reads what is kept of a message. What cannot be read had begun, and its answer is lost. */
export function readKept(value: string): Kept {
  if (value.startsWith('r')) return { type: 'running', owner: value.slice(1) }
  return { type: 'answer', answer: readAnswer(parse(value.slice(1))) ?? LOST }
}
