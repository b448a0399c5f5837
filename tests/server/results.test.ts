/** docs/PROTOCOL.md, section 7, from the server's side: once to the handler. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createResults } from '../../src/server/results.ts'
import { type Handled, RESULTS_TTL, hubRig } from './support.ts'

const order = { type: 'order', id: 'a', data: 1 }

describe('the memory of results', () => {
  it('is not filled by one user: the others go on', () => {
    const results = createResults('R', { ttlMs: 1_000, count: 100, perIdentity: 2 })
    const arrive = (identity: string, id: string, now = 0): unknown => results.arrive(identity, id, 1, now)
    expect([arrive('eve', '1'), arrive('eve', '2'), arrive('eve', '3'), arrive('ann', '1')]).toEqual(['new', 'new', 'full', 'new'])
    results.finish('eve', '1', { ok: false, code: 'busy', retryable: true }, 0)
    expect(arrive('eve', '3')).toBe('new')
    results.finish('eve', '2', { ok: true }, 0)
    results.finish('eve', '3', { ok: true }, 0)
    expect([arrive('eve', '4', 999), arrive('eve', '4', 1_000), results.size]).toEqual(['full', 'new', 2])
  })
})

describe('a message', () => {
  it('is handled once, however often and from wherever it comes, and each time answered', () => {
    const rig = hubRig()
    rig.join(1, { clientId: 'one' }, { identity: 'ann' })
    rig.join(2, { clientId: 'two' }, { identity: 'ann' })
    for (const session of [1, 2]) rig.heard(session)
    rig.say(1, order)
    rig.say(1, order)
    rig.say(2, { type: 'batch', messages: [order, order] })
    expect(rig.handling).toHaveLength(1)
    rig.answer(rig.handling[0] as Handled, { ok: true, data: 77 })
    // One answer for every copy, so that nobody takes the answer to an older copy for that to a newer one.
    for (const session of [1, 2]) expect(rig.heard(session)).toEqual([{ type: 'ack', id: 'a', data: 77 }, { type: 'ack', id: 'a', data: 77 }])
    rig.say(2, order)
    expect(rig.heard(2)).toEqual([{ type: 'ack', id: 'a', data: 77 }])
    expect(rig.handling).toHaveLength(1)
  })

  it('is not another user\'s message of the same id', () => {
    const rig = hubRig()
    rig.join(1, {}, { identity: 'ann' })
    rig.join(2, {}, { identity: 'bob' })
    for (const session of [1, 2]) rig.heard(session)
    rig.say(1, order)
    rig.say(2, order)
    expect(rig.handling.map(({ identity }) => identity)).toEqual(['ann', 'bob'])
    rig.answer(rig.handling[0] as Handled, { ok: true, data: 'secret' })
    expect(rig.heard(1)).toHaveLength(1)
    rig.say(2, { type: 'status', ids: ['a'] })
    expect(rig.heard(2)).toEqual([{ type: 'status', resultsEpoch: 'R1', unseen: [], running: ['a'] }])
  })

  it('is answered on the connection that asks again when the first one is gone', () => {
    const rig = hubRig()
    rig.join(1, {}, { identity: 'ann' })
    rig.say(1, order)
    rig.tell({ type: 'closed', session: 1 })
    rig.join(2, {}, { identity: 'ann' })
    rig.heard(2)
    rig.say(2, { type: 'status', ids: ['a', 'b'] })
    expect(rig.heard(2)).toEqual([{ type: 'status', resultsEpoch: 'R1', unseen: ['b'], running: ['a'] }])
    rig.answer(rig.handling[0] as Handled, { ok: false, code: 'invalid', message: 'no such symbol', retryable: false })
    expect(rig.heard(2)).toEqual([{ type: 'nack', id: 'a', code: 'invalid', message: 'no such symbol', retryable: false }])
    rig.say(2, { type: 'status', ids: ['a'] })
    expect(rig.heard(2).map(({ type }) => type)).toEqual(['nack', 'status'])
  })

  it('that was told "later" is begun again, and no result is remembered', () => {
    const rig = hubRig()
    rig.join(1)
    rig.heard(1)
    rig.say(1, order)
    rig.answer(rig.handling[0] as Handled, { ok: false, code: 'busy', retryable: true, retryAfterMs: 20 })
    expect(rig.heard(1)).toEqual([{ type: 'nack', id: 'a', code: 'busy', retryable: true, retryAfter: 20 }])
    rig.say(1, order)
    expect(rig.handling).toHaveLength(2)
  })

  it('without an id is handled, and not answered', () => {
    const rig = hubRig()
    rig.join(1)
    rig.heard(1)
    rig.say(1, { type: 'order', payload: 5 })
    expect(rig.handling[0]?.message).toMatchObject({ type: 'order', data: 5 })
    rig.answer(rig.handling[0] as Handled, { ok: true })
    expect(rig.heard(1)).toEqual([])
  })

  it('that had begun in a process that is gone is lost, and says so', () => {
    const before = hubRig()
    before.join(1)
    before.say(1, order)
    before.results.lose(0)
    const after = hubRig({ results: before.results })
    after.join(1)
    after.heard(1)
    after.say(1, order)
    expect(after.heard(1)).toMatchObject([{ type: 'nack', id: 'a', code: 'lost', retryable: false }])
    expect(after.handling).toEqual([])
  })
})

describe('the memory of results', () => {
  it('is bounded: what does not fit is told "later", and nothing is forgotten before its time', () => {
    const results = createResults('R', { ttlMs: RESULTS_TTL, count: 2 })
    const rig = hubRig({ results })
    rig.join(1)
    rig.heard(1)
    for (const id of ['a', 'b', 'c']) rig.say(1, { ...order, id })
    for (const handled of rig.handling) rig.answer(handled, { ok: true })
    expect(rig.heard(1)).toMatchObject([{ type: 'nack', id: 'c', code: 'busy', retryable: true, retryAfter: 1_000 }, { type: 'ack', id: 'a' }, { type: 'ack', id: 'b' }])
    rig.now = RESULTS_TTL - 1
    rig.say(1, { ...order, id: 'a' })
    rig.say(1, { ...order, id: 'c' })
    expect(rig.heard(1)).toMatchObject([{ type: 'ack', id: 'a' }, { type: 'nack', id: 'c', code: 'busy' }])
    rig.now = RESULTS_TTL
    rig.say(1, { ...order, id: 'c' })
    expect(rig.handling).toHaveLength(3)
    expect(results.size).toBeLessThanOrEqual(2)
  })

  it('lets no message begin twice, whatever is sent, answered and forgotten in whatever order', () => {
    const action = fc.oneof(
      fc.record({ act: fc.constant('arrive' as const), id: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ act: fc.constant('finish' as const), id: fc.integer({ min: 0, max: 5 }), ok: fc.boolean() }),
      fc.record({ act: fc.constant('wait' as const), id: fc.integer({ min: 0, max: 400 }) }),
      fc.record({ act: fc.constant('lose' as const), id: fc.constant(0) }),
    )
    fc.assert(fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
      const results = createResults('R', { ttlMs: RESULTS_TTL, count: 4 })
      const begunAt = new Map<string, number>()
      let now = 0
      for (const one of actions) {
        const id = String(one.id)
        if (one.act === 'wait') now += one.id
        if (one.act === 'lose') results.lose(now)
        if (one.act === 'finish') {
          results.finish('', id, one.ok ? { ok: true } : { ok: false, code: 'busy', retryable: true }, now)
          if (!one.ok && results.look('', id, 1) === 'unseen') begunAt.delete(id)
        }
        if (one.act === 'arrive' && results.arrive('', id, 1, now) === 'new') {
          expect(now - (begunAt.get(id) ?? -Infinity)).toBeGreaterThanOrEqual(RESULTS_TTL)
          begunAt.set(id, now)
        }
        expect(results.size).toBeLessThanOrEqual(4)
      }
    }))
  })
})
