/** Several connections as one store. Each is heard by itself, so what one has recovered says nothing of another. */
import { type Impact, type Summary, summarize } from '../core/summary.ts'
import type { AnyUplink } from './create-uplink.ts'
import type { ReadableStore } from './sampled-store.ts'

/** One connection of several. */
export interface NamedConnection {
  /** What people call it; one name, one connection. */
  readonly name: string
  readonly uplink: AnyUplink
  /** What depends on it. @default 'critical' */
  readonly impact?: Impact
  /** What people miss without it, as a sentence. */
  readonly affects?: string
}

/** Makes a store of what `connections` amount to; it listens to them only while somebody listens to it. */
export function createSummaryStore(connections: readonly NamedConnection[]): ReadableStore<Summary> {
  const look = (pick: (uplink: AnyUplink) => ReturnType<AnyUplink['display']['getState']>): Summary =>
    summarize(connections.map(({ uplink, impact = 'critical' }) => ({ impact, display: pick(uplink) })))
  const initial = look(({ display }) => display.getInitialState())
  let last = initial

  function getState(): Summary {
    const next = look(({ display }) => display.getState())
    if (next.level !== last.level || next.worst !== last.worst || next.troubled !== last.troubled) last = next
    return last
  }

  return {
    getState,
    getInitialState: () => initial,
    subscribe(listener) {
      let before = getState()
      const look = (): void => {
        const now = getState()
        if (now === before) return
        const previous = before
        before = now
        listener(now, previous)
      }
      const forgets = connections.map(({ uplink }) => uplink.display.subscribe(look))
      return () => { for (const forget of forgets) forget() }
    },
  }
}

/** Whether two lists are of the same connections, weighed alike. */
export function sameConnections(a: readonly NamedConnection[], b: readonly NamedConnection[]): boolean {
  return a.length === b.length && a.every((one, index) => one.uplink === b[index]?.uplink && one.impact === b[index]?.impact)
}
