'use client'
/** Several connections in one place: what they amount to, and a row for each. */
import { type HTMLAttributes, forwardRef } from 'react'
import { useConnectionSummary } from '../../hooks/use-connection-summary.ts'
import type { NamedConnection } from '../../store/summary-store.ts'
import { CORE_ENGLISH } from '../labels/english/core.ts'
import { SUMMARY_ENGLISH } from '../labels/english/summary.ts'
import type { LabelOverrides } from '../labels/labels.ts'
import { useLabels } from '../labels/use-labels.tsx'
import { cx } from '../parts/cx.ts'
import { SummaryRow } from './row.tsx'
import { Speakers } from './speakers.tsx'
import { Verdict } from './verdict.tsx'

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
        className={cx('uplink uplink:grid uplink:w-96 uplink:max-w-full uplink:grid-cols-[minmax(0,1fr)] uplink:gap-3 uplink:rounded-xl uplink:border uplink:border-line uplink:bg-surface uplink:p-4 uplink:pb-2 uplink:text-sm uplink:text-ink uplink:shadow-sm', className)}
      >
        <div className="uplink:grid uplink:grid-cols-[minmax(0,1fr)] uplink:gap-1">
          <span data-slot="heading" className="uplink:text-xs uplink:font-medium uplink:text-muted">{title}</span>
          {worst !== undefined && <Verdict summary={summary} worst={worst} count={connections.length} labels={labels} />}
        </div>
        <ul data-slot="summary-rows" className="uplink:m-0 uplink:grid uplink:list-none uplink:grid-cols-[minmax(0,1fr)] uplink:p-0">
          {connections.map((connection) => <SummaryRow key={connection.name} connection={connection} labels={labels} isWorst={connection === worst} onReconnect={onReconnect} />)}
        </ul>
        <Speakers connections={connections} labels={labels} />
      </section>
    )
  })
