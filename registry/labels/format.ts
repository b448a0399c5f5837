/** Numbers, durations and times as people of a locale write them; all by `Intl`. */
import type { Locale, Plural } from './labels'

/** A number as people write it. */
export function formatCount(value: number, { locale }: Locale): string {
  return new Intl.NumberFormat(locale, { notation: value >= 100_000 ? 'compact' : 'standard', maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)
}

/** The plural form of a number. */
export function pluralOf(value: number, { locale }: Locale): Plural {
  return new Intl.PluralRules(locale).select(value)
}

/** Milliseconds, or a dash where they are not known: unknown is never 0. */
export function formatLatency(ms: number | null, { locale }: Locale): string {
  if (ms === null) return '–'
  return new Intl.NumberFormat(locale, { style: 'unit', unit: 'millisecond', maximumFractionDigits: 0 }).format(ms)
}

/** A duration in its largest unit or two: "42 sec", "3 min", "2 hr 5 min". */
export function formatDuration(ms: number, { locale }: Locale): string {
  const unit = (value: number, name: string): string => new Intl.NumberFormat(locale, { style: 'unit', unit: name }).format(value)
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 60) return unit(seconds, 'second')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return unit(minutes, 'minute')
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${unit(hours, 'hour')} ${unit(minutes % 60, 'minute')}`
  return unit(Math.floor(hours / 24), 'day')
}

/** A share of 1 as a percentage, rounded down: 100 % is said only when it was. */
export function formatShare(share: number | null, { locale }: Locale): string {
  if (share === null) return '–'
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(Math.floor(share * 1_000) / 1_000)
}
