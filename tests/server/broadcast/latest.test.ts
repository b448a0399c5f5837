/** The newest value of every key. */
import { expect, it } from 'vitest'
import { createLatest } from '../../../src/server/broadcast/latest.ts'

const at = (offset: number, epoch: string = 'e'): { epoch: string; offset: number } => ({ epoch, offset })

it('keeps the newest by position, not by when it was noted', () => {
  const latest = createLatest(10)
  latest.note('prices', 'BTC', 2, at(2))
  latest.note('prices', 'BTC', 1, at(1))
  latest.note('other', 'BTC', 9, at(1))
  expect(latest.of('prices')).toEqual([2])
  latest.note('prices', 'BTC', 3, at(1, 'another epoch'))
  expect(latest.of('prices')).toEqual([3])
  expect(latest.size).toBe(2)
})

it('lets go what was noted longest ago when there are too many', () => {
  const latest = createLatest(2)
  for (const [key, offset] of [['BTC', 1], ['ETH', 2], ['BTC', 3], ['SOL', 4]] as const) latest.note('prices', key, `${key} ${offset}`, at(offset))
  expect(latest.of('prices')).toEqual(['BTC 3', 'SOL 4'])
})
