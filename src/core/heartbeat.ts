/**
 * Liveness. Pings go out each interval; any inbound frame after a ping is proof of life. No timer is
 * touched per frame: the deadline compares `heardAt`, one number, with the time of the ping.
 */
import type { Policy } from './policy.ts'

/**
 * The heartbeat of the current socket. Times are monotonic ms.
 *
 * `sentAt` is the ping that is waited for (`null`: none). `answered` outlives sockets: a server that
 * has never answered a ping is not declared dead for not answering. `grace` says that this ping was
 * sent because a timer was late, so that the next deadline counts however late it comes.
 */
export interface Heartbeat {
  readonly nextAt: number
  readonly sentAt: number | null
  readonly deadAt: number
  readonly missed: number
  readonly answered: boolean
  readonly grace: boolean
}

/** Before the first socket. */
export const NO_HEARTBEAT: Heartbeat = Object.freeze({
  nextAt: Infinity, sentAt: null, deadAt: Infinity, missed: 0, answered: false, grace: false,
})

/** Smoothed round trip and its mean deviation, in ms; zeros while unknown. */
export interface RoundTrip {
  readonly average: number
  readonly deviation: number
}

/** A timer later than this means that the event loop stalled or the machine slept. */
export const LATE_MS = 1_000

/** Adapting to a slow link may lengthen detection (interval + timeout) by this share and no more. */
const ADAPTED_SHARE = 0.25

/** How long to wait for life after a ping: the policy's timeout, longer on a link measured as slow. */
export function heartbeatTimeoutMs(policy: Policy, roundTrip: RoundTrip): number {
  const { heartbeatTimeout, heartbeatInterval } = policy
  const most = heartbeatTimeout + ADAPTED_SHARE * (heartbeatInterval + heartbeatTimeout)
  return Math.min(most, Math.max(heartbeatTimeout, roundTrip.average + 4 * roundTrip.deviation))
}

/** The heartbeat right after a ping left. */
export function pinged(before: Heartbeat, now: number, policy: Policy, roundTrip: RoundTrip, grace: boolean): Heartbeat {
  const counts = before.answered || policy.heartbeatRequired
  return {
    ...before,
    grace,
    sentAt: now,
    nextAt: now + policy.heartbeatInterval,
    deadAt: counts ? now + heartbeatTimeoutMs(policy, roundTrip) : Infinity,
  }
}

/** The heartbeat after an answer to a ping. */
export function ponged(before: Heartbeat): Heartbeat {
  return { ...before, sentAt: null, deadAt: Infinity, missed: 0, answered: true, grace: false }
}

/** When the heartbeat next wants to be looked at: while an answer is due, no second ping is. */
export function heartbeatDeadline(heartbeat: Heartbeat): number {
  return Math.min(heartbeat.deadAt, heartbeat.deadAt === Infinity ? heartbeat.nextAt : Infinity)
}

/** What a look at the heartbeat found. `probe` is a ping that gives a link the benefit of a late timer. */
export interface HeartbeatVerdict {
  readonly verdict: 'wait' | 'ping' | 'probe' | 'dead'
  readonly heartbeat: Heartbeat
}

/** Looks at the heartbeat: is nothing due, another ping, or the end of the link? */
export function heartbeatDue(heartbeat: Heartbeat, now: number, heardAt: number, policy: Policy): HeartbeatVerdict {
  let current = heartbeat
  if (current.sentAt !== null && heardAt > current.sentAt) {
    // Life, though perhaps no pong: latency stays unknown, the link is not in doubt.
    current = { ...current, deadAt: Infinity, missed: 0, grace: false }
  }
  if (current.deadAt === Infinity) return { verdict: now >= current.nextAt ? 'ping' : 'wait', heartbeat: current }
  if (now < current.deadAt) return { verdict: 'wait', heartbeat: current }
  if (now - current.deadAt > LATE_MS && !current.grace) return { verdict: 'probe', heartbeat: current }
  const missed = current.missed + 1
  return { verdict: missed >= policy.maxMissedHeartbeats ? 'dead' : 'ping', heartbeat: { ...current, missed } }
}
