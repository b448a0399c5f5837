/** What a fallback has done, counted in place; looked at as one object that changes only with the counts. */
import type { FallbackStats } from '../core/stats.ts'

/** Running counters. */
export type Counters = { -readonly [Name in keyof FallbackStats]: FallbackStats[Name] }

/** Counters at zero. */
export function createCounters(): Counters {
  return {
    polling: 0, polls: 0, inFlight: 0, failures: 0, unchanged: 0, aborted: 0, messages: 0, repeats: 0, bytes: 0, probes: 0, lastGoodAt: null, lastError: null,
  }
}

/** Returns the last look where nothing has changed since. */
export function lookAt(counters: Counters, before: FallbackStats | undefined): FallbackStats {
  const isSame = before !== undefined && (Object.keys(counters) as Array<keyof Counters>).every((name) => Object.is(counters[name], before[name]))
  return isSame ? before : Object.freeze({ ...counters })
}
