'use client'
/** Round trips of the last hour as a picture, readable by pointer, by keys and in words. */
import { type HTMLAttributes, type ReactNode, forwardRef, useId } from 'react'
import { type ConnectionRecord, LATENCY_LEVELS, type LatencyPoint, type UplinkTarget, useConnectionRecord } from 'uplink'
import { CORE_ENGLISH } from '../labels/english/core'
import { HOUR_ENGLISH, type HourLabels } from '../labels/english/hour'
import { formatLatency } from '../labels/format'
import type { CoreLabels, LabelOverrides } from '../labels/labels'
import { timeToTheSecond } from '../labels/moments'
import { useLabels } from '../labels/use-labels'
import { cx } from '../parts/cx'
import { HourAxis } from '../parts/hour-axis'
import { useReading } from '../parts/reading'
import { courseOf, topOf } from './geometry'
import { Plot } from './plot'

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
  return <span className="whitespace-nowrap">{name} <bdi className="inline-block min-w-14 font-medium text-uplink-ink tabular-nums">{formatLatency(ms, labels)}</bdi></span>
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
    <figure ref={ref} data-slot="latency-chart" {...props} className={cx('uplink m-0 grid w-full min-w-0 grid-cols-[minmax(0,1fr)] gap-1.5 text-sm text-uplink-ink', className)}>
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-4 text-xs text-uplink-muted">
        <span><span className="text-sm font-medium text-uplink-ink">{labels.latency}</span> {labels.lastHour}</span>
        <span className="flex gap-x-3">
          <Figure name={labels.median} ms={p50} labels={labels} />
          <Figure name={labels.percentile95} ms={p95} labels={labels} />
        </span>
      </figcaption>
      <div
        {...reading.props}
        aria-describedby={descriptionId}
        data-slot="plot"
        className="relative h-32 touch-pan-y overflow-hidden rounded-md border border-uplink-line bg-uplink-surface focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-uplink-ring"
      >
        <Plot record={record} course={course} top={top} at={reading.at === null ? null : read?.at ?? reading.at} ms={read?.median ?? null} labels={labels} />
      </div>
      <HourAxis from={from} until={until} labels={labels} />
      <p data-slot="reading" aria-hidden="true" className="m-0 min-h-8 text-xs/4 text-uplink-muted tabular-nums">
        {reading.at === null ? summary : textAt(reading.at)}
      </p>
      <span id={descriptionId} className="sr-only">{summary}</span>
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
