/** Asking somebody who may answer late, never, or by throwing. */
import type { Platform } from '../engine/platform.ts'

/**
 * Asks. `answered` gets the answer however late it comes; `failed` is called once at most: for a no, a throw, or
 * when there was no answer in time.
 */
export type Ask = <Value>(call: () => Promise<Value>, answered: (value: Value) => void, failed: (thrown: unknown) => void) => void

/** Makes an asker with so much patience. */
export function createAsk(platform: Platform, patienceMs: number): Ask {
  return (call, answered, failed) => {
    let open = true
    const fail = (thrown: unknown): void => {
      if (open) failed(thrown)
      open = false
    }
    const timer = platform.setTimer(() => fail(new Error(`it took longer than ${patienceMs} ms`)), patienceMs)
    // Called inside the promise, so that a throw is a no.
    new Promise<Parameters<typeof answered>[0]>((resolve) => resolve(call())).then(
      (value) => {
        platform.clearTimer(timer)
        open = false
        answered(value)
      },
      (thrown: unknown) => {
        platform.clearTimer(timer)
        fail(thrown)
      },
    )
  }
}
