/** The English of the banner. */
import type { Locale, Plural } from '../labels.ts'

/** The words of `ConnectionBanner`, beside the core ones. */
export interface BannerLabels extends Locale {
  readonly backAfter: (duration: string) => string
  readonly receipt: (sent: string, dropped: string, received: string) => string
  readonly receiptUnknown: (count: string, plural: Plural) => string
  readonly outageTimeline: string
  readonly showTimeline: string
  readonly dismiss: string
  readonly outageBegan: string
  readonly attemptNumber: (number: string) => string
  readonly backAgain: string
  readonly allCurrent: string
}

/** The banner's words in English. */
export const BANNER_ENGLISH: BannerLabels = {
  locale: 'en',
  backAfter: (duration) => `Back after ${duration}`,
  receipt: (sent, dropped, received) => `${sent} sent, ${dropped} dropped, ${received} received`,
  receiptUnknown: (count, plural) => (plural === 'one' ? `${count} message may not have arrived` : `${count} messages may not have arrived`),
  outageTimeline: 'Course of the outage',
  showTimeline: 'Details',
  dismiss: 'Hide',
  outageBegan: 'Connection lost',
  attemptNumber: (number) => `Attempt ${number}`,
  backAgain: 'Connected again',
  allCurrent: 'Everything is up to date',
}
