'use client'
/** The connection as a dashboard card: state, latency, statistics, history, actions. */
import { type HTMLAttributes, forwardRef } from 'react'
import { type UplinkTarget, useConnectionDisplay, useUplink } from 'uplink'
import { CORE_ENGLISH } from '../labels/english/core'
import type { LabelOverrides } from '../labels/labels'
import { useLabels } from '../labels/use-labels'
import { MainAction, type RemedyActions } from '../parts/actions'
import { Button } from '../parts/button'
import { cx } from '../parts/cx'
import { ConnectedSince, Explanation } from '../parts/explanation'
import { StateLine } from '../parts/state-line'
import { useAnnouncements } from '../parts/use-announcements'
import { HistorySection, LatencySection, StatisticsSection } from './sections'

/** Props of {@link ConnectionStatusCard}; the rest goes to its element. */
export interface ConnectionStatusCardProps extends Omit<HTMLAttributes<HTMLElement>, 'children'> {
  /** An uplink or a URL, instead of the provider's. */
  readonly uplink?: UplinkTarget
  /** The card's heading. @default the catalogue's word for connection */
  readonly heading?: string
  /** What the page does for a remedy that only it can do, for example `{ sign_in: openLogin }`. */
  readonly actions?: RemedyActions
  /** Called after the reconnect button was pressed. */
  readonly onReconnect?: () => void
  /** Words to use instead of the English ones. */
  readonly labels?: LabelOverrides
}

/**
 * Everything worth knowing about a connection, in a card.
 *
 * @example
 * <ConnectionStatusCard heading="Market data" />
 */
export const ConnectionStatusCard: React.ForwardRefExoticComponent<ConnectionStatusCardProps & React.RefAttributes<HTMLElement>> =
  forwardRef(function ConnectionStatusCard({ uplink: target, heading, actions, onReconnect, labels: given, className, ...props }, ref) {
    const display = useConnectionDisplay(target)
    const { disconnect } = useUplink(target)
    const labels = useLabels(CORE_ENGLISH, given)
    const title = heading ?? labels.connection
    useAnnouncements(target, labels)
    return (
      <section
        ref={ref}
        data-slot="connection-status-card"
        aria-label={title}
        {...props}
        data-state={display.state}
        className={cx(
          'uplink grid w-80 max-w-full grid-cols-[minmax(0,1fr)] gap-4 rounded-xl border border-uplink-line bg-uplink-surface p-4 text-sm text-uplink-ink shadow-sm',
          className,
        )}
      >
        <div className="grid grid-cols-[minmax(0,1fr)] gap-1">
          <span data-slot="heading" className="text-xs font-medium text-uplink-muted">{title}</span>
          <StateLine state={display.state} labels={labels} className="text-lg/6" />
          <div className="min-h-8">
            {display.state === 'connected' && <ConnectedSince display={display} labels={labels} />}
            <Explanation display={display} labels={labels} target={target} />
          </div>
        </div>
        <LatencySection display={display} labels={labels} target={target} />
        <StatisticsSection display={display} labels={labels} target={target} />
        <HistorySection labels={labels} target={target} />
        <div className="flex flex-wrap gap-2 *:grow">
          <MainAction display={display} labels={labels} target={target} actions={actions} onReconnect={onReconnect} />
          <Button data-slot="disconnect" disabled={display.state === 'disconnected'} onClick={() => disconnect()}>{labels.disconnect}</Button>
        </div>
      </section>
    )
  })
