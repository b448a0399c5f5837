/** Options of a pool, checked once, at the door. */
import { UplinkError } from '../core/errors.ts'
import { readNumber } from '../core/policy.ts'
import type { UrlFunction } from '../engine/options.ts'
import { checkUrl } from '../engine/url.ts'
import type { Message } from '../protocol/message.ts'

/**
 * Names a message of a channel, so that the same one is known when it comes over another socket; `undefined` for
 * one that has no name. A name is never used twice within the time that two sockets overlap.
 *
 * @example
 * const byTrade: KeyOf = ({ data }) => String((data as { a: number }).a)
 */
export type KeyOf = (message: Message) => string | undefined

/** One server: its address, or a function that is asked for it before every dial. */
export type ServerAddress = string | UrlFunction

/** Options of {@link pool}. All times in ms. */
export interface PoolOptions {
  /**
   * How long a server keeps a socket, 1,000 or more: another takes its place when 80 to 90 % of it have passed, with
   * overlap, so that nothing is missed. Infinity: as long as it works.
   * @default Infinity
   */
  readonly lifetime?: number
  /**
   * Names messages, for protocols without positions: then a hand-over repeats nothing and leaves nothing out. With
   * positions it is only needed where the servers count differently.
   * @default none
   */
  readonly keyOf?: KeyOf
  /**
   * How long both sockets of a hand-over are read, at most, after the new one's channels were confirmed, 0 to
   * 600,000. It ends as soon as it is known how the two join, which with positions is at once.
   * @default 5_000
   */
  readonly overlap?: number
  /** How long the old socket of a hand-over waits for channels that the new server does not confirm, 100 to 600,000. @default 30_000 */
  readonly handOverTimeout?: number
  /** Messages and names of one channel that a hand-over remembers, 1 to 1,000,000; beyond, it is ended as it stands. @default 1_000 */
  readonly remember?: number
  /** Most channels of one socket, 1 or more; further ones get another socket. @default Infinity */
  readonly maxChannels?: number
  /** Most sockets that channels are spread over, 1 to 1,000; channels beyond are refused (`UPLINK_POOL_FULL`) until there is room. @default 8 */
  readonly maxSockets?: number
}

/** Options with everything filled in. */
export interface ResolvedPool {
  readonly servers: readonly ServerAddress[]
  readonly lifetime: number
  readonly keyOf: KeyOf | undefined
  readonly overlap: number
  readonly handOverTimeout: number
  readonly remember: number
  readonly maxChannels: number
  readonly maxSockets: number
}

const bad = (text: string): UplinkError => new UplinkError('UPLINK_OPTION_INVALID', text)

function readCount(name: string, value: number | undefined, byDefault: number, most: number): number {
  const count = readNumber(name, value, byDefault, 1, most)
  if (count !== Infinity && !Number.isInteger(count)) throw bad(`${name} is ${count}; allowed: a whole number from 1 to ${most}`)
  return count
}

/**
 * Checks options and fills in defaults.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` or `UPLINK_URL_INVALID`, naming the option and what is allowed.
 */
export function resolvePool(servers: readonly ServerAddress[], options: PoolOptions): ResolvedPool {
  if (!Array.isArray(servers) || servers.length === 0) throw bad("pool needs the addresses of its servers, at least one; write for example pool(['wss://a.example.com/ws', 'wss://b.example.com/ws'])")
  for (const server of servers) if (typeof server !== 'function') checkUrl(server, 'http://page.invalid/')
  if (new Set(servers).size < servers.length) throw bad('pool names a server twice; name each once')
  const { keyOf } = options
  if (keyOf !== undefined && typeof keyOf !== 'function') throw bad('keyOf is no function; give one that names a message')
  return Object.freeze({
    servers: [...servers],
    lifetime: readNumber('lifetime', options.lifetime, Infinity, 1_000, Infinity),
    keyOf,
    overlap: readNumber('overlap', options.overlap, 5_000, 0, 600_000),
    handOverTimeout: readNumber('handOverTimeout', options.handOverTimeout, 30_000, 100, 600_000),
    remember: readCount('remember', options.remember, 1_000, 1_000_000),
    maxChannels: readCount('maxChannels', options.maxChannels, Infinity, Infinity),
    maxSockets: readCount('maxSockets', options.maxSockets, 8, 1_000),
  })
}
