'use client'
/** The recent past as a strip: one bar for each change of state, newest at the end. */
import type { ReactNode } from 'react'
import type { ConnectionState, Transition } from 'uplink'
import { formatCount, pluralOf } from '../labels/format'
import type { CoreLabels } from '../labels/labels'
import { FILLS } from './state-mark'

const BARS = 24
const PITCH = 12
const WIDTH = 9
const HEIGHT = 24

/** Tall is connected, half is under way, short is down. */
const HEIGHTS: Readonly<Record<ConnectionState, number>> = {
  connected: 24, connecting: 12, reconnecting: 12, disconnecting: 8, error: 6, disconnected: 5,
}

/** The outline of a bar: whole, or stripes. */
function outline(state: ConnectionState, slot: number): string {
  const [x, height] = [slot * PITCH, HEIGHTS[state]]
  if (FILLS[state] === 'striped') return Array.from({ length: height / 4 }, (_, row) => `M${x} ${HEIGHT - row * 4 - 2.5}h${WIDTH}v2.5h-${WIDTH}z`).join('')
  return `M${x} ${HEIGHT}v-${height}h${WIDTH}v${height}z`
}

/** Props of {@link HistoryStrip}. */
export interface HistoryStripProps {
  readonly history: readonly Transition[]
  readonly labels: CoreLabels
}

/** Bars coloured, filled and sized by state, in one drawing: a new one moves the others, and shifts no layout. */
export function HistoryStrip({ history, labels }: HistoryStripProps): ReactNode {
  // The history is one of phases: a retry that dials and waits again is one state all the while.
  const recent = history.filter(({ state }, index) => state !== history[index - 1]?.state).slice(-BARS)
  const times = new Intl.DateTimeFormat(labels.locale, { timeStyle: 'medium' })
  return (
    <svg
      role="img"
      aria-label={labels.transitions(formatCount(recent.length, labels), pluralOf(recent.length, labels))}
      data-slot="history"
      viewBox={`0 0 ${BARS * PITCH - PITCH + WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="uplink-slots h-6 w-full rtl:-scale-x-100"
    >
      {recent.map(({ at, state }, index) => (
        <path key={`${at} ${state}`} data-state={state} data-fill={FILLS[state]} d={outline(state, BARS - recent.length + index)} className="uplink-tone uplink-bar">
          <title>{`${times.format(at)} ${labels.states[state]}`}</title>
        </path>
      ))}
    </svg>
  )
}
