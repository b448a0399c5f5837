'use client'
/** Announcements without anything to see, for pages that show the connection in their own way, or speak in it. */
import type { UplinkTarget } from 'uplink'
import { CORE_ENGLISH } from '../labels/english/core'
import type { LabelOverrides } from '../labels/labels'
import { useLabels } from '../labels/use-labels'
import { useAnnouncements } from '../parts/use-announcements'

/** Props of {@link Announcer}. */
export interface AnnouncerProps {
  /** An uplink or a URL, instead of the provider's. */
  readonly uplink?: UplinkTarget
  /** Takes each sentence instead of the live region: the page has an announcer of its own. */
  readonly announce?: (sentence: string) => void
  /** Words to use instead of the English ones. */
  readonly labels?: LabelOverrides
}

/**
 * Tells screen readers of losses, recoveries and failures of a connection: once each, politely, and never what was
 * already so when it appeared. All announcements of a page share one live region. The components that show a
 * connection speak by themselves; an `Announcer` speaks in their place, wherever it stands.
 *
 * @example
 * <Announcer />
 * <Announcer announce={(sentence) => myLiveRegion.say(sentence)} />
 */
export function Announcer({ uplink, announce, labels: given }: AnnouncerProps): null {
  useAnnouncements(uplink, useLabels(CORE_ENGLISH, given), { leads: true, announce })
  return null
}
