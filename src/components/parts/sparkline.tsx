'use client'
/** The recent round trips as a line over an area. */
import type { ReactNode } from 'react'
import type { LatencySnapshot } from '../../core/latency.ts'
import { formatCount, formatLatency, pluralOf } from '../labels/format.ts'
import type { CoreLabels } from '../labels/labels.ts'

const WIDTH = 280
const HEIGHT = 44
/** The line keeps this far from the edges, so that its width and its dot are not cut. */
const MARGIN = 4
const POINTS = 40

/** Props of {@link LatencySparkline}. */
export interface LatencySparklineProps {
  readonly latency: LatencySnapshot
  readonly labels: CoreLabels
}

/**
 * A sparkline from zero to the largest of the last round trips, so that its height means something. Its colour is
 * that of the quality; while nothing is measured it is a memory, and drawn as one.
 */
export function LatencySparkline({ latency, labels }: LatencySparklineProps): ReactNode {
  const samples = latency.samples.slice(-POINTS)
  const most = Math.max(50, ...samples)
  const x = (index: number): number => WIDTH - MARGIN - ((samples.length - 1 - index) * (WIDTH - MARGIN)) / (POINTS - 1)
  const y = (ms: number): number => HEIGHT - MARGIN - (ms / most) * (HEIGHT - 2 * MARGIN)
  const points = samples.map((ms, index) => `${x(index).toFixed(1)} ${y(ms).toFixed(1)}`)
  const line = `M${points.join('L')}`
  const last = samples.at(-1)
  return (
    <svg
      role="img"
      aria-label={labels.latencyTrend(formatCount(samples.length, labels), formatLatency(latency.current, labels), pluralOf(samples.length, labels))}
      data-slot="sparkline"
      data-quality={latency.quality}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className="uplink-quality uplink:block uplink:h-auto uplink:w-full uplink:overflow-visible uplink:rtl:-scale-x-100"
    >
      <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} stroke="var(--uplink-line)" />
      {samples.length > 1 && <path d={`${line}V${HEIGHT - 1}H${x(0).toFixed(1)}z`} fill="currentColor" opacity="0.12" />}
      {samples.length > 1 && <path d={line} fill="none" stroke="currentColor" strokeWidth="1.5" />}
      {last !== undefined && <circle cx={WIDTH - MARGIN} cy={y(last)} r="3" fill="currentColor" stroke="var(--uplink-surface)" strokeWidth="1.5" />}
    </svg>
  )
}
