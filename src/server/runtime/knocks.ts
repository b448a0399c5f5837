/** How often clients knock: handshakes of this node, and those of each network, in windows that begin together. */
import type { Clock } from './clock.ts'

/** How many handshakes there may be in a window. */
export interface HandshakeLimits {
  readonly max: number
  readonly perAddress: number
  readonly windowMs: number
}

/** The handshakes of a node. */
export interface Knocks {
  /** Counts a handshake of a network, and says whose are too many in this window. */
  knock(network: string): 'network' | 'all' | null
  /** A handshake that nothing else speaks against counts for all. */
  pass(): void
  /** Networks that have knocked in this window. */
  readonly size: number
}

/** Nobody has knocked yet. */
export function createKnocks(clock: Clock, { max, perAddress, windowMs }: HandshakeLimits): Knocks {
  // One window for all of them: its end forgets everybody at once, however many they were.
  const networks = new Map<string, number>()
  let since = -Infinity
  let passed = 0

  return {
    knock(network) {
      if (clock.now() - since >= windowMs) {
        since = clock.now()
        passed = 0
        networks.clear()
      }
      // Before the network is noted: so no more are noted than there may be handshakes, and connections.
      if (passed >= max) return 'all'
      const count = (networks.get(network) ?? 0) + 1
      networks.set(network, count)
      // Whoever knocks too often does not use up what is there for all.
      return count > perAddress ? 'network' : null
    },
    pass: () => void passed++,
    get size() {
      return networks.size
    },
  }
}
