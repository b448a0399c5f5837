'use client'
/** Name and value, in rows: what tooltips, popovers and details show. */
import { Fragment, type ReactNode } from 'react'
import type { Display, UplinkTarget } from 'uplink'
import { formatCount, formatLatency } from '../labels/format'
import type { CoreLabels } from '../labels/labels'
import { Uptime } from './ticking'
import { useShownLatency } from './use-shown-latency'

/** Props of {@link Facts}. */
export interface FactsProps {
  readonly rows: ReadonlyArray<readonly [name: string, value: ReactNode]>
}

/** A description list in two columns. */
export function Facts({ rows }: FactsProps): ReactNode {
  return (
    <dl data-slot="facts" className="m-0 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-xs">
      {rows.map(([name, value]) => (
        <Fragment key={name}>
          <dt className="text-uplink-muted">{name}</dt>
          <dd className="m-0 text-end font-medium tabular-nums"><bdi>{value}</bdi></dd>
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
