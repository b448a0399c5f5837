/** Whether a node works, and how late its messages are. */
import type { Broker } from '../brokers/broker.ts'
import type { Clock } from './clock.ts'

/** What a health check found. */
export interface Health {
  readonly status: 'ok' | 'degraded' | 'closed'
  /** One write and one publication, there and back, ms; `null` where they failed. */
  readonly roundTripMs: number | null
  /** Why it is not ok. */
  readonly reason?: string
  /** From publication to the door, ms, of the newest batch; `null` before the first. */
  readonly lagMs: number | null
}

/** What health is judged by. */
export interface HealthHost {
  readonly broker: Broker
  readonly clock: Clock
  phase(): 'opening' | 'open' | 'draining' | 'closed'
}

/** The health of a node. */
export interface HealthKeeper {
  check(): Promise<Health>
  /** The broker says how it is; true where that is news. */
  brokerIs(state: 'up' | 'down'): boolean
  broker(): { readonly name: string; readonly state: 'up' | 'down'; readonly since: number }
  /** A batch is on its way; its oldest message was published then, epoch ms. */
  sent(publishedAt: number): void
  /** Upper bounds of the histogram in ms, and how many batches were that fast. The last bound is Infinity. */
  readonly lags: { readonly bounds: readonly number[]; readonly counts: number[]; sumMs: number }
}

const BOUNDS = Object.freeze([1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, Infinity])

/** Makes the health of a node. */
export function createHealth({ broker, clock, phase }: HealthHost): HealthKeeper {
  let state: 'up' | 'down' = 'up'
  let since = clock.time()
  let lagMs: number | null = null
  const lags = { bounds: BOUNDS, counts: BOUNDS.map(() => 0), sumMs: 0 }

  return {
    lags,
    async check() {
      if (phase() !== 'open') return { status: phase() === 'opening' ? 'degraded' : 'closed', roundTripMs: null, reason: phase(), lagMs }
      const begun = clock.now()
      try {
        await broker.probe()
        return { status: state === 'up' ? 'ok' : 'degraded', roundTripMs: clock.now() - begun, lagMs, ...(state === 'up' ? {} : { reason: 'the broker is away' }) }
      } catch (error) {
        return { status: 'degraded', roundTripMs: null, reason: error instanceof Error ? error.message : String(error), lagMs }
      }
    },
    brokerIs(now) {
      if (now === state) return false
      state = now
      since = clock.time()
      return true
    },
    broker: () => ({ name: broker.name, state, since }),
    sent(publishedAt) {
      lagMs = Math.max(0, clock.time() - publishedAt)
      lags.sumMs += lagMs
      const bucket = lags.bounds.findIndex((bound) => (lagMs as number) <= bound)
      lags.counts[bucket] = (lags.counts[bucket] ?? 0) + 1
    },
  }
}
