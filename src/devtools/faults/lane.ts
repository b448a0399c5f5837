/** Frames of one direction on their way: in order, each not before its time. One timer, none while nothing waits. */
import type { Platform, TimerHandle } from '../../engine/platform.ts'
import { type Frame, frameSize } from '../../protocol/message.ts'
import { type Faults, releaseAt } from './state.ts'

/** What a lane asks while frames come. */
export interface LaneHost {
  readonly platform: Platform
  faults(): Faults
  /** How many frames a second may go on; 0 is all of them. */
  perSecond(): number
  deliver(frame: Frame): void
}

/** Frames of one direction on their way. */
export interface Lane {
  push(frame: Frame): void
  /** Frames that wait. */
  readonly length: number
  /** What they weigh, in characters or bytes. */
  readonly size: number
  clear(): void
}

interface Held {
  readonly frame: Frame
  readonly at: number
}

/** Makes a lane. While nothing is wrong with the link, frames pass through it at once. */
export function createLane({ platform, faults, perSecond, deliver }: LaneHost): Lane {
  let held: Held[] = []
  let size = 0
  let lastAt = -Infinity
  let timer: TimerHandle

  function arm(): void {
    const first = held[0]
    if (first === undefined || timer !== undefined) return
    timer = platform.setTimer(release, Math.max(0, first.at - platform.now()))
  }

  function release(): void {
    timer = undefined
    const now = platform.now()
    // What is delivered may clear the lane: it is taken out first, one by one.
    for (let first = held[0]; first !== undefined && first.at <= now; first = held[0]) {
      held.shift()
      size -= frameSize(first.frame)
      deliver(first.frame)
    }
    arm()
  }

  return {
    get length() {
      return held.length
    },
    get size() {
      return size
    },
    push(frame) {
      const now = platform.now()
      const at = releaseAt(now, lastAt, faults(), perSecond(), platform.random())
      lastAt = at
      if (at <= now && held.length === 0) return deliver(frame)
      held.push({ frame, at })
      size += frameSize(frame)
      arm()
    },
    clear() {
      held = []
      size = 0
      lastAt = -Infinity
      platform.clearTimer(timer)
      timer = undefined
    },
  }
}
