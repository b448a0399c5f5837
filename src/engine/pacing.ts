/** When the next message may leave: one at a time, as fast as rate, interval and network allow. */
import type { Policy } from '../core/policy.ts'
import { createTokenBucket, readyAt, takeToken } from '../core/token-bucket.ts'
import type { Platform } from './platform.ts'

/** The pace of one connection. */
export interface Pacing {
  /** Whether a message may leave now, for one that does not wait in the outbox. Counts it. */
  isFree(): boolean
  /** Whether a message may leave the outbox now. Counts it. */
  isTurn(): boolean
  /** When it is worth asking again; Infinity while it does not hold messages back. */
  deadline(): number
  /** Time has passed: what it waited for may be over, though something else may hold messages back. */
  tick(): void
  /** A new socket. */
  reset(): void
}

/** While the network takes nothing, it is asked again this often. */
const CONGESTED_MS = 20

/** Makes the pace of a connection. `isCongested` says whether the socket holds too much already. */
export function createPacing(policy: Policy, platform: Platform, isCongested: () => boolean): Pacing {
  const { rateLimit, drainInterval } = policy
  const bucket = rateLimit === null ? undefined : createTokenBucket(rateLimit, platform.now())
  let resumeAt = -Infinity
  return {
    isFree: () => !isCongested() && (bucket === undefined || takeToken(bucket, platform.now())),
    isTurn() {
      const now = platform.now()
      if (now < resumeAt) return false
      if (isCongested()) resumeAt = now + CONGESTED_MS
      else if (bucket !== undefined && !takeToken(bucket, now)) resumeAt = readyAt(bucket)
      else {
        resumeAt = drainInterval > 0 ? now + drainInterval : -Infinity
        return true
      }
      return false
    },
    deadline: () => (resumeAt === -Infinity ? Infinity : resumeAt),
    tick() {
      if (platform.now() >= resumeAt) resumeAt = -Infinity
    },
    reset() {
      resumeAt = -Infinity
    },
  }
}
