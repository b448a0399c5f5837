/** Work that is tried until it succeeds, waiting longer each time; also where it succeeds, and is needed again at once. */
import type { Platform, TimerHandle } from '../../engine/platform.ts'

/** The attempts at one piece of work. */
export interface Attempts {
  /** Begins, unless it is under way or waits. */
  start(): void
  /** Calls off what is under way, and what waits. */
  stop(): void
}

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 15_000

/** Who needs it again sooner than this after a success has not been helped by it. */
const STABLE_MS = 5_000

/** Makes attempts at `work`; it is done when that resolves to true. */
export function createAttempts(platform: Platform, work: (signal: AbortSignal) => Promise<boolean>): Attempts {
  let controller: AbortController | undefined
  let timer: TimerHandle | undefined
  let failures = 0
  let doneAt = -Infinity

  async function attempt(): Promise<void> {
    const mine = new AbortController()
    controller = mine
    timer = undefined
    const isDone = await work(mine.signal).catch(() => false)
    if (controller !== mine) return
    controller = undefined
    if (isDone) doneAt = platform.now()
    else later()
  }

  function later(): void {
    // Jitter over half of it: many books that lost one socket do not ask in one moment again.
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++) * (0.5 + platform.random() / 2)
    timer = platform.setTimer(() => void attempt(), wait)
  }

  return {
    start() {
      if (controller !== undefined || timer !== undefined) return
      if (platform.now() - doneAt < STABLE_MS) return later()
      failures = 0
      void attempt()
    },
    stop() {
      controller?.abort()
      controller = undefined
      if (timer !== undefined) platform.clearTimer(timer)
      timer = undefined
    },
  }
}
