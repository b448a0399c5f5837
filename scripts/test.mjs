/**
 * `npm test`: every check of the project, one after the other, counted from the runners' own reports.
 * The last line is `N passed, N failed, N skipped`; a suite that ran nothing has failed.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'

const reports = 'reports'
const totals = { passed: 0, failed: 0, skipped: 0 }

rmSync(reports, { recursive: true, force: true })
mkdirSync(reports)

function run(command, args) {
  const started = performance.now()
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  return { ok: status === 0, seconds: Math.round((performance.now() - started) / 1_000) }
}

/** A step that passes or fails as a whole. */
function check(name, script) {
  console.log(`\n== ${name}`)
  const { ok, seconds } = run('npm', ['run', '--silent', script])
  totals[ok ? 'passed' : 'failed']++
  console.log(`${ok ? 'passed' : 'FAILED'}: ${name} (${seconds} s)`)
}

/** A vitest project, counted test by test. */
function suite(project) {
  console.log(`\n== ${project}`)
  const file = `${reports}/${project}.json`
  const { ok, seconds } = run('npx', [
    'vitest', 'run', '--project', `${project}*`, '--reporter=dot', '--reporter=json', `--outputFile.json=${file}`,
  ])
  let report
  try {
    report = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    report = { numTotalTests: 0, numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }
  }
  const skipped = report.numPendingTests + report.numTodoTests
  totals.passed += report.numPassedTests
  totals.failed += report.numFailedTests
  totals.skipped += skipped
  for (const { assertionResults } of report.testResults ?? []) {
    for (const test of assertionResults) if (test.status !== 'passed' && test.status !== 'failed') console.log(`skipped: ${test.fullName}`)
  }
  const ran = report.numPassedTests + report.numFailedTests
  // A crash outside of any test, and a suite without tests, are failures that no report counts.
  if (ran === 0 || (!ok && report.numFailedTests === 0)) totals.failed++
  console.log(`${project}: ${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped} skipped (${seconds} s)`)
}

check('lint', 'lint')
check('types', 'typecheck')
check('build', 'build')
for (const project of ['node', 'browser', 'stories', 'package', 'e2e']) suite(project)
check('storybook build', 'build-storybook')

console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0
