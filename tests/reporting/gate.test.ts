import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KINDS_MOST, createGate } from '../../src/reporting/gate.ts'

const WIDE = { max: 1_000_000, windowMs: 1_000 }

describe('the gate', () => {
  it('lets the first of a kind through at once, and the same again as one when its time has come', () => {
    const gate = createGate<string>(60_000, WIDE, 0)
    expect(gate.offer('a', 'first', 0, true)).toEqual({ item: 'first', count: 1, omitted: 0 })
    expect([1, 2, 3].map((at) => gate.offer('a', `at ${at}`, at, true))).toEqual([null, null, null])
    expect(gate.offer('b', 'other', 4, true)).not.toBeNull()
    expect(gate.nextAt()).toBe(60_000)
    expect(gate.due(59_999)).toEqual([])
    expect(gate.due(60_000)).toEqual([{ item: 'at 3', count: 3, omitted: 0 }])
    expect(gate.nextAt()).toBe(Infinity)
  })

  it('lets a kind through at once that was quiet for long enough', () => {
    const gate = createGate<number>(1_000, WIDE, 0)
    expect([0, 1_000, 2_000].map((at) => gate.offer('a', at, at, true)?.count)).toEqual([1, 1, 1])
  })

  it('keeps everything while it is shut', () => {
    const gate = createGate<number>(1_000, WIDE, 0)
    expect([0, 1, 2].map((at) => gate.offer('a', at, at, false))).toEqual([null, null, null])
    expect(gate.due(2)).toEqual([{ item: 2, count: 3, omitted: 0 }])
  })

  it('counts kinds that find no place, and says so with the next it tells', () => {
    const gate = createGate<number>(0, WIDE, 0)
    for (let kind = 0; kind < KINDS_MOST + 7; kind++) gate.offer(String(kind), kind, 0, false)
    const told = gate.due(0)
    expect(told).toHaveLength(KINDS_MOST)
    expect(told.map(({ omitted }) => omitted)).toEqual([7, ...Array.from({ length: KINDS_MOST - 1 }, () => 0)])
  })

  it('forgets a quiet kind for a new one', () => {
    const gate = createGate<number>(1_000, WIDE, 0)
    for (let kind = 0; kind <= KINDS_MOST; kind++) expect(gate.offer(String(kind), kind, 0, true)).not.toBeNull()
  })

  it('never tells faster than its limit, nor a kind twice in its time, and loses none but those it counts', () => {
    const arrivals = fc.array(fc.record({ kind: fc.constantFrom('a', 'b', 'c', 'd'), afterMs: fc.integer({ min: 0, max: 400 }), isOpen: fc.boolean() }), { maxLength: 200 })
    fc.assert(fc.property(arrivals, fc.integer({ min: 1, max: 5 }), (events, max) => {
      const gate = createGate<string>(500, { max, windowMs: 1_000 }, 0)
      const told: Array<{ kind: string; at: number; count: number }> = []
      let now = 0
      const due = (at: number): void => gate.due(at).forEach(({ item, count }) => told.push({ kind: item, at, count }))
      for (const { kind, afterMs, isOpen } of events) {
        for (const end = now + afterMs; now <= end && gate.nextAt() <= end;) {
          now = Math.max(now, gate.nextAt())
          due(now)
        }
        now = Math.max(now, now + afterMs)
        const one = gate.offer(kind, kind, now, isOpen)
        if (one !== null) told.push({ kind, at: now, count: one.count })
      }
      for (const { at } of told) expect(told.filter((other) => other.at >= at && other.at < at + 1_000).length).toBeLessThanOrEqual(2 * max)
      for (const kind of ['a', 'b', 'c', 'd']) {
        const times = told.filter((one) => one.kind === kind).map(({ at }) => at)
        times.slice(1).forEach((at, index) => expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(500))
      }
      gate.drain(now).forEach(({ item, count }) => told.push({ kind: item, at: now, count }))
      expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(events.length)
    }))
  })
})
