'use client'
/** What a screen reader is told: losses, recoveries and failures, once each. Never what ticks. */
import { type ReactNode, useEffect, useRef } from 'react'
import type { Display } from '../../core/display.ts'
import { type Labels, formatDuration } from '../labels.ts'

type Settled = 'fine' | 'lost' | 'failed'

function settledOf({ state, quiet }: Display): Settled | null {
  if (quiet) return null
  if (state === 'connected' || state === 'disconnected') return 'fine'
  if (state === 'error' || state === 'cooldown') return 'failed'
  return state === 'reconnecting' || state === 'offline' ? 'lost' : null
}

/** Props of {@link Announcer}. */
export interface AnnouncerProps {
  readonly display: Display
  readonly labels: Labels
}

/** A polite live region that is there, and empty, from the start. */
export function Announcer({ display, labels }: AnnouncerProps): ReactNode {
  // Written to directly: the text is for nobody's eyes, and no render is needed to say it.
  const region = useRef<HTMLSpanElement>(null)
  const spoken = useRef<{ settled: Settled; lostAt: number }>({ settled: 'fine', lostAt: 0 })
  useEffect(() => {
    const settled = settledOf(display)
    const { current } = spoken
    if (settled === null || settled === current.settled) return
    const lostAt = settled === 'fine' ? 0 : current.settled === 'fine' ? (display.outageSince ?? display.since) : current.lostAt
    spoken.current = { settled, lostAt }
    const say = (text: string): void => {
      if (region.current !== null) region.current.textContent = text
    }
    if (settled === 'lost') say(labels.announceLost)
    else if (settled === 'failed') say(labels.announceFailed(labels.causes[display.cause]))
    else if (display.state === 'connected') say(labels.announceRestored(formatDuration(display.since - current.lostAt, labels)))
    else say(labels.states.disconnected)
  }, [display, labels])
  return <span ref={region} role="status" data-slot="announcer" className="uplink:sr-only" />
}
