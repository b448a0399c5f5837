/** `readHistory()`: pages of what a channel has said before, for those who speak `uplink.v1`. Who does not use it does not carry it. */
import { type ErrorCode, UplinkError } from '../core/errors.ts'
import { readNumber } from '../core/policy.ts'
import type { Connection } from '../engine/connection-interface.ts'
import type { DeliveryResult } from '../engine/outcomes.ts'
import type { ConnectionSnapshot } from '../engine/snapshot.ts'
import type { ChannelParams, Message, Position } from '../protocol/message.ts'
import type { HistoryQuery } from '../protocol/uplink-v1.ts'
import { isMessage } from './reading.ts'

/** What histories are read through: a connection of `uplink/engine`, or what `createUplink` returns. */
export type HistoryReader = Pick<Connection, 'sendWithAck' | 'on'> & (Pick<Connection, 'snapshot'> | { getState(): ConnectionSnapshot })

/** Which page of a history is wanted. */
export interface HistoryOptions {
  /** Which stream of the channel. */
  readonly params?: ChannelParams | undefined
  /** Messages older than this place: `first` of the page before. @default the newest messages */
  readonly before?: Position | undefined
  /** Messages newer than this place, and without a hole: `last` of the page before. Not together with `before`. */
  readonly after?: Position | undefined
  /** Messages at most, 1 or more; the server has its own limit as well. @default 100 */
  readonly limit?: number | undefined
  /** How long the answer may take, an outage in between included, in ms, 1 or more. @default 10_000 */
  readonly timeout?: number | undefined
  /** Gives up waiting: the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** Messages of a channel, next to a place in its history. */
export interface HistoryPage<Data = unknown> {
  /** Oldest first. */
  readonly messages: ReadonlyArray<Message<Data>>
  /** Whether the server keeps more of them, in the direction that was asked for. */
  readonly more: boolean
  /** Where the page begins: give it as `before` to read on backwards. */
  readonly first: Position
  /** Where it ends: give it as `after` to read on forwards, also when nothing has come yet. */
  readonly last: Position
  /** The newest position of the stream. */
  readonly top: Position
}

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function failure(code: ErrorCode, channel: string, text: string, cause?: unknown): UplinkError {
  return new UplinkError(code, `history of channel "${channel}": ${text}`, { channel, cause })
}

function questionOf(channel: string, { params, before, after, limit }: HistoryOptions): HistoryQuery {
  if (before && after) throw new UplinkError('UPLINK_OPTION_INVALID', 'before and after are given together; allowed: one of them')
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1)) throw new UplinkError('UPLINK_OPTION_INVALID', `limit is ${String(limit)}; allowed: a whole number, 1 or more`)
  return { channel, ...(params && { params }), ...(before && { before }), ...(after && { after }), ...(limit && { limit }) }
}

/** Why there is no page. */
function refusal(channel: string, { outcome, error }: DeliveryResult): UplinkError {
  if (outcome === 'rejected') return failure('UPLINK_HISTORY_REFUSED', channel, error?.message ?? 'refused', error)
  if (error === undefined || outcome === 'expired' || outcome === 'unknown') return failure('UPLINK_HISTORY_FAILED', channel, error?.message ?? outcome, error)
  if (error.code !== 'UPLINK_ACKS_UNSUPPORTED') return error
  return failure('UPLINK_HISTORY_UNSUPPORTED', channel, 'the protocol of this connection has none; use uplink()', error)
}

function pageOf<Data>({ channel, before, after }: HistoryQuery, data: unknown): HistoryPage<Data> {
  const { epoch, top, more, reason, messages } = (data ?? {}) as Readonly<Record<string, unknown>>
  if (reason === 'epoch_changed') throw failure('UPLINK_HISTORY_CHANGED', channel, 'the stream was begun anew, and the place that was asked for lies in the one before')
  if (reason !== undefined) throw failure('UPLINK_HISTORY_TRIMMED', channel, `the messages that follow are not kept (${String(reason)})`)
  if (typeof epoch !== 'string' || !isOffset(top) || !Array.isArray(messages) || !messages.every((one) => isMessage(one) && one.offset !== undefined)) {
    throw failure('UPLINK_HISTORY_FAILED', channel, 'the server answered with something else')
  }
  const all = messages as ReadonlyArray<Message<Data>>
  const [first] = all
  // Where there is nothing, the page begins and ends at the place that was asked for.
  const edge = before?.offset ?? (after?.offset ?? top) + 1
  const at = (offset: number): Position => ({ epoch, offset })
  return { messages: all, more: more === true, first: at(first?.from ?? first?.offset ?? edge), last: at(all.at(-1)?.offset ?? Math.max(0, edge - 1)), top: at(top) }
}

/**
 * Reads a page of a channel's history from the server: the newest messages, those `before` a place, or those that
 * follow `after` one. The channel need not be subscribed; whoever reads must be allowed to do that, and to see its
 * history. What is read is not delivered to listeners of the channel.
 *
 * The question is a message with the priority `low`, and counts in `outbox()` like any other. An outage shorter
 * than `timeout` costs nothing: it is asked again.
 *
 * @throws (rejects) UplinkError `UPLINK_HISTORY_REFUSED`, `UPLINK_HISTORY_CHANGED` (the epoch of the place is over),
 * `UPLINK_HISTORY_TRIMMED` (what follows `after` is no longer kept), `UPLINK_HISTORY_FAILED` (no answer in time),
 * `UPLINK_HISTORY_UNSUPPORTED` (as with `json()`), `UPLINK_DISCONNECTED` (nobody is connecting, or `disconnect()` was
 * called meanwhile), `UPLINK_OPTION_INVALID`, `UPLINK_ENCODE_FAILED`; the reason of `signal`
 * @example
 * let page = await readHistory(live, 'chat', { limit: 50 })
 * while (page.more) page = await readHistory(live, 'chat', { before: page.first, limit: 50 })
 */
export async function readHistory<Data = unknown>(uplink: HistoryReader, channel: string, options: HistoryOptions = {}): Promise<HistoryPage<Data>> {
  const { signal } = options
  signal?.throwIfAborted()
  const ttl = readNumber('timeout', options.timeout, 10_000, 1, Infinity)
  const question = questionOf(channel, options)
  const isGone = ({ state }: Pick<ConnectionSnapshot, 'state'>): boolean => state === 'disconnected' || state === 'disconnecting' || state === 'error'
  const gone = (): UplinkError => failure('UPLINK_DISCONNECTED', channel, 'there is no connection, and nobody is making one')
  if (isGone('getState' in uplink ? uplink.getState() : uplink.snapshot())) throw gone()
  const undo: Array<() => void> = []
  try {
    const result = await new Promise<DeliveryResult>((resolve, reject) => {
      const abort = (): void => reject(signal?.reason as Error)
      signal?.addEventListener('abort', abort)
      undo.push(
        () => signal?.removeEventListener('abort', abort),
        uplink.on('statechange', ({ to }) => { if (isGone({ state: to })) reject(gone()) }),
      )
      uplink.sendWithAck({ type: 'history', data: question }, { priority: 'low', ttl, idempotent: true, persist: false }).then(resolve, reject)
    })
    if (!result.acknowledged) throw refusal(channel, result)
    return pageOf(question, result.data)
  } finally {
    for (const end of undo) end()
  }
}
