/** `uplink/reporting`: errors of a connection, told to an error tracker. */
export { reportErrors } from './report-errors.ts'
export type { ErrorSource, ReportErrorsOptions, Reporter } from './report-errors.ts'
export { consoleReporter } from './console-reporter.ts'
export type { ErrorReport, ReportContext } from './report.ts'
