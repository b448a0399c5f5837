/** The words of `ConnectionSummary`. */
import type { Impact } from 'uplink'
import type { Locale, Plural } from '../labels'

/** The words of `ConnectionSummary`, besides those for states, causes and remedies. */
export interface SummaryLabels extends Locale {
  readonly connections: string
  readonly impacts: Readonly<Record<Impact, string>>
  readonly allConnected: (count: string, plural: Plural) => string
  readonly connectionIs: (name: string, state: string) => string
  readonly othersAffected: (count: string, plural: Plural) => string
  readonly announceOf: (name: string, sentence: string) => string
}

/** The words of `ConnectionSummary`, in English. */
export const SUMMARY_ENGLISH: SummaryLabels = {
  locale: 'en',
  connections: 'Connections',
  impacts: { critical: 'Critical', background: 'Background' },
  allConnected: (count, plural) => (plural === 'one' ? 'Connected' : `All ${count} connected`),
  connectionIs: (name, state) => `${name}: ${state}`,
  othersAffected: (count, plural) => (plural === 'one' ? 'One more is affected.' : `${count} more are affected.`),
  announceOf: (name, sentence) => `${name}: ${sentence}`,
}
