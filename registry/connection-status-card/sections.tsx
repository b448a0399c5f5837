'use client'
/** The sections of the card. Each reads one store, so that what changes often renders no more than itself. */
import type { ReactNode } from 'react'
import { type UplinkTarget, useConnection, useConnectionHistory, useConnectionStats, useLatency, useOutbox } from 'uplink'
import { formatCount, formatLatency, formatShare, pluralOf } from '../labels/format'
import type { CoreLabels } from '../labels/labels'
import { HistoryStrip } from '../parts/history-strip'
import { QualityBars } from '../parts/quality-bars'
import { LatencySparkline } from '../parts/sparkline'
import { Elapsed } from '../parts/ticking'
import { Tiles } from '../parts/tiles'

/** Props of the sections. */
export interface SectionProps {
  readonly labels: CoreLabels
  readonly target: UplinkTarget | undefined
}

/** The last round trip, what it is worth, and those before it. */
export function LatencySection({ labels, target }: SectionProps): ReactNode {
  const latency = useLatency(target)
  return (
    <div className="grid gap-1">
      <div className="flex flex-wrap items-baseline gap-x-2">
        <span data-slot="latency" className="text-2xl/8 font-semibold tabular-nums"><bdi>{formatLatency(latency.current, labels)}</bdi></span>
        <span className="text-xs text-uplink-muted">{labels.latency}</span>
        <span data-slot="quality" className="ms-auto inline-flex items-center gap-1.5 text-xs text-uplink-muted">
          <QualityBars quality={latency.quality} />
          {labels.qualities[latency.quality]}
        </span>
      </div>
      <LatencySparkline latency={latency} labels={labels} />
    </div>
  )
}

function Uptime({ labels, target }: SectionProps): ReactNode {
  const connectedAt = useConnection((connection) => connection.connectedAt, target)
  return connectedAt === null ? '–' : <Elapsed at={connectedAt} labels={labels} target={target} />
}

function Waiting({ labels, target }: SectionProps): ReactNode {
  const { queued, inFlight } = useOutbox(target)
  const count = queued + inFlight
  return count === 0 ? labels.outboxEmpty : labels.outboxWaiting(formatCount(count, labels), pluralOf(count, labels))
}

/** Uptime, availability, what went over the wire, what went wrong, and what waits. */
export function StatisticsSection({ labels, target }: SectionProps): ReactNode {
  const stats = useConnectionStats(target)
  const pair = (count: number, rest: string): ReactNode => (
    <>{formatCount(count, labels)}<span className="font-normal text-uplink-muted">{` · ${rest}`}</span></>
  )
  const flow = (count: number, rate: number): ReactNode => pair(count, labels.perSecond(formatCount(Math.round(rate), labels)))
  return (
    <Tiles
      tiles={[
        [labels.uptime, <Uptime key="uptime" labels={labels} target={target} />],
        [labels.availability, formatShare(stats.availability, labels)],
        [labels.received, flow(stats.messagesReceived, stats.receivedPerSecond)],
        [labels.sent, flow(stats.messagesSent, stats.sentPerSecond)],
        [labels.outbox, <Waiting key="outbox" labels={labels} target={target} />],
        [labels.reconnections, pair(stats.reconnections, labels.errorCount(formatCount(stats.errors, labels), pluralOf(stats.errors, labels)))],
      ]}
    />
  )
}

/** The last changes of state. */
export function HistorySection({ labels, target }: SectionProps): ReactNode {
  return (
    <div className="grid gap-1.5">
      <div className="text-xs text-uplink-muted">{labels.history}</div>
      <HistoryStrip history={useConnectionHistory(target)} labels={labels} />
    </div>
  )
}
