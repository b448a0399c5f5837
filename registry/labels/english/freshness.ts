/** The words of `Freshness`. */
import type { Locale } from '../labels'

/** The words of `Freshness`. */
export interface FreshnessLabels extends Locale {
  readonly asOf: (time: string) => string
}

/** The words of `Freshness`, in English. */
export const FRESHNESS_ENGLISH: FreshnessLabels = {
  locale: 'en',
  asOf: (time) => `as of ${time}`,
}
