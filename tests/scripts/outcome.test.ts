/** `npm test` may not say that all is well when a runner did not run. */
import { describe, expect, it } from 'vitest'
import { outcome } from '../../scripts/outcome.ts'

describe('a step without tests of its own', () => {
  it('counts as one', () => {
    expect(outcome(0, undefined)).toMatchObject({ passed: 1, failed: 0 })
    expect(outcome(1, undefined)).toMatchObject({ passed: 0, failed: 1 })
  })
})

describe('a step with a report', () => {
  const report = { success: true, numPassedTests: 3, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, testResults: [] }

  it('counts its tests', () => {
    expect(outcome(0, report)).toMatchObject({ passed: 3, failed: 0, skipped: 2 })
    expect(outcome(1, { ...report, success: false, numFailedTests: 2 })).toMatchObject({ passed: 3, failed: 2, skipped: 2 })
  })

  it('has failed where the runner failed, whatever the tests say', () => {
    expect(outcome(1, report)).toMatchObject({ passed: 3, failed: 1 })
    expect(outcome(0, { ...report, success: false })).toMatchObject({ failed: 1 })
  })

  it('has failed where no test ran', () => {
    expect(outcome(0, { ...report, numPassedTests: 0 })).toMatchObject({ passed: 0, failed: 1, skipped: 2 })
  })

  it('has failed where the report is missing', () => {
    expect(outcome(0, null)).toMatchObject({ passed: 0, failed: 1 })
  })

  it('names what was skipped', () => {
    const testResults = [{ assertionResults: [{ status: 'passed', fullName: 'a' }, { status: 'pending', fullName: 'b' }] }]
    expect(outcome(0, { ...report, testResults }).skippedTitles).toEqual(['b'])
  })
})
