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

/** The allowances of one connection; changed in place. */
export interface Allowances extends Readonly<Record<CommandClass, TokenBucket>> {
  readonly refusals: TokenBucket
  readonly limits: RateLimits
  /** When it was last told that messages without an id are refused. */
  toldAt: number
}

/** Full allowances. */
export function createAllowances(limits: RateLimits, now: number): Allowances {
  return {
    commands: createTokenBucket(limits.commands, now), messages: createTokenBucket(limits.messages, now),
    replays: createTokenBucket(limits.replays, now), refusals: createTokenBucket(limits.refusals, now), limits, toldAt: -Infinity,
  }
}

/** `ok`, or how long to wait in ms, or `abuse`: it went on although it was refused again and again. */
export function spend(allowances: Allowances | null, of: CommandClass, now: number): 'ok' | 'abuse' | number {
  if (allowances === null || takeToken(allowances[of], now)) return 'ok'
  if (!takeToken(allowances.refusals, now)) return 'abuse'
  return Math.max(1, Math.ceil(readyAt(allowances[of]) - now))
}
