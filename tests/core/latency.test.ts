import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { LATENCY_WINDOW, createLatency, judge, latencySnapshot, loseLatency, recordLatency } from '../../src/core/latency.ts'

const after = (samples: number[]) => {
  const latency = createLatency()
  for (const sample of samples) recordLatency(latency, sample)
  return latency
}

describe('latency', () => {
  it('is unknown, not 0, before the first round trip', () => {
    expect(latencySnapshot(createLatency())).toEqual({
      current: null, average: null, jitter: null, p50: null, p95: null, p99: null, quality: 'unknown', samples: [],
    })
  })

  it('follows RFC 6298 for its average and deviation', () => {
    const { average, deviation } = after([100, 200])
    expect(average).toBeCloseTo(112.5)
    expect(deviation).toBeCloseTo(62.5)
  })

  it('has nearest-rank percentiles of the window, whatever came before', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 400 }), (samples) => {
      const window = samples.slice(-LATENCY_WINDOW)
      const sorted = window.toSorted((a, b) => a - b)
      const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
      expect(latencySnapshot(after(samples))).toMatchObject({ samples: window, p50: rank(0.5), p95: rank(0.95), p99: rank(0.99) })
    }))
  })

  it('ignores impossible round trips', () => {
    expect(latencySnapshot(after([-1, Number.NaN, Infinity])).samples).toEqual([])
  })

  it('is unknown again when the connection is lost, and keeps its past', () => {
    const latency = after([40])
    loseLatency(latency)
    expect(latencySnapshot(latency)).toMatchObject({ current: null, quality: 'unknown', samples: [40] })
  })

  it('worsens at a bound, and improves only well below it', () => {
    expect(judge(101, 'excellent')).toBe('good')
    expect(judge(95, 'good')).toBe('good')
    expect(judge(79, 'good')).toBe('excellent')
    expect(judge(2_000, 'excellent')).toBe('poor')
    expect(judge(50, 'poor')).toBe('excellent')
  })
})
