'use client'
/** The recent round trips as a line. */
import type { ReactNode } from 'react'
import type { LatencySnapshot } from '../../core/latency.ts'
import { formatCount, formatLatency, pluralOf } from '../labels/format.ts'
import type { CoreLabels } from '../labels/labels.ts'

const WIDTH = 120
const HEIGHT = 28
const POINTS = 40

/** Props of {@link LatencySparkline}. */
export interface LatencySparklineProps {
  readonly latency: LatencySnapshot
  readonly labels: CoreLabels
}

/** A sparkline from zero to the largest of the last round trips, so that its height means something. */
export function LatencySparkline({ latency, labels }: LatencySparklineProps): ReactNode {
  const samples = latency.samples.slice(-POINTS)
  const most = Math.max(50, ...samples)
  const x = (index: number): number => WIDTH - ((samples.length - 1 - index) * WIDTH) / (POINTS - 1)
  const y = (ms: number): number => HEIGHT - 2 - (ms / most) * (HEIGHT - 4)
  const points = samples.map((ms, index) => `${x(index).toFixed(1)},${y(ms).toFixed(1)}`).join(' ')
  const last = samples.at(-1)
  return (
    <svg
      role="img"
      aria-label={labels.latencyTrend(formatCount(samples.length, labels), formatLatency(latency.current, labels), pluralOf(samples.length, labels))}
      data-slot="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className="uplink:h-7 uplink:w-30 uplink:overflow-visible uplink:text-tone uplink:rtl:-scale-x-100"
    >
      <line x1="0" x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} stroke="currentColor" strokeOpacity="0.25" />
      {samples.length > 1 && <polyline points={points} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" strokeLinecap="round" />}
      {last !== undefined && <circle cx={WIDTH} cy={y(last)} r="2" fill="currentColor" />}
    </svg>
  )
}
