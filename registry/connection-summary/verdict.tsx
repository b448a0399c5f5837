'use client'
/** What several connections amount to, in a sentence. */
import type { ReactNode } from 'react'
import { type DisplayState, type NamedConnection, type Summary, type SummaryLevel, useConnectionDisplay } from 'uplink'
import type { SummaryLabels } from '../labels/english/summary'
import { formatCount, pluralOf } from '../labels/format'
import type { CoreLabels } from '../labels/labels'
import { StateMark } from '../parts/state-mark'

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
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-0.5">
      <div data-slot="verdict" className="flex min-w-0 items-center gap-1.5 text-lg/6 font-semibold text-uplink-tone-ink">
        <StateMark state={state} />
        <span data-slot="label" className="truncate">{verdictOf(level, worst.name, state, count, labels)}</span>
      </div>
      <p data-slot="note" className="m-0 min-h-4 truncate text-xs/4 text-uplink-muted">{notes.filter((note) => note !== undefined).join(' ')}</p>
    </div>
  )
}
