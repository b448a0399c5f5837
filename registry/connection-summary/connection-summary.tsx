'use client'
/** Several connections in one place: what they amount to, and a row for each. */
import { type HTMLAttributes, forwardRef } from 'react'
import { type NamedConnection, useConnectionSummary } from 'uplink'
import { CORE_ENGLISH } from '../labels/english/core'
import { SUMMARY_ENGLISH } from '../labels/english/summary'
import type { LabelOverrides } from '../labels/labels'
import { useLabels } from '../labels/use-labels'
import { cx } from '../parts/cx'
import { SummaryRow } from './row'
import { Speakers } from './speakers'
import { Verdict } from './verdict'

/** Props of {@link ConnectionSummary}; the rest goes to its element. */
export interface ConnectionSummaryProps extends Omit<HTMLAttributes<HTMLElement>, 'children'> {
  /** The connections, in the order of their rows. */
  readonly connections: readonly NamedConnection[]
  /** Heading and accessible name. @default the catalogue's word for connections */
  readonly heading?: string
  /** Called with the name of a connection after its reconnect button was pressed. */
  readonly onReconnect?: (name: string) => void
  /** Words to use instead of the English ones. */
  readonly labels?: LabelOverrides
}

const ENGLISH = { ...CORE_ENGLISH, ...SUMMARY_ENGLISH }

/**
 * What several connections amount to, by the worst of them: anything critical that is lost outweighs all that is only
 * missed in the background. Each row stands for its own connection, so one that has recovered clears no other's warning.
 *
 * @example
 * <ConnectionSummary connections={[
 *   { name: 'Orders', uplink: orders, affects: 'Orders wait until it is back.' },
 *   { name: 'News', uplink: news, impact: 'background' },
 * ]} />
 */
export const ConnectionSummary: React.ForwardRefExoticComponent<ConnectionSummaryProps & React.RefAttributes<HTMLElement>> =
  forwardRef(function ConnectionSummary({ connections, heading, onReconnect, labels: given, className, ...props }, ref) {
    const summary = useConnectionSummary(connections)
    const labels = useLabels(ENGLISH, given)
    const title = heading ?? labels.connections
    const worst = connections[summary.worst ?? 0]
    return (
      <section
        ref={ref}
        data-slot="connection-summary"
        aria-label={title}
        {...props}
        data-state={summary.level}
        className={cx('uplink grid w-96 max-w-full grid-cols-[minmax(0,1fr)] gap-3 rounded-xl border border-uplink-line bg-uplink-surface p-4 pb-2 text-sm text-uplink-ink shadow-sm', className)}
      >
        <div className="grid grid-cols-[minmax(0,1fr)] gap-1">
          <span data-slot="heading" className="text-xs font-medium text-uplink-muted">{title}</span>
          {worst !== undefined && <Verdict summary={summary} worst={worst} count={connections.length} labels={labels} />}
        </div>
        <ul data-slot="summary-rows" className="m-0 grid list-none grid-cols-[minmax(0,1fr)] p-0">
          {connections.map((connection) => <SummaryRow key={connection.name} connection={connection} labels={labels} isWorst={connection === worst} onReconnect={onReconnect} />)}
        </ul>
        <Speakers connections={connections} labels={labels} />
      </section>
    )
  })
