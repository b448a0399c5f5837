/** Errors of a connection, told to an error tracker: each problem once, not too many, and nothing secret. */
import { type ErrorCode, type Severity, UplinkError } from '../core/errors.ts'
import type { Transition } from '../core/history.ts'
import { readBoolean, readNumber, readWord } from '../core/policy.ts'
import type { RateLimit } from '../core/token-bucket.ts'
import type { Connection } from '../engine/connection-interface.ts'
import { type Platform, type TimerHandle, browserPlatform } from '../engine/platform.ts'
import type { ConnectionSnapshot } from '../engine/snapshot.ts'
import { redact as redactSecrets } from '../engine/url.ts'
import { type Told, createGate } from './gate.ts'
import { type ErrorReport, TRAIL_LENGTH, contextOf, fingerprintOf, withoutSecrets } from './report.ts'

/** Takes reports somewhere. What it throws or rejects with goes to `onFailure`, and stops nothing. */
export type Reporter = (report: ErrorReport) => unknown

/** Where errors come from: an uplink, or a connection of `uplink/engine`. */
export type ErrorSource = Pick<Connection, 'on'> & (
  | Pick<Connection, 'snapshot' | 'history'>
  | { getState(): ConnectionSnapshot; readonly history: { getState(): readonly Transition[] }; readonly platform: Platform }
)

/** Options of {@link reportErrors}. Durations are ms. */
export interface ReportErrorsOptions {
  readonly to: Reporter
  /** Lesser errors are not reported. @default 'error' */
  readonly minSeverity?: Severity
  /** Codes that are not reported, or a function that says so. */
  readonly ignore?: readonly ErrorCode[] | ((error: UplinkError) => boolean)
  /** The same problem is reported again only after this long, then with how often it happened; 0 to 86,400,000. @default 60_000 */
  readonly dedupeMs?: number
  /** How many reports there may be, of all problems together; more of them wait. @default {max: 10, windowMs: 60_000} */
  readonly limit?: RateLimit
  /** Keeps reports while the device says that it has no network. @default true */
  readonly holdWhileOffline?: boolean
  /** Takes more out of a text than tokens in URLs, user names and authorization values, which are always taken out. */
  readonly redact?: (text: string) => string
  /** Hears what `to` threw or rejected with. */
  readonly onFailure?: (thrown: unknown) => void
  /** Clock and timers, where the source has none of its own. @default the browser's */
  readonly platform?: Platform
}

const SEVERITIES: readonly [Severity, ...Severity[]] = ['error', 'warning', 'fatal']
const RANKS: Readonly<Record<Severity, number>> = { warning: 0, error: 1, fatal: 2 }

type Kept = Omit<ErrorReport, 'occurrences' | 'omitted'>

/**
 * Reports the errors of a connection. The first of its kind goes at once; the same again waits for `dedupeMs`, is
 * counted, and goes as one. Everything beyond `limit` waits too. What still waits goes when the page is hidden for
 * good, and when the returned function is called, which ends the reporting.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` for an option that is not allowed.
 * @example
 * const stop = reportErrors(uplink, {
 *   to: ({ error, fingerprint, context }) => tracker.captureException(error, { fingerprint, extra: context }),
 * })
 */
export function reportErrors(source: ErrorSource, options: ReportErrorsOptions): () => void {
  const platform = options.platform ?? ('platform' in source ? source.platform : browserPlatform())
  const { to, ignore = [], redact, onFailure } = options
  if (typeof to !== 'function') throw new UplinkError('UPLINK_OPTION_INVALID', 'to has a wrong value; allowed: a function')
  const least = RANKS[readWord('minSeverity', options.minSeverity, SEVERITIES)]
  const holds = readBoolean('holdWhileOffline', options.holdWhileOffline, true)
  const gate = createGate<Kept>(readNumber('dedupeMs', options.dedupeMs, 60_000, 0, 86_400_000), {
    max: readNumber('limit.max', options.limit?.max, 10, 1, 1_000_000),
    windowMs: readNumber('limit.windowMs', options.limit?.windowMs, 60_000, 1, 86_400_000),
  }, platform.now())
  const clean = (text: string): string => (redact === undefined ? redactSecrets(text) : redact(redactSecrets(text)))
  const isIgnored = (error: UplinkError): boolean => (typeof ignore === 'function' ? ignore(error) : ignore.includes(error.code))
  const snapshot = (): ConnectionSnapshot => ('snapshot' in source ? source.snapshot() : source.getState())
  const history = (): readonly Transition[] => ('snapshot' in source ? source.history() : source.history.getState())
  const isOpen = (): boolean => !holds || platform.isOnline() !== false
  let timer: TimerHandle | undefined

  function tell({ item, count, omitted }: Told<Kept>): void {
    const failed = (thrown: unknown): void => onFailure?.(thrown)
    try {
      const done = to({ ...item, occurrences: count, omitted })
      if (done instanceof Promise) done.catch(failed)
    } catch (thrown) {
      failed(thrown)
    }
  }

  function rest(): void {
    if (timer !== undefined) platform.clearTimer(timer)
    timer = undefined
  }

  function arm(): void {
    rest()
    const at = isOpen() ? gate.nextAt() : Infinity
    if (at < Infinity) timer = platform.setTimer(flush, Math.max(0, at - platform.now()))
  }

  function flush(): void {
    if (isOpen()) gate.due(platform.now()).forEach(tell)
    arm()
  }

  function hear(error: UplinkError): void {
    if (RANKS[error.severity] < least || isIgnored(error)) return
    const fingerprint = fingerprintOf(error)
    const kept: Kept = {
      error: withoutSecrets(error, clean), severity: error.severity, fingerprint, at: platform.time(),
      context: contextOf(snapshot(), platform.isOnline()), trail: history().slice(-TRAIL_LENGTH),
    }
    const told = gate.offer(fingerprint.join('\n'), kept, platform.now(), isOpen())
    if (told === null) arm()
    else tell(told)
  }

  const forgetErrors = source.on('error', hear)
  const forgetPage = platform.listen((event) => {
    if (event === 'online') flush()
    if (event === 'pagehide') gate.drain(platform.now()).forEach(tell)
  })
  let ended = false
  return () => {
    if (ended) return
    ended = true
    forgetErrors()
    forgetPage()
    rest()
    gate.drain(platform.now()).forEach(tell)
  }
}
