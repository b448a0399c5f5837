/** Who must stay out, and for how long. */
import type { Clock } from './clock.ts'

/** The bans of a node. */
export interface Bans {
  ban(key: string, forMs: number): void
  /** How long somebody must still stay out, ms; 0: may come in. */
  left(key: string): number
  /** Bans that are remembered. */
  readonly size: number
}

/** More than that are not remembered: then those go that end first. */
const MOST = 100_000

/** Nobody is kept out yet. */
export function createBans(clock: Clock, most: number = MOST): Bans {
  // All last equally long on one node, so they end in the order in which they began.
  const bans = new Map<string, number>()

  function sweep(): void {
    for (const [key, until] of bans) {
      if (until > clock.now() && bans.size <= most) return
      bans.delete(key)
    }
  }

  return {
    ban(key, forMs) {
      bans.delete(key)
      bans.set(key, clock.now() + forMs)
      sweep()
    },
    left(key) {
      sweep()
      return Math.max(0, (bans.get(key) ?? -Infinity) - clock.now())
    },
    get size() {
      return bans.size
    },
  }
}
