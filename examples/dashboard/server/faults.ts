/** What the "break it" panel does: faults of the server, and of the path to it. */
import type { FaultProxy } from 'uplink/testing/node'
import type { FaultId } from '../shared.ts'
import type { MarketServer } from './market-server.ts'

/** The faults that can be turned on, and the one that is. */
export interface Faults {
  readonly current: () => FaultId | null
  inject(fault: FaultId): void
  heal(): void
}

/** How long a restart keeps the server down, and how late a slow link is. */
const DOWN_MS = 8_000
const SLOW_MS = 700

/** Ties faults to the server and the path. A fault that passes by itself is not a current one. */
export function createFaults(server: MarketServer, path: FaultProxy): Faults {
  let current: FaultId | null = null
  let back: NodeJS.Timeout | undefined

  function heal(): void {
    clearTimeout(back)
    path.heal()
    server.setSilent(false)
    server.turnAway(null)
    current = null
  }

  const actions: Record<FaultId, () => void> = {
    drop: () => { path.reset(); current = null },
    restart: () => {
      server.closeAll(1012, 'restarting')
      path.refuse()
      back = setTimeout(heal, DOWN_MS)
    },
    silent: () => server.setSilent(true),
    overload: () => { server.closeAll(1013, 'overloaded'); current = null },
    block: () => { server.turnAway(4403); server.closeAll(4403, 'blocked') },
    'half-open': () => { path.halfOpen(); current = null },
    refuse: () => { path.refuse(); path.reset() },
    hang: () => { path.hang(); path.reset() },
    slow: () => path.latency(SLOW_MS),
  }

  return {
    current: () => current,
    inject(fault) {
      heal()
      current = fault
      actions[fault]()
    },
    heal,
  }
}
