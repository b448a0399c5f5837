'use client'
/** The connection as a dashboard card: state, latency, statistics, history, actions. */
import { type HTMLAttributes, type ReactNode, forwardRef } from 'react'
import { useConnection } from '../../hooks/use-connection.ts'
import { useConnectionDisplay } from '../../hooks/use-connection-display.ts'
import { useConnectionHistory } from '../../hooks/use-connection-history.ts'
import { useConnectionStats } from '../../hooks/use-connection-stats.ts'
import { useLatency } from '../../hooks/use-latency.ts'
import { type UplinkTarget, useUplink } from '../../hooks/use-uplink.ts'
import { CORE_ENGLISH } from '../labels/english/core.ts'
import { formatCount, formatLatency, formatShare } from '../labels/format.ts'
import type { CoreLabels, LabelOverrides } from '../labels/labels.ts'
import { useLabels } from '../labels/use-labels.tsx'
import { ReconnectButton } from '../parts/actions.tsx'
import { Announcer } from '../parts/announcer.tsx'
import { Button } from '../parts/button.tsx'
import { cx } from '../parts/cx.ts'
import { ConnectedSince, Explanation } from '../parts/explanation.tsx'
import { Facts } from '../parts/facts.tsx'
import { HistoryStrip } from '../parts/history-strip.tsx'
import { Reserved } from '../parts/reserved.tsx'
import { LatencySparkline } from '../parts/sparkline.tsx'
import { StateIcon } from '../parts/state-icon.tsx'
import { Elapsed } from '../parts/ticking.tsx'

/** Props of {@link ConnectionStatusCard}; the rest goes to its element. */
export interface ConnectionStatusCardProps extends Omit<HTMLAttributes<HTMLElement>, 'children'> {
  /** An uplink or a URL, instead of the provider's. */
  readonly uplink?: UplinkTarget
  /** The card's heading. @default the catalogue's word for connection */
  readonly heading?: string
  /** Called after the reconnect button was pressed. */
  readonly onReconnect?: () => void
  /** Words to use instead of the English ones. */
  readonly labels?: LabelOverrides
}

interface PartProps {
  readonly labels: CoreLabels
  readonly target: UplinkTarget | undefined
}

function LatencyPart({ labels, target }: PartProps): ReactNode {
  const latency = useLatency(target)
  return (
    <div className="uplink:flex uplink:flex-wrap uplink:items-end uplink:justify-between uplink:gap-x-4 uplink:gap-y-1">
      <div>
        <div className="uplink:text-xs uplink:text-muted">{labels.latency}</div>
        <div data-slot="latency" className="uplink:text-2xl/8 uplink:font-semibold uplink:tabular-nums"><bdi>{formatLatency(latency.current, labels)}</bdi></div>
        <div data-slot="quality" className="uplink:text-xs uplink:text-muted">{labels.qualities[latency.quality]}</div>
      </div>
      <LatencySparkline latency={latency} labels={labels} />
    </div>
  )
}

function StatisticsPart({ labels, target }: PartProps): ReactNode {
  const stats = useConnectionStats(target)
  const connectedAt = useConnection((connection) => connection.connectedAt, target)
  const flow = (count: number, rate: number): string => `${formatCount(count, labels)} · ${labels.perSecond(formatCount(Math.round(rate), labels))}`
  return (
    <Facts
      rows={[
        [labels.uptime, connectedAt === null ? '–' : <Elapsed key="uptime" at={connectedAt} labels={labels} target={target} />],
        [labels.availability, formatShare(stats.availability, labels)],
        [labels.received, flow(stats.messagesReceived, stats.receivedPerSecond)],
        [labels.sent, flow(stats.messagesSent, stats.sentPerSecond)],
        [labels.reconnections, formatCount(stats.reconnections, labels)],
        [labels.errors, formatCount(stats.errors, labels)],
      ]}
    />
  )
}

function HistoryPart({ labels, target }: PartProps): ReactNode {
  return (
    <div className="uplink:grid uplink:gap-1">
      <div className="uplink:text-xs uplink:text-muted">{labels.history}</div>
      <HistoryStrip history={useConnectionHistory(target)} labels={labels} />
    </div>
  )
}

/**
 * Everything worth knowing about a connection, in a card.
 *
 * @example
 * <ConnectionStatusCard heading="Market data" />
 */
export const ConnectionStatusCard: React.ForwardRefExoticComponent<ConnectionStatusCardProps & React.RefAttributes<HTMLElement>> =
  forwardRef(function ConnectionStatusCard({ uplink: target, heading, onReconnect, labels: given, className, ...props }, ref) {
    const display = useConnectionDisplay(target)
    const { disconnect } = useUplink(target)
    const labels = useLabels(CORE_ENGLISH, given)
    const title = heading ?? labels.connection
    return (
      <section
        ref={ref}
        data-slot="connection-status-card"
        aria-label={title}
        {...props}
        data-state={display.state}
        className={cx(
          'uplink uplink:grid uplink:grid-cols-[minmax(0,1fr)] uplink:w-80 uplink:max-w-full uplink:gap-4 uplink:rounded-xl uplink:border uplink:border-line uplink:bg-surface uplink:p-4 uplink:text-sm uplink:text-ink uplink:shadow-sm',
          className,
        )}
      >
        <div className="uplink:flex uplink:flex-wrap uplink:items-center uplink:justify-between uplink:gap-2">
          <span className="uplink:font-semibold">{title}</span>
          <span
            data-slot="state"
            data-state={display.state}
            className="uplink:inline-flex uplink:min-h-6 uplink:items-center uplink:gap-1.5 uplink:rounded-full uplink:border uplink:border-tone-line uplink:bg-tone-soft uplink:px-2 uplink:text-xs uplink:font-medium uplink:text-tone-ink"
          >
            <StateIcon state={display.state} className="uplink:size-3.5" />
            <Reserved words={Object.values(labels.states)}>{labels.states[display.state]}</Reserved>
          </span>
        </div>
        <div className="uplink:min-h-8">
          {display.state === 'connected' && <ConnectedSince labels={labels} target={target} />}
          <Explanation display={display} labels={labels} target={target} />
        </div>
        <LatencyPart labels={labels} target={target} />
        <StatisticsPart labels={labels} target={target} />
        <HistoryPart labels={labels} target={target} />
        <div className="uplink:flex uplink:flex-wrap uplink:gap-2">
          <ReconnectButton state={display.state} labels={labels} target={target} onReconnect={onReconnect} />
          <Button data-slot="disconnect" disabled={display.state === 'disconnected'} onClick={() => disconnect()}>{labels.disconnect}</Button>
        </div>
        <Announcer labels={labels} target={target} />
      </section>
    )
  })
