/** What one connection may ask for, and what happens at it: docs/PROTOCOL.md, section 9. */
import { describe, expect, it } from 'vitest'
import type { RateLimits } from '../../src/server/allowances.ts'
import { hubRig } from './support.ts'

const RATES: RateLimits = {
  commands: { max: 2, windowMs: 1_000 }, messages: { max: 3, windowMs: 1_000 }, replays: { max: 2, windowMs: 1_000 },
  refusals: { max: 4, windowMs: 10_000 }, banMs: 60_000,
}
const types = (frames: readonly object[]): unknown[] => frames.map((frame) => (frame as { type: string }).type)

describe('messages of one connection', () => {
  it('beyond its rate are refused with the time to wait, and taken after it', () => {
    const rig = hubRig({ rates: RATES })
    rig.join(1)
    rig.heard(1)
    for (let id = 1; id <= 4; id++) rig.say(1, { type: 'order', id: `m${id}` })
    expect(rig.handling).toHaveLength(3)
    expect(rig.heard(1)).toEqual([{ type: 'nack', id: 'm4', code: 'rate_limited', message: '3 messages in 1000 ms are allowed', retryable: true, retryAfter: 334 }])
    rig.now += 334
    rig.say(1, { type: 'order', id: 'm4' })
    expect(rig.handling).toHaveLength(4)
  })

  it('count one by one in a batch; without an id the refusal is told once a second', () => {
    const rig = hubRig({ rates: { ...RATES, refusals: { max: 100, windowMs: 1_000 } } })
    rig.join(1)
    rig.heard(1)
    rig.say(1, { type: 'batch', messages: Array.from({ length: 9 }, () => ({ type: 'order' })) })
    expect(rig.handling).toHaveLength(3)
    expect(rig.heard(1)).toMatchObject([{ type: 'error', code: 'rate_limited', retryable: true, retryAfter: 334 }])
    rig.now += 1_001
    rig.say(1, { type: 'batch', messages: Array.from({ length: 9 }, () => ({ type: 'order' })) })
    expect(types(rig.heard(1))).toEqual(['error'])
  })

  it('that have their answer already do not use up the rate of new ones, and have a rate of their own', () => {
    const rig = hubRig({ rates: RATES })
    rig.join(1)
    rig.say(1, { type: 'order', id: 'a' })
    rig.answer(rig.handling[0] as never, { ok: true })
    rig.heard(1)
    for (let copy = 0; copy < 2; copy++) rig.say(1, { type: 'order', id: 'a' })
    expect(types(rig.heard(1))).toEqual(['ack', 'ack'])
    rig.say(1, { type: 'order', id: 'a' })
    expect(rig.heard(1)).toMatchObject([{ type: 'nack', code: 'rate_limited' }])
    rig.say(1, { type: 'order', id: 'b' })
    rig.say(1, { type: 'order', id: 'c' })
    expect(rig.handling).toHaveLength(3)
  })
})

describe('requests of one connection', () => {
  it('beyond its rate are refused for every channel, so that each is asked for again', () => {
    const rig = hubRig({ rates: RATES })
    rig.join(1)
    rig.say(1, { type: 'subscribe', channels: ['a'] })
    rig.say(1, { type: 'status', ids: [] })
    rig.heard(1)
    rig.say(1, { type: 'subscribe', channels: ['b', { channel: 'c', ref: 'c#1' }] })
    expect(rig.heard(1)).toMatchObject([
      { type: 'error', code: 'rate_limited', channel: 'b', retryable: true, retryAfter: 500 },
      { type: 'error', code: 'rate_limited', channel: 'c', ref: 'c#1', retryable: true },
    ])
  })

  it('do not count heartbeats, whatever their number', () => {
    const rig = hubRig({ rates: RATES })
    rig.join(1)
    rig.heard(1)
    for (let beat = 0; beat < 500; beat++) rig.say(1, { type: beat % 2 === 0 ? 'ping' : 'heartbeat', timestamp: beat })
    expect(rig.heard(1)).toHaveLength(500)
    expect(rig.closes).toEqual([])
  })

  it('that go on and on although they are refused end the connection, and the client is told for how long', () => {
    const rig = hubRig({ rates: RATES })
    rig.join(1, {}, { identity: 'ann' })
    rig.heard(1)
    for (let frame = 0; frame < 20; frame++) rig.say(1, 'no JSON')
    const heard = rig.heard(1)
    expect(types(heard)).toEqual([...Array.from({ length: 6 }, () => 'error'), 'goodbye'])
    expect(heard.at(-1)).toEqual({ type: 'goodbye', reason: 'rate_limited', retryAfter: 60_000 })
    expect(rig.closes).toEqual([[1, 4429, 'kept out for 60000 ms']])
    expect(rig.bans).toEqual([{ type: 'ban', session: 1, identity: 'ann', forMs: 60_000 }])
  })
})
