/** What holds of every connection at every moment, whatever the network does; for simulations and storms in tests. */
import type { ChannelLease } from '../engine/channel-lease.ts'
import type { Connection } from '../engine/connection-interface.ts'
import type { VirtualClock } from './clock.ts'

/** Options of {@link watchInvariants}. */
export interface InvariantOptions {
  /** The connection's clock: then every wait must have a timer. */
  readonly clock?: VirtualClock
  /** The connection's `queueSize`: then its outbox must keep it. Leave it out where messages of closed pages are adopted. */
  readonly queueSize?: number
}

/** A watch over one connection. */
export interface Invariants {
  /** Watches a channel as well: in order, nothing twice, nothing missing without a gap. Returns how to stop. */
  follow(lease: ChannelLease): () => void
  /** Call after every step. @throws Error with the first rule that was broken, then or since the last call */
  check(): void
  /** Call after a calm that is long enough for everything to heal. @throws Error with what has not */
  healed(): void
  /** Stops watching. */
  stop(): void
}

/** Phases in which nothing is waited for. */
const RESTING: readonly string[] = ['idle', 'open', 'failed']

/**
 * Watches a connection.
 *
 * @example
 * const invariants = watchInvariants(uplink, { clock: platform.clock })
 * for (const fault of faults) {
 *   fault()
 *   await platform.clock.advanceAsync(1_000)
 *   invariants.check()
 * }
 */
export function watchInvariants(connection: Connection, { clock, queueSize }: InvariantOptions = {}): Invariants {
  const undo = new Set<() => void>()
  const leases = new Set<ChannelLease>()
  const outcomes = new Map<string, string>()
  let broken: string | undefined
  let state = connection.snapshot().state

  /** Keeps the first: a listener that throws is the engine's to survive. */
  function insist(holds: boolean, rule: string): void {
    if (!holds) broken ??= rule
  }

  function ended(id: string, outcome: string): void {
    const before = outcomes.get(id)
    // What another page has taken over may come back from it, and what nobody could know may then be known.
    insist(before === undefined || before === 'adopted' || before === 'unknown', `every message has one outcome: ${id} was ${before}, and then ${outcome}`)
    outcomes.set(id, outcome)
  }

  const watches = [
    connection.on('statechange', ({ from, to }) => {
      insist(from !== to && from === state, `state changes join without a gap: it was ${state}, and went from ${from} to ${to}`)
      state = to
    }),
    connection.on('messageAcknowledged', ({ id }) => ended(id, 'delivered')),
    connection.on('messageRejected', ({ id }) => ended(id, 'rejected')),
    connection.on('messageUnknown', ({ id }) => ended(id, 'unknown')),
    connection.on('messageDropped', ({ id, reason }) => ended(id, reason)),
  ]
  for (const stop of watches) undo.add(stop)

  function look(): void {
    const { phase, retryAt } = connection.snapshot()
    const { queued } = connection.outbox()
    insist((retryAt !== null) === (phase === 'waiting' || phase === 'paused'), `a wait says when it ends: ${phase}, ${retryAt}`)
    insist(clock === undefined || RESTING.includes(phase) || clock.pending() > 0, `every phase that waits has a timer: ${phase}`)
    insist(queueSize === undefined || queued <= queueSize, `the outbox keeps its bound: ${queued} of ${queueSize}`)
    for (const lease of leases) {
      const { status } = lease.snapshot()
      insist(phase === 'open' || (status !== 'live' && status !== 'catchingUp'), `no channel is current without a connection: ${lease.name} is ${status}, the phase ${phase}`)
    }
  }

  function finish(): void {
    if (broken === undefined) return
    const rule = broken
    broken = undefined
    throw new Error(rule)
  }

  return {
    follow(lease) {
      let last: number | null = null
      leases.add(lease)
      const stops = [
        lease.onGap(() => { last = null }),
        lease.onMessage((_, { offset, from = offset }) => {
          if (offset === undefined || from === undefined) return
          insist(last === null || offset > last, `no message of a channel comes twice: ${lease.name} ${offset} after ${last}`)
          insist(last === null || from <= last + 1, `none is missing without a gap: ${lease.name} ${from} after ${last}`)
          last = offset
        }),
        () => leases.delete(lease),
      ]
      const stop = (): void => { for (const one of stops) one() }
      undo.add(stop)
      return stop
    },
    check() {
      look()
      finish()
    },
    healed() {
      look()
      const { state: now, attempt, catchingUp } = connection.snapshot()
      const { queued, inFlight } = connection.outbox()
      insist(now === 'connected' && attempt === 0, `in a calm it is connected, and stable: ${now}, attempt ${attempt}`)
      insist(!catchingUp, 'in a calm every channel becomes current')
      insist(queued === 0 && inFlight === 0, `in a calm nothing waits: ${queued} queued, ${inFlight} without an answer`)
      for (const lease of leases) insist(lease.snapshot().status === 'live', `in a calm every channel is live: ${lease.name} is ${lease.snapshot().status}`)
      finish()
    },
    stop() {
      for (const stop of undo) stop()
      undo.clear()
    },
  }
}
