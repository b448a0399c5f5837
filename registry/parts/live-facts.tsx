'use client'
/** The figures that tooltip and popover show. */
import type { ReactNode } from 'react'
import type { Display, UplinkTarget } from 'uplink'
import { formatCount, formatLatency } from '../labels/format'
import type { CoreLabels } from '../labels/labels'
import { Uptime } from './ticking'
import { Tiles } from './tiles'
import { useShownLatency } from './use-shown-latency'

/** Props of {@link LiveFacts}. */
export interface LiveFactsProps {
  readonly display: Display
  readonly labels: CoreLabels
  readonly target?: UplinkTarget | undefined
}

/** Latency, and uptime or the attempts so far. Mounted only while looked at, so it costs nothing otherwise. */
export function LiveFacts({ display, labels, target }: LiveFactsProps): ReactNode {
  const { current, quality } = useShownLatency(display, target)
  return (
    <Tiles
      tiles={[
        [labels.latency, current === null ? labels.unknown : `${formatLatency(current, labels)} · ${labels.qualities[quality]}`],
        display.attempt > 0 ? [labels.attempt, formatCount(display.attempt, labels)] : [labels.uptime, <Uptime key="uptime" display={display} labels={labels} target={target} />],
      ]}
    />
  )
}
