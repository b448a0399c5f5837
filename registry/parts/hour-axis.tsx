'use client'
/** The times below a picture of the last hour. */
import type { ReactNode } from 'react'
import type { Locale } from '../labels/labels'
import { timeOfDay } from '../labels/moments'

/** Props of {@link HourAxis}. Times are epoch ms. */
export interface HourAxisProps {
  readonly from: number
  readonly until: number
  readonly labels: Locale
}

/** Begin, middle and end; a line of its own height where there is no hour yet. */
export function HourAxis({ from, until, labels }: HourAxisProps): ReactNode {
  const times = until === 0 ? [] : [from, (from + until) / 2, until]
  return (
    <div aria-hidden="true" data-slot="axis" className="flex min-h-4 justify-between text-xs/4 text-uplink-muted tabular-nums">
      {times.map((at) => <bdi key={at}>{timeOfDay(at, labels)}</bdi>)}
    </div>
  )
}
