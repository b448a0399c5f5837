'use client'
/** The states of the last hour as a strip, readable by pointer, by keys and as a list. */
import { type CSSProperties, type HTMLAttributes, type ReactNode, forwardRef } from 'react'
import { type ConnectionRecord, type StateSpan, type UplinkTarget, useConnectionRecord } from 'uplink'
import { CORE_ENGLISH } from '../labels/english/core'
import { HOUR_ENGLISH, type HourLabels } from '../labels/english/hour'
import { formatCount, formatDuration, formatShare, pluralOf } from '../labels/format'
import type { CoreLabels, LabelOverrides } from '../labels/labels'
import { timeToTheSecond } from '../labels/moments'
import { useLabels } from '../labels/use-labels'
import { cx } from '../parts/cx'
import { HourAxis } from '../parts/hour-axis'
import { useReading } from '../parts/reading'
import { Reserved } from '../parts/reserved'
import { FILLS } from '../parts/state-mark'

/** Props of {@link ConnectionTimeline}; the rest goes to its element. */
export interface ConnectionTimelineProps extends Omit<HTMLAttributes<HTMLElement>, 'children'> {
  /** An uplink or a URL, instead of the provider's. */
  readonly uplink?: UplinkTarget
  /** A record to show instead of the connection's own, for example one that was stored. */
  readonly record?: ConnectionRecord
  /** Shows the list of states below the strip to everybody; it is always there for screen readers. @default false */
  readonly showList?: boolean
  /** Words to use instead of the English ones. */
  readonly labels?: LabelOverrides
}

type OfRecord = Omit<ConnectionTimelineProps, 'uplink' | 'record'> & { readonly record: ConnectionRecord }

const ENGLISH = { ...CORE_ENGLISH, ...HOUR_ENGLISH }

/** The list names this many states at most, the newest. */
const LISTED_MOST = 50

function sentence({ state, cause, from, to, drops }: StateSpan, labels: CoreLabels & HourLabels): string {
  const [word, began] = [labels.states[state], timeToTheSecond(from, labels)]
  return [
    to === null ? labels.stateSince(word, began) : labels.stateBetween(word, began, timeToTheSecond(to, labels), formatDuration(to - from, labels)),
    drops === 0 ? '' : labels.shortDrops(formatCount(drops, labels), pluralOf(drops, labels)),
    labels.causes[cause],
  ].filter((part) => part !== '').join(' ')
}

interface StripProps {
  readonly record: ConnectionRecord
  /** The span that is being read. */
  readonly read: StateSpan | undefined
}

/** One bar for each state, as long as it lasted, and never too short to be seen; trouble is taller than what is well. */
function Strip({ record: { from, until, spans }, read }: StripProps): ReactNode {
  const share = (ms: number): string => `${((ms / Math.max(1, until - from)) * 100).toFixed(3)}%`
  const placeOf = (began: number, ended: number): CSSProperties => ({ insetInlineStart: `min(${share(began - from)}, 100% - 3px)`, inlineSize: share(ended - began) })
  const recorded = spans[0] === undefined ? null : Math.max(spans[0].from, from)
  const bars = spans.map((span) => {
    const began = Math.max(span.from, from)
    return (
      <span
        key={span.from}
        data-slot="span"
        data-state={span.state}
        data-fill={FILLS[span.state]}
        data-read={span === read || undefined}
        className="uplink-tone uplink-span absolute inset-y-0 min-w-0.75 rounded-xs data-read:z-10 data-read:outline-2 data-read:outline-offset-1 data-read:outline-uplink-ink data-[state=connected]:inset-y-2 data-[state=disconnected]:inset-y-2.5"
        style={placeOf(began, span.to ?? until)}
      />
    )
  })
  return (
    <>
      {recorded !== null && <span className="absolute inset-y-0 bg-uplink-surface" style={placeOf(recorded, until)} />}
      {bars}
    </>
  )
}

const Timeline = forwardRef<HTMLElement, OfRecord>(function Timeline(
  { record, showList = false, labels: given, className, ...props }, ref,
) {
  const labels = useLabels(ENGLISH, given)
  const { from, until, spans, availability } = record
  const spanAt = (at: number): StateSpan | undefined => spans.filter((span) => span.from <= at && at <= (span.to ?? until)).at(-1)
  const textAt = (at: number): string => {
    const span = spanAt(at)
    return span === undefined ? labels.notRecorded : sentence(span, labels)
  }
  const reading = useReading({ label: labels.statesOfHour, from, until, stops: spans.map((span) => Math.max(span.from, from)), textAt })
  const last = spans.at(-1)
  return (
    <figure ref={ref} data-slot="connection-timeline" {...props} className={cx('uplink m-0 grid w-full min-w-0 grid-cols-[minmax(0,1fr)] gap-1.5 text-sm text-uplink-ink', className)}>
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-4 text-xs text-uplink-muted">
        <span><span className="text-sm font-medium text-uplink-ink">{labels.connection}</span> {labels.lastHour}</span>
        <Reserved words={[null, 0.888, 1].map((share) => labels.available(formatShare(share, labels)))} className="tabular-nums">{labels.available(formatShare(availability, labels))}</Reserved>
      </figcaption>
      <div {...reading.props} data-slot="strip" className="uplink uplink-veil relative h-7 touch-pan-y rounded-sm focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-uplink-ring">
        <Strip record={record} read={reading.at === null ? undefined : spanAt(reading.at)} />
      </div>
      <HourAxis from={from} until={until} labels={labels} />
      <p data-slot="reading" aria-hidden="true" className="m-0 min-h-8 text-xs/4 text-uplink-muted tabular-nums">
        {reading.at !== null ? textAt(reading.at) : last === undefined ? labels.notRecorded : sentence(last, labels)}
      </p>
      <ol data-slot="timeline-list" className={showList ? 'm-0 grid list-none gap-1 p-0 text-xs/4 tabular-nums' : 'sr-only'}>
        {spans.slice(-LISTED_MOST).reverse().map((span) => <li key={span.from}>{sentence(span, labels)}</li>)}
      </ol>
    </figure>
  )
})

const Live = forwardRef<HTMLElement, Omit<ConnectionTimelineProps, 'record'>>(function Live({ uplink, ...props }, ref) {
  return <Timeline ref={ref} {...props} record={useConnectionRecord(uplink)} />
})

/**
 * The last hour of states as a strip: each as long as it lasted, with its times and its reason on hover, touch and
 * arrow keys, and as a list. Hatching is where nothing was recorded.
 *
 * @example
 * <ConnectionTimeline />
 */
export const ConnectionTimeline: React.ForwardRefExoticComponent<ConnectionTimelineProps & React.RefAttributes<HTMLElement>> =
  forwardRef(function ConnectionTimeline({ uplink, record, ...props }, ref) {
    return record === undefined ? <Live ref={ref} {...props} {...(uplink === undefined ? {} : { uplink })} /> : <Timeline ref={ref} {...props} record={record} />
  })
