/** Times of day, as people write them. Times are epoch ms. */
import type { Locale } from './labels'

const DAY_MS = 86_400_000

/** A time to the minute: "10:42". */
export function timeOfDay(at: number, { locale }: Locale): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(at)
}

/** A time to the second: "10:42:07". */
export function timeToTheSecond(at: number, { locale }: Locale): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }).format(at)
}

/** A time to the minute, with its date where that is not the date of `now`; `now` is 0 where it is not known. */
export function dayAndTime(at: number, now: number, { locale }: Locale): string {
  const sameDay = now === 0 || (Math.abs(now - at) < DAY_MS && new Date(at).getDate() === new Date(now).getDate())
  if (sameDay) return timeOfDay(at, { locale })
  return new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }).format(at)
}
