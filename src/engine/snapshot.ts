/** What the outside sees of the machine. */
import type { UplinkError } from '../core/errors.ts'
import { type ConnectionState, type Machine, type NetworkHint, type Phase, stateOf } from '../core/machine.ts'
import type { Platform } from './platform.ts'

/** A connection at one moment; replaced on every change. Times are epoch ms. */
export interface ConnectionSnapshot {
  readonly state: ConnectionState
  readonly phase: Phase
  /** Failed attempts in a row; 0 once the connection has been stable. */
  readonly attempt: number
  /** When the next attempt begins, while one is waited for. */
  readonly retryAt: number | null
  readonly breakerOpen: boolean
  /** Whether it was open since `connect()`. */
  readonly everConnected: boolean
  readonly network: NetworkHint
  /** When the current connection opened. */
  readonly connectedAt: number | null
  /** Number of the current socket. */
  readonly generation: number
  /** It is open again, and some channel that was current is not yet. */
  readonly catchingUp: boolean
  /** Why it is not open. */
  readonly error: UplinkError | null
  /** How often data is polled, in ms, while a fallback brings it because the connection is not open. @default null */
  readonly delayed?: number | null
}

/** The snapshot of a machine. */
export function snapshotOf(machine: Machine, platform: Platform, connectedAt: number | null, isBehind: boolean): ConnectionSnapshot {
  const waits = machine.phase === 'waiting' || machine.phase === 'paused'
  return {
    state: stateOf(machine),
    phase: machine.phase,
    attempt: machine.attempt,
    retryAt: waits ? Math.round(platform.time() + machine.deadline - platform.now()) : null,
    breakerOpen: machine.breaker.state === 'open',
    everConnected: machine.everConnected,
    network: machine.network,
    connectedAt,
    generation: machine.generation,
    catchingUp: machine.phase === 'open' && isBehind,
    error: machine.error,
  }
}

/** The snapshot of a connection that was never asked for; also what a server renders. */
export const IDLE_SNAPSHOT: ConnectionSnapshot = Object.freeze({
  state: 'disconnected', phase: 'idle', attempt: 0, retryAt: null, breakerOpen: false, everConnected: false,
  network: 'unknown', connectedAt: null, generation: 0, catchingUp: false, error: null,
})
