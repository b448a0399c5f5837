/** Runs the display machine beside the connection: its facts, and its deadlines. */
import { createStore } from 'zustand/vanilla'
import { type Display, type DisplayPolicy, createDisplay, displayStep } from '../core/display.ts'
import type { Connection } from '../engine/connection-interface.ts'
import type { Platform, TimerHandle } from '../engine/platform.ts'
import type { ReadableStore } from './sampled-store.ts'

/** A store of what is shown, and what ends it. */
export interface DisplayStore extends ReadableStore<Display> {
  destroy(): void
}

/** Makes the display of a connection. */
export function createDisplayStore(connection: Connection, platform: Platform, policy: DisplayPolicy): DisplayStore {
  let machine = createDisplay()
  let timer: TimerHandle | undefined
  const first: Display = { ...machine.shown, state: 'connecting' }
  const store = createStore<Display>(() => machine.shown)

  function look(): void {
    if (timer !== undefined) platform.clearTimer(timer)
    timer = undefined
    const now = platform.time()
    machine = displayStep(machine, connection.snapshot(), now, policy)
    if (machine.deadline !== Infinity) timer = platform.setTimer(look, machine.deadline - now)
    if (store.getState() !== machine.shown) store.setState(machine.shown, true)
  }

  const forget = connection.onChange(look)

  return {
    getState: store.getState,
    // What a server renders will be connecting once it is mounted: the first HTML says so, and nothing flashes.
    getInitialState: () => first,
    subscribe: store.subscribe,
    destroy() {
      forget()
      if (timer !== undefined) platform.clearTimer(timer)
    },
  }
}
