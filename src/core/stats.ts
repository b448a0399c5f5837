/** Counters of what went over the wire, and what can be said about them. */
import type { ErrorCode } from './errors.ts'

/** Running counters; the hot paths add to them in place. Sizes are characters or bytes. */
export interface Stats {
  messagesReceived: number
  messagesSent: number
  bytesReceived: number
  bytesSent: number
  malformed: number
  errors: number
  dropped: number
  connections: number
  /** Epoch ms of the first `connect()`, or null. */
  wantedSince: number | null
  /** Epoch ms of the current opening, or null. */
  connectedAt: number | null
  /** Wanted and connected ms of periods that are over. */
  wantedMs: number
  connectedMs: number
  lastError: LastError | null
  rates: Rates
  mark: Mark
}

/** The last thing that went wrong, and when (epoch ms). */
export interface LastError {
  readonly code: ErrorCode
  readonly message: string
  readonly at: number
}

/** The counters that are shown as rates as well. */
const RATED = ['messagesReceived', 'messagesSent', 'bytesReceived', 'bytesSent'] as const

type Rates = Record<(typeof RATED)[number], number>

interface Mark extends Rates {
  at: number
}

/** What a fallback has done so far. Times are epoch ms, sizes characters or bytes. */
export interface FallbackStats {
  /** Channels whose data is polled now. */
  readonly polling: number
  /** Requests that were begun, and those that are under way. */
  readonly polls: number
  readonly inFlight: number
  /** Requests that failed, those that brought nothing new, and those that were no longer wanted. */
  readonly failures: number
  readonly unchanged: number
  readonly aborted: number
  /** Messages that were polled and handed on, and those that had been heard before, by either way. */
  readonly messages: number
  readonly repeats: number
  readonly bytes: number
  /** Attempts that good polls have granted the socket. */
  readonly probes: number
  readonly lastGoodAt: number | null
  readonly lastError: LastError | null
}

/** Statistics as they are shown. Times are ms, sizes characters or bytes, rates per second. */
export interface ConnectionStats {
  /** Messages, without heartbeats and other control frames; the same below. */
  readonly messagesReceived: number
  readonly messagesSent: number
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly receivedPerSecond: number
  readonly sentPerSecond: number
  readonly bytesReceivedPerSecond: number
  readonly bytesSentPerSecond: number
  /** Openings after the first. */
  readonly reconnections: number
  readonly errors: number
  /** Frames that could not be read. */
  readonly malformed: number
  /** Messages that were dropped from the queue. */
  readonly dropped: number
  /** How long the current connection has been open; 0 when it is not. */
  readonly uptime: number
  /** Share of the wanted time that it was open, 0 to 1; `null` before the first `connect()`. */
  readonly availability: number | null
  readonly lastError: LastError | null
  /** Where there is a fallback. */
  readonly fallback?: FallbackStats
}

/** How quickly a shown rate follows the real one, in ms. */
const RATE_TIME_MS = 1_000

const NO_RATES: Readonly<Rates> = { messagesReceived: 0, messagesSent: 0, bytesReceived: 0, bytesSent: 0 }

/** Counters at zero. */
export function createStats(): Stats {
  return {
    messagesReceived: 0, messagesSent: 0, bytesReceived: 0, bytesSent: 0, malformed: 0, errors: 0, dropped: 0,
    connections: 0, wantedSince: null, connectedAt: null, wantedMs: 0, connectedMs: 0, lastError: null,
    rates: { ...NO_RATES },
    mark: { at: -Infinity, ...NO_RATES },
  }
}

/** Notes that the connection is wanted, or no longer is. `at` in epoch ms. */
export function noteWanted(stats: Stats, wanted: boolean, at: number): void {
  if (wanted && stats.wantedSince === null) stats.wantedSince = at
  if (!wanted && stats.wantedSince !== null) {
    stats.wantedMs += Math.max(0, at - stats.wantedSince)
    stats.wantedSince = null
  }
}

/** Notes that the connection is open, or no longer is. `at` in epoch ms. */
export function noteConnected(stats: Stats, connected: boolean, at: number): void {
  if (connected && stats.connectedAt === null) {
    stats.connectedAt = at
    stats.connections++
  }
  if (!connected && stats.connectedAt !== null) {
    stats.connectedMs += Math.max(0, at - stats.connectedAt)
    stats.connectedAt = null
  }
}

/** Counts an error. `at` in epoch ms. */
export function noteError(stats: Stats, code: ErrorCode, message: string, at: number): void {
  stats.errors++
  stats.lastError = { code, message, at }
}

function measureRates(stats: Stats, at: number): void {
  const { mark, rates } = stats
  const elapsed = at - mark.at
  if (elapsed < 100 && elapsed >= 0) return
  // One step of an exponential average whose weight depends on the time since the last look, so that looking
  // rarely or often shows the same rate; after a pause too long for that, the rates stay until the next look.
  const gain = elapsed > 0 && elapsed < 60_000 ? 1 - Math.exp(-elapsed / RATE_TIME_MS) : 0
  for (const name of RATED) {
    if (gain > 0) rates[name] += (((stats[name] - mark[name]) * 1_000) / elapsed - rates[name]) * gain
    mark[name] = stats[name]
  }
  mark.at = at
}

/** A look at the counters. `at` in epoch ms; looks closer together than 100 ms share their rates. */
export function statsSnapshot(stats: Stats, at: number): ConnectionStats {
  measureRates(stats, at)
  const uptime = stats.connectedAt === null ? 0 : Math.max(0, at - stats.connectedAt)
  const wanted = stats.wantedMs + (stats.wantedSince === null ? 0 : Math.max(0, at - stats.wantedSince))
  const connected = stats.connectedMs + uptime
  return {
    messagesReceived: stats.messagesReceived,
    messagesSent: stats.messagesSent,
    bytesReceived: stats.bytesReceived,
    bytesSent: stats.bytesSent,
    receivedPerSecond: stats.rates.messagesReceived,
    sentPerSecond: stats.rates.messagesSent,
    bytesReceivedPerSecond: stats.rates.bytesReceived,
    bytesSentPerSecond: stats.rates.bytesSent,
    reconnections: Math.max(0, stats.connections - 1),
    errors: stats.errors,
    malformed: stats.malformed,
    dropped: stats.dropped,
    uptime,
    availability: wanted > 0 ? Math.min(1, connected / wanted) : null,
    lastError: stats.lastError,
  }
}
