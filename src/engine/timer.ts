/**
 * The one timer of a connection. It knows when it was late, and when the machine has slept, and lets
 * queued network data run before anyone draws conclusions from a deadline that has passed.
 */
import { LATE_MS } from '../core/heartbeat.ts'
import type { Platform, TimerHandle } from './platform.ts'

/** A wall clock ahead of the monotonic one by more than this, or a timer this late, means sleep. */
export const SLEEP_MS = 10_000

/** The timer. */
export interface Timer {
  /** Sets the deadline (monotonic ms); Infinity for none. */
  arm(deadline: number): void
  /** How long the machine seems to have slept since this was last asked; 0 when it has not. */
  sleptMs(): number
}

/** Makes a timer that calls `fire` at its deadline, with how long the machine seems to have slept. */
export function createTimer(platform: Platform, fire: (sleptMs: number) => void): Timer {
  let handle: TimerHandle
  let armedFor = Infinity
  let offset: number | undefined

  function sleptMs(): number {
    const before = offset
    offset = platform.time() - platform.now()
    return before !== undefined && offset - before > SLEEP_MS ? offset - before : 0
  }

  function run(): void {
    const lateMs = platform.now() - armedFor
    if (lateMs <= LATE_MS) return finish(0)
    // What came in during a stall is still queued behind this timer: it speaks first.
    handle = platform.setTimer(() => finish(lateMs), 0)
  }

  function finish(lateMs: number): void {
    armedFor = Infinity
    const slept = sleptMs()
    fire(Math.max(slept, lateMs > SLEEP_MS ? lateMs : 0))
  }

  return {
    arm(deadline) {
      if (deadline === armedFor) return
      if (armedFor !== Infinity) platform.clearTimer(handle)
      armedFor = deadline
      if (offset === undefined) sleptMs()
      if (deadline !== Infinity) handle = platform.setTimer(run, Math.max(0, deadline - platform.now()))
    },
    sleptMs,
  }
}
