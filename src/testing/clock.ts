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
  const live = new Map<number, Timer>()
  /** A binary heap, earliest first; timers that were cleared stay in it until they come up. */
  const heap: Timer[] = []

  const isBefore = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.id < b.id)

  function swap(a: number, b: number): void {
    const kept = heap[a] as Timer
    heap[a] = heap[b] as Timer
    heap[b] = kept
  }

  function push(timer: Timer): void {
    let at = heap.push(timer) - 1
    for (let above = (at - 1) >> 1; at > 0 && isBefore(timer, heap[above] as Timer); above = (at - 1) >> 1) {
      swap(at, above)
      at = above
    }
  }

  function pop(): void {
    const last = heap.pop() as Timer
    if (heap.length === 0) return
    heap[0] = last
    for (let at = 0; ;) {
      const left = 2 * at + 1
      let first = at
      for (const below of [left, left + 1]) if (below < heap.length && isBefore(heap[below] as Timer, heap[first] as Timer)) first = below
      if (first === at) return
      swap(at, first)
      at = first
    }
  }

  function takeDue(until: number): Timer | undefined {
    for (let first = heap[0]; first !== undefined && first.at <= until; first = heap[0]) {
      pop()
      if (live.delete(first.id)) return first
    }
    return undefined
  }

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  }

  return {
    now: () => now,
    // Whole, as Date.now() is.
    time: () => Math.floor(now + offset),
    setTimer(callback, delayMs) {
      const id = nextId++
      const timer = { id, at: now + Math.max(0, delayMs), callback }
      live.set(id, timer)
      push(timer)
      return id
    },
    clearTimer(handle) {
      live.delete(handle as number)
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
    pending: () => live.size,
  }
}
