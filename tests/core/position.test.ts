import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advance, createPlace, follow, stand } from '../../src/core/position.ts'

const answer = (epoch: string, offset: number, more: object = {}) => ({ stream: 's', epoch, offset, top: offset, recovered: false, reason: null, messages: [], ...more })

describe('a place in a stream', () => {
  it('moves over what continues it, ignores what it has, and asks once about a hole', () => {
    const place = createPlace()
    expect(stand(place, answer('e', 4))).toBeNull()
    expect(advance(place, 5, 5)).toBe('next')
    expect(advance(place, 5, 5)).toBe('seen')
    expect(advance(place, 2, 2)).toBe('seen')
    expect(advance(place, 6, 8)).toBe('next')
    expect(advance(place, 10, 10)).toBe('repair')
    expect(place.offset).toBe(8)
    expect(advance(place, 11, 11)).toBe('seen')
    stand(place, answer('e', 8, { recovered: true }))
    expect(advance(place, 10, 10)).toBe('gap')
    expect(place.offset).toBe(10)
  })

  it.each([
    ['fewer offsets, and why', answer('e', 7, { reason: 'epoch_changed' }), { reason: 'epoch_changed', from: 11, to: null }, 7],
    ['fewer offsets, and not why', answer('e', 7), { reason: 'epoch_changed', from: 11, to: null }, 7],
    ['fewer offsets, and that all was recovered', answer('e', 7, { recovered: true }), { reason: 'epoch_changed', from: 11, to: null }, 7],
    ['the same offset, and that it cannot go on', answer('e', 10, { reason: 'no_history' }), { reason: 'no_history', from: 11, to: null }, 10],
    ['the same offset, and nothing else', answer('e', 10), null, 10],
    ['more offsets, and why it cannot go on', answer('e', 30, { reason: 'trimmed' }), { reason: 'trimmed', from: 11, to: 30 }, 30],
  ])('is announced as a gap wherever the server does not go on from it: %s', (_, standing, gap, offset) => {
    const place = createPlace()
    stand(place, answer('e', 10))
    expect(stand(place, standing)).toEqual(gap)
    expect(advance(place, offset + 1, offset + 1)).toBe('next')
  })

  it('asks anew about a hole at the same offset of another epoch', () => {
    const place = createPlace()
    stand(place, answer('one', 0))
    expect(advance(place, 2, 2)).toBe('repair')
    stand(place, answer('two', 0, { reason: 'epoch_changed' }))
    expect(advance(place, 2, 2)).toBe('repair')
  })

  it('hears everything once and in order, or of a gap, whatever is repeated, lost or left out', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 3 })), { maxLength: 60 }), (messages) => {
      const place = createPlace()
      stand(place, answer('e', 0))
      let heard = 0
      for (const [offset, covers] of messages) {
        const from = Math.max(1, offset - covers)
        const before = place.offset
        const verdict = advance(place, from, offset)
        if (verdict === 'next') expect(from).toBeLessThanOrEqual(heard + 1)
        if (verdict === 'gap') expect(from).toBeGreaterThan(heard + 1)
        if (verdict === 'seen') expect(offset).toBeLessThanOrEqual(heard)
        if (verdict === 'repair') stand(place, answer('e', heard, { recovered: true }))
        if (verdict === 'next' || verdict === 'gap') heard = offset
        else expect(place.offset).toBe(before)
        expect(place.offset).toBe(heard)
      }
    }))
  })
})

describe('numbers without positions', () => {
  it('say what is missing between two messages, and nothing before the first', () => {
    const place = createPlace()
    expect(follow(place, 7, 9)).toBeNull()
    expect(follow(place, 10, 10)).toBeNull()
    expect(follow(place, 14, 15)).toEqual({ reason: 'hole', from: 11, to: 13 })
    expect(follow(place, 16, 16)).toBeNull()
  })

  it('are taken as they come where a venue repeats them, or counts anew', () => {
    const place = createPlace()
    follow(place, 100, 100)
    expect(follow(place, 90, 100)).toBeNull()
    expect(follow(place, 1, 1)).toBeNull()
    expect(follow(place, 3, 3)).toEqual({ reason: 'hole', from: 2, to: 2 })
  })
})
