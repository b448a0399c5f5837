/** Those who wait for `connect()`. Each is answered exactly once. */
import { UplinkError } from '../core/errors.ts'
import type { ConnectionSnapshot } from './snapshot.ts'

/** The promises that are pending. */
export interface Waiters {
  add(resolve: () => void, reject: (error: UplinkError) => void): void
  /** Answers everybody if the connection is there, or has ended. */
  settle(now: ConnectionSnapshot): void
}

/** Nobody waits yet. */
export function createWaiters(): Waiters {
  let waiting: Array<readonly [resolve: () => void, reject: (error: UplinkError) => void]> = []
  return {
    add: (resolve, reject) => void waiting.push([resolve, reject]),
    settle({ state, phase, error }) {
      const ends = phase === 'failed' || phase === 'idle'
      if (state !== 'connected' && !ends) return
      const answered = waiting
      waiting = []
      for (const [resolve, reject] of answered) {
        if (ends) reject(error ?? new UplinkError('UPLINK_DISCONNECTED', 'disconnect() was called before the connection was there'))
        else resolve()
      }
    },
  }
}
