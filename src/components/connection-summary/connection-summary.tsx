'use client'
/** Several connections in one place: what they amount to, and a row for each. */
import { type HTMLAttributes, type ReactNode, forwardRef } from 'react'
import { useConnectionDisplay } from '../../hooks/use-connection-display.ts'
import { useConnectionSummary } from '../../hooks/use-connection-summary.ts'
import type { NamedConnection } from '../../store/summary-store.ts'
import type { Summary } from '../../core/summary.ts'
import { CORE_ENGLISH } from '../labels/english/core.ts'
import { SUMMARY_ENGLISH, type SummaryLabels } from '../labels/english/summary.ts'
import { formatCount, pluralOf } from '../labels/format.ts'
import type { CoreLabels, LabelOverrides } from '../labels/labels.ts'
import { useLabels } from '../labels/use-labels.tsx'
import { cx } from '../parts/cx.ts'
import { StateMark } from '../parts/state-mark.tsx'
import { SummaryRow } from './row.tsx'

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
    <div className="uplink:grid uplink:min-w-0 uplink:grid-cols-[minmax(0,1fr)] uplink:gap-0.5">
      <div data-slot="verdict" className="uplink:flex uplink:min-w-0 uplink:items-center uplink:gap-1.5 uplink:text-lg/6 uplink:font-semibold uplink:text-tone-ink">
        <StateMark state={state} />
        <span data-slot="label" className="uplink:truncate">{level === 'fine' ? labels.allConnected(...counted(count)) : labels.connectionIs(worst.name, labels.states[state])}</span>
      </div>
      <p data-slot="note" className="uplink:m-0 uplink:min-h-4 uplink:truncate uplink:text-xs/4 uplink:text-muted">{notes.filter((note) => note !== undefined).join(' ')}</p>
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
        className={cx('uplink uplink:grid uplink:w-96 uplink:max-w-full uplink:grid-cols-[minmax(0,1fr)] uplink:gap-3 uplink:rounded-xl uplink:border uplink:border-line uplink:bg-surface uplink:p-4 uplink:pb-2 uplink:text-sm uplink:text-ink uplink:shadow-sm', className)}
      >
        <div className="uplink:grid uplink:grid-cols-[minmax(0,1fr)] uplink:gap-1">
          <span data-slot="heading" className="uplink:text-xs uplink:font-medium uplink:text-muted">{title}</span>
          {worst !== undefined && <Verdict summary={summary} worst={worst} count={connections.length} labels={labels} />}
        </div>
        <ul data-slot="summary-rows" className="uplink:m-0 uplink:grid uplink:list-none uplink:grid-cols-[minmax(0,1fr)] uplink:p-0">
          {connections.map((connection) => <SummaryRow key={connection.name} connection={connection} labels={labels} isWorst={connection === worst} onReconnect={onReconnect} />)}
        </ul>
      </section>
    )
  })
