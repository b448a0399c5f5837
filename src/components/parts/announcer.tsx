'use client'
/** What a screen reader is told: losses, recoveries and failures, once each. Never what ticks. */
import { type ReactNode, useEffect, useRef } from 'react'
import { type UplinkTarget, useUplink } from '../../hooks/use-uplink.ts'
import { formatDuration } from '../labels/format.ts'
import type { CoreLabels } from '../labels/labels.ts'
import { type News, takeSeat } from './news.ts'

/** Props of {@link Announcer}. */
export interface AnnouncerProps {
  readonly labels: CoreLabels
  readonly target?: UplinkTarget | undefined
}

function sentence(news: News, labels: CoreLabels): string {
  switch (news.kind) {
    case 'lost': return labels.announceLost
    case 'behind': return labels.announceCatchingUp
    case 'failed': return labels.announceFailed(labels.causes[news.cause])
    case 'restored': return labels.announceRestored(formatDuration(news.afterMs, labels))
    default: return labels.states.disconnected
  }
}

/** A polite live region that is there, and empty, from the start. One on a page speaks of a connection. */
export function Announcer({ labels, target }: AnnouncerProps): ReactNode {
  const { display } = useUplink(target)
  // Written to directly: the text is for nobody's eyes, and no render is needed to say it.
  const region = useRef<HTMLSpanElement>(null)
  const words = useRef(labels)
  useEffect(() => {
    words.current = labels
  }, [labels])
  useEffect(() => takeSeat(display, (news) => {
    if (region.current !== null) region.current.textContent = sentence(news, words.current)
  }), [display])
  return <span ref={region} role="status" data-slot="announcer" className="uplink:sr-only" />
}
