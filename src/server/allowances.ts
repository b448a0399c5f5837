/** How much one connection may ask of the server, and when it asks too much. Pure. */
import { type RateLimit, type TokenBucket, createTokenBucket, readyAt, takeToken } from '../core/token-bucket.ts'

/** What is counted apart: requests to the server, messages of the application, and messages that come again. Heartbeats are not counted. */
export type CommandClass = 'commands' | 'messages' | 'replays'

/** The limits of one connection. */
export interface RateLimits {
  /** `subscribe`, `unsubscribe`, `status`, `history`, `authenticate`, and frames that cannot be read. */
  readonly commands: RateLimit
  readonly messages: RateLimit
  /** Messages the server has an answer for already. */
  readonly replays: RateLimit
  /** Refusals after which the connection is taken for abuse. */
  readonly refusals: RateLimit
  /** How long it is then kept out, ms. */
  readonly banMs: number
}

/** The allowances of one connection; changed in place. What is never asked for costs nothing. */
export interface Allowances extends Partial<Record<CommandClass | 'refusals', TokenBucket>> {
  readonly limits: RateLimits
  /** When the last of those that were refused may come again: each is given a time of its own. */
  readonly turns: Record<CommandClass, number>
  /** When it was last told that messages without an id are refused. */
  toldAt: number
}

/** Full allowances. */
export function createAllowances(limits: RateLimits): Allowances {
  return { limits, turns: { commands: -Infinity, messages: -Infinity, replays: -Infinity }, toldAt: -Infinity }
}

function bucketOf(allowances: Allowances, of: CommandClass | 'refusals', now: number): TokenBucket {
  return (allowances[of] ??= createTokenBucket(allowances.limits[of], now))
}

/** `ok`, or how long to wait in ms, or `abuse`: it went on although it was refused again and again. */
export function spend(allowances: Allowances | null, of: CommandClass, now: number): 'ok' | 'abuse' | number {
  if (allowances === null) return 'ok'
  const bucket = bucketOf(allowances, of, now)
  if (takeToken(bucket, now)) return 'ok'
  if (!takeToken(bucketOf(allowances, 'refusals', now), now)) return 'abuse'
  const { max, windowMs } = allowances.limits[of]
  allowances.turns[of] = Math.max(readyAt(bucket), allowances.turns[of] + windowMs / max)
  return Math.max(1, Math.ceil(allowances.turns[of] - now))
}
