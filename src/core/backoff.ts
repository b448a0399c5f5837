/** How long to wait before the next attempt. */
import type { Jitter, Policy } from './policy.ts'

/** After this many short lives in a row a delay is no longer allowed to be near zero. */
export const FLAPS_TOLERATED = 2

/** Where `reconnectInterval: 0` continues after its free first retry. */
const SECOND_RETRY_MS = 1_000

/**
 * Applies jitter to a delay that has its cap already: applied before the cap, a long outage would
 * bring every client into lockstep at the cap.
 *
 * @param random in [0, 1)
 */
export function jittered(delayMs: number, jitter: Jitter, random: number): number {
  switch (jitter) {
    case 'full': return delayMs * random
    case 'equal': return delayMs / 2 + (delayMs / 2) * random
    case 'none': return delayMs
  }
}

/**
 * The delay before retry number `attempt` (1 is the first).
 *
 * @param flaps connections in a row that opened and did not last. From the third on, the delay is at
 *   least half of its cap, so that luck with full jitter cannot make a storm of a server that accepts
 *   and drops.
 * @example
 * retryDelayMs(3, 0, policy, 0.5) // 2_000 with the defaults: half of 1_000 * 2 ** 2
 */
export function retryDelayMs(attempt: number, flaps: number, policy: Policy, random: number): number {
  const { reconnectInterval, backoffFactor, maxReconnectDelay } = policy
  const free = reconnectInterval === 0
  const base = free ? (attempt === 1 ? 0 : SECOND_RETRY_MS) : reconnectInterval
  const exponent = Math.max(0, attempt - (free ? 2 : 1))
  const cap = Math.min(base * backoffFactor ** exponent, maxReconnectDelay)
  const jitter = policy.jitter === 'full' && flaps > FLAPS_TOLERATED ? 'equal' : policy.jitter
  return jittered(cap, jitter, random)
}
