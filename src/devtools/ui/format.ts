/** How the monitor writes numbers and times. */
import type { ConnectionState, Phase } from '../../core/machine.ts'

const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** 1,234 */
export const count = (value: number): string => whole.format(value)

/** 12:04:31.207 */
export const time = (at: number): string => `${clock.format(at)}.${String(Math.floor(at) % 1_000).padStart(3, '0')}`

/** 950, 12.4K */
export const compact = (value: number): string => (value < 10_000 ? whole.format(value) : short.format(value))

/** 420 B, 1.2 kB, 3.4 MB: characters or bytes. */
export function bytes(size: number): string {
  if (size < 1_000) return `${Math.round(size)} B`
  return size < 1_000_000 ? `${(size / 1_000).toFixed(1)} kB` : `${(size / 1_000_000).toFixed(1)} MB`
}

/** 42 ms, 1.3 s, 4 min; a dash where nothing is known. */
export function duration(ms: number | null): string {
  if (ms === null) return '–'
  if (Math.abs(ms) < 1_000) return `${Math.round(ms)} ms`
  if (Math.abs(ms) < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  return Math.abs(ms) < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`
}

/** 0.4/s, 12/s, 5,000/s */
export const rate = (perSecond: number): string => `${perSecond >= 0.05 && perSecond < 9.95 ? perSecond.toFixed(1) : compact(Math.round(perSecond))}/s`

/** The public word for a state, as people read it. */
export const STATE_WORDS: Readonly<Record<ConnectionState, string>> = {
  disconnected: 'Disconnected', connecting: 'Connecting', connected: 'Connected', reconnecting: 'Reconnecting', disconnecting: 'Disconnecting', error: 'Failed',
}

/** What each phase waits for, in a few words. */
export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  idle: 'nobody wants it', authorizing: 'asks for the address and the credentials', dialing: 'waits for the socket', greeting: "waits for the server's first word",
  open: 'carries messages', waiting: 'waits for the next attempt', paused: 'waits for the network', closing: "waits for the server's goodbye", failed: 'needs somebody to act',
}
