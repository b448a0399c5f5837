/**
 * A store of something that has to be looked at to be known (statistics, the time): it looks at an
 * interval, only while somebody listens.
 */
import { type StoreApi, createStore } from 'zustand/vanilla'
import type { Platform, TimerHandle } from '../engine/platform.ts'

/** The part of a zustand store that readers use. */
export type ReadableStore<Value> = Pick<StoreApi<Value>, 'getState' | 'getInitialState' | 'subscribe'>

/** A store that samples, and can be asked to look sooner. */
export interface SampledStore<Value> extends ReadableStore<Value> {
  /** Something has changed that somebody is waiting to see: `soon` gets what looks, where anybody listens. */
  hurry(soon: (look: () => void) => void): void
}

/**
 * Makes a store that takes `sample()` every `everyMs` while it has listeners, and tells them only when
 * `isSame` says that something changed. `initial` is what servers render. Who reads it without listening gets
 * a fresh look, unless every look differs (`isSteady: false`): a render must see one value twice.
 */
export function createSampledStore<Value>(
  platform: Platform, everyMs: number, initial: Value, sample: () => Value, isSame: (a: Value, b: Value) => boolean,
  isSteady = true,
): SampledStore<Value> {
  const store = createStore<Value>(() => initial)
  let listeners = 0
  let timer: TimerHandle

  function look(): void {
    const next = sample()
    if (!isSame(store.getState(), next)) store.setState(next, true)
  }

  function tick(): void {
    timer = platform.setTimer(tick, everyMs)
    look()
  }

  return {
    getState() {
      if (isSteady && listeners === 0) look()
      return store.getState()
    },
    getInitialState: store.getInitialState,
    hurry: (soon) => { if (listeners > 0) soon(look) },
    subscribe(listener) {
      if (listeners++ === 0) {
        look()
        timer = platform.setTimer(tick, everyMs)
      }
      const forget = store.subscribe(listener)
      let held = true
      return () => {
        if (!held) return
        held = false
        forget()
        if (--listeners === 0) platform.clearTimer(timer)
      }
    },
  }
}
