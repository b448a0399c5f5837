/**
 * What is known of each server, and which is dialed next. Stays where it works; leaves a server that failed until
 * it has cooled down; among the others chance decides, so that a fleet spreads over them.
 */
import { jittered } from '../core/backoff.ts'

/** One server, as the pool sees it. Times are epoch ms, durations ms. */
export interface ServerHealth {
  /** Its address without secrets; `null` where a function gives it. */
  readonly url: string | null
  /** Failures in a row: dials that came to nothing, and sockets that did not last. */
  readonly failures: number
  /** How long it took to open the last socket; `null` before the first. */
  readonly latencyMs: number | null
  /** Until when it is left alone; `null` where it may be dialed. */
  readonly coolsUntil: number | null
}

/** The health of all servers of a pool; servers are named by their place in the list, times are monotonic ms. */
export interface Health {
  /** Which to dial: `preferred` where it may be, else one of the others; `avoid` only where there is no other. */
  pick(preferred: number | undefined, avoid: number | undefined, now: number, random: () => number): number
  opened(server: number, tookMs: number): void
  /** A socket has lasted: what failed before is forgotten. */
  steady(server: number): void
  /** A dial or a socket failed; `lasted` long enough to count as the first. `retryAfterMs` is what the server asked for. */
  failed(server: number, lasted: boolean, retryAfterMs: number | undefined, now: number, random: number): void
  /** It asked to be left alone for so long. */
  rest(server: number, ms: number, now: number): void
  /** Whether one of the others may be dialed now. */
  hasOther(server: number | undefined, now: number): boolean
  coolsUntil(server: number): number
  snapshot(server: number): { readonly failures: number; readonly latencyMs: number | null }
}

/** The first time a server is left alone for; it doubles with each failure in a row. */
const COOL_MS = 5_000

const COOL_MOST_MS = 60_000

/** Share of the newest measurement in the latency of a server. */
const LATENCY_GAIN = 0.5

/** A server has to be so much quicker than another to be preferred for it. */
const QUICKER = 0.8

interface Known {
  failures: number
  coolsUntil: number
  latencyMs: number | null
}

/** Whether `a` is the better of two that chance has drawn. */
function isBetter(a: Known, b: Known): boolean {
  if (a.failures !== b.failures) return a.failures < b.failures
  return a.latencyMs !== null && b.latencyMs !== null && a.latencyMs < b.latencyMs * QUICKER
}

/** Knows nothing of `count` servers yet. */
export function createHealth(count: number): Health {
  const servers = Array.from({ length: count }, (): Known => ({ failures: 0, coolsUntil: -Infinity, latencyMs: null }))
  const of = (server: number): Known => servers[server] as Known
  const isFree = (server: number, now: number): boolean => now >= of(server).coolsUntil

  /** Two at random, and the better of them: the best alone would have everybody. */
  function draw(from: readonly number[], random: () => number): number {
    const first = from[Math.floor(random() * from.length)] as number
    const rest = from.filter((one) => one !== first)
    const second = rest[Math.floor(random() * rest.length)]
    return second !== undefined && isBetter(of(second), of(first)) ? second : first
  }

  return {
    pick(preferred, avoid, now, random) {
      if (preferred !== undefined && preferred !== avoid && isFree(preferred, now)) return preferred
      const all = servers.map((_, server) => server)
      const others = all.filter((server) => server !== avoid)
      const free = others.filter((server) => isFree(server, now))
      if (free.length > 0) return draw(free, random)
      return (others.length > 0 ? others : all).reduce((best, one) => (of(one).coolsUntil < of(best).coolsUntil ? one : best))
    },
    opened(server, tookMs) {
      const known = of(server)
      known.latencyMs = known.latencyMs === null ? tookMs : known.latencyMs + (tookMs - known.latencyMs) * LATENCY_GAIN
    },
    steady(server) {
      of(server).failures = 0
    },
    failed(server, lasted, retryAfterMs, now, random) {
      const known = of(server)
      known.failures = lasted ? 1 : known.failures + 1
      const cool = jittered(Math.min(COOL_MOST_MS, COOL_MS * 2 ** (known.failures - 1)), 'equal', random)
      known.coolsUntil = Math.max(known.coolsUntil, now + Math.max(cool, retryAfterMs ?? 0))
    },
    rest(server, ms, now) {
      const known = of(server)
      known.coolsUntil = Math.max(known.coolsUntil, now + ms)
    },
    hasOther: (server, now) => servers.some((_, other) => other !== server && isFree(other, now)),
    coolsUntil: (server) => of(server).coolsUntil,
    snapshot: (server) => ({ failures: of(server).failures, latencyMs: of(server).latencyMs }),
  }
}
