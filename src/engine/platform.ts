/** The seam to clock, chance, timers and the life of the page, and its browser default. */

/**
 * What a platform tells about the page's life. `resume` and `freeze` are the Page Lifecycle API's;
 * `focus` is the window's. Several may come for one wake-up: the machine de-duplicates them.
 */
export type LifecycleEvent =
  | 'online' | 'offline' | 'visible' | 'hidden' | 'focus' | 'freeze' | 'resume' | 'pagehide' | 'pageshow'

/** Names a timer that was set. */
export type TimerHandle = unknown

/** Everything that differs between a browser, Node, a worker and a test. */
export interface Platform {
  /** Monotonic ms. */
  now(): number
  /** Epoch ms. */
  time(): number
  /** A number in [0, 1). */
  random(): number
  /** A globally unique id. */
  uuid(): string
  setTimer(callback: () => void, delayMs: number): TimerHandle
  clearTimer(handle: TimerHandle): void
  /** Calls back before the next paint, or where nothing paints, soon. Returns what cancels it. */
  requestFrame(callback: () => void): () => void
  /** Listens to the page's life until the returned function is called. */
  listen(listener: (event: LifecycleEvent) => void): () => void
  /** What the device says of its network; `undefined` where it says nothing. */
  isOnline(): boolean | undefined
  isHidden(): boolean
  /** The address of the page, which relative URLs belong to; `undefined` where there is none. */
  pageUrl(): string | undefined
}

/** Longer timers overflow in every JavaScript engine and fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647

const FRAME_MS = 16

function uuid(): string {
  const { crypto } = globalThis
  // randomUUID exists in secure contexts only; dashboards on plain http in a plant network do not have it.
  if (typeof crypto?.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function listen(listener: (event: LifecycleEvent) => void): () => void {
  const { window, document } = globalThis
  if (typeof window === 'undefined' || typeof window.addEventListener !== 'function') return () => undefined
  const tell = (event: Event): void => {
    listener(event.type === 'visibilitychange' ? (document.hidden ? 'hidden' : 'visible') : (event.type as LifecycleEvent))
  }
  const onWindow = ['online', 'offline', 'focus', 'pagehide', 'pageshow']
  const onDocument = ['visibilitychange', 'freeze', 'resume']
  for (const type of onWindow) window.addEventListener(type, tell)
  for (const type of onDocument) document?.addEventListener(type, tell)
  return () => {
    for (const type of onWindow) window.removeEventListener(type, tell)
    for (const type of onDocument) document?.removeEventListener(type, tell)
  }
}

function requestFrame(callback: () => void): () => void {
  if (typeof globalThis.requestAnimationFrame !== 'function') {
    const handle = setTimeout(callback, FRAME_MS)
    return () => clearTimeout(handle)
  }
  const handle = requestAnimationFrame(callback)
  return () => cancelAnimationFrame(handle)
}

/**
 * The platform of browsers, workers and Node. Reads no global before a method is called, so it may be
 * made while rendering on a server.
 */
export function browserPlatform(): Platform {
  return {
    now: () => performance.now(),
    time: () => Date.now(),
    random: () => Math.random(),
    uuid,
    setTimer: (callback, delayMs) => setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS)),
    clearTimer: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
    requestFrame,
    listen,
    isOnline: () => globalThis.navigator?.onLine,
    isHidden: () => globalThis.document?.hidden === true,
    pageUrl: () => globalThis.location?.href,
  }
}
