'use client'
/** The recent past as a strip: one bar for each change, as wide as all others, newest at the end. */
import type { ReactNode } from 'react'
import type { Transition } from '../../core/history.ts'
import { type Labels, formatCount } from '../labels.ts'

const BARS = 24

/** Props of {@link HistoryStrip}. */
export interface HistoryStripProps {
  readonly history: readonly Transition[]
  readonly labels: Labels
}

/** Bars coloured and sized by state: tall is connected, half is under way, short is down. */
export function HistoryStrip({ history, labels }: HistoryStripProps): ReactNode {
  const recent = history.slice(-BARS)
  const times = new Intl.DateTimeFormat(labels.locale, { timeStyle: 'medium' })
  return (
    <div
      role="img"
      aria-label={labels.transitions(formatCount(recent.length, labels))}
      data-slot="history"
      className="uplink:flex uplink:h-5 uplink:items-end uplink:justify-end uplink:gap-0.5 uplink:border-b uplink:border-line"
    >
      {recent.map((transition, index) => (
        <span
          key={`${transition.at}-${index}`}
          data-state={transition.state}
          title={`${times.format(transition.at)} ${labels.states[transition.state]}`}
          className="uplink-tone uplink:w-1.5 uplink:rounded-t-sm uplink:bg-tone uplink:data-[state=connected]:h-full uplink:data-[state=connecting]:h-1/2 uplink:data-[state=disconnected]:h-1/5 uplink:data-[state=disconnecting]:h-1/3 uplink:data-[state=error]:h-1/4 uplink:data-[state=reconnecting]:h-1/2"
        />
      ))}
    </div>
  )
}
