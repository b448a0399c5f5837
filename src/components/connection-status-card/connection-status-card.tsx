'use client'
/** The connection as a dashboard card: state, latency, statistics, history, actions. */
import { type HTMLAttributes, forwardRef } from 'react'
import { useConnectionDisplay } from '../../hooks/use-connection-display.ts'
import { type UplinkTarget, useUplink } from '../../hooks/use-uplink.ts'
import { CORE_ENGLISH } from '../labels/english/core.ts'
import type { LabelOverrides } from '../labels/labels.ts'
import { useLabels } from '../labels/use-labels.tsx'
import { MainAction, type RemedyActions } from '../parts/actions.tsx'
import { Button } from '../parts/button.tsx'
import { cx } from '../parts/cx.ts'
import { ConnectedSince, Explanation } from '../parts/explanation.tsx'
import { StateLine } from '../parts/state-line.tsx'
import { useAnnouncements } from '../parts/use-announcements.ts'
import { HistorySection, LatencySection, StatisticsSection } from './sections.tsx'

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
          'uplink uplink:grid uplink:w-80 uplink:max-w-full uplink:grid-cols-[minmax(0,1fr)] uplink:gap-4 uplink:rounded-xl uplink:border uplink:border-line uplink:bg-surface uplink:p-4 uplink:text-sm uplink:text-ink uplink:shadow-sm',
          className,
        )}
      >
        <div className="uplink:grid uplink:grid-cols-[minmax(0,1fr)] uplink:gap-1">
          <span data-slot="heading" className="uplink:text-xs uplink:font-medium uplink:text-muted">{title}</span>
          <StateLine state={display.state} labels={labels} className="uplink:text-lg/6" />
          <div className="uplink:min-h-8">
            {display.state === 'connected' && <ConnectedSince display={display} labels={labels} />}
            <Explanation display={display} labels={labels} target={target} />
          </div>
        </div>
        <LatencySection display={display} labels={labels} target={target} />
        <StatisticsSection display={display} labels={labels} target={target} />
        <HistorySection labels={labels} target={target} />
        <div className="uplink:flex uplink:flex-wrap uplink:gap-2 uplink:*:grow">
          <MainAction display={display} labels={labels} target={target} actions={actions} onReconnect={onReconnect} />
          <Button data-slot="disconnect" disabled={display.state === 'disconnected'} onClick={() => disconnect()}>{labels.disconnect}</Button>
        </div>
      </section>
    )
  })
