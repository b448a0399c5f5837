/** Answers that are asked for: one request at a time for one thing, whoever asks; and what came is kept for a while. */
import { UplinkError, isUplinkError, messageOf } from '../../core/errors.ts'
import type { Platform } from '../../engine/platform.ts'
import type { MarketResult } from '../values.ts'

/** What an answer is counted as. */
export interface RequestCounts {
  /** Questions that a kept answer, or a request under way, made needless. */
  readonly hits: number
}

/** Requests with a memory. */
export interface Requests {
  /** Never rejects. An answer younger than the TTL is `cache`, a new one `fallback`; where that fails, an older one with its error. */
  ask<Data>(key: string, load: (signal: AbortSignal) => Promise<Data>, signal?: AbortSignal): Promise<MarketResult<Data>>
  counts(): RequestCounts
  clear(): void
}

interface Kept {
  readonly data: unknown
  readonly at: number
}

interface Flight {
  readonly promise: Promise<Kept>
  /** Nobody joins it any more. */
  readonly end: () => void
  readonly controller: AbortController
  waiting: number
}

/** Most answers that are kept; the oldest goes first. */
const KEPT_MOST = 500

function aborted(): UplinkError {
  return new UplinkError('UPLINK_REST_ABORTED', 'the request was called off', { severity: 'warning' })
}

/** Rejects once the signal is aborted. */
function untilAborted(signal: AbortSignal): { readonly promise: Promise<never>; readonly stop: () => void } {
  let stop = (): void => undefined
  const promise = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(aborted())
    signal.addEventListener('abort', onAbort, { once: true })
    stop = () => signal.removeEventListener('abort', onAbort)
  })
  return { promise, stop }
}

/** Makes requests; `ttl` is ms. */
export function createRequests(platform: Platform, ttl: number, failed: (error: UplinkError) => void): Requests {
  const kept = new Map<string, Kept>()
  const flights = new Map<string, Flight>()
  let hits = 0

  function keep(key: string, value: Kept): Kept {
    kept.delete(key)
    kept.set(key, value)
    if (kept.size > KEPT_MOST) kept.delete(kept.keys().next().value as string)
    return value
  }

  function begin(key: string, load: (signal: AbortSignal) => Promise<unknown>): Flight {
    const controller = new AbortController()
    const end = (): void => { if (flights.get(key) === flight) flights.delete(key) }
    const promise = new Promise<unknown>((resolve) => { resolve(load(controller.signal)) }).then(
      (data) => {
        end()
        return keep(key, { data, at: platform.now() })
      },
      (thrown: unknown) => {
        end()
        const error = isUplinkError(thrown) ? thrown : new UplinkError('UPLINK_REST_FAILED', messageOf(thrown), { severity: 'warning', cause: thrown })
        if (error.code !== 'UPLINK_REST_ABORTED') failed(error)
        throw error
      },
    )
    const flight: Flight = { promise, end, controller, waiting: 0 }
    flights.set(key, flight)
    return flight
  }

  /** Waits for a flight; the last to call off ends it for good. */
  async function wait(flight: Flight, signal: AbortSignal | undefined): Promise<Kept> {
    flight.waiting++
    const abort = signal === undefined ? undefined : untilAborted(signal)
    try {
      return await (abort === undefined ? flight.promise : Promise.race([flight.promise, abort.promise]))
    } finally {
      abort?.stop()
      if (--flight.waiting === 0) {
        flight.end()
        flight.controller.abort()
      }
    }
  }

  function resultOf<Data>(found: Kept | undefined, source: 'fallback' | 'cache', error: UplinkError | null): MarketResult<Data> {
    if (found === undefined) return { data: null, source: 'cache', age: null, updatedAt: null, error }
    const age = platform.now() - found.at
    return { data: found.data as Data, source, age, updatedAt: Math.round(platform.time() - age), error }
  }

  return {
    async ask<Data>(key: string, load: (signal: AbortSignal) => Promise<Data>, signal?: AbortSignal) {
      const known = kept.get(key)
      if (signal?.aborted === true) return resultOf<Data>(known, 'cache', aborted())
      if (known !== undefined && platform.now() - known.at < ttl) {
        hits++
        return resultOf<Data>(known, 'cache', null)
      }
      const underWay = flights.get(key)
      if (underWay !== undefined) hits++
      try {
        return resultOf<Data>(await wait(underWay ?? begin(key, load), signal), 'fallback', null)
      } catch (error) {
        return resultOf<Data>(kept.get(key), 'cache', error as UplinkError)
      }
    },
    counts: () => ({ hits }),
    clear() {
      for (const { controller } of flights.values()) controller.abort()
      flights.clear()
      kept.clear()
    },
  }
}
