'use client'
/** What several connections amount to, in a sentence. */
import type { ReactNode } from 'react'
import type { DisplayState } from '../../core/display.ts'
import type { Summary, SummaryLevel } from '../../core/summary.ts'
import { useConnectionDisplay } from '../../hooks/use-connection-display.ts'
import type { NamedConnection } from '../../store/summary-store.ts'
import type { SummaryLabels } from '../labels/english/summary.ts'
import { formatCount, pluralOf } from '../labels/format.ts'
import type { CoreLabels } from '../labels/labels.ts'
import { StateMark } from '../parts/state-mark.tsx'

/** That all is well, or who is not. */
export function verdictOf(level: SummaryLevel, name: string, state: DisplayState, count: number, labels: CoreLabels & SummaryLabels): string {
  return level === 'fine' ? labels.allConnected(formatCount(count, labels), pluralOf(count, labels)) : labels.connectionIs(name, labels.states[state])
}

/** Props of {@link Verdict}. */
export interface VerdictProps {
  readonly summary: Summary
  readonly worst: NamedConnection
  readonly count: number
  readonly labels: CoreLabels & SummaryLabels
}

/** One sentence: that all is well, or who is not. */
export function Verdict({ summary: { level, troubled }, worst, count, labels }: VerdictProps): ReactNode {
  const { state } = useConnectionDisplay(worst.uplink)
  const notes = [level === 'fine' || level === 'idle' ? undefined : worst.affects, troubled > 1 ? labels.othersAffected(formatCount(troubled - 1, labels), pluralOf(troubled - 1, labels)) : undefined]
  return (
    <div className="uplink:grid uplink:min-w-0 uplink:grid-cols-[minmax(0,1fr)] uplink:gap-0.5">
      <div data-slot="verdict" className="uplink:flex uplink:min-w-0 uplink:items-center uplink:gap-1.5 uplink:text-lg/6 uplink:font-semibold uplink:text-tone-ink">
        <StateMark state={state} />
        <span data-slot="label" className="uplink:truncate">{verdictOf(level, worst.name, state, count, labels)}</span>
      </div>
      <p data-slot="note" className="uplink:m-0 uplink:min-h-4 uplink:truncate uplink:text-xs/4 uplink:text-muted">{notes.filter((note) => note !== undefined).join(' ')}</p>
    </div>
  )
}
