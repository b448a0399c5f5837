/** What the outside sees of a connection: its snapshot, its history, and who is told when they change. */
import { type Transition, withTransition } from '../core/history.ts'
import { type Machine, stateOf } from '../core/machine.ts'
import { sameFields } from '../core/same-fields.ts'
import { type Stats, noteConnected, noteWanted } from '../core/stats.ts'
import type { Platform } from './platform.ts'
import { type ConnectionSnapshot, snapshotOf } from './snapshot.ts'
import type { Telling } from './telling.ts'
import { createWaiters } from './waiters.ts'

/** What a publisher needs. */
export interface PublisherHost {
  readonly platform: Platform
  readonly stats: Stats
  readonly telling: Pick<Telling, 'emitter' | 'isolated' | 'later'>
  machine(): Machine
  /** Whether a channel that was current once is not. */
  isBehind(): boolean
}

/** The publisher of one connection. */
export interface Publisher {
  snapshot(): ConnectionSnapshot
  history(): readonly Transition[]
  /** Called synchronously after every change of the snapshot. */
  onChange(listener: (snapshot: ConnectionSnapshot) => void): () => void
  /** Waits for the connection; see `connect()`. */
  wait(resolve: () => void, reject: (error: Error) => void): void
  /** Notes that the machine has moved to another phase. */
  moved(before: Machine): void
  /** Publishes what is to be seen, if it has changed. */
  show(): void
  clear(): void
}

/** Makes a publisher. */
export function createPublisher(host: PublisherHost): Publisher {
  const { platform, stats, telling } = host
  const watchers = new Set<(snapshot: ConnectionSnapshot) => void>()
  const waiters = createWaiters()
  let snapshot = snapshotOf(host.machine(), platform, null, false)
  let history: readonly Transition[] = []

  return {
    snapshot: () => snapshot,
    history: () => history,
    onChange(listener) {
      watchers.add(listener)
      return () => watchers.delete(listener)
    },
    wait: waiters.add,
    moved(before) {
      const machine = host.machine()
      const at = platform.time()
      if ((before.phase === 'open') !== (machine.phase === 'open')) noteConnected(stats, machine.phase === 'open', at)
      noteWanted(stats, machine.phase !== 'idle' && machine.phase !== 'failed' && machine.phase !== 'closing', at)
      history = withTransition(history, {
        at, from: before.phase, to: machine.phase, state: stateOf(machine), attempt: machine.attempt, code: machine.error?.code ?? null,
      })
    },
    show() {
      const next = snapshotOf(host.machine(), platform, stats.connectedAt, host.isBehind())
      if (sameFields(snapshot, next)) return
      const from = snapshot.state
      snapshot = next
      for (const watcher of watchers) telling.isolated('a listener of the state', () => watcher(next))
      if (from === next.state) return
      telling.later(() => telling.emitter.emit('statechange', { from, to: next.state }))
      waiters.settle(next)
    },
    clear: () => watchers.clear(),
  }
}
