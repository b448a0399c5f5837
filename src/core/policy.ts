/** The numbers that rule, their defaults and their ranges. All times in ms. */
import { UplinkError } from './errors.ts'
import type { RateLimit } from './token-bucket.ts'

/** How random a retry delay is: all of it (`full`), its upper half (`equal`), or not at all. */
export type Jitter = 'full' | 'equal' | 'none'

/** What happens to messages when the queue is full. */
export type Overflow = 'drop-oldest' | 'drop-newest' | 'refuse'

/** The resolved numbers. Every field is filled, the object is frozen. */
export interface Policy {
  readonly connectTimeout: number
  readonly closeTimeout: number
  readonly reconnect: boolean
  readonly reconnectInterval: number
  readonly backoffFactor: number
  readonly maxReconnectDelay: number
  readonly jitter: Jitter
  readonly maxReconnectAttempts: number
  readonly breakerCooldown: number
  readonly stableAfter: number
  readonly heartbeat: boolean
  readonly heartbeatRequired: boolean
  readonly heartbeatInterval: number
  readonly heartbeatTimeout: number
  readonly maxMissedHeartbeats: number
  readonly queueSize: number
  readonly queueMaxBytes: number
  readonly overflow: Overflow
  readonly messageTtl: number
  readonly drainInterval: number
  readonly rateLimit: RateLimit | null
  readonly highWaterMark: number
  readonly messageTimeout: number
  readonly messageRetries: number
  readonly maxInFlight: number
  readonly maxMessageSize: number
  readonly channelGrace: number
}

/** What a user may set; whatever is left out has its default. */
export interface PolicyOptions {
  /** How long each of resolving the URL, dialing and greeting may take, 1 to 600,000. @default 10_000 */
  readonly connectTimeout?: number
  /** How long a graceful `disconnect` waits for the peer, 0 to 60,000. @default 2_000 */
  readonly closeTimeout?: number
  /** Whether a lost connection is tried again. @default true */
  readonly reconnect?: boolean
  /** Longest first retry delay; 0 makes the first retry immediate, later ones start at 1 s. @default 1_000 */
  readonly reconnectInterval?: number
  /** Growth of the delay per attempt, 1 to 10. @default 2 */
  readonly backoffFactor?: number
  /** Longest retry delay. @default 60_000 */
  readonly maxReconnectDelay?: number
  /** Randomness of the delay, applied after the cap. @default 'full' */
  readonly jitter?: Jitter
  /** Failed attempts in a row after which the breaker opens; 1 or more, Infinity never. @default 10 */
  readonly maxReconnectAttempts?: number
  /** How long the breaker stays open before one probe. @default 300_000 */
  readonly breakerCooldown?: number
  /** How long a connection must last before failures are forgotten. @default 5_000 */
  readonly stableAfter?: number
  /**
   * `false` sends no pings; `{required: true}` also declares a server dead that never answered one, which is the
   * default of protocols whose servers must answer, as in `uplink()`. @default true
   */
  readonly heartbeat?: boolean | { readonly required?: boolean }
  /** Time between pings, 100 or more. @default 5_000 */
  readonly heartbeatInterval?: number
  /** Silence after a ping that means the link is dead, 50 or more; grows with measured latency. @default 3_000 */
  readonly heartbeatTimeout?: number
  /** Unanswered pings in a row before the link is dead, 1 or more. @default 1 */
  readonly maxMissedHeartbeats?: number
  /** Messages that may wait for the connection; 0 refuses them. @default 1_000 */
  readonly queueSize?: number
  /** Their size together, in characters or bytes. @default 1_048_576 */
  readonly queueMaxBytes?: number
  /** What gives way when the queue is full. @default 'drop-oldest' */
  readonly overflow?: Overflow
  /** How long a message may wait; Infinity for ever. @default 300_000 */
  readonly messageTtl?: number
  /** Pause between messages that leave the outbox, ms. @default 0 */
  readonly drainInterval?: number
  /** At most `max` messages (1 or more) per `windowMs` (1 or more); what is too much waits in the outbox. @default none */
  readonly rateLimit?: RateLimit
  /** Unsent bytes in the socket above which messages wait in the outbox, so that heartbeats do not wait behind them; 0 or more. @default 65_536 */
  readonly highWaterMark?: number
  /** How long the server's answer to a message may take before the message is sent again, 50 or more. @default 10_000 */
  readonly messageTimeout?: number
  /** How often that happens, and how often a retryable no is tried again. @default 3 */
  readonly messageRetries?: number
  /** Messages that may be on their way without an answer; further ones wait in the outbox. @default 1_000 */
  readonly maxInFlight?: number
  /** Largest inbound frame, in characters or bytes; larger ones are reported and dropped. @default 1_048_576 */
  readonly maxMessageSize?: number
  /** How long a channel nobody uses is kept. @default 1_000 */
  readonly channelGrace?: number
}

