'use client'
/** Name and value, in rows: what tooltips, popovers and details show. */
import { Fragment, type ReactNode } from 'react'
import type { Display } from '../../core/display.ts'
import type { UplinkTarget } from '../../hooks/use-uplink.ts'
import { formatCount, formatLatency } from '../labels/format.ts'
import type { CoreLabels } from '../labels/labels.ts'
import { Uptime } from './ticking.tsx'
import { useShownLatency } from './use-shown-latency.ts'

/** Props of {@link Facts}. */
export interface FactsProps {
  readonly rows: ReadonlyArray<readonly [name: string, value: ReactNode]>
}

/** A description list in two columns. */
export function Facts({ rows }: FactsProps): ReactNode {
  return (
    <dl data-slot="facts" className="uplink:m-0 uplink:grid uplink:grid-cols-[auto_1fr] uplink:gap-x-4 uplink:gap-y-1 uplink:text-xs">
      {rows.map(([name, value]) => (
        <Fragment key={name}>
          <dt className="uplink:text-muted">{name}</dt>
          <dd className="uplink:m-0 uplink:text-end uplink:font-medium uplink:tabular-nums"><bdi>{value}</bdi></dd>
        </Fragment>
      ))}
    </dl>
  )
}

/** Props of {@link LiveFacts}. */
export interface LiveFactsProps {
  readonly display: Display
  readonly labels: CoreLabels
  readonly target?: UplinkTarget | undefined
}

/** Latency, attempt and uptime. Mounted only while looked at, so it costs nothing otherwise. */
export function LiveFacts({ display, labels, target }: LiveFactsProps): ReactNode {
  const { current, quality } = useShownLatency(display, target)
  return (
    <Facts
      rows={[
        [labels.latency, current === null ? labels.unknown : `${formatLatency(current, labels)} · ${labels.qualities[quality]}`],
        ...(display.attempt > 0 ? ([[labels.attempt, formatCount(display.attempt, labels)]] as const) : []),
        [labels.uptime, <Uptime key="uptime" display={display} labels={labels} target={target} />],
      ]}
    />
  )
}
