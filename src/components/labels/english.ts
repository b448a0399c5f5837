/** The whole catalogue in English: a start for translations. Components import the groups they use instead. */
import { BANNER_ENGLISH } from './english/banner.ts'
import { CORE_ENGLISH } from './english/core.ts'
import { FRESHNESS_ENGLISH } from './english/freshness.ts'
import { HOUR_ENGLISH } from './english/hour.ts'
import { SOURCE_ENGLISH } from './english/source.ts'
import { SUMMARY_ENGLISH } from './english/summary.ts'
import { TOAST_ENGLISH } from './english/toasts.ts'
import type { Labels } from './labels.ts'

/** The catalogue in English. */
export const ENGLISH: Labels = { ...CORE_ENGLISH, ...BANNER_ENGLISH, ...FRESHNESS_ENGLISH, ...HOUR_ENGLISH, ...SOURCE_ENGLISH, ...SUMMARY_ENGLISH, ...TOAST_ENGLISH }
