/** When the next message may leave: one at a time, as fast as rate, interval and network allow. */
import type { Policy } from '../core/policy.ts'
import { type RateLimit, type TokenBucket, createTokenBucket, readyAt, takeToken, tokensIn } from '../core/token-bucket.ts'
import type { Platform } from './platform.ts'

/** The pace of one connection. */
export interface Pacing {
  /** Whether a message may leave now, for one that does not wait in the outbox. Counts it. */
  isFree(): boolean
  /** How many messages may leave the outbox now, as far as is known. */
  room(): number
  /** One has left the outbox. */
  left(): void
  /** The socket refused a message: nothing more is tried on it for a while. */
  pause(): void
  /** When it is worth asking again; Infinity while it does not hold messages back. */
  deadline(): number
  /** Time has passed: what it waited for may be over, though something else may hold messages back. */
  tick(): void
  /** A new socket, whose server takes so many messages. */
  reset(serverRate: RateLimit | null): void
}

/** While the network takes nothing, it is asked again this often. */
const CONGESTED_MS = 20

/** A socket that threw is tried again after this time. */
const REFUSED_MS = 1_000

/** Makes the pace of a connection. `isCongested` says whether the socket holds too much already. */
export function createPacing(policy: Policy, platform: Platform, isCongested: () => boolean): Pacing {
  const { rateLimit, drainInterval } = policy
  const own = rateLimit === null ? [] : [createTokenBucket(rateLimit, platform.now())]
  /** The application's limit, and the server's. */
  let buckets: readonly TokenBucket[] = own
  let resumeAt = -Infinity

  const isAllowed = (): boolean => buckets.every((bucket) => tokensIn(bucket, platform.now()) >= 1)
  const spend = (): void => { for (const bucket of buckets) takeToken(bucket, platform.now()) }

  return {
    isFree() {
      if (isCongested() || !isAllowed()) return false
      spend()
      return true
    },
    room() {
      const now = platform.now()
      if (now < resumeAt) return 0
      resumeAt = -Infinity
      let tokens = Infinity
      for (const bucket of buckets) tokens = Math.min(tokens, tokensIn(bucket, now))
      if (isCongested()) resumeAt = now + CONGESTED_MS
      else if (tokens < 1) for (const bucket of buckets) resumeAt = Math.max(resumeAt, readyAt(bucket))
      else return drainInterval > 0 ? 1 : tokens
      return 0
    },
    left() {
      spend()
      if (drainInterval > 0) resumeAt = platform.now() + drainInterval
    },
    pause() {
      resumeAt = platform.now() + REFUSED_MS
    },
    deadline: () => (resumeAt === -Infinity ? Infinity : resumeAt),
    tick() {
      if (platform.now() >= resumeAt) resumeAt = -Infinity
    },
    reset(serverRate) {
      resumeAt = -Infinity
      const told = buckets[own.length]
      if (serverRate === null) buckets = own
      // What is spent stays spent: another socket of the same server may count on.
      else if (told === undefined || told.limit.max !== serverRate.max || told.limit.windowMs !== serverRate.windowMs) {
        buckets = [...own, createTokenBucket(serverRate, platform.now())]
      }
    },
  }
}
