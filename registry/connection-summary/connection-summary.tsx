'use client'
/** Several connections in one place: what they amount to, and a row for each. */
import { type HTMLAttributes, type ReactNode, forwardRef } from 'react'
import { type NamedConnection, type Summary, useConnectionDisplay, useConnectionSummary } from 'uplink'
import { CORE_ENGLISH } from '../labels/english/core'
import { SUMMARY_ENGLISH, type SummaryLabels } from '../labels/english/summary'
import { formatCount, pluralOf } from '../labels/format'
import type { CoreLabels, LabelOverrides } from '../labels/labels'
import { useLabels } from '../labels/use-labels'
import { cx } from '../parts/cx'
import { StateMark } from '../parts/state-mark'
import { SummaryRow } from './row'

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

interface VerdictProps {
  readonly summary: Summary
  readonly worst: NamedConnection
  readonly count: number
  readonly labels: CoreLabels & SummaryLabels
}

/** One sentence: that all is well, or who is not. */
function Verdict({ summary: { level, troubled }, worst, count, labels }: VerdictProps): ReactNode {
  const { state } = useConnectionDisplay(worst.uplink)
  const counted = (of: number): [count: string, plural: Intl.LDMLPluralRule] => [formatCount(of, labels), pluralOf(of, labels)]
  const notes = [level === 'fine' || level === 'idle' ? undefined : worst.affects, troubled > 1 ? labels.othersAffected(...counted(troubled - 1)) : undefined]
  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-0.5">
      <div data-slot="verdict" className="flex min-w-0 items-center gap-1.5 text-lg/6 font-semibold text-uplink-tone-ink">
        <StateMark state={state} />
        <span data-slot="label" className="truncate">{level === 'fine' ? labels.allConnected(...counted(count)) : labels.connectionIs(worst.name, labels.states[state])}</span>
      </div>
      <p data-slot="note" className="m-0 min-h-4 truncate text-xs/4 text-uplink-muted">{notes.filter((note) => note !== undefined).join(' ')}</p>
    </div>
  )
}

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
      </section>
    )
  })
