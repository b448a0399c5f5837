'use client'
/** The recent past as a strip: one bar for each change of state, as wide as all others, newest at the end. */
import type { ReactNode } from 'react'
import type { Transition } from 'uplink'
import { formatCount, pluralOf } from '../labels/format'
import type { CoreLabels } from '../labels/labels'
import { FILLS } from './state-mark'

const BARS = 24

/** Props of {@link HistoryStrip}. */
export interface HistoryStripProps {
  readonly history: readonly Transition[]
  readonly labels: CoreLabels
}

/** Bars coloured, filled and sized by state: tall is connected, half is under way, short is down. What has not been yet is a dot. */
export function HistoryStrip({ history, labels }: HistoryStripProps): ReactNode {
  // The history is one of phases: a retry that dials and waits again is one state all the while.
  const recent = history.filter(({ state }, index) => state !== history[index - 1]?.state).slice(-BARS)
  const times = new Intl.DateTimeFormat(labels.locale, { timeStyle: 'medium' })
  return (
    <div
      role="img"
      aria-label={labels.transitions(formatCount(recent.length, labels), pluralOf(recent.length, labels))}
      data-slot="history"
      className="uplink-slots flex h-6 items-end justify-end gap-[3px]"
    >
      {recent.map(({ at, state }) => (
        <span
          key={`${at} ${state}`}
          data-state={state}
          data-fill={FILLS[state]}
          title={`${times.format(at)} ${labels.states[state]}`}
          className="uplink-tone uplink-fill w-[calc((100%_-_69px)/24)] rounded-[2px] data-[state=connected]:h-full data-[state=connecting]:h-1/2 data-[state=disconnected]:h-1/5 data-[state=disconnecting]:h-1/3 data-[state=error]:h-1/4 data-[state=reconnecting]:h-1/2"
        />
      ))}
    </div>
  )
}
