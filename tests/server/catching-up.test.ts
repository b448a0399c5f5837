/** Followers that were too slow, frames that are too large, several messages at once, and conflation. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { append, conflate, covering, createStreamLog, readHistory } from '../../src/server/stream.ts'
import { type HubRig, hubRig } from './support.ts'

const HISTORY = { count: 100, size: 1e6, ageMs: 1e6 }

/** A rig with one follower of `c`, and messages that were published without reaching it. */
function behind(keys: ReadonlyArray<string | undefined>): HubRig {
  const rig = hubRig()
  rig.join(1)
  rig.say(1, { type: 'subscribe', channels: ['c'] })
  rig.heard(1)
  const log = rig.streams.get('c')
  for (const key of keys) append(log as never, { type: 't', data: key, ...(key === undefined ? {} : { key }) }, 0, HISTORY)
  return rig
}

describe('a follower that was too slow', () => {
  it('gets the newest of every key, which cover what was left out, and goes on live', () => {
    const rig = behind(['a', 'b', 'a', 'a'])
    rig.tell({ type: 'catch_up', session: 1, stream: 'c', offset: 0, how: 'conflate' })
    expect(rig.heard(1)).toMatchObject([{ type: 'batch', messages: [{ from: 1, offset: 2, data: 'b' }, { from: 3, offset: 4, data: 'a' }] }])
    rig.publish('c', 'next')
    expect(rig.heard(1)).toMatchObject([{ offset: 5, data: 'next' }])
  })

  it('is told that something is missing, where messages are left out for good', () => {
    const rig = behind(['a', 'b'])
    rig.tell({ type: 'catch_up', session: 1, stream: 'c', offset: 0, how: 'skip' })
    expect(rig.heard(1)).toMatchObject([{ type: 'subscription_confirmed', recovered: false, reason: 'too_slow', offset: 2, top: 2 }])
  })

  it('is told why, where the history does not reach back so far', () => {
    const rig = behind(Array.from({ length: 12 }, () => undefined))
    rig.tell({ type: 'catch_up', session: 1, stream: 'c', offset: 0, how: 'conflate' })
    expect(rig.heard(1)).toMatchObject([{ type: 'subscription_confirmed', recovered: false, reason: 'trimmed', top: 12 }])
  })

  it('is nobody when it has gone meanwhile', () => {
    const rig = behind(['a'])
    rig.tell({ type: 'closed', session: 1 })
    rig.tell({ type: 'catch_up', session: 1, stream: 'c', offset: 0, how: 'skip' })
    expect(rig.heard(1)).toEqual([])
  })
})

describe('several messages at once', () => {
  const entries = (log: ReturnType<typeof createStreamLog>, count: number, size = 1): ReturnType<typeof append>[] =>
    Array.from({ length: count }, () => append(log, { type: 't', data: 'x'.repeat(size) }, 0, HISTORY))

  it('are one frame for everybody', () => {
    const rig = behind([])
    const log = rig.streams.get('c') as ReturnType<typeof createStreamLog>
    rig.tell({ type: 'published', stream: 'c', epoch: log.epoch, entries: entries(log, 3) })
    expect(rig.heard(1)).toMatchObject([{ type: 'batch', messages: [{ offset: 1 }, { offset: 2 }, { offset: 3 }] }])
  })

  it('come in pieces to a follower that takes no frame so large, and a message that it cannot take is told', () => {
    const rig = behind([])
    rig.join(2, { maxFrame: 700 })
    rig.say(2, { type: 'subscribe', channels: ['c'] })
    rig.heard(2)
    const log = rig.streams.get('c') as ReturnType<typeof createStreamLog>
    rig.tell({ type: 'published', stream: 'c', epoch: log.epoch, entries: entries(log, 3, 300) })
    expect(rig.heard(1)).toMatchObject([{ type: 'batch' }])
    expect(rig.heard(2)).toMatchObject([{ offset: 1 }, { offset: 2 }, { offset: 3 }])
    rig.tell({ type: 'published', stream: 'c', epoch: log.epoch, entries: entries(log, 1, 800) })
    expect(rig.heard(1)).toMatchObject([{ offset: 4 }])
    expect(rig.heard(2)).toMatchObject([{ type: 'subscription_confirmed', recovered: false, reason: 'too_many', offset: 4, top: 4 }])
  })
})

describe('a message', () => {
  it('of a type that the protocol uses itself cannot be published', () => {
    expect(() => append(createStreamLog('status', 'status', 'E'), { type: 'status' }, 0, HISTORY)).toThrow('"status" is a type of the protocol; publish with another type')
  })

  it('that is over cannot be recovered, nor what lies before it', () => {
    const log = createStreamLog('c', 'c', 'E')
    append(log, { type: 't' }, 0, HISTORY)
    append(log, { type: 't', ttlMs: 10 }, 0, HISTORY)
    append(log, { type: 't' }, 0, HISTORY)
    const read = (offset: number, now: number): unknown => readHistory(log, { epoch: 'E', offset }, 'stream', { count: 9, size: 1e6 }, now)
    expect(read(0, 9)).toMatchObject({ recovered: true })
    expect(read(0, 10)).toMatchObject({ recovered: false, reason: 'trimmed' })
    expect(read(2, 10)).toMatchObject({ recovered: true })
  })

  it('of which only the newest matters is never missing', () => {
    const log = createStreamLog('c', 'c', 'E')
    append(log, { type: 't' }, 0, { count: 0, size: 0, ageMs: 0 })
    append(log, { type: 't' }, 0, { count: 0, size: 0, ageMs: 0 })
    expect(readHistory(log, { epoch: 'E', offset: 1 }, 'latest', { count: 9, size: 9 })).toEqual({ epoch: 'E', top: 2, recovered: true, entries: [] })
  })

  it('says which offsets it covers, whatever its data look like', () => {
    fc.assert(fc.property(fc.anything({ withBigInt: false }), fc.string(), fc.nat(20), fc.nat(20), (data, channel, before, more) => {
      const log = createStreamLog(channel, channel, 'E')
      log.top = before + more
      const entry = append(log, { type: 't', data }, 0, HISTORY)
      const whole = covering(entry, before)
      expect(JSON.parse(whole.text)).toEqual({ ...(JSON.parse(entry.text) as object), ...(more === 0 ? {} : { from: before + 1 }) })
      expect([whole.from, whole.offset]).toEqual([before + 1, entry.offset])
    }))
  })

  it('of each key is the newest after conflation, and every offset is covered once', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('a', 'b', 'c', undefined), { minLength: 1, maxLength: 30 }), (keys) => {
      const log = createStreamLog('c', 'c', 'E')
      const all = keys.map((key, data) => append(log, { type: 't', data, ...(key === undefined ? {} : { key }) }, 0, HISTORY))
      const kept = conflate(all)
      let position = 0
      for (const { from, offset } of kept) {
        expect(from).toBe(position + 1)
        position = offset
      }
      expect(position).toBe(keys.length)
      expect(kept.map(({ offset }) => offset)).toEqual([...new Set(keys)].map((key) => keys.lastIndexOf(key) + 1).toSorted((a, b) => a - b))
    }))
  })
})
