/** Reports as lines of a console or a logger. */
import type { Logger } from '../engine/logger.ts'
import type { Reporter } from './report-errors.ts'

/**
 * Writes one line for each report, at the level of its severity.
 *
 * @param target `console`, or any logger with `warn` and `error`.
 * @example
 * reportErrors(uplink, { to: consoleReporter(console), minSeverity: 'warning', holdWhileOffline: false })
 */
export function consoleReporter(target: Pick<Logger, 'warn' | 'error'>): Reporter {
  return ({ error, severity, occurrences, omitted, context }) => {
    const times = occurrences > 1 ? ` (${occurrences} times)` : ''
    const left = omitted > 0 ? ` (${omitted} of other kinds left out)` : ''
    const write = severity === 'warning' ? target.warn : target.error
    write.call(target, `${error.code}: ${error.message}${times}${left}`, { severity, ...context })
  }
}
