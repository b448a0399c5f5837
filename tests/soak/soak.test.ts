import { expect, it } from 'vitest'
import { soak } from './soak.ts'

it('a minute of 5,000 messages a second, with random breaks: everything comes once and in order, and the heap stays flat', async () => {
  // Half a minute to warm up, and the minute that counts.
  const report = await soak({ durationMs: 90_000, inPerSecond: 4_500, outPerSecond: 500, dropEveryMs: 3_000 })
  expect(report).toMatchObject({ heard: report.published, heardSwapped: 0, gaps: 0, handled: report.sent, handledSwapped: 0, outcomes: { delivered: report.sent } })
  // A shared machine may be too slow for the rate; a minute without a load would prove nothing.
  expect(report.published).toBeGreaterThan(60_000)
  expect(report.drops).toBeGreaterThan(5)
  expect(report.slope).toBeLessThan(1)
}, 240_000)
