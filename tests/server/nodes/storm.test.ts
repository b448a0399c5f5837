/** The storm of the bench, as a test: what it promises, without the times. */
import { expect, it } from 'vitest'
import { storm } from '../../../bench/storm.ts'

it('2,000 clients that lose their connections at once are all current again, and have missed nothing', { timeout: 120_000 }, async () => {
  const { clients, resumed, wrong, peak } = await storm(2_000)
  expect([resumed, wrong]).toEqual([clients, 0])
  // Jitter spreads them; a bound far above what is seen, because this machine may be busy elsewhere.
  expect(peak).toBeLessThan(clients * 0.5)
})
