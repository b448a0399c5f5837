/**
 * When listeners of fast-changing stores hear: before the next paint, or, in a hidden page where
 * nothing is painted, by a timer at most once a second. One scheduler serves all channels, so a frame
 * costs one flush.
 */
import type { Platform, TimerHandle } from '../engine/platform.ts'

/** A hidden page is flushed this often. */
export const HIDDEN_FLUSH_MS = 1_000

/**
 * Runs in a flush. It is told when that began, monotonic and epoch ms: two hundred channels that read the clock for
 * themselves would read it so often for the same answer, and browsers make it slow to read, against spying.
 */
export type Task = (now: number, time: number) => void

/** Runs tasks once per frame. */
export interface Scheduler {
  /** Asks for `task` to run at the next flush; asking again before then changes nothing. */
  request(task: Task): void
  cancel(task: Task): void
  /** Runs everything that waits, now. */
  flush(): void
  destroy(): void
}

/** Makes a scheduler. It holds no frame and no timer while nothing waits. */
export function createScheduler(platform: Platform): Scheduler {
  let tasks = new Set<Task>()
  let cancelFrame: (() => void) | undefined
  let timer: TimerHandle | undefined
  let flushedAt = -Infinity

  function disarm(): void {
    cancelFrame?.()
    cancelFrame = undefined
    if (timer !== undefined) platform.clearTimer(timer)
    timer = undefined
  }

  function arm(): void {
    if (cancelFrame !== undefined || timer !== undefined) return
    // The timer is there in both cases: a page that gets hidden after asking for a frame never gets it.
    const wait = Math.max(0, flushedAt + HIDDEN_FLUSH_MS - platform.now())
    timer = platform.setTimer(flush, platform.isHidden() ? wait : HIDDEN_FLUSH_MS)
    if (!platform.isHidden()) cancelFrame = platform.requestFrame(flush)
  }

  function flush(): void {
    disarm()
    const now = platform.now()
    const time = platform.time()
    flushedAt = now
    const due = tasks
    tasks = new Set()
    const thrown: unknown[] = []
    for (const task of due) {
      try {
        task(now, time)
      } catch (error) {
        thrown.push(error)
      }
    }
    // Whose listener it was hears of it, after everybody else has been served.
    if (thrown.length > 0) throw thrown[0]
  }

  return {
    request(task) {
      tasks.add(task)
      arm()
    },
    cancel(task) {
      tasks.delete(task)
      if (tasks.size === 0) disarm()
    },
    flush,
    destroy() {
      tasks.clear()
      disarm()
    },
  }
}
