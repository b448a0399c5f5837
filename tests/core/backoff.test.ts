import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { seededRandom } from 'uplink/testing'
import { retryDelayMs } from '../../src/core/backoff.ts'
import { resolvePolicy } from '../../src/core/policy.ts'

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const jitter = fc.constantFrom('full', 'equal', 'none')

describe('the retry delay', () => {
  it('never exceeds its cap, which never exceeds maxReconnectDelay', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(20), random, jitter, (attempt, flaps, chance, kind) => {
      const policy = resolvePolicy({ jitter: kind })
      const delayMs = retryDelayMs(attempt, flaps, policy, chance)
      expect(delayMs).toBeGreaterThanOrEqual(0)
      expect(delayMs).toBeLessThanOrEqual(Math.min(1_000 * 2 ** (attempt - 1), 60_000))
    }))
  })

  it('is spread after the cap: a long outage does not bring a fleet into lockstep', () => {
    const policy = resolvePolicy({ maxReconnectDelay: 5_000 })
    const chance = seededRandom(3)
    const delays = Array.from({ length: 1_000 }, () => retryDelayMs(30, 0, policy, chance()))
    expect(new Set(delays.map((delay) => Math.floor(delay / 100))).size).toBeGreaterThan(45)
  })

  it('spreads 500 clients dropped at once: no 100 ms holds over 15 % (quantile 0.95 of 1,000 fleets)', () => {
    const policy = resolvePolicy({})
    const chance = seededRandom(11)
    const shares = Array.from({ length: 1_000 }, () => {
      const bins = new Array<number>(10).fill(0)
      for (let client = 0; client < 500; client++) {
        const bin = Math.floor(retryDelayMs(1, 0, policy, chance()) / 100)
        bins[bin] = (bins[bin] ?? 0) + 1
      }
      return Math.max(...bins) / 500
    }).toSorted((a, b) => a - b)
    expect(shares[949]).toBeLessThanOrEqual(0.15)
  })

  it('brings messages back within 0.6 s (median) after a reset, defaults, server there', () => {
    const policy = resolvePolicy({})
    const chance = seededRandom(5)
    const delays = Array.from({ length: 1_001 }, () => retryDelayMs(1, 0, policy, chance())).toSorted((a, b) => a - b)
    expect(delays[500]).toBeLessThanOrEqual(600)
  })

  it('with full jitter has a floor of half its cap after repeated short lives', () => {
    const policy = resolvePolicy({})
    expect(retryDelayMs(4, 3, policy, 0)).toBe(4_000)
    expect(retryDelayMs(4, 2, policy, 0)).toBe(0)
  })

  it('with reconnectInterval 0 is free once, then backs off from a second', () => {
    const policy = resolvePolicy({ reconnectInterval: 0, jitter: 'none' })
    expect([1, 2, 3, 4].map((attempt) => retryDelayMs(attempt, 0, policy, 0))).toEqual([0, 1_000, 2_000, 4_000])
  })
})
