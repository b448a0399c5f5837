'use client'
/** The drawing of a latency chart: bands of quality, gaps, area, line and the place that is being read. */
import { type ReactNode, useId } from 'react'
import { type ConnectionRecord, LATENCY_LEVELS } from 'uplink'
import { formatLatency } from '../labels/format'
import type { CoreLabels } from '../labels/labels'
import { type Course, heightOf, pathsOf } from './geometry'

/** Props of {@link Plot}. */
export interface PlotProps {
  readonly record: ConnectionRecord
  readonly course: Course
  /** Latency at the upper edge, in ms. */
  readonly top: number
  /** The moment that is being read, epoch ms. */
  readonly at: number | null
  /** Its latency, in ms. */
  readonly ms: number | null
  readonly labels: CoreLabels
}

/** The drawing is this many units wide and high; the browser stretches it to its place. */
const WIDTH = 360
const HEIGHT = 100
/** A band below this height has no room for its name. */
const LABEL_LEAST = 15

const LAYER = 'pointer-events-none absolute inset-0 size-full rtl:-scale-x-100'

const BAND_CLASSES: Readonly<Record<string, string>> = {
  excellent: 'fill-(--uplink-good) opacity-12',
  good: 'fill-(--uplink-good) opacity-5',
  fair: 'fill-(--uplink-busy) opacity-8',
  poor: 'fill-(--uplink-bad) opacity-8',
}

/** Draws; all that is text stands beside the drawing, so that neither stretching nor mirroring touches it. */
export function Plot({ record: { from, until, latency }, course, top, at, ms, labels }: PlotProps): ReactNode {
  const hatch = useId()
  const x = (time: number): number => ((Math.max(time, from) - from) / Math.max(1, until - from)) * WIDTH
  const y = (value: number): number => HEIGHT * (1 - heightOf(value, top))
  const percentX = (time: number): string => `${(x(time) / WIDTH) * 100}%`
  const percentY = (value: number): string => `${y(value)}%`
  const bands = LATENCY_LEVELS.map(([quality, most], index) => ({ quality, least: LATENCY_LEVELS[index - 1]?.[1] ?? 0, most: Math.min(most, top) })).filter(({ least }) => least < top)
  return (
    <>
      <svg aria-hidden="true" className={LAYER}>
        <pattern id={hatch} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="7" height="7" className="fill-uplink-surface" />
          <line x1="0" x2="0" y1="0" y2="7" className="stroke-uplink-muted opacity-40" />
        </pattern>
        <g className="forced-colors:hidden">
          {bands.map(({ quality, least, most }) => <rect key={quality} data-band={quality} x="0" width="100%" y={percentY(most)} height={`${y(least) - y(most)}%`} className={BAND_CLASSES[quality]} />)}
        </g>
        {bands.slice(1).map(({ quality, least }) => <line key={quality} x1="0" x2="100%" y1={percentY(least)} y2={percentY(least)} strokeDasharray="2 3" className="stroke-uplink-muted opacity-50" />)}
        {course.gaps.map((gap) => <rect key={gap.from} data-slot="unknown" x={percentX(gap.from)} width={`${((x(gap.to) - x(gap.from)) / WIDTH) * 100}%`} y="0" height="100%" fill={`url(#${hatch})`} />)}
      </svg>
      {/* Below the line; the lowest at the foot of the picture, which round trips hardly reach. */}
      {latency.length > 0 && bands.map(({ quality, least, most }) => (
        y(least) - y(most) > LABEL_LEAST && (
          <span key={quality} aria-hidden="true" data-slot="band" className="absolute start-1.5 flex gap-1 text-[0.6875rem]/3.5 text-uplink-muted" style={least === 0 ? { bottom: '2px' } : { top: `calc(${percentY(most)} + 2px)` }}>
            <bdi className="tabular-nums">{formatLatency(most, labels)}</bdi>
            <bdi>{labels.qualities[quality]}</bdi>
          </span>
        )
      ))}
      <svg aria-hidden="true" className={LAYER}>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className="overflow-visible">
          {course.runs.map((run) => {
            const { line, area } = pathsOf(run, x, y)
            return (
              <g key={run[0]?.at}>
                <path d={area} className="fill-current opacity-15" />
                <path d={line} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" vectorEffect="non-scaling-stroke" />
              </g>
            )
          })}
        </svg>
        {latency.filter(({ high }) => high > top).map(({ at: when }) => <line key={when} data-slot="clipped" x1={percentX(when)} x2={percentX(when)} y1="0" y2="5" strokeWidth="2" className="stroke-(--uplink-bad)" />)}
        {at !== null && <line x1={percentX(at)} x2={percentX(at)} y1="0" y2="100%" className="stroke-uplink-muted" />}
        {at !== null && ms !== null && <circle data-slot="cursor" cx={percentX(at)} cy={percentY(ms)} r="4" strokeWidth="2" className="fill-uplink-surface stroke-current" />}
      </svg>
    </>
  )
}
