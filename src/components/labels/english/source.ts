/** The words of `SourceBadge`. */
import type { Locale } from '../labels.ts'

/** The words of `SourceBadge`. */
export interface SourceLabels extends Locale {
  readonly sources: Readonly<Record<'live' | 'fallback' | 'cache' | 'none', string>>
  readonly ago: (duration: string) => string
}

/** The words of `SourceBadge`, in English. */
export const SOURCE_ENGLISH: SourceLabels = {
  locale: 'en',
  sources: { live: 'Live', fallback: 'Delayed', cache: 'Last known', none: 'No data yet' },
  ago: (duration) => `${duration} ago`,
}
