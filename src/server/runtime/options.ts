/** What a server is made of, and what it is where nothing is said. */
import { UplinkError } from '../../core/errors.ts'
import type { ChannelDefinition } from '../access/channel.ts'
import type { RateLimits } from '../allowances.ts'
import type { Broker } from '../brokers/broker.ts'
import type { Door } from '../doors/door.ts'
import type { HistoryLimits, RecoveryLimits } from '../stream.ts'
import type { Authenticator } from '../user.ts'
import type { Clock } from './clock.ts'
import type { MessageHandler } from './commands.ts'
import type { GuestLimits, SharedLimiter } from './guests.ts'

/** Where a server writes. Shaped like pino's: the object first. */
export interface ServerLogger {
  debug(fields: object, text: string): void
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

/** Limits of a server. */
export interface ServerLimitsOptions {
  /** Largest frame of a client, characters. @default 65,536 */
  readonly maxFrame?: number
  /** Subscriptions of a connection. @default 200 */
  readonly maxChannels?: number
  /** How long results are remembered, ms. @default 600,000 */
  readonly resultsTtlMs?: number
  /** Results that are remembered at most; then new messages are answered `busy`. @default 1,000,000 */
  readonly resultsMost?: number
  /** What one connection may ask for. @default 100 requests a minute, 100 messages a second; a minute's ban for who goes on regardless */
  readonly rates?: Partial<RateLimits>
  /** Who may be there. @default 20 connections of a user, 200 of an address, 2,000 handshakes a second, 100 of an address */
  readonly guests?: Partial<GuestLimits>
  /** Bytes that may wait for one client. @default 1 MiB */
  readonly budgetBytes?: number
  /** How long a client may take to say who it is, ms. @default 10,000 */
  readonly helloTimeoutMs?: number
  /** How long a handler may take, ms. @default 30,000 */
  readonly handlerTimeoutMs?: number
  /** How long credentials that have ended are good, and how long before their end that is said, ms. @default 10,000 and 60,000 */
  readonly expiry?: { readonly graceMs: number; readonly warnMs: number }
}

/** Options of `createUplinkServer`. */
export interface UplinkServerOptions {
  /** How clients come in, such as `wsDoor({ server })`. */
  readonly doors: readonly Door[]
  /** Who they are, such as `jwt({ secret })`. There is no default: who lets in everybody says `anonymous()`. */
  readonly authenticate: Authenticator
  /** What they may follow. What is not defined is denied. */
  readonly channels: readonly ChannelDefinition[]
  /** What their messages do, by type. A message with a channel and without a handler is published, where its sender may. */
  readonly handlers?: Readonly<Record<string, MessageHandler>>
  /**
   * Pages that may connect: exact origins such as `https://app.example`. Programs send none, and may. `'*'` lets in
   * every page. Required where `NODE_ENV` is `production`. @default pages of this machine
   */
  readonly origins?: readonly string[] | '*'
  /** What lies behind all nodes. @default `memoryBroker()` */
  readonly broker?: Broker
  readonly limits?: ServerLimitsOptions
  /** How much of every stream is kept. @default 1,000 messages, 1 Mi characters, 5 minutes */
  readonly history?: Partial<HistoryLimits>
  /** How much of it is recovered at once. @default 1,000 messages, 256 Ki characters */
  readonly recovery?: Partial<RecoveryLimits>
  /** How often clients are asked whether they live, ms; who does not answer by the next time is cut off. @default 25,000 */
  readonly pingIntervalMs?: number
  /**
   * How long a connection may follow nothing, send no message and wait for no answer, ms; then it is closed with 4410. Heartbeats are no
   * messages. @default for ever
   */
  readonly idleTimeoutMs?: number
  /** How often the positions of followed streams are compared with the broker's, ms. @default 30,000 */
  readonly verifyIntervalMs?: number
  /** Limits for all nodes together. @default none */
  readonly sharedLimiter?: SharedLimiter
  /** @default silent */
  readonly logger?: ServerLogger
  /** Clock and timers. @default the process's */
  readonly clock?: Clock
}

const MIB = 1_048_576

const HISTORY: HistoryLimits = { count: 1_000, size: MIB, ageMs: 300_000 }
const RECOVERY: RecoveryLimits = { count: 1_000, size: MIB / 4 }

const silent = (): void => undefined
/** Writes nothing. */
export const SILENT: ServerLogger = Object.freeze({ debug: silent, info: silent, warn: silent, error: silent })

const LOCAL_PAGE = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

function wrong(option: string, allowed: string): UplinkError {
  return new UplinkError('UPLINK_OPTION_INVALID', `${option} must be ${allowed}`)
}

/** Which pages may connect; programs, which send no origin, always may. */
export function originRule(origins: UplinkServerOptions['origins'], isProduction: boolean): (origin: string | undefined) => boolean {
  if (origins === undefined) {
    if (isProduction) throw wrong('origins', "a list of exact origins such as ['https://app.example'], because NODE_ENV is production; '*' lets in every page")
    return (origin) => origin === undefined || LOCAL_PAGE.test(origin)
  }
  if (origins === '*') return () => true
  if (!Array.isArray(origins)) throw wrong('origins', "a list of exact origins, or '*'")
  for (const origin of origins as readonly string[]) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) throw wrong('origins', `exact origins such as https://app.example, without a path; ${JSON.stringify(origin)} is none`)
  }
  const allowed = new Set<string>(origins as readonly string[])
  return (origin) => origin === undefined || allowed.has(origin)
}

