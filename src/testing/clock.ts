/** Time that passes only when told to. */

/** A virtual clock: monotonic time, wall time, and the timers that hang on them. */
export interface VirtualClock {
  /** Monotonic ms; starts at 0. */
  now(): number
  /** Epoch ms; starts at 2026-01-01. */
  time(): number
  setTimer(callback: () => void, delayMs: number): number
  clearTimer(handle: unknown): void
  /** Lets time pass; timers fire in order, each at its own moment. Timers set meanwhile count too. */
  advance(ms: number): void
  /** Lets time pass as `advance` does, giving promises their turn after every timer. */
  advanceAsync(ms: number): Promise<void>
  /** Lets time pass while nothing runs (a stalled event loop, or a sleep); timers that are due fire late, in order. */
  stall(ms: number): void
  /** Moves the wall clock alone, as a time server does. */
  jump(ms: number): void
  /** Timers that are set. */
  pending(): number
}

interface Timer {
  readonly id: number
  readonly at: number
  readonly callback: () => void
}

const EPOCH = Date.UTC(2026, 0, 1)

/**
 * Makes a virtual clock.
 *
 * @example
 * const clock = createVirtualClock()
 * clock.setTimer(() => console.log('later'), 1_000)
 * clock.advance(1_000)
 */
export function createVirtualClock(): VirtualClock {
  let now = 0
  let offset = EPOCH
  let nextId = 1
  let timers: Timer[] = []

  function takeDue(until: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of timers) {
      if (timer.at <= until && (first === undefined || timer.at < first.at || (timer.at === first.at && timer.id < first.id))) first = timer
    }
    if (first !== undefined) timers = timers.filter((timer) => timer !== first)
    return first
  }

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  }

  return {
    now: () => now,
    time: () => now + offset,
    setTimer(callback, delayMs) {
      const id = nextId++
      timers.push({ id, at: now + Math.max(0, delayMs), callback })
      return id
    },
    clearTimer(handle) {
      timers = timers.filter((timer) => timer.id !== handle)
    },
    advance(ms) {
      const end = now + ms
      for (let timer = takeDue(end); timer !== undefined; timer = takeDue(end)) {
        now = Math.max(now, timer.at)
        timer.callback()
      }
      now = end
    },
    async advanceAsync(ms) {
      const end = now + ms
      await settle()
      for (let timer = takeDue(end); timer !== undefined; timer = takeDue(end)) {
        now = Math.max(now, timer.at)
        timer.callback()
        await settle()
      }
      now = end
    },
    stall(ms) {
      now += ms
      this.advance(0)
    },
    jump(ms) {
      offset += ms
    },
    pending: () => timers.length,
  }
}
