'use client'
/** An outage across the top of a page: what is wrong, what to do, and what it cost when it is over. */
import { ChevronDown, X } from 'lucide-react'
import { type HTMLAttributes, type ReactNode, forwardRef, useId, useState } from 'react'
import { type Display, type Recovery, type UplinkTarget, useConnectionDisplay, useHasPassed, useRecovery } from 'uplink'
import { BANNER_ENGLISH, type BannerLabels } from '../labels/english/banner'
import { CORE_ENGLISH } from '../labels/english/core'
import { formatCount, formatDuration, pluralOf } from '../labels/format'
import type { LabelOverrides } from '../labels/labels'
import { useLabels } from '../labels/use-labels'
import { ReconnectButton, RemedyButton, type RemedyActions } from '../parts/actions'
import { Button } from '../parts/button'
import { cx } from '../parts/cx'
import { Explanation } from '../parts/explanation'
import { StateMark } from '../parts/state-mark'
import { useAnnouncements } from '../parts/use-announcements'
import { OutageTimeline } from './outage-timeline'

/** Props of {@link ConnectionBanner}; the rest goes to its element. */
export interface ConnectionBannerProps extends Omit<HTMLAttributes<HTMLDivElement>, 'children'> {
  /** An uplink or a URL, instead of the provider's. */
  readonly uplink?: UplinkTarget
  /** The edge of its container that it covers. @default 'top' */
  readonly placement?: 'top' | 'bottom'
  /** Outages shorter than this are not worth a banner, in ms. A failure for good is shown at once. @default 3_000 */
  readonly grace?: number
  /** How long the receipt stays when the outage is over, in ms; 0 for no receipt. @default 8_000 */
  readonly receiptTime?: number
  /** What the page does for a remedy that only it can do, for example `{ sign_in: openLogin }`. */
  readonly actions?: RemedyActions
  /** Called after the reconnect button was pressed. */
  readonly onReconnect?: () => void
  /** Words to use instead of the English ones. */
  readonly labels?: LabelOverrides
}

const isTrouble = ({ state, quiet }: Display): boolean => state !== 'connected' && state !== 'disconnected' && state !== 'disconnecting' && !quiet

/** When an outage is to be shown (epoch ms), or null where there is none. */
function dueAt(display: Display, grace: number): number | null {
  if (!isTrouble(display)) return null
  return display.state === 'error' ? display.since : (display.outageSince ?? display.since) + grace
}

function Receipt({ recovery, labels }: { readonly recovery: Recovery; readonly labels: BannerLabels }): ReactNode {
  const count = (value: number): string => formatCount(value, labels)
  return (
    <p data-slot="receipt" className="m-0 text-xs text-uplink-muted">
      {labels.receipt(count(recovery.sent), count(recovery.dropped), count(recovery.received))}
      {recovery.unknown > 0 && `, ${labels.receiptUnknown(count(recovery.unknown), pluralOf(recovery.unknown, labels))}`}
    </p>
  )
}

/**
 * A banner that lies over the edge of its container while the connection is in trouble, and says what the outage cost
 * when it is over: nothing on the page moves when it comes or goes. Outages shorter than its grace are not shown.
 *
 * @example
 * <main><ConnectionBanner actions={{ sign_in: openLogin }} />…</main>
 */
export const ConnectionBanner: React.ForwardRefExoticComponent<ConnectionBannerProps & React.RefAttributes<HTMLDivElement>> =
  forwardRef(function ConnectionBanner(
    { uplink: target, placement = 'top', grace = 3_000, receiptTime = 8_000, actions, onReconnect, labels: given, className, ...props }, ref,
  ) {
    const display = useConnectionDisplay(target)
    const core = useLabels(CORE_ENGLISH, given)
    const labels = useLabels(BANNER_ENGLISH, given)
    const latest = useRecovery(target)
    const timeline = useId()
    const [expanded, setExpanded] = useState(false)
    const [held, setHeld] = useState(false)
    const [dismissed, setDismissed] = useState(-1)
    useAnnouncements(target, core)
    const due = dueAt(display, grace)
    const isDue = useHasPassed(due, target) || display.state === 'error'
    const recovery = latest !== null && receiptTime > 0 && latest.until - latest.since >= grace ? latest : null
    const isOver = useHasPassed(recovery === null ? null : recovery.until + receiptTime, target)
    const outage = due === null ? recovery : isDue ? { since: display.outageSince ?? display.since } : null
    const isShown = outage !== null && outage.since !== dismissed && (due !== null || !isOver || held || expanded)
    // What is gone hears no pointer leave it, and what comes next begins anew.
    if (!isShown && (held || expanded)) {
      setHeld(false)
      setExpanded(false)
    }
    const state = due === null ? 'connected' : display.state
    return (
      <div
        ref={ref}
        data-slot="connection-banner"
        {...props}
        data-state={state}
        className={cx('uplink pointer-events-none sticky z-40 h-0', placement === 'top' ? 'top-0' : 'bottom-0', className)}
      >
        {isShown && (
          <div
            data-slot="banner-panel"
            onPointerEnter={() => setHeld(true)}
            onPointerLeave={() => setHeld(false)}
            className={cx(
              '@container pointer-events-auto absolute inset-x-2 mx-auto max-w-2xl overflow-hidden rounded-xl border border-uplink-tone-line bg-uplink-surface text-sm text-uplink-ink shadow-lg motion-safe:animate-uplink-enter',
              placement === 'top' ? 'top-2' : 'bottom-2',
            )}
          >
            <div className="flex flex-wrap items-start justify-end gap-x-1.5 gap-y-2 bg-uplink-tone-soft px-4 py-2.5">
              <StateMark state={state} className="mt-0.5 me-1.5 size-4.5" />
              <div className="me-1.5 min-w-40 flex-1 @max-xl:basis-[calc(100%-2.5rem)]">
                <div data-slot="banner-title" className="font-semibold text-uplink-tone-ink">
                  {due === null && recovery !== null ? labels.backAfter(formatDuration(recovery.until - recovery.since, labels)) : core.states[state]}
                </div>
                {due === null && recovery !== null ? <Receipt recovery={recovery} labels={labels} /> : <Explanation full display={display} labels={core} target={target} />}
              </div>
              {due !== null && <RemedyButton display={display} labels={core} actions={actions} />}
              {due !== null && <ReconnectButton state={display.state} labels={core} target={target} onReconnect={onReconnect} />}
              <Button data-slot="timeline-toggle" aria-expanded={expanded} aria-controls={expanded ? timeline : undefined} onClick={() => setExpanded(!expanded)}>
                <span className="@max-xl:sr-only">{labels.showTimeline}</span>
                <ChevronDown aria-hidden="true" className={cx('size-3.5 transition-transform', expanded && 'rotate-180')} />
              </Button>
              <Button data-slot="dismiss" aria-label={labels.dismiss} className="border-transparent bg-transparent px-1.5" onClick={() => setDismissed(outage.since)}>
                <X aria-hidden="true" className="size-4" />
              </Button>
            </div>
            {expanded && <OutageTimeline id={timeline} since={outage.since} recovery={due === null ? recovery : null} labels={labels} target={target} />}
          </div>
        )}
      </div>
    )
  })
