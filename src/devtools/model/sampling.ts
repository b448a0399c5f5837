/** Which of many messages are kept: all of them, or 1 of n where more come than anybody can read. Pure. */

/** Keeps 1 of `every`. Changed in place. */
export interface Sampler {
  /** 1 while all are kept. */
  every: number
  readonly mostPerSecond: number
  windowAt: number
  seen: number
  kept: number
}

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]

const WINDOW_MS = 1_000

/** A sampler that keeps at most about so many a second. Infinity keeps all. */
export function createSampler(mostPerSecond: number): Sampler {
  return { every: 1, mostPerSecond, windowAt: -Infinity, seen: 0, kept: 0 }
}

/** The step that brings so many messages a second below the bound. */
function stepFor(perSecond: number, most: number): number {
  return STEPS.find((step) => perSecond / step <= most) ?? 1_000
}

/** Looks whether a window is over, so that a flood that has ended is not sampled any longer. `now` in ms. */
export function settle(sampler: Sampler, now: number): void {
  const elapsed = now - sampler.windowAt
  if (elapsed < WINDOW_MS && elapsed >= 0) return
  if (elapsed < 2 * WINDOW_MS) sampler.every = stepFor((sampler.seen * WINDOW_MS) / elapsed, sampler.mostPerSecond)
  else sampler.every = 1
  sampler.windowAt = now
  sampler.seen = 0
  sampler.kept = 0
}

/** Whether to keep the next message, which came at `now`. */
export function keepsNext(sampler: Sampler, now: number): boolean {
  settle(sampler, now)
  const keeps = sampler.seen % sampler.every === 0
  sampler.seen++
  if (!keeps) return false
  // A burst is noticed while it lasts, not a second later.
  if (++sampler.kept > sampler.mostPerSecond) sampler.every = STEPS.find((step) => step > sampler.every) ?? 1_000
  return true
}
