/**
 * Whether data looks old on the screen. A channel that is away for less than the grace is not shown as old; one that
 * is current again is shown as such at once; and a time that stands on the screen stays what it was.
 */
import { createStore } from 'zustand/vanilla'
import type { Platform, TimerHandle } from '../engine/platform.ts'
import type { ChannelView } from './channel-view.ts'
import type { ReadableStore } from './sampled-store.ts'

/** What the age of data is read from: a part of what `useChannel` returns. */
export type AgeOfData = Pick<ChannelView<unknown>, 'status' | 'isStale' | 'asOf' | 'updatedAt'>

/** `waiting` until the first message; then `fresh`, or `stale`. */
export type FreshnessState = 'waiting' | 'fresh' | 'stale'

/** How fresh data is, as it is shown. */
export interface FreshnessOfData {
  readonly state: FreshnessState
  /** What is shown was true at this time (epoch ms); `null` unless `state` is `stale`. */
  readonly asOf: number | null
}

/** A store of freshness that is told what to judge. */
export interface Staleness extends ReadableStore<FreshnessOfData> {
  tell(age: AgeOfData): void
  /** Forgets what it was about to show. */
  rest(): void
}

const WAITING: FreshnessOfData = { state: 'waiting', asOf: null }
const FRESH: FreshnessOfData = { state: 'fresh', asOf: null }

/** Makes a judge that shows what is old only once it has been so for `graceMs`. */
export function createStaleness(platform: Platform, graceMs: number): Staleness {
  const store = createStore<FreshnessOfData>(() => WAITING)
  let timer: TimerHandle | undefined

  function rest(): void {
    if (timer !== undefined) platform.clearTimer(timer)
    timer = undefined
  }

  function show(next: FreshnessOfData): void {
    rest()
    const { state, asOf } = store.getState()
    if (next.state === state && next.asOf === asOf) return
    // Data that was old before its channel was lost is no younger for that.
    if (state === 'stale' && next.state === 'stale' && (asOf ?? Infinity) <= (next.asOf ?? Infinity)) return
    store.setState(next, true)
  }

  return {
    getState: store.getState,
    getInitialState: store.getInitialState,
    subscribe: store.subscribe,
    tell({ status, isStale, asOf, updatedAt }) {
      if (!isStale) return show(updatedAt === null ? WAITING : FRESH)
      const stale: FreshnessOfData = { state: 'stale', asOf: asOf ?? updatedAt }
      // Who set an age has said how long to wait; a channel that is away gets the grace, from when it went.
      const waitMs = status === 'live' || store.getState().state === 'stale' ? 0 : (asOf ?? platform.time()) + graceMs - platform.time()
      if (waitMs <= 0) return show(stale)
      rest()
      timer = platform.setTimer(() => show(stale), waitMs)
    },
    rest,
  }
}
