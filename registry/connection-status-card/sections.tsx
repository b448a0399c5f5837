'use client'
/** The sections of the card. Each reads one store, so that what changes often renders no more than itself. */
import type { ReactNode } from 'react'
import { type Display, type UplinkTarget, useConnectionHistory, useConnectionStats, useOutbox } from 'uplink'
import { formatCount, formatLatency, formatShare, pluralOf } from '../labels/format'
import type { CoreLabels } from '../labels/labels'
import { HistoryStrip } from '../parts/history-strip'
import { QualityBars } from '../parts/quality-bars'
import { Reserved } from '../parts/reserved'
import { LatencySparkline } from '../parts/sparkline'
import { Uptime } from '../parts/ticking'
import { Tiles } from '../parts/tiles'
import { useShownLatency } from '../parts/use-shown-latency'

/** Props of the sections. */
export interface SectionProps {
  readonly display: Display
  readonly labels: CoreLabels
  readonly target: UplinkTarget | undefined
}

/** The last round trip, what it is worth, and those before it. */
export function LatencySection({ display, labels, target }: SectionProps): ReactNode {
  const latency = useShownLatency(display, target)
  return (
    <div className="grid gap-1">
      <div className="flex flex-wrap items-center justify-between gap-x-2 text-xs text-uplink-muted">
        {labels.latency}
        <span data-slot="quality" className="inline-flex items-center gap-1.5">
          <QualityBars quality={latency.quality} />
          <Reserved words={Object.values(labels.qualities)}>{labels.qualities[latency.quality]}</Reserved>
        </span>
      </div>
      <div data-slot="latency" className="-mt-1 text-2xl/8 font-semibold tabular-nums"><bdi>{formatLatency(latency.current, labels)}</bdi></div>
      <LatencySparkline latency={latency} labels={labels} />
    </div>
  )
}

function Waiting({ labels, target }: Omit<SectionProps, 'display'>): ReactNode {
  const { queued, inFlight } = useOutbox(target)
  const count = queued + inFlight
  return count === 0 ? labels.outboxEmpty : labels.outboxWaiting(formatCount(count, labels), pluralOf(count, labels))
}

/** Uptime, availability, what went over the wire, what went wrong, and what waits. */
export function StatisticsSection({ display, labels, target }: SectionProps): ReactNode {
  const stats = useConnectionStats(target)
  const pair = (count: number, rest: string): ReactNode => (
    <>{formatCount(count, labels)}<span className="font-normal text-uplink-muted">{` · ${rest}`}</span></>
  )
  const flow = (count: number, rate: number): ReactNode => pair(count, labels.perSecond(formatCount(Math.round(rate), labels)))
  return (
    <Tiles
      tiles={[
        [labels.uptime, <Uptime key="uptime" display={display} labels={labels} target={target} />],
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
export function HistorySection({ labels, target }: Omit<SectionProps, 'display'>): ReactNode {
  return (
    <div className="grid gap-1.5">
      <div className="text-xs text-uplink-muted">{labels.history}</div>
      <HistoryStrip history={useConnectionHistory(target)} labels={labels} />
    </div>
  )
}
