/** A platform whose clock, chance and page life are in the hands of a test. */
import type { LifecycleEvent, Platform } from '../engine/platform.ts'
import { type VirtualClock, createVirtualClock } from './clock.ts'
import { seededRandom } from './random.ts'

/** A platform for tests. */
export interface FakePlatform extends Platform {
  readonly clock: VirtualClock
  /** Tells everyone who listens that the page's life has changed. `hidden`, `visible`, `online` and `offline` are remembered. */
  fire(event: LifecycleEvent): void
  /** Paints: runs the callbacks that wait for a frame. A hidden page is not painted. */
  paint(): void
  /** Who listens to the page's life. */
  listeners(): number
}

/** What a fake platform starts from. */
export interface FakePlatformOptions {
  readonly clock?: VirtualClock
  /** Seed of its chance. @default 1 */
  readonly seed?: number
  readonly online?: boolean | undefined
  readonly hidden?: boolean
  readonly pageUrl?: string
}

/**
 * Makes a fake platform.
 *
 * @example
 * const platform = createFakePlatform()
 * const uplink = createUplink({ url: 'wss://test', platform, transport: scriptedTransport().transport })
 * platform.fire('offline')
 */
export function createFakePlatform(options: FakePlatformOptions = {}): FakePlatform {
  const { clock = createVirtualClock(), seed = 1, pageUrl } = options
  const random = seededRandom(seed)
  const listeners = new Set<(event: LifecycleEvent) => void>()
  let frames = new Set<() => void>()
  let online = options.online
  let hidden = options.hidden ?? false
  let ids = 0

  return {
    clock,
    now: () => clock.now(),
    time: () => clock.time(),
    random,
    uuid: () => `client-${seed}-${++ids}`,
    setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
    clearTimer: (handle) => clock.clearTimer(handle),
    requestFrame(callback) {
      frames.add(callback)
      return () => frames.delete(callback)
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    isOnline: () => online,
    isHidden: () => hidden,
    pageUrl: () => pageUrl,
    fire(event) {
      if (event === 'online' || event === 'offline') online = event === 'online'
      if (event === 'hidden' || event === 'visible') hidden = event === 'hidden'
      for (const listener of [...listeners]) listener(event)
    },
    paint() {
      if (hidden) return
      const due = frames
      frames = new Set()
      for (const callback of due) callback()
    },
    listeners: () => listeners.size,
  }
}
