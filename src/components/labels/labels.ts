/**
 * Every word that components show or speak: one catalogue, in groups, so that a page loads the English of the
 * components it uses and of no others. Functions get numbers and durations already formatted for `locale`, and
 * the plural form that the number takes in it.
 */
import type { Cause, DisplayState } from '../../core/display.ts'
import type { Quality } from '../../core/latency.ts'
import type { Remedy } from '../../protocol/close.ts'
import type { BannerLabels } from './english/banner.ts'
import type { FreshnessLabels } from './english/freshness.ts'
import type { HourLabels } from './english/hour.ts'
import type { SourceLabels } from './english/source.ts'
import type { SummaryLabels } from './english/summary.ts'
import type { ToastLabels } from './english/toasts.ts'

/** A plural form, as `Intl.PluralRules` names it. */
export type Plural = Intl.LDMLPluralRule

/** What numbers, times and durations are formatted by. */
export interface Locale {
  /** A BCP 47 tag for `Intl`; `undefined` is the browser's own. */
  readonly locale: string | undefined
}

/** The words of `ConnectionIndicator`, `ConnectionStatus`, `ConnectionStatusCard` and `Announcer`. */
export interface CoreLabels extends Locale {
  readonly states: Readonly<Record<DisplayState, string>>
  readonly causes: Readonly<Record<Cause, string>>
  readonly remedies: Readonly<Record<Remedy, string>>
  readonly qualities: Readonly<Record<Quality, string>>
  readonly actions: Readonly<Record<'sign_in' | 'reload' | 'contact', string>>
  readonly connection: string
  readonly latency: string
  readonly uptime: string
  readonly availability: string
  readonly attempt: string
  readonly received: string
  readonly sent: string
  readonly reconnections: string
  readonly errorCount: (count: string, plural: Plural) => string
  readonly outbox: string
  readonly outboxEmpty: string
  readonly outboxWaiting: (count: string, plural: Plural) => string
  readonly history: string
  readonly details: string
  readonly reconnect: string
  readonly connect: string
  readonly disconnect: string
  readonly unknown: string
  readonly retryIn: (duration: string) => string
  readonly connectedSince: (time: string) => string
  readonly delayedEvery: (duration: string) => string
  readonly perSecond: (count: string) => string
  readonly latencyTrend: (count: string, latest: string, plural: Plural) => string
  readonly transitions: (count: string, plural: Plural) => string
  readonly announceLost: string
  readonly announceCatchingUp: string
  readonly announceRestored: (duration: string) => string
  readonly announceFailed: (cause: string) => string
}

/** The whole catalogue. Each family of components adds its group here, in `english/`, and in every translation. */
export interface Labels extends CoreLabels, BannerLabels, FreshnessLabels, HourLabels, SourceLabels, SummaryLabels, ToastLabels {}

/** Words to use instead; tables (`states`, `causes`, …) entry by entry. */
export type LabelOverrides = { readonly [Name in keyof Labels]?: Labels[Name] extends Readonly<Record<string, string>> ? Partial<Labels[Name]> : Labels[Name] }
