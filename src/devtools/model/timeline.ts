/** What happened to the connection: transitions, and what went wrong beside them. Pure. */
import type { Transition } from '../../core/history.ts'
import type { Phase } from '../../core/machine.ts'

/** One line of the timeline. Times are epoch ms. */
export interface Happening {
  readonly serial: number
  readonly at: number
  readonly kind: 'transition' | 'close' | 'error' | 'retry' | 'heartbeat' | 'gap'
  readonly from: Phase | null
  readonly to: Phase | null
  /** An error code, a close code, or the like. */
  readonly code: string | null
  readonly text: string
}

/** How many are remembered. */
export const TIMELINE_LENGTH = 500

/** The timeline with one line more, and at its limit the oldest one less. */
export function withHappening(timeline: readonly Happening[], next: Omit<Happening, 'serial'>): readonly Happening[] {
  const serial = (timeline.at(-1)?.serial ?? 0) + 1
  return [...timeline.slice(-(TIMELINE_LENGTH - 1)), { serial, ...next }]
}

/** A transition as a line of the timeline. */
export function happeningOf({ at, from, to, attempt, code }: Transition): Omit<Happening, 'serial'> {
  return { at, kind: 'transition', from, to, code, text: attempt > 0 ? `${attempt} failed ${attempt === 1 ? 'attempt' : 'attempts'} in a row` : '' }
}
