/** The seam to time. */

/** Clock and timers of a server; timers never keep a process alive. */
export interface Clock {
  /** Monotonic ms. */
  now(): number
  /** Epoch ms. */
  time(): number
  setTimer(callback: () => void, delayMs: number): unknown
  clearTimer(handle: unknown): void
  /** Runs when everything that has come is worked off. */
  soon(callback: () => void): void
}

/** The process's own. */
export const systemClock: Clock = Object.freeze({
  now: () => performance.now(),
  time: () => Date.now(),
  setTimer: (callback: () => void, delayMs: number) => setTimeout(callback, Math.max(0, delayMs)).unref(),
  clearTimer: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout | undefined),
  soon: (callback: () => void) => void setImmediate(callback),
})
