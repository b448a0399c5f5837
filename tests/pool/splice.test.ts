import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Gap, Message, Position } from 'uplink/engine'
import { type Splice, createSplice } from '../../src/pool/splice.ts'

const byNumber = ({ data }: Message): string => String(data)

interface Joined {
  readonly splice: Splice
  /** What came out, gaps among the messages. */
  readonly out: Array<number | Gap>
}

function join(held: Position | null, keyOf: ((message: Message) => string | undefined) | undefined, remember = 1_000): Joined {
  const out: Array<number | Gap> = []
  // What holds the channel moves on with what comes out of it.
  let place = held
  const splice = createSplice({ held: () => place, keyOf, remember }, {
    hand(message) {
      out.push(message.data as number)
      if (place !== null && message.offset !== undefined) place = { ...place, offset: Math.max(place.offset, message.offset) }
    },
    switched: (gap) => { if (gap !== null) out.push(gap) },
  })
  return { splice, out }
}

const at = (offset: number): Message => ({ type: 't', data: offset, offset })
const named = (data: number): Message => ({ type: 't', data })
const standing = (offset: number, more: object = {}) => ({ stream: 'c', epoch: 'e', offset, top: offset, recovered: true, reason: null, messages: [], ...more })
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** Plays two sources against each other in an order that chance decides: `picks` says whose turn it is. */
function play(picks: readonly boolean[], old: readonly Message[], fresh: readonly Message[], splice: Splice): void {
  let olds = 0
  let news = 0
  for (const isOld of picks) {
    if (isOld && olds < old.length) splice.old(old[olds++] as Message)
    else if (news < fresh.length) splice.fresh(fresh[news++] as Message)
  }
  while (olds < old.length) splice.old(old[olds++] as Message)
  while (news < fresh.length) splice.fresh(fresh[news++] as Message)
}

describe('two sources of one channel', () => {
  it('with positions make one stream, whichever of them is ahead', () => {
    fc.assert(fc.property(fc.nat(20), fc.nat(20), fc.array(fc.boolean(), { maxLength: 80 }), (start, more, picks) => {
      const { splice, out } = join({ epoch: 'e', offset: start }, undefined)
      // The new one was joined where the old one was then, and that one went on a little before the answer.
      for (const offset of range(start + 1, start + more)) splice.old(at(offset))
      splice.confirmed(standing(start))
      play(picks, range(start + more + 1, 40).map(at), range(start + 1, 45).map(at), splice)
      splice.finish()
      expect(out).toEqual(range(start + 1, 45))
    }))
  })

  it('with keys make one stream, whichever of them is ahead', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 16, max: 30 }), fc.array(fc.boolean(), { maxLength: 80 }), (joinedAt, end, picks) => {
      const { splice, out } = join(null, byNumber)
      splice.confirmed(undefined)
      play(picks, range(1, end).map(named), range(joinedAt, 40).map(named), splice)
      splice.finish()
      expect(out).toEqual(range(1, 40))
    }))
  })

  it('wait for the old one where the history of the new one begins too late', () => {
    const { splice, out } = join({ epoch: 'e', offset: 3 }, undefined)
    splice.confirmed(standing(6, { recovered: false, reason: 'trimmed' }))
    splice.fresh(at(7))
    for (const offset of [4, 5]) splice.old(at(offset))
    expect(out).toEqual([4, 5])
    splice.old(at(6))
    splice.old(at(7))
    splice.fresh(at(8))
    expect(out).toEqual([4, 5, 6, 7, 8])
  })

  it('say what neither of them has', () => {
    const { splice, out } = join({ epoch: 'e', offset: 3 }, undefined)
    splice.confirmed(standing(6, { recovered: false, reason: 'trimmed' }))
    splice.old(at(4))
    splice.fresh(at(7))
    splice.finish(true)
    expect(out).toEqual([4, { reason: 'trimmed', from: 5, to: 6 }, 7])
  })

  it('say so where the new one counts differently, unless keys tell how they join', () => {
    const without = join({ epoch: 'e', offset: 3 }, undefined)
    without.splice.confirmed(standing(0, { epoch: 'f', recovered: false, reason: 'epoch_changed' }))
    without.splice.fresh({ type: 't', data: 70, offset: 1 })
    expect(without.out).toEqual([{ reason: 'epoch_changed', from: 4, to: null }, 70])
    const { splice, out } = join({ epoch: 'e', offset: 3 }, byNumber)
    splice.confirmed(standing(0, { epoch: 'f', recovered: false, reason: 'epoch_changed' }))
    splice.fresh({ type: 't', data: 71, offset: 1 })
    splice.old({ type: 't', data: 70, offset: 4 })
    splice.old({ type: 't', data: 71, offset: 5 })
    splice.fresh({ type: 't', data: 72, offset: 2 })
    expect(out).toEqual([70, 71, 72])
  })

  it('lose nothing on a quiet channel', () => {
    const { splice, out } = join(null, byNumber)
    splice.confirmed(undefined)
    splice.old(named(1))
    splice.finish()
    expect(splice.isOver()).toBe(false)
    for (const data of [1, 2]) splice.fresh(named(data))
    expect(out).toEqual([1, 2])
    expect(splice.isOver()).toBe(true)
  })

  it('go on with the new one at its confirmation where there are neither positions nor keys', () => {
    const { splice, out } = join(null, undefined)
    splice.old(named(1))
    splice.confirmed(undefined)
    splice.old(named(2))
    splice.fresh(named(3))
    expect(out).toEqual([1, 3])
  })

  it('remember no more than they may, and then go on with the new one', () => {
    const { splice, out } = join(null, byNumber, 3)
    splice.confirmed(undefined)
    for (const data of range(1, 5)) splice.old(named(data))
    for (const data of range(11, 13)) splice.fresh(named(data))
    expect(out).toEqual([1, 2, 3, 4, 5])
    splice.fresh(named(14))
    expect(out).toEqual([1, 2, 3, 4, 5, 11, 12, 13, 14])
  })

  it('hand out a message without a name once, by whoever speaks', () => {
    const { splice, out } = join(null, ({ data }) => (data === 0 ? undefined : String(data)))
    splice.confirmed(undefined)
    splice.fresh(named(0))
    splice.old(named(0))
    splice.old(named(1))
    splice.fresh(named(1))
    splice.fresh(named(0))
    expect(out).toEqual([0, 1, 0])
  })
})
