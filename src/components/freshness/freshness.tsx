'use client'
/** Any widget, marked as old while its channel is: dimmed and stamped with the time at which it was true. */
import { Clock } from 'lucide-react'
import { type HTMLAttributes, type ReactNode, forwardRef } from 'react'
import { useClock } from '../../hooks/use-clock.ts'
import { type FreshnessOptions, type FreshnessSource, useFreshness } from '../../hooks/use-freshness.ts'
import type { UplinkTarget } from '../../hooks/use-uplink.ts'
import { FRESHNESS_ENGLISH, type FreshnessLabels } from '../labels/english/freshness.ts'
import type { LabelOverrides } from '../labels/labels.ts'
import { dayAndTime } from '../labels/moments.ts'
import { useLabels } from '../labels/use-labels.tsx'
import { cx } from '../parts/cx.ts'

/** Props of {@link Freshness}; the rest goes to its element. */
export interface FreshnessProps extends HTMLAttributes<HTMLDivElement> {
  /** The channel that the widget shows: its name, or what `useChannel` returned. */
  readonly channel: FreshnessSource
  /** Age in ms at which data is stale though the channel is live, where `channel` is a name. @default never */
  readonly staleAfter?: number
  /** Which stream of the channel, where `channel` is a name. */
  readonly params?: FreshnessOptions['params']
  /** A channel that is away for less than this is not marked, in ms. @default 1_000 */
  readonly grace?: number
  /** An uplink or a URL, instead of the provider's. */
  readonly uplink?: UplinkTarget
  /** Words to use instead of the English ones. */
  readonly labels?: LabelOverrides
}

interface StampProps {
  readonly at: number
  readonly labels: FreshnessLabels
  readonly target: UplinkTarget | undefined
}

/** "as of 10:42:07", after an hour "as of 10:42"; with the date where that was not today. */
function Stamp({ at, labels, target }: StampProps): ReactNode {
  const now = useClock(true, target)
  return (
    <span
      data-slot="stamp"
      data-state="stale"
      className="uplink uplink:pointer-events-none uplink:absolute uplink:end-2 uplink:top-0 uplink:z-10 uplink:inline-flex uplink:max-w-[calc(100%-1rem)] uplink:-translate-y-1/2 uplink:items-center uplink:gap-1 uplink:rounded-full uplink:border uplink:border-tone-line uplink:bg-tone-soft uplink:px-1.5 uplink:text-xs uplink:font-medium uplink:whitespace-nowrap uplink:text-tone-ink uplink:tabular-nums uplink:shadow-sm"
    >
      <Clock aria-hidden="true" data-slot="icon" className="uplink:size-3 uplink:shrink-0" />
      <time dateTime={new Date(at).toISOString()} className="uplink:truncate">{labels.asOf(dayAndTime(at, now, labels))}</time>
    </span>
  )
}

/**
 * Wraps a widget. While the channel's data is old, its colours fade, a dashed frame surrounds it, and a stamp
 * says when it was true. What it shows stays there to be read, and nothing moves.
 *
 * @example
 * <Freshness channel="prices" staleAfter={5_000}><PriceTable /></Freshness>
 */
export const Freshness: React.ForwardRefExoticComponent<FreshnessProps & React.RefAttributes<HTMLDivElement>> =
  forwardRef(function Freshness({ channel, staleAfter, params, grace, uplink: target, labels: given, className, children, ...props }, ref) {
    const { state, asOf } = useFreshness(channel, { staleAfter, params, grace, uplink: target })
    const labels = useLabels(FRESHNESS_ENGLISH, given)
    return (
      // The class `uplink` is on the marks alone: the widget is the host's, and keeps the host's styles.
      <div ref={ref} data-slot="freshness" {...props} data-state={state} className={cx('uplink:relative', className)}>
        {asOf !== null && (
          <>
            <span aria-hidden="true" data-slot="veil" data-state="stale" className="uplink uplink-veil uplink:pointer-events-none uplink:absolute uplink:inset-0 uplink:z-10 uplink:rounded-lg uplink:outline-1 uplink:-outline-offset-1 uplink:outline-tone uplink:outline-dashed" />
            <Stamp at={asOf} labels={labels} target={target} />
          </>
        )}
        <div
          data-slot="freshness-content"
          // Without its colours, and hatched; not less opaque: what is old must still be read, by everybody.
          className={cx('uplink:motion-safe:transition-[filter] uplink:motion-safe:duration-300', state === 'stale' && 'uplink:grayscale')}
        >
          {children}
        </div>
      </div>
    )
  })
