'use client'
/** Where a value came from, and how old it is: beside every number that somebody acts on. */
import { type HTMLAttributes, type ReactNode, forwardRef } from 'react'
import type { DisplayState } from '../../core/display.ts'
import { useClock } from '../../hooks/use-clock.ts'
import type { UplinkTarget } from '../../hooks/use-uplink.ts'
import { SOURCE_ENGLISH, type SourceLabels } from '../labels/english/source.ts'
import { formatDuration } from '../labels/format.ts'
import type { LabelOverrides } from '../labels/labels.ts'
import { useLabels } from '../labels/use-labels.tsx'
import { cx } from '../parts/cx.ts'
import { StateMark } from '../parts/state-mark.tsx'

/** Props of {@link SourceBadge}; the rest goes to its element. */
export interface SourceBadgeProps extends Omit<HTMLAttributes<HTMLSpanElement>, 'children'> {
  /** `live` from the socket, `fallback` from elsewhere a moment ago, `cache` from before. */
  readonly source: 'live' | 'fallback' | 'cache'
  /** When the value was known to be current, epoch ms; `null` where there is none yet. */
  readonly updatedAt: number | null
  /** The mark alone; its words for screen readers, and on hover. @default false */
  readonly compact?: boolean
  /** An uplink or a URL, instead of the provider's. */
  readonly uplink?: UplinkTarget
  /** Words to use instead of the English ones. */
  readonly labels?: LabelOverrides
}

interface AgeProps {
  readonly since: number
  readonly labels: SourceLabels
  readonly target: UplinkTarget | undefined
}

/** "5 sec ago"; of all the badge, only this renders every second. */
function Age({ since, labels, target }: AgeProps): ReactNode {
  const now = useClock(true, target)
  return <time data-slot="age" dateTime={new Date(since).toISOString()}>{labels.ago(formatDuration(now === 0 ? 0 : now - since, labels))}</time>
}

const STATES: Readonly<Record<SourceBadgeProps['source'] | 'none', DisplayState>> = { live: 'connected', fallback: 'delayed', cache: 'offline', none: 'connecting' }

/**
 * "Live", "Delayed 5 sec ago", "Last known 3 min ago": a mark and a word, and the age of what is not live. It is given
 * what `useChannel`, `usePrice` and their like return.
 *
 * @example
 * const price = usePrice('BTCUSDT')
 * <b>{price.data}</b> <SourceBadge source={price.source} updatedAt={price.updatedAt} />
 */
export const SourceBadge: React.ForwardRefExoticComponent<SourceBadgeProps & React.RefAttributes<HTMLSpanElement>> =
  forwardRef(function SourceBadge({ source, updatedAt, compact = false, uplink: target, labels: given, className, ...props }, ref) {
    const labels = useLabels(SOURCE_ENGLISH, given)
    const shown = updatedAt === null ? 'none' : source
    const word = labels.sources[shown]
    return (
      <span
        ref={ref}
        data-slot="source-badge"
        title={compact ? word : undefined}
        {...props}
        data-source={shown}
        data-state={STATES[shown]}
        className={cx('uplink uplink:inline-flex uplink:items-center uplink:gap-1 uplink:text-xs uplink:font-medium uplink:whitespace-nowrap uplink:text-tone-ink uplink:tabular-nums', className)}
      >
        <StateMark state={STATES[shown]} className="uplink:size-3" />
        <span className={compact ? 'uplink:sr-only' : undefined}>{word}</span>
        {/* The blank takes no room on screen; it is for who copies or hears it. */}
        {!compact && shown !== 'live' && updatedAt !== null && <>{' '}<Age since={updatedAt} labels={labels} target={target} /></>}
      </span>
    )
  })
