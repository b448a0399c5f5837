'use client'
/** What a screen reader is told: losses, recoveries and failures, once each. Never what ticks. */
import { useEffect, useRef } from 'react'
import { type UplinkTarget, useUplink } from 'uplink'
import { formatDuration } from '../labels/format'
import type { CoreLabels } from '../labels/labels'
import { type News, takeSeat } from './news'

/** Who speaks, and where. */
export interface AnnouncementOptions {
  /** Speaks before those who were there earlier. */
  readonly leads?: boolean
  /** Takes the sentence instead of the page's live region. */
  readonly announce?: ((sentence: string) => void) | undefined
}

function sentenceOf(news: News, labels: CoreLabels): string {
  switch (news.kind) {
    case 'lost': return labels.announceLost
    case 'behind': return labels.announceCatchingUp
    case 'failed': return labels.announceFailed(labels.causes[news.cause])
    case 'delayed': return labels.delayedEvery(formatDuration(news.everyMs, labels))
    case 'restored': return labels.announceRestored(formatDuration(news.afterMs, labels))
    default: return labels.states.disconnected
  }
}

/** Speaks of a connection while mounted, in the page's one live region, if nobody else does. Renders nothing for it. */
export function useAnnouncements(target: UplinkTarget | undefined, labels: CoreLabels, { leads = false, announce }: AnnouncementOptions = {}): void {
  const { display } = useUplink(target)
  const latest = useRef({ labels, announce })
  useEffect(() => {
    latest.current = { labels, announce }
  }, [labels, announce])
  useEffect(() => takeSeat(display, (news, line) => {
    const current = latest.current
    const sentence = sentenceOf(news, current.labels)
    if (current.announce === undefined) line.say(sentence)
    else current.announce(sentence)
  }, leads), [display, leads])
}
