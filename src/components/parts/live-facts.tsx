'use client'
/** The figures that tooltip and popover show. */
import type { ReactNode } from 'react'
import type { Display } from '../../core/display.ts'
import type { UplinkTarget } from '../../hooks/use-uplink.ts'
import { formatCount, formatLatency } from '../labels/format.ts'
import type { CoreLabels } from '../labels/labels.ts'
import { Uptime } from './ticking.tsx'
import { Tiles } from './tiles.tsx'
import { useShownLatency } from './use-shown-latency.ts'

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
