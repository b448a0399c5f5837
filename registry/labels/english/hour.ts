/** The words of `LatencyChart` and `ConnectionTimeline`: the last hour. */
import type { Locale, Plural } from '../labels'

/** The words of `LatencyChart` and `ConnectionTimeline`, besides those for states, causes and qualities. */
export interface HourLabels extends Locale {
  readonly lastHour: string
  readonly latencyOfHour: string
  readonly statesOfHour: string
  readonly median: string
  readonly percentile95: string
  readonly available: (share: string) => string
  readonly noMeasurements: string
  readonly latencySummary: (median: string, percentile95: string, highest: string) => string
  readonly latencyRange: (low: string, high: string) => string
  readonly stateSince: (state: string, from: string) => string
  readonly stateBetween: (state: string, from: string, to: string, duration: string) => string
  readonly shortDrops: (count: string, plural: Plural) => string
  readonly notRecorded: string
}

/** The words of `LatencyChart` and `ConnectionTimeline`, in English. */
export const HOUR_ENGLISH: HourLabels = {
  locale: 'en',
  lastHour: 'last hour',
  latencyOfHour: 'Latency of the last hour',
  statesOfHour: 'States of the last hour',
  median: 'Median',
  percentile95: '95 %',
  available: (share) => `${share} available`,
  noMeasurements: 'No round trip was measured yet.',
  latencySummary: (median, percentile95, highest) =>
    `Half of the round trips took ${median} or less, 95 % took ${percentile95} or less, and the longest took ${highest}.`,
  latencyRange: (low, high) => `${low} to ${high}`,
  stateSince: (state, from) => `${state} since ${from}.`,
  stateBetween: (state, from, to, duration) => `${state} from ${from} to ${to}, ${duration}.`,
  shortDrops: (count, plural) => (plural === 'one' ? 'One short drop.' : `${count} short drops.`),
  notRecorded: 'Not recorded.',
}
