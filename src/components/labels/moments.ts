/** Times of day, as people write them. Times are epoch ms. */
import type { Locale } from './labels.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** A time to the minute: "10:42". */
export function timeOfDay(at: number, { locale }: Locale): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(at)
}

/** A time to the second: "10:42:07". */
export function timeToTheSecond(at: number, { locale }: Locale): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }).format(at)
}

/**
 * A time as exactly as its age wants it: to the second for an hour, then to the minute, with its date where that is
 * not the date of `now`; `now` is 0 where it is not known, on a server.
 */
export function dayAndTime(at: number, now: number, { locale }: Locale): string {
  if (now !== 0 && Math.abs(now - at) < HOUR_MS) return timeToTheSecond(at, { locale })
  const sameDay = now === 0 || (Math.abs(now - at) < DAY_MS && new Date(at).getDate() === new Date(now).getDate())
  if (sameDay) return timeOfDay(at, { locale })
  return new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }).format(at)
}
