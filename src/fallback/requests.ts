/** Requests under way: bounded in number and in time, each ended once, whatever `fetch` does. */
import type { Platform } from '../engine/platform.ts'

/** How a request ended. */
export type Outcome<Value> =
  | { readonly kind: 'answer'; readonly value: Value; readonly latencyMs: number }
  | { readonly kind: 'failure'; readonly thrown: unknown; readonly latencyMs: number }
  | { readonly kind: 'timeout'; readonly latencyMs: number }

/** All requests of one connection. */
export interface Requests {
  inFlight(): number
  isFull(): boolean
  /** Begins one. `ended` is called once, later, unless the returned function aborted it. */
  begin<Value>(run: (signal: AbortSignal) => Promise<Value>, ended: (outcome: Outcome<Value>) => void): () => void
}

/** Makes room for `most` requests that may take `timeoutMs` each. `freed` is called whenever one has ended. */
export function createRequests(platform: Platform, most: number, timeoutMs: number, freed: () => void): Requests {
  let inFlight = 0

  return {
    inFlight: () => inFlight,
    isFull: () => inFlight >= most,
    begin(run, ended) {
      const controller = new AbortController()
      const startedAt = platform.now()
      let isOver = false
      inFlight++

      function end(tell?: (latencyMs: number) => void): void {
        if (isOver) return
        isOver = true
        inFlight--
        platform.clearTimer(timer)
        tell?.(platform.now() - startedAt)
        freed()
      }

      const timer = platform.setTimer(() => {
        // Told first: what `fetch` throws because it was aborted is no failure of its own.
        end((latencyMs) => ended({ kind: 'timeout', latencyMs }))
        controller.abort()
      }, timeoutMs)
      run(controller.signal).then(
        (value) => end((latencyMs) => ended({ kind: 'answer', value, latencyMs })),
        (thrown: unknown) => end((latencyMs) => ended({ kind: 'failure', thrown, latencyMs })),
      )
      return () => {
        end()
        controller.abort()
      }
    },
  }
}
