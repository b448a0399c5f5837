/** What several connections amount to: the worst of them, weighed by what depends on it. */
import type { Display, DisplayState } from './display.ts'

/** `critical`: the page is of little use without it. `background`: it is missed, and no more. */
export type Impact = 'critical' | 'background'

/**
 * `fine`: all are there. `idle`: nothing is wrong, and something is away as it was asked to be, or is just coming.
 * `down`: something critical is lost. `degraded`: any other trouble.
 */
export type SummaryLevel = 'fine' | 'idle' | 'degraded' | 'down'

/** One connection among several. */
export interface Weighed {
  readonly impact: Impact
  readonly display: Display
}

/** What they amount to. */
export interface Summary {
  readonly level: SummaryLevel
  /** Index of the connection to name, the worst; `null` where there is none. */
  readonly worst: number | null
  /** How many are in trouble. */
  readonly troubled: number
}

/** From well to lost for good. Who was asked to be away is no trouble. */
const RANKS: Readonly<Record<DisplayState, number>> = {
  connected: 0, disconnected: 1, disconnecting: 1, connecting: 2, catching_up: 3, delayed: 3, reconnecting: 4, offline: 5, cooldown: 6, error: 7,
}
const TROUBLE = RANKS.connecting
const LOSS = RANKS.reconnecting
/** Any trouble of something critical is worse than all of something else. */
const CRITICAL_WEIGHT = 10

/** How bad it is. A first connect that is quiet yet is none of anybody's business. */
function rankOf({ state, quiet }: Display): number {
  return quiet ? Math.min(RANKS[state], RANKS.disconnected) : RANKS[state]
}

/** Weighs connections against each other. */
export function summarize(connections: readonly Weighed[]): Summary {
  const ranks = connections.map(({ display }) => rankOf(display))
  const weights = connections.map(({ impact }, index) => (ranks[index] ?? 0) + (impact === 'critical' && (ranks[index] ?? 0) >= TROUBLE ? CRITICAL_WEIGHT : 0))
  const most = Math.max(0, ...weights)
  const isDown = connections.some(({ impact }, index) => impact === 'critical' && (ranks[index] ?? 0) >= LOSS)
  const troubled = ranks.filter((rank) => rank >= TROUBLE).length
  return {
    level: isDown ? 'down' : troubled > 0 ? 'degraded' : most > 0 ? 'idle' : 'fine',
    worst: connections.length === 0 ? null : weights.indexOf(most),
    troubled,
  }
}
