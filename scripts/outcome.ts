/** How one step of `npm test` is counted. */

/** The part of vitest's JSON report that is read. */
export interface Report {
  readonly success: boolean
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: ReadonlyArray<{
    readonly assertionResults: ReadonlyArray<{ readonly status: string; readonly fullName: string }>
  }>
}

/** What a step came to. */
export interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly skippedTitles: readonly string[]
}

/**
 * What a step comes to, from its exit code and its report: `undefined` for a step that writes none, `null` for
 * one that should have. A runner that fails without a failed test (a file that does not load, an unhandled
 * error, no test at all) counts as one failure.
 */
export function outcome(exitCode: number, report: Report | null | undefined): Outcome {
  if (report === undefined) {
    return { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0, skippedTitles: [] }
  }
  if (report === null) return { passed: 0, failed: 1, skipped: 0, skippedTitles: [] }
  const { success, numPassedTests: passed, numFailedTests: failed } = report
  const silent = failed === 0 && (exitCode !== 0 || !success || passed === 0)
  const skippedTitles = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ fullName }) => fullName))
  return { passed, failed: silent ? 1 : failed, skipped: report.numPendingTests + report.numTodoTests, skippedTitles }
}
