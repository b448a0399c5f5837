/** The last transitions of the connection, bounded. */
import type { ErrorCode } from './errors.ts'
import type { ConnectionState, Phase } from './machine.ts'

/** One change of phase. `at` is epoch ms. */
export interface Transition {
  readonly at: number
  readonly from: Phase
  readonly to: Phase
  /** The public state after it. */
  readonly state: ConnectionState
  /** Failed attempts in a row. */
  readonly attempt: number
  /** Why, where something failed. */
  readonly code: ErrorCode | null
}

/** How many transitions are remembered: about an hour of an unreachable server. */
export const HISTORY_LENGTH = 100

/** The history with one transition more and, at its limit, the oldest one less. */
export function withTransition(history: readonly Transition[], transition: Transition): readonly Transition[] {
  return [...history.slice(-(HISTORY_LENGTH - 1)), transition]
}
