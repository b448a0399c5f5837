'use client'
/** What a screen reader is told of several connections: the news of the critical ones, each by its name. */
import { type ReactNode, useMemo } from 'react'
import type { NamedConnection } from 'uplink'
import type { SummaryLabels } from '../labels/english/summary'
import type { CoreLabels } from '../labels/labels'
import { useAnnouncements } from '../parts/use-announcements'

interface SpeakerProps {
  readonly connection: NamedConnection
  readonly labels: CoreLabels & SummaryLabels
}

/** The words that a connection is announced with: with its name, because there are others. */
function namedLabels(name: string, labels: CoreLabels & SummaryLabels): CoreLabels {
  const named = (sentence: string): string => labels.announceOf(name, sentence)
  return {
    ...labels,
    announceLost: named(labels.announceLost),
    announceCatchingUp: named(labels.announceCatchingUp),
    announceRestored: (duration) => named(labels.announceRestored(duration)),
    announceFailed: (cause) => named(labels.announceFailed(cause)),
    delayedEvery: (duration) => named(labels.delayedEvery(duration)),
    states: { ...labels.states, disconnected: named(labels.states.disconnected) },
  }
}

/** Speaks of one connection. */
function Speaker({ connection: { name, uplink }, labels }: SpeakerProps): null {
  useAnnouncements(uplink, useMemo(() => namedLabels(name, labels), [name, labels]), { leads: true })
  return null
}

/** Speaks of the critical connections; of a background one nobody who does not look needs to hear. Shows nothing. */
export function Speakers({ connections, labels }: { readonly connections: readonly NamedConnection[]; readonly labels: CoreLabels & SummaryLabels }): ReactNode {
  return connections.filter(({ impact }) => impact !== 'background').map((connection) => <Speaker key={connection.name} connection={connection} labels={labels} />)
}
