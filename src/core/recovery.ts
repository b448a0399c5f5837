/**
 * What an outage cost, once it is over: how long it was, what was sent and received when the connection came back,
 * and what was dropped. A pure machine beside the display's; outages that were never shown leave no receipt.
 */
import type { Display } from './display.ts'

/** Running totals that are compared. */
export interface Tally {
  readonly sent: number
  readonly received: number
  /** Messages that were dropped or have expired. */
  readonly dropped: number
  /** Messages of which nobody can know whether they arrived. */
  readonly unknown: number
}

/** The receipt of one outage. Times are epoch ms. */
export interface Recovery extends Tally {
  /** When the outage began. */
  readonly since: number
  /** When everything was current again. */
  readonly until: number
}

/** What the receipt is made from. */
export interface RecoveryFacts {
  readonly display: Display
  /** A socket is open: only then anything is sent or received. */
  readonly isOpen: boolean
  readonly tally: Tally
}

/** The machine: an outage that goes on, or the receipt of the last one. */
export interface RecoveryMachine {
  readonly recovery: Recovery | null
  /** The totals when the outage began. */
  readonly base: Tally | null
  readonly since: number
  /** The outage has been on the screen. */
  readonly shown: boolean
  readonly wasConnected: boolean
  /** Until then (epoch ms) what is sent and received belongs to the recovery. */
  readonly settlesAt: number
}

/** How long after its end an outage is still being made up for: the outbox empties, plain servers repeat what was missed. */
export const SETTLE_MS = 2_000

/** Nothing has happened yet. */
export const NO_RECOVERY: RecoveryMachine = Object.freeze({ recovery: null, base: null, since: 0, shown: false, wasConnected: false, settlesAt: -Infinity })

const less = (now: Tally, base: Tally): Tally => ({
  sent: now.sent - base.sent, received: now.received - base.received, dropped: now.dropped - base.dropped, unknown: now.unknown - base.unknown,
})

/** The next machine at `now` (epoch ms). */
export function recoveryStep(before: RecoveryMachine, { display, isOpen, tally }: RecoveryFacts, now: number): RecoveryMachine {
  const { state, outageSince } = display
  if (state === 'disconnected' || state === 'disconnecting') return NO_RECOVERY
  if (outageSince !== null) {
    if (!before.wasConnected) return before
    const begins = before.base === null || before.since !== outageSince
    const shown = (!begins && before.shown) || state !== 'connected'
    // Without a socket nothing is sent or received: what a late look adds was before the outage.
    const base = begins || before.base === null ? tally : isOpen ? before.base : { ...before.base, sent: tally.sent, received: tally.received }
    return { ...before, base, since: outageSince, shown, recovery: shown ? null : before.recovery }
  }
  if (state !== 'connected') return before
  const { base, since } = before
  if (base !== null && before.shown) {
    return { ...before, recovery: { since, until: display.since, ...less(tally, base) }, shown: false, wasConnected: true, settlesAt: now + SETTLE_MS }
  }
  const { recovery } = before
  const settles = recovery !== null && base !== null && recovery.since === since && now <= before.settlesAt
  return { ...before, wasConnected: true, recovery: settles ? { ...recovery, ...less(tally, base) } : recovery }
}