/** Everything that is not said, filled in. */
export interface ResolvedLimits extends Required<Omit<ServerLimitsOptions, 'rates' | 'guests'>> {
  readonly rates: RateLimits
  readonly guests: GuestLimits
  readonly history: HistoryLimits
  readonly recovery: RecoveryLimits
}

/** Everything a limit is by default. */
const LIMITS: Omit<ResolvedLimits, 'history' | 'recovery'> = {
  maxFrame: 65_536, maxChannels: 200, resultsTtlMs: 600_000, resultsMost: 1_000_000, budgetBytes: MIB, helloTimeoutMs: 10_000, handlerTimeoutMs: 30_000,
  expiry: { graceMs: 10_000, warnMs: 60_000 },
  rates: {
    commands: { max: 100, windowMs: 60_000 }, messages: { max: 100, windowMs: 1_000 }, replays: { max: 1_000, windowMs: 1_000 },
    refusals: { max: 200, windowMs: 10_000 }, banMs: 60_000,
  },
  guests: { connectionsPerUser: 20, connectionsPerAddress: 200, handshakes: { max: 2_000, perAddress: 100, windowMs: 1_000 } },
}

/** Checks limits and fills in what is not said. */
export function resolveLimits({ limits = {}, history, recovery }: UplinkServerOptions): ResolvedLimits {
  const resolved = {
    ...LIMITS, ...limits, rates: { ...LIMITS.rates, ...limits.rates }, guests: { ...LIMITS.guests, ...limits.guests },
    history: { ...HISTORY, ...history }, recovery: { ...RECOVERY, ...recovery },
  }
  const check = (path: string, value: unknown): void => {
    if (typeof value === 'object' && value !== null) for (const [name, inner] of Object.entries(value)) check(`${path}.${name}`, inner)
    else if (typeof value !== 'number' || !(value >= 0)) throw wrong(path, `a number, 0 or more; it is ${String(value)}`)
  }
  for (const [name, value] of Object.entries(resolved)) check(name === 'history' || name === 'recovery' ? name : `limits.${name}`, value)
  // A character takes up to three bytes, and a quarter of the budget may be taken when a read begins.
  if (resolved.recovery.size * 4 > resolved.budgetBytes) {
    throw wrong('recovery.size', `at most a quarter of limits.budgetBytes (${resolved.budgetBytes}), or a client that catches up is taken for one that is too slow`)
  }
  return resolved
}
