/** What an error tracker is told: an error without secrets, and what was going on around it. */
import { type Severity, UplinkError, messageOf } from '../core/errors.ts'
import type { Transition } from '../core/history.ts'
import type { ConnectionState, Phase } from '../core/machine.ts'
import type { ConnectionSnapshot } from '../engine/snapshot.ts'

/** The connection at the time of an error. */
export interface ReportContext {
  readonly state: ConnectionState
  readonly phase: Phase
  /** Failed attempts in a row. */
  readonly attempt: number
  /** Number of the socket. */
  readonly generation: number
  readonly everConnected: boolean
  /** What the device said of its network. */
  readonly isOnline: boolean | undefined
}

/** One report. Times are epoch ms. */
export interface ErrorReport {
  /** A copy without secrets: in its message, its stack and its cause. */
  readonly error: UplinkError
  readonly severity: Severity
  /** Errors with the same one are one problem: the code, and where there are any the close code and the channel. */
  readonly fingerprint: readonly string[]
  /** How often it happened since it was reported last, this time included. */
  readonly occurrences: number
  /** Errors of other kinds that were left out before this one, because too many kinds waited. */
  readonly omitted: number
  /** When it happened, the last time. */
  readonly at: number
  readonly context: ReportContext
  /** The last transitions before it, oldest first, at most {@link TRAIL_LENGTH}. */
  readonly trail: readonly Transition[]
}

/** How many transitions come with a report. */
export const TRAIL_LENGTH = 20

/** What makes errors the same. */
export function fingerprintOf({ code, closeCode, channel }: UplinkError): readonly string[] {
  return ['uplink', code, ...(closeCode === undefined ? [] : [String(closeCode)]), ...(channel === undefined ? [] : [channel])]
}

/** An error and its cause, every text of them passed through `redact`. */
export function withoutSecrets(error: UplinkError, redact: (text: string) => string): UplinkError {
  const { code, severity, closeCode, channel, messageId, cause } = error
  const copy = new UplinkError(code, redact(error.message), {
    severity,
    // Who threw it may have put anything into it: its name and its words go along, redacted, and nothing else.
    ...(cause === undefined ? {} : { cause: Object.assign(new Error(redact(messageOf(cause))), { name: cause instanceof Error ? cause.name : 'Error', stack: undefined }) }),
    ...(closeCode === undefined ? {} : { closeCode }),
    ...(channel === undefined ? {} : { channel }),
    ...(messageId === undefined ? {} : { messageId }),
  })
  if (error.stack !== undefined) copy.stack = redact(error.stack)
  return copy
}

/** What of a snapshot goes into a report. */
export function contextOf({ state, phase, attempt, generation, everConnected }: ConnectionSnapshot, isOnline: boolean | undefined): ReportContext {
  return { state, phase, attempt, generation, everConnected, isOnline }
}
