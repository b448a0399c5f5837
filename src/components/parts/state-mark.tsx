'use client'
/**
 * The mark of each state: one small drawing that tells it by its shape and by how much of it is filled, so that
 * ten states differ without colour, without motion, and at the size of a letter.
 */
import type { ReactNode } from 'react'
import type { DisplayState } from '../../core/display.ts'
import { cx } from './cx.ts'

/** How much of the connection is there: all of it, the link without all the data or the data without the link, work on it, nothing. */
export type Fill = 'solid' | 'half' | 'striped' | 'hollow'

/** The fill of each state. */
export const FILLS: Readonly<Record<DisplayState, Fill>> = {
  connected: 'solid',
  catching_up: 'half',
  delayed: 'half',
  connecting: 'striped',
  reconnecting: 'striped',
  disconnecting: 'striped',
  disconnected: 'hollow',
  error: 'hollow',
  offline: 'hollow',
  cooldown: 'hollow',
}

/** Lines on a grid of 16; what is filled says so itself. */
const RING = 'M8 3a5 5 0 1 1 0 10A5 5 0 1 1 8 3'
const MARKS: Readonly<Record<DisplayState, ReactNode>> = {
  connected: <circle cx="8" cy="8" r="5.5" fill="currentColor" stroke="none" />,
  catching_up: <><path d={RING} /><path d="M3 8a5 5 0 0 0 10 0z" fill="currentColor" stroke="none" /></>,
  delayed: <><path d={RING} /><path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor" stroke="none" /></>,
  connecting: <><path d={RING} opacity="0.3" /><path d="M8 3a5 5 0 0 1 5 5" /></>,
  reconnecting: <><path d="M8 3a5 5 0 0 1 4.7 6.7M8 13a5 5 0 0 1-4.7-6.7" /><circle cx="8" cy="8" r="1.6" fill="currentColor" stroke="none" /></>,
  disconnecting: <path d={RING} strokeDasharray="1.6 2.33" />,
  disconnected: <path d={RING} />,
  offline: <path d="M12.2 5.4A5 5 0 0 1 5.4 12.2M3.8 10.6a5 5 0 0 1 6.8-6.8M2.5 13.5l11-11" />,
  cooldown: <path d={`${RING}M6.4 6.1v3.8M9.6 6.1v3.8`} />,
  error: <path d="M8 2.4 14.2 13.3H1.8zM8 6.4v3.2M8 11.4v.1" />,
}

const TURNING: ReadonlySet<DisplayState> = new Set(['connecting', 'reconnecting'])

/** Props of {@link StateMark}. */
export interface StateMarkProps {
  readonly state: DisplayState
  readonly className?: string
}

/** The mark of a state; decoration, because the state's word stands beside it or in the accessible name. */
export function StateMark({ state, className }: StateMarkProps): ReactNode {
  return (
    <svg
      aria-hidden="true"
      data-slot="mark"
      data-fill={FILLS[state]}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={cx('uplink:size-4 uplink:shrink-0 uplink:text-tone', TURNING.has(state) && 'uplink:motion-safe:animate-turn', className)}
    >
      {MARKS[state]}
    </svg>
  )
}
