'use client'
/** Why, what to do, and when it goes on: one sentence each. */
import type { ReactNode } from 'react'
import type { Display } from '../../core/display.ts'
import type { UplinkTarget } from '../../hooks/use-uplink.ts'
import { useConnection } from '../../hooks/use-connection.ts'
import { formatDuration } from '../labels/format.ts'
import type { CoreLabels } from '../labels/labels.ts'
import { Countdown } from './ticking.tsx'

/** Props of {@link Explanation}. */
export interface ExplanationProps {
  readonly display: Display
  readonly labels: CoreLabels
  readonly target?: UplinkTarget | undefined
}

/** Since when all is well. */
export function ConnectedSince({ labels, target }: Omit<ExplanationProps, 'display'>): ReactNode {
  const connectedAt = useConnection((connection) => connection.connectedAt, target)
  if (connectedAt === null) return null
  const time = new Intl.DateTimeFormat(labels.locale, { timeStyle: 'medium' }).format(connectedAt)
  return <p data-slot="since" className="uplink:m-0 uplink:text-xs uplink:text-muted">{labels.connectedSince(time)}</p>
}

/** Cause and remedy of a state, or nothing where there is nothing to explain. */
export function Explanation({ display, labels, target }: ExplanationProps): ReactNode {
  const cause = labels.causes[display.cause]
  const { delayed } = display
  if (display.state === 'connected' || (cause === '' && delayed === null)) return null
  return (
    <p data-slot="explanation" className="uplink:m-0 uplink:text-pretty uplink:text-xs uplink:text-muted">
      {cause}{' '}
      {delayed !== null ? labels.delayedEvery(formatDuration(delayed, labels)) : display.retryAt === null ? labels.remedies[display.remedy] : <Countdown at={display.retryAt} labels={labels} target={target} />}
    </p>
  )
}
