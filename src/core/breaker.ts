/**
 * The circuit breaker: after too many failures in a row it stops attempts for a cool-down, then lets
 * one probe through. It always closes again by itself, so a dashboard left alone comes back.
 */
import { jittered } from './backoff.ts'
import type { Policy } from './policy.ts'

/**
 * - `closed`: attempts are allowed; `failures` of them failed in a row.
 * - `open`: the cool-down is running.
 * - `half-open`: the one probe is under way.
 */
export interface Breaker {
  readonly state: 'closed' | 'open' | 'half-open'
  readonly failures: number
}

/** A breaker that has seen no failure. */
export const CLOSED_BREAKER: Breaker = Object.freeze({ state: 'closed', failures: 0 })

/** Counts a failure; a failed probe, or one failure too many, opens the breaker. */
export function breakerFailed(breaker: Breaker, policy: Policy): Breaker {
  const failures = breaker.failures + 1
  const opens = breaker.state !== 'closed' || failures >= policy.maxReconnectAttempts
  return { state: opens ? 'open' : 'closed', failures }
}

/** Lets one probe through. */
export function breakerProbes(breaker: Breaker): Breaker {
  return breaker.state === 'open' ? { ...breaker, state: 'half-open' } : breaker
}

/** The length of a cool-down; jittered by a quarter, so that a fleet does not probe in one moment. */
export function cooldownMs(policy: Policy, random: number): number {
  return policy.breakerCooldown * 0.75 + jittered(policy.breakerCooldown / 4, 'full', random)
}
