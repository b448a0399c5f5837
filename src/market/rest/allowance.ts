/** When requests may go out: never while the venue forbids it, and not for what it would forbid. */
import { UplinkError } from '../../core/errors.ts'
import type { RestUsage } from '../service/rest-interface.ts'

const MINUTE_MS = 60_000

/** Where a venue limits without saying for how long. A ban (418) follows on those who do not stop. */
const PAUSE_MS: Readonly<Record<number, number>> = { 429: 10_000, 418: 120_000 }

/** The allowance at one venue. */
export interface Allowance {
  /** One more goes out. @throws UplinkError `UPLINK_REST_RATE_LIMITED` while none may. */
  take(): void
  /** One more has failed. */
  failed(): void
  /** Learns from an answer. */
  note(status: number, headers: Pick<Headers, 'get'>): void
  usage(): RestUsage
}

/** Seconds, or a date, as ms from `now`; null for neither. */
function readRetryAfter(text: string | null, now: number): number | null {
  if (text === null || text.trim() === '') return null
  const seconds = Number(text)
  const wait = Number.isNaN(seconds) ? Date.parse(text) - now : seconds * 1_000
  return Number.isFinite(wait) && wait >= 0 ? wait : null
}

/** Makes an allowance. `time` is epoch ms; of `weightLimit` a minute the last tenth is left for others of this address. */
export function createAllowance(time: () => number, weightLimit: number): Allowance {
  let usedWeight: number | null = null
  let blockedUntil = -Infinity
  let requests = 0
  let failures = 0

  return {
    take() {
      const wait = blockedUntil - time()
      if (wait > 0) throw new UplinkError('UPLINK_REST_RATE_LIMITED', `the venue limits requests; the next may go out in ${Math.ceil(wait / 1_000)} s`, { severity: 'warning' })
      requests++
    },
    failed() {
      failures++
    },
    note(status, headers) {
      const now = time()
      const used = Number(headers.get('x-mbx-used-weight-1m') ?? Number.NaN)
      if (Number.isFinite(used)) usedWeight = used
      const pause = PAUSE_MS[status]
      if (pause !== undefined) blockedUntil = Math.max(blockedUntil, now + (readRetryAfter(headers.get('retry-after'), now) ?? pause))
      // The venue counts by the minute of its clock.
      else if (used > weightLimit * 0.9) blockedUntil = Math.max(blockedUntil, (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS)
    },
    usage: () => ({ requests, failures, usedWeight, blockedUntil: blockedUntil > time() ? blockedUntil : null }),
  }
}
