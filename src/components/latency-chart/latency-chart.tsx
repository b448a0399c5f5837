'use client'
/** Round trips of the last hour as a picture, readable by pointer, by keys and in words. */
import { type HTMLAttributes, type ReactNode, forwardRef, useId } from 'react'
import type { LatencyPoint, ConnectionRecord } from '../../core/record.ts'
import { useConnectionRecord } from '../../hooks/use-connection-record.ts'
import { LATENCY_LEVELS } from '../../hooks/use-latency.ts'
import type { UplinkTarget } from '../../hooks/use-uplink.ts'
import { CORE_ENGLISH } from '../labels/english/core.ts'
import { HOUR_ENGLISH, type HourLabels } from '../labels/english/hour.ts'
import { formatLatency } from '../labels/format.ts'
import type { CoreLabels, LabelOverrides } from '../labels/labels.ts'
import { timeToTheSecond } from '../labels/moments.ts'
import { useLabels } from '../labels/use-labels.tsx'
import { cx } from '../parts/cx.ts'
import { HourAxis } from '../parts/hour-axis.tsx'
import { useReading } from '../parts/reading.ts'
import { courseOf, topOf } from './geometry.ts'
import { Plot } from './plot.tsx'

/** Props of {@link LatencyChart}; the rest goes to its element. */
export interface LatencyChartProps extends Omit<HTMLAttributes<HTMLElement>, 'children'> {
  /** An uplink or a URL, instead of the provider's. */
  readonly uplink?: UplinkTarget
  /** A record to show instead of the connection's own, for example one that was stored. */
  readonly record?: ConnectionRecord
  /** Words to use instead of the English ones. */
  readonly labels?: LabelOverrides
}

type OfRecord = Omit<LatencyChartProps, 'uplink' | 'record'> & { readonly record: ConnectionRecord }

const ENGLISH = { ...CORE_ENGLISH, ...HOUR_ENGLISH }

const qualityOf = (ms: number): keyof CoreLabels['qualities'] => LATENCY_LEVELS.find(([, most]) => ms <= most)?.[0] ?? 'poor'

function describe({ low, median, high }: LatencyPoint, labels: CoreLabels & HourLabels): string {
  const value = `${formatLatency(median, labels)}, ${labels.qualities[qualityOf(median)]}`
  return low === high ? value : `${value} (${labels.latencyRange(formatLatency(low, labels), formatLatency(high, labels))})`
}

function Figure({ name, ms, labels }: { readonly name: string; readonly ms: number | null; readonly labels: HourLabels }): ReactNode {
  return <span className="uplink:whitespace-nowrap">{name} <bdi className="uplink:inline-block uplink:min-w-14 uplink:font-medium uplink:text-ink uplink:tabular-nums">{formatLatency(ms, labels)}</bdi></span>
}

const Chart = forwardRef<HTMLElement, OfRecord>(function Chart({ record, labels: given, className, ...props }, ref) {
  const labels = useLabels(ENGLISH, given)
  const descriptionId = useId()
  const { from, until, latency, p50, p95, highest } = record
  const top = topOf(highest, p95)
  const course = courseOf(latency, from, until)
  const pointAt = (at: number): LatencyPoint | undefined => {
    const [first, ...others] = latency
    const nearest = others.reduce((best, point) => (best !== undefined && Math.abs(best.at - at) <= Math.abs(point.at - at) ? best : point), first)
    return nearest !== undefined && Math.abs(nearest.at - at) <= course.reachMs ? nearest : undefined
  }
  const textAt = (at: number): string => {
    const point = pointAt(at)
    return `${timeToTheSecond(point?.at ?? at, labels)}: ${point === undefined ? labels.unknown : describe(point, labels)}`
  }
  const reading = useReading({ label: labels.latencyOfHour, from, until, stops: latency.map(({ at }) => at), textAt })
  const summary = latency.length === 0 ? labels.noMeasurements : labels.latencySummary(formatLatency(p50, labels), formatLatency(p95, labels), formatLatency(highest, labels))
  const read = reading.at === null ? undefined : pointAt(reading.at)
  return (
    <figure ref={ref} data-slot="latency-chart" {...props} className={cx('uplink uplink:m-0 uplink:grid uplink:w-full uplink:min-w-0 uplink:grid-cols-[minmax(0,1fr)] uplink:gap-1.5 uplink:text-sm uplink:text-ink', className)}>
      <figcaption className="uplink:flex uplink:flex-wrap uplink:items-baseline uplink:justify-between uplink:gap-x-4 uplink:text-xs uplink:text-muted">
        <span><span className="uplink:text-sm uplink:font-medium uplink:text-ink">{labels.latency}</span> {labels.lastHour}</span>
        <span className="uplink:flex uplink:gap-x-3">
          <Figure name={labels.median} ms={p50} labels={labels} />
          <Figure name={labels.percentile95} ms={p95} labels={labels} />
        </span>
      </figcaption>
      <div
        {...reading.props}
        aria-describedby={descriptionId}
        data-slot="plot"
        className="uplink:relative uplink:h-32 uplink:touch-pan-y uplink:overflow-hidden uplink:rounded-md uplink:border uplink:border-line uplink:bg-surface uplink:focus-visible:outline-2 uplink:focus-visible:outline-offset-2 uplink:focus-visible:outline-ring"
      >
        <Plot record={record} course={course} top={top} at={reading.at === null ? null : read?.at ?? reading.at} ms={read?.median ?? null} labels={labels} />
      </div>
      <HourAxis from={from} until={until} labels={labels} />
      <p data-slot="reading" aria-hidden="true" className="uplink:m-0 uplink:min-h-8 uplink:text-xs/4 uplink:text-muted uplink:tabular-nums">
        {reading.at === null ? summary : textAt(reading.at)}
      </p>
      <span id={descriptionId} className="uplink:sr-only">{summary}</span>
    </figure>
  )
})

const Live = forwardRef<HTMLElement, Omit<LatencyChartProps, 'record'>>(function Live({ uplink, ...props }, ref) {
  return <Chart ref={ref} {...props} record={useConnectionRecord(uplink)} />
})

/**
 * A picture of latency over the last hour: the line is the median of each ten seconds, the area around it runs from
 * the lowest to the highest, bands say what that is worth, and hatching where nothing is known. It fills the width of
 * its place. Pointer, touch and arrow keys read values; a sentence says the same.
 *
 * @example
 * <LatencyChart />
 */
export const LatencyChart: React.ForwardRefExoticComponent<LatencyChartProps & React.RefAttributes<HTMLElement>> =
  forwardRef(function LatencyChart({ uplink, record, ...props }, ref) {
    return record === undefined ? <Live ref={ref} {...props} {...(uplink === undefined ? {} : { uplink })} /> : <Chart ref={ref} {...props} record={record} />
  })
