'use client'
/** The mark and the word of a state, as the first line of a panel. */
import type { ReactNode } from 'react'
import type { DisplayState } from 'uplink'
import type { CoreLabels } from '../labels/labels'
import { cx } from './cx'
import { StateMark } from './state-mark'

/** Props of {@link StateLine}. */
export interface StateLineProps {
  readonly state: DisplayState
  readonly labels: CoreLabels
  readonly className?: string
}

/** Says the state. It stands on a line of its own, so that its width matters to nobody. */
export function StateLine({ state, labels, className }: StateLineProps): ReactNode {
  return (
    <div data-slot="state" data-state={state} className={cx('flex items-center gap-1.5 font-semibold text-uplink-tone-ink', className)}>
      <StateMark state={state} />
      <span data-slot="label">{labels.states[state]}</span>
    </div>
  )
}