type NumberKey = { [Key in keyof Policy]: Policy[Key] extends number ? Key : never }[keyof Policy]

/** Default, smallest, largest. Infinity as largest means that Infinity itself is allowed. */
const NUMBERS: Readonly<Record<NumberKey, readonly [byDefault: number, least: number, most: number]>> = {
  connectTimeout: [10_000, 1, 600_000],
  closeTimeout: [2_000, 0, 60_000],
  reconnectInterval: [1_000, 0, 3_600_000],
  backoffFactor: [2, 1, 10],
  maxReconnectDelay: [60_000, 0, 86_400_000],
  maxReconnectAttempts: [10, 1, Infinity],
  breakerCooldown: [300_000, 0, 86_400_000],
  stableAfter: [5_000, 0, 3_600_000],
  heartbeatInterval: [5_000, 100, 3_600_000],
  heartbeatTimeout: [3_000, 50, 3_600_000],
  maxMissedHeartbeats: [1, 1, 1_000],
  queueSize: [1_000, 0, 1_000_000],
  queueMaxBytes: [1_048_576, 0, 1_073_741_824],
  messageTtl: [300_000, 1, Infinity],
  drainInterval: [0, 0, 60_000],
  highWaterMark: [65_536, 0, Infinity],
  messageTimeout: [10_000, 50, 3_600_000],
  messageRetries: [3, 0, 1_000],
  maxInFlight: [1_000, 1, 1_000_000],
  maxMessageSize: [1_048_576, 1, Infinity],
  channelGrace: [1_000, 0, 3_600_000],
}

const COUNTS: ReadonlySet<string> = new Set(['maxReconnectAttempts', 'maxMissedHeartbeats', 'queueSize', 'messageRetries', 'maxInFlight'])

/** The error of an option that has a value which is not allowed. */
export function invalid(name: string, value: unknown, allowed: string): UplinkError {
  return new UplinkError('UPLINK_OPTION_INVALID', `${name} is ${show(value)}; allowed: ${allowed}`)
}

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** The value of a boolean option, or an error that names it. */
export function readBoolean(name: string, value: unknown, byDefault: boolean): boolean {
  if (value === undefined) return byDefault
  if (typeof value !== 'boolean') throw invalid(name, value, 'true, false')
  return value
}

/** The value of an option that is one of some words, or an error that lists them. */
export function readWord<Word extends string>(name: string, value: unknown, words: readonly [Word, ...Word[]]): Word {
  if (value === undefined) return words[0]
  const word = words.find((candidate) => candidate === value)
  if (word === undefined) throw invalid(name, value, words.map((each) => `'${each}'`).join(', '))
  return word
}

/** The value of a number option within its range, or an error that names both. */
export function readNumber(name: string, value: unknown, byDefault: number, least: number, most: number): number {
  if (value === undefined) return byDefault
  const whole = COUNTS.has(name) ? 'a whole number' : 'a number'
  const fits = typeof value === 'number' && value >= least && value <= most
  if (!fits || (COUNTS.has(name) && value !== Infinity && !Number.isInteger(value))) {
    throw invalid(name, value, `${whole} from ${least} to ${most}`)
  }
  return value
}

function readRateLimit(limit: RateLimit | undefined): RateLimit | null {
  if (limit === undefined) return null
  if (typeof limit !== 'object' || limit === null) throw invalid('rateLimit', limit, '{max, windowMs}')
  return Object.freeze({
    max: readNumber('rateLimit.max', limit.max, 1, 1, 1_000_000),
    windowMs: readNumber('rateLimit.windowMs', limit.windowMs, 1_000, 1, 3_600_000),
  })
}

/**
 * Fills in defaults and checks ranges, once, at the door. `answersPings` says that servers must answer pings, so
 * that a heartbeat is required unless the options say otherwise.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`, naming the option and what is allowed.
 */
export function resolvePolicy(options: PolicyOptions, answersPings = false): Policy {
  const numbers = {} as Record<NumberKey, number>
  for (const name of Object.keys(NUMBERS) as NumberKey[]) {
    numbers[name] = readNumber(name, options[name], ...NUMBERS[name])
  }
  const { heartbeat = true } = options
  if (typeof heartbeat !== 'boolean' && (typeof heartbeat !== 'object' || heartbeat === null)) {
    throw invalid('heartbeat', heartbeat, 'true, false, {required: true}')
  }
  return Object.freeze({
    ...numbers,
    reconnect: readBoolean('reconnect', options.reconnect, true),
    jitter: readWord('jitter', options.jitter, ['full', 'equal', 'none']),
    overflow: readWord('overflow', options.overflow, ['drop-oldest', 'drop-newest', 'refuse']),
    rateLimit: readRateLimit(options.rateLimit),
    heartbeat: heartbeat !== false,
    heartbeatRequired: typeof heartbeat === 'object' ? readBoolean('heartbeat.required', heartbeat.required, answersPings) : heartbeat && answersPings,
  })
}
