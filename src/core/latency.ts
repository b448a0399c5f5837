/**
 * Round-trip time: smoothed as TCP does (RFC 6298), with percentiles over a bounded window and a
 * judgement that does not bounce.
 */

/** What a latency means to a person. `unknown` until a first answer, and while there is no connection. */
export type Quality = 'unknown' | 'excellent' | 'good' | 'fair' | 'poor'

/** A look at the latency. All numbers in ms; `null` means unknown, which is never shown as 0. */
export interface LatencySnapshot {
  /** The last round trip. */
  readonly current: number | null
  /** Smoothed round trip (EWMA, gain 1/8). */
  readonly average: number | null
  /** Smoothed mean deviation (gain 1/4). */
  readonly jitter: number | null
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly quality: Quality
  /** Round trips in the window, oldest first; at most {@link LATENCY_WINDOW}. */
  readonly samples: readonly number[]
}

/** How many round trips the percentiles look back on: ten minutes of default heartbeats. */
export const LATENCY_WINDOW = 120

/** Upper bounds of the levels in ms, on the smoothed round trip, best first. */
export const LATENCY_LEVELS: ReadonlyArray<readonly [quality: Quality, most: number]> = [
  ['excellent', 100],
  ['good', 250],
  ['fair', 600],
  ['poor', Infinity],
]

/** A level is only left for a better one when the value is this much below its bound. */
const HYSTERESIS = 0.8

/** Running latency figures; changed in place by the functions here, once per heartbeat. */
export interface Latency {
  current: number | null
  average: number
  deviation: number
  quality: Quality
  readonly recent: number[]
  next: number
}

/** Figures that know nothing yet. */
export function createLatency(): Latency {
  return { current: null, average: 0, deviation: 0, quality: 'unknown', recent: [], next: 0 }
}

/** Takes one round trip in; negative and non-finite ones are ignored. */
export function recordLatency(latency: Latency, roundTripMs: number): void {
  if (!(roundTripMs >= 0 && roundTripMs < Infinity)) return
  if (latency.recent.length === 0) {
    latency.average = roundTripMs
    latency.deviation = roundTripMs / 2
  } else {
    const difference = Math.abs(latency.average - roundTripMs)
    latency.deviation += (difference - latency.deviation) / 4
    latency.average += (roundTripMs - latency.average) / 8
  }
  latency.current = roundTripMs
  latency.recent[latency.next] = roundTripMs
  latency.next = (latency.next + 1) % LATENCY_WINDOW
  latency.quality = judge(latency.average, latency.quality)
}

/** Forgets the present, not the past: what a lost connection does to latency. */
export function loseLatency(latency: Latency): void {
  latency.current = null
  latency.quality = 'unknown'
}

/** The level of a smoothed round trip, given the level it had. */
export function judge(averageMs: number, before: Quality): Quality {
  const level = LATENCY_LEVELS.findIndex(([, most]) => averageMs <= most)
  const old = LATENCY_LEVELS.findIndex(([quality]) => quality === before)
  if (old < 0 || level >= old) return qualityAt(level)
  // Better than before: one level at a time must be cleared with room to spare.
  const cleared = LATENCY_LEVELS.findIndex(([, most]) => averageMs <= most * HYSTERESIS)
  return qualityAt(Math.min(old, cleared))
}

function qualityAt(level: number): Quality {
  return LATENCY_LEVELS[level]?.[0] ?? 'poor'
}

/** Nearest-rank percentile of sorted values. */
function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
}

/** A look at the figures as they are now. Sorts the window, so it is for displays, not for every frame. */
export function latencySnapshot(latency: Latency): LatencySnapshot {
  const { recent, next, current, quality } = latency
  const known = recent.length > 0
  const samples = recent.length < LATENCY_WINDOW ? recent.slice() : [...recent.slice(next), ...recent.slice(0, next)]
  const sorted = samples.slice().sort((a, b) => a - b)
  return {
    current,
    average: known ? latency.average : null,
    jitter: known ? latency.deviation : null,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    quality,
    samples,
  }
}
