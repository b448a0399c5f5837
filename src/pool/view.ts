/**
 * What the outside sees of a pool: one state for all sockets, that of the one that is worst off. A socket that
 * opens for the first time beside others is not looked at before it has failed, and a stand-in not before it has
 * taken its place.
 */
import { type Transition, withTransition } from '../core/history.ts'
import { stateOf } from '../core/machine.ts'
import type { Phase } from '../core/machine.ts'
import { sameFields } from '../core/same-fields.ts'
import { type Stats, noteConnected, noteWanted } from '../core/stats.ts'
import type { Platform } from '../engine/platform.ts'
import { type ConnectionSnapshot, IDLE_SNAPSHOT } from '../engine/snapshot.ts'
import type { Telling } from '../engine/telling.ts'
import { createWaiters } from '../engine/waiters.ts'
import type { Seat } from './seat.ts'

/** What a view needs. */
export interface ViewHost {
  readonly platform: Platform
  readonly stats: Stats
  readonly telling: Pick<Telling, 'emitter' | 'isolated' | 'later'>
  seats(): readonly Seat[]
  /** Whether a channel that was current once is not. */
  isBehind(): boolean
}

/** The view of one pooled connection. */
export interface View {
  snapshot(): ConnectionSnapshot
  history(): readonly Transition[]
  onChange(listener: (snapshot: ConnectionSnapshot) => void): () => void
  wait(resolve: () => void, reject: (error: Error) => void): void
  /** Publishes what is to be seen, if it has changed. */
  show(): void
  /** A socket that was counted is gone: numbers of sockets go on from there. */
  passed(generation: number): void
  clear(): void
}

/** From best to worst. */
const ORDER: readonly Phase[] = ['open', 'idle', 'closing', 'greeting', 'dialing', 'authorizing', 'paused', 'waiting', 'failed']

function badness({ phase, breakerOpen }: ConnectionSnapshot): number {
  return ORDER.indexOf(phase) + (breakerOpen ? 0.5 : 0)
}

/** The snapshot that a seat shows: whoever is there is who counts. */
function shownBy(seat: Seat): ConnectionSnapshot {
  const { connection } = seat.current()
  const next = seat.next()
  return (!seat.current().isOpen() && next?.isOpen() === true ? next.connection : connection).snapshot()
}

/** Makes a view. */
export function createView(host: ViewHost): View {
  const { platform, stats, telling } = host
  const watchers = new Set<(snapshot: ConnectionSnapshot) => void>()
  const waiters = createWaiters()
  let snapshot = IDLE_SNAPSHOT
  let history: readonly Transition[] = []
  let generationsGone = 0

  function look(): ConnectionSnapshot {
    const [lead, ...others] = host.seats()
    if (lead === undefined) return IDLE_SNAPSHOT
    const counted = others.filter((seat) => seat.current().openedAt() !== -Infinity || seat.current().connection.snapshot().attempt > 0)
    const all = [lead, ...counted].map(shownBy)
    const worst = all.reduce((a, b) => (badness(b) > badness(a) ? b : a))
    const { phase, breakerOpen } = worst
    const everConnected = phase !== 'idle' && (snapshot.everConnected || worst.everConnected)
    return {
      ...worst,
      state: stateOf({ phase, everConnected, breaker: { state: breakerOpen ? 'open' : 'closed', failures: 0 } }),
      everConnected,
      connectedAt: stats.connectedAt,
      // Sockets that are given up take their numbers with them; a number never comes again.
      generation: Math.max(snapshot.generation, generationsGone + all.reduce((sum, { generation }) => sum + generation, 0)),
      catchingUp: phase === 'open' && host.isBehind(),
    }
  }

  function moved(from: ConnectionSnapshot, to: ConnectionSnapshot): void {
    const at = platform.time()
    if ((from.phase === 'open') !== (to.phase === 'open')) {
      noteConnected(stats, to.phase === 'open', at)
      if (to.phase === 'open') telling.later(() => telling.emitter.emit('open', { reconnected: from.everConnected }))
    }
    noteWanted(stats, to.phase !== 'idle' && to.phase !== 'failed' && to.phase !== 'closing', at)
    history = withTransition(history, { at, from: from.phase, to: to.phase, state: to.state, attempt: to.attempt, code: to.error?.code ?? null })
  }

  return {
    snapshot: () => snapshot,
    history: () => history,
    onChange(listener) {
      watchers.add(listener)
      return () => watchers.delete(listener)
    },
    wait: waiters.add,
    show() {
      const from = snapshot
      const seen = look()
      if (seen.phase !== from.phase) moved(from, seen)
      const next = seen.connectedAt === stats.connectedAt ? seen : { ...seen, connectedAt: stats.connectedAt }
      if (sameFields(from, next)) return
      snapshot = next
      for (const watcher of watchers) telling.isolated('a listener of the state', () => watcher(next))
      if (from.state === next.state) return
      telling.later(() => telling.emitter.emit('statechange', { from: from.state, to: next.state }))
      waiters.settle(next)
    },
    passed(generation) {
      generationsGone += generation
    },
    clear: () => watchers.clear(),
  }
}
