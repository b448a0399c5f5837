/** What a user says about polling, checked once, at the door. */
import { UplinkError } from '../core/errors.ts'
import { readNumber } from '../core/policy.ts'
import type { ChannelParams, Message, Position } from '../protocol/message.ts'
import type { PollAnswer } from './answer.ts'

/** What `fetch` is told. */
export interface PollRequest {
  /** Aborted when the answer is no longer wanted: the socket is back, the channel given up, the time over. */
  readonly signal: AbortSignal
  /** Which stream of the channel. */
  readonly params: ChannelParams | undefined
  /** Where the stream is held, with protocols that have positions: an endpoint that can should answer with what follows. */
  readonly position: Position | null
  /** The highest `positionOf` heard so far, by either way; `null` before the first, and without the option. */
  readonly since: number | null
  /** What the last answer was known by (an ETag, a date); `null` before the first. */
  readonly validator: string | null
  /** Headers of a conditional request, ready to be handed on: empty before the first answer with a validator. */
  readonly headers: Readonly<Record<string, string>>
  /** Failed requests for this channel in a row before this one. */
  readonly attempt: number
}

/** What `fetch` may return: a `Response` is read as a browser would, anything else is an answer already; nothing means nothing new. */
export type PollResult = PollAnswer | Response | null | undefined

/** A value kept from an earlier time. `at` is epoch ms. */
export interface CachedValue {
  readonly data: unknown
  readonly at: number
}

/** Where last values are kept beyond the page. One that throws, rejects or hangs is reported once, and costs nothing else. */
export interface PollCache {
  /** The last value of a channel, shown as `cache` until anything newer comes. */
  get(channel: string, params: ChannelParams | undefined): CachedValue | undefined | null | Promise<CachedValue | undefined | null>
  /** A newer value, by whichever way it came; at most once in 5 s a channel, and when the page goes. */
  set(channel: string, params: ChannelParams | undefined, value: CachedValue): void | Promise<void>
}

/** Options of {@link poll}. Times are ms. */
export interface PollOptions {
  /**
   * Fetches what is new of a channel. It may throw, reject or hang: that costs its `timeout`, is counted and reported
   * (`UPLINK_POLL_FAILED`, `UPLINK_POLL_TIMEOUT`), and is tried again later and later.
   * @example
   * fetch: (channel, { signal, headers }) => fetch(`/api/${channel}`, { signal, headers })
   */
  readonly fetch: (channel: string, request: PollRequest) => PollResult | Promise<PollResult>
  /** Time between the end of one request for a channel and the next, 100 to 3,600,000; a tenth of it is jitter. @default 5_000 */
  readonly interval?: number
  /** How long the socket may be missing before channels are polled, 0 to 3,600,000; up to a fifth more, so that a fleet does not begin in one moment. @default 2_000 */
  readonly fallbackAfter?: number
  /** Age of the last message at which a channel is polled although its socket is open, from 100 on; Infinity never. @default Infinity */
  readonly staleAfter?: number
  /** How long one request may take, body included, 1 to 600,000. @default 10_000 */
  readonly timeout?: number
  /** Longest time between requests for a channel whose requests fail; an answer's `Retry-After` may exceed it. @default 60_000 */
  readonly maxInterval?: number
  /** Shortest time between requests for a channel while the page is hidden. @default 30_000 */
  readonly hiddenInterval?: number
  /** Most requests under way at once, 1 to 1,000; the others wait their turn. @default 6 */
  readonly concurrency?: number
  /** Longest body that is read, in characters, 1 to Infinity; a longer one is a failed request. @default 4_194_304 */
  readonly maxBytes?: number
  /** While polls go well, the socket is granted an attempt this often (three quarters of it to all of it), 500 to 3,600,000; Infinity never. @default 4_000 */
  readonly probeInterval?: number
  /** Type of polled messages that have none. @default 'snapshot' */
  readonly type?: string
  /** Turns the JSON of a `Response` into an answer. @default (body) => ({ data: body }) */
  readonly read?: (body: unknown, channel: string) => PollAnswer
  /** Which channels are polled. @default all of them */
  readonly channels?: (channel: string, params: ChannelParams | undefined) => boolean
  /** Names a message, for protocols without positions: two of one name are one. The last 1,000 names a channel are remembered. */
  readonly keyOf?: (data: unknown, message: Message) => string | number | undefined
  /** A number that grows from message to message, for protocols without positions: what is not above the last is a repeat. */
  readonly positionOf?: (data: unknown, message: Message) => number | undefined
  /** Keeps last values beyond the page. @default they are kept in memory, by who shows them */
  readonly cache?: PollCache
}

/** Options with everything filled in. */
export type ResolvedPoll = Required<Omit<PollOptions, 'keyOf' | 'positionOf' | 'cache'>> & Pick<PollOptions, 'keyOf' | 'positionOf' | 'cache'>

const HOUR_MS = 3_600_000

function checkFunction(name: string, value: unknown, needed = false): void {
  if (typeof value === 'function' || (value === undefined && !needed)) return
  throw new UplinkError('UPLINK_OPTION_INVALID', `${name} has a wrong value; allowed: a function`)
}

/** Fills in defaults. @throws UplinkError `UPLINK_OPTION_INVALID`, naming the option and what is allowed. */
export function resolvePoll(options: PollOptions): ResolvedPoll {
  if (typeof options !== 'object' || options === null) throw new UplinkError('UPLINK_OPTION_INVALID', 'poll() needs options; allowed: {fetch, …}')
  checkFunction('fetch', options.fetch, true)
  for (const name of ['read', 'channels', 'keyOf', 'positionOf'] as const) checkFunction(name, options[name])
  const { cache, type = 'snapshot', read = (body) => ({ data: body }), channels = () => true } = options
  if (typeof type !== 'string' || type === '') throw new UplinkError('UPLINK_OPTION_INVALID', 'type has a wrong value; allowed: a string that is not empty')
  if (cache !== undefined) for (const name of ['get', 'set'] as const) checkFunction(`cache.${name}`, cache?.[name], true)
  const concurrency = readNumber('concurrency', options.concurrency, 6, 1, 1_000)
  if (!Number.isInteger(concurrency)) throw new UplinkError('UPLINK_OPTION_INVALID', `concurrency is ${concurrency}; allowed: a whole number from 1 to 1000`)
  const interval = readNumber('interval', options.interval, 5_000, 100, HOUR_MS)
  return Object.freeze({
    ...options, type, read, channels, concurrency, interval,
    fallbackAfter: readNumber('fallbackAfter', options.fallbackAfter, 2_000, 0, HOUR_MS),
    staleAfter: readNumber('staleAfter', options.staleAfter, Infinity, 100, Infinity),
    timeout: readNumber('timeout', options.timeout, 10_000, 1, 600_000),
    maxInterval: readNumber('maxInterval', options.maxInterval, Math.max(60_000, interval), interval, 86_400_000),
    hiddenInterval: readNumber('hiddenInterval', options.hiddenInterval, 30_000, 100, 86_400_000),
    maxBytes: readNumber('maxBytes', options.maxBytes, 4_194_304, 1, Infinity),
    probeInterval: readNumber('probeInterval', options.probeInterval, 4_000, 500, Infinity),
  })
}
