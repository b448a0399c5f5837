/** Runs the recovery machine beside an uplink, while somebody wants receipts. Counters are looked at only around outages. */
import { createStore } from 'zustand/vanilla'
import { NO_RECOVERY, type Recovery, type Tally, recoveryStep } from '../core/recovery.ts'
import type { AnyUplink } from './create-uplink.ts'
import type { ReadableStore } from './sampled-store.ts'

type Watched = Pick<AnyUplink, 'display' | 'stats' | 'outbox' | 'platform' | 'getState'>

/** Makes the store of the last receipt. It watches from its first listener to its last. */
export function createRecoveryStore(uplink: Watched): ReadableStore<Recovery | null> {
  const store = createStore<Recovery | null>(() => null)
  let machine = NO_RECOVERY
  let listeners = 0
  let forgetDisplay: (() => void) | undefined
  let forgetCounters: (() => void) | undefined

  function tally(): Tally {
    const { messagesSent, messagesReceived } = uplink.stats.getState()
    const { dropped, expired, unknown } = uplink.outbox.getState()
    return { sent: messagesSent, received: messagesReceived, dropped: dropped + expired, unknown }
  }

  function look(): void {
    const now = uplink.platform.time()
    const display = uplink.display.getState()
    machine = recoveryStep(machine, { display, isOpen: uplink.getState().phase === 'open', tally: tally() }, now)
    const matters = display.outageSince !== null || now <= machine.settlesAt
    if (matters && forgetCounters === undefined) {
      const forget = [uplink.stats.subscribe(look), uplink.outbox.subscribe(look)]
      forgetCounters = () => { for (const one of forget) one() }
    }
    if (!matters) {
      forgetCounters?.()
      forgetCounters = undefined
    }
    const { recovery } = machine
    const was = store.getState()
    if (recovery === null || was === null ? recovery !== was : (Object.keys(recovery) as (keyof Recovery)[]).some((key) => recovery[key] !== was[key])) store.setState(recovery, true)
  }

  return {
    getState: store.getState,
    getInitialState: store.getInitialState,
    subscribe(listener) {
      if (listeners++ === 0) {
        forgetDisplay = uplink.display.subscribe(look)
        look()
      }
      const forget = store.subscribe(listener)
      let held = true
      return () => {
        if (!held) return
        held = false
        forget()
        if (--listeners > 0) return
        forgetDisplay?.()
        forgetCounters?.()
        forgetCounters = undefined
        machine = NO_RECOVERY
        store.setState(null, true)
      }
    },
  }
}

let stores: WeakMap<object, ReadableStore<Recovery | null>> | undefined

/** The one store of an uplink, made when it is first asked for. */
export function recoveryStoreOf(uplink: Watched): ReadableStore<Recovery | null> {
  stores ??= new WeakMap()
  const known = stores.get(uplink.display)
  if (known !== undefined) return known
  const made = createRecoveryStore(uplink)
  stores.set(uplink.display, made)
  return made
}
