'use client'
/** The course of one outage: when it began, each attempt, and how it ended. */
import type { ReactNode } from 'react'
import type { Recovery } from '../../core/recovery.ts'
import type { Transition } from '../../core/history.ts'
import { useConnectionHistory } from '../../hooks/use-connection-history.ts'
import type { UplinkTarget } from '../../hooks/use-uplink.ts'
import { formatCount } from '../labels/format.ts'
import type { BannerLabels } from '../labels/english/banner.ts'

/** Props of {@link OutageTimeline}. */
export interface OutageTimelineProps {
  readonly id: string
  /** When the outage began, epoch ms. */
  readonly since: number
  readonly recovery: Recovery | null
  readonly labels: BannerLabels
  readonly target: UplinkTarget | undefined
}

/** More would hide the page below. */
const ROWS = 8

interface Row {
  readonly at: number
  readonly text: string
}

function rowsOf(history: readonly Transition[], { since, recovery, labels }: OutageTimelineProps): Row[] {
  const rows: Row[] = [{ at: since, text: labels.outageBegan }]
  for (const { at, to, attempt } of history) {
    if (at < since || (recovery !== null && at > recovery.until)) continue
    if (to === 'dialing') rows.push({ at, text: labels.attemptNumber(formatCount(Math.max(1, attempt), labels)) })
    if (to === 'open') rows.push({ at, text: labels.backAgain })
  }
  const last = rows.at(-1)
  if (recovery !== null && last !== undefined && recovery.until > last.at) rows.push({ at: recovery.until, text: labels.allCurrent })
  return rows.length <= ROWS ? rows : [...rows.slice(0, 1), ...rows.slice(1 - ROWS)]
}

/** A list, oldest first. Of a long outage it keeps the beginning and the latest. */
export function OutageTimeline(props: OutageTimelineProps): ReactNode {
  const { id, labels, target } = props
  const times = new Intl.DateTimeFormat(labels.locale, { timeStyle: 'medium' })
  return (
    <ol
      id={id}
      data-slot="outage-timeline"
      aria-label={labels.outageTimeline}
      className="uplink:m-0 uplink:grid uplink:list-none uplink:gap-1 uplink:border-t uplink:border-line uplink:px-4 uplink:py-3 uplink:text-xs"
    >
      {rowsOf(useConnectionHistory(target), props).map(({ at, text }, index) => (
        <li key={`${at} ${index}`} className="uplink:flex uplink:gap-3">
          <time dateTime={new Date(at).toISOString()} className="uplink:text-muted uplink:tabular-nums">{times.format(at)}</time>
          <span>{text}</span>
        </li>
      ))}
    </ol>
  )
}
