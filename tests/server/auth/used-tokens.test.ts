/** Tokens that were used are remembered until they expire. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryUsedTokens } from '../../../src/server/auth/used-tokens.ts'

describe('tokens in memory', () => {
  it('are forgotten when they have expired, and never before', () => {
    let now = 0
    const used = memoryUsedTokens({ count: 2, now: () => now })
    expect([used.use('a', 10), used.use('a', 10), used.use('b', 20), used.use('c', 10)]).toEqual([true, false, true, false])
    now = 9
    expect(used.use('c', 10)).toBe(false)
    now = 10
    expect([used.use('c', 10), used.use('b', 10), used.use('d', 10)]).toEqual([true, false, false])
    now = 20
    expect([used.use('a', 10), used.use('b', 10), used.use('c', 10)]).toEqual([true, true, false])
  })

  it('accept each id once at most within its time, however many there are', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 20 }), fc.nat(5)), { maxLength: 60 }), (uses) => {
      let now = 0
      const ends = new Map<string, number>()
      const used = memoryUsedTokens({ count: 2, now: () => now })
      for (const [id, forMs, pause] of uses) {
        now += pause
        const isNew = (ends.get(id) ?? 0) <= now
        const living = [...ends.values()].filter((end) => end > now).length
        expect(used.use(id, forMs)).toBe(isNew && living < 2)
        if (isNew && living < 2) ends.set(id, now + forMs)
      }
    }))
  })

  it('are as many as is said', () => {
    for (const count of [0, 1.5, Infinity, Number.NaN]) expect(() => memoryUsedTokens({ count })).toThrow(/count/)
  })
})
