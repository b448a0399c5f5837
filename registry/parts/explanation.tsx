'use client'
/** Why, what to do, and when it goes on: one sentence each. */
import type { ReactNode } from 'react'
import type { Display, UplinkTarget } from 'uplink'
import { formatDuration } from '../labels/format'
import type { CoreLabels } from '../labels/labels'
import { Countdown } from './ticking'

/** Props of {@link Explanation}. */
export interface ExplanationProps {
  /** Cause, remedy and countdown, where there is room for all; else the countdown stands in the remedy's place. */
  readonly full?: boolean
  readonly display: Display
  readonly labels: CoreLabels
  readonly target?: UplinkTarget | undefined
}

/** Since when all is well: as it is shown, so that a drop that is not shown does not count. */
export function ConnectedSince({ display, labels }: Omit<ExplanationProps, 'full' | 'target'>): ReactNode {
  const time = new Intl.DateTimeFormat(labels.locale, { timeStyle: 'medium' }).format(display.since)
  return <p data-slot="since" className="m-0 text-xs text-uplink-muted">{labels.connectedSince(time)}</p>
}

/** Cause and remedy of a state, or nothing where there is nothing to explain. */
export function Explanation({ display, labels, target, full = false }: ExplanationProps): ReactNode {
  const cause = labels.causes[display.cause]
  const { delayed, retryAt, remedy } = display
  if (display.state === 'connected' || (cause === '' && delayed === null)) return null
  const advice = delayed !== null ? labels.delayedEvery(formatDuration(delayed, labels)) : retryAt === null || (full && remedy !== 'wait') ? labels.remedies[remedy] : ''
  // Another sentence is another paragraph: within one, the words that stay would be shifted by those that change.
  return (
    <p key={`${display.cause} ${advice}`} data-slot="explanation" className="m-0 text-pretty text-xs text-uplink-muted">
      {[cause, advice].filter(Boolean).join(' ')}
      {delayed === null && retryAt !== null && <>{' '}<Countdown at={retryAt} labels={labels} target={target} /></>}
    </p>
  )
}
