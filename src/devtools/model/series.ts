/** What was measured once a second, for the charts. Pure. */

/** One second. Rates are per second, times epoch ms; latency in ms, `null` where none was measured. */
export interface Sample {
  readonly at: number
  readonly received: number
  readonly sent: number
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly latencyMs: number | null
  readonly isConnected: boolean
}

/** Running totals, as the statistics of a connection have them. */
export interface Totals {
  readonly messagesReceived: number
  readonly messagesSent: number
  readonly bytesReceived: number
  readonly bytesSent: number
}

/** Five minutes. */
export const SERIES_LENGTH = 300

/** A pair of looks at the totals, as rates. `elapsedMs` is above 0. */
export function sampleOf(before: Totals, after: Totals, elapsedMs: number, rest: Pick<Sample, 'at' | 'latencyMs' | 'isConnected'>): Sample {
  const rate = (name: keyof Totals): number => (Math.max(0, after[name] - before[name]) * 1_000) / elapsedMs
  return {
    ...rest, received: rate('messagesReceived'), sent: rate('messagesSent'), bytesReceived: rate('bytesReceived'), bytesSent: rate('bytesSent'),
  }
}

/** The series with one sample more, and at its limit the oldest one less. */
export function withSample(series: readonly Sample[], sample: Sample): readonly Sample[] {
  return [...series.slice(-(SERIES_LENGTH - 1)), sample]
}
