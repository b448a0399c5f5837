/** Credentials that end, are void, or allow something else than before. */
import { describe, expect, it } from 'vitest'
import { hubRig } from './support.ts'

describe('a server that stood still', () => {
  it('gives those who have just come the time that it has taken', () => {
    const rig = hubRig()
    rig.tell({ type: 'opened', session: 1 })
    rig.now = 20_000
    rig.tell({ type: 'tick' })
    rig.join(2)
    expect(rig.closes).toEqual([])
    rig.now = 30_000
    rig.tell({ type: 'tick' })
    expect(rig.closes).toEqual([[1, 4400, 'no hello in time']])
  })
})

describe('credentials', () => {
  it('that nobody can check in time send the client away for now, and not for good', () => {
    const rig = hubRig()
    rig.tell({ type: 'opened', session: 1 })
    rig.now = 9_000
    rig.say(1, { type: 'hello', versions: [1], clientId: 'c', maxFrame: 1_000 })
    rig.now = 10_000
    rig.tell({ type: 'tick' })
    expect(rig.closes).toEqual([])
    rig.now = 19_000
    rig.tell({ type: 'tick' })
    expect(rig.closes).toEqual([[1, 1013, 'credentials could not be checked in time']])
  })

  it('that will end are announced, may be renewed in place, and are good for a while after their end', () => {
    const rig = hubRig({ expiry: { graceMs: 500, warnMs: 200 } })
    rig.join(1, {}, { identity: 'ann', expiresInMs: 1_000 })
    rig.join(2, {}, { identity: 'bob', expiresInMs: 1_000 })
    rig.heard(1)
    rig.now = 800
    expect(rig.hub.deadline()).toBe(800)
    rig.tell({ type: 'tick' })
    expect(rig.heard(1)).toEqual([{ type: 'notice', code: 'credentials_expiring', message: 'the credentials end soon; send newer ones', expiresIn: 200 }])
    rig.say(1, { type: 'authenticate', credentials: 'newer' })
    rig.tell({ type: 'verdict', question: rig.authenticating.at(-1)?.question ?? 0, verdict: { identity: 'ann', expiresInMs: 10_000 } })
    rig.now = 1_499
    rig.tell({ type: 'tick' })
    expect(rig.closes).toEqual([])
    rig.now = 1_500
    rig.tell({ type: 'tick' })
    expect(rig.closes).toEqual([[2, 4401, 'credentials have expired']])
  })

  it.each([
    ['of a user', { userId: 'ann' }, [1, 2]],
    ['of a sign-in', { sessionId: 's2' }, [2, 3]],
    ['of a user made before a moment', { userId: 'ann', issuedBefore: 50_000 }, [1]],
    ['of everybody made before a moment', { issuedBefore: 150_000 }, [1, 2]],
  ])('%s are void at once when they are revoked', (_, revoked, gone) => {
    const rig = hubRig()
    rig.join(1, {}, { identity: 'ann', sessionId: 's1', issuedAt: 10_000 })
    rig.join(2, {}, { identity: 'ann', sessionId: 's2', issuedAt: 100_000 })
    rig.join(3, {}, { identity: 'bob', sessionId: 's2', issuedAt: 200_000 })
    rig.join(4, {}, { identity: null })
    rig.tell({ type: 'revoked', ...revoked })
    expect(rig.closes.map(([session, code]) => [session, code])).toEqual(gone.map((session) => [session, 4401]))
  })

  it('whose roles change lose the channels that they no longer allow, and keep the others', () => {
    const rig = hubRig({ permitUser: (user, channel) => channel !== 'admin' || user.roles.includes('admin') })
    rig.join(1, {}, { identity: 'ann', roles: ['admin'] })
    rig.say(1, { type: 'subscribe', channels: ['admin', 'news'] })
    rig.heard(1)
    rig.tell({ type: 'roles', userId: 'ann', roles: ['user'] })
    expect(rig.heard(1)).toMatchObject([{ type: 'error', code: 'not_authorized', channel: 'admin' }])
    rig.publish('admin')
    rig.publish('news')
    expect(rig.heard(1)).toMatchObject([{ channel: 'news' }])
    rig.say(1, { type: 'subscribe', channels: [{ channel: 'admin', recover: { epoch: 'E1', offset: 0 } }] })
    expect(rig.heard(1)).toMatchObject([{ type: 'error', code: 'not_authorized' }])
  })
})

describe('an answer of a handler', () => {
  it('that JSON cannot hold is told as a failure, once and for all', () => {
    const rig = hubRig()
    rig.join(1)
    rig.heard(1)
    rig.say(1, { type: 'order', id: 'a' })
    rig.answer(rig.handling[0] as never, { ok: true, data: 5n })
    rig.say(1, { type: 'order', id: 'a' })
    expect(rig.heard(1)).toMatchObject([{ type: 'nack', code: 'failed', retryable: false }, { type: 'nack', code: 'failed' }])
    expect(rig.handling).toHaveLength(1)
  })

  it('that is larger than the client takes comes without its data', () => {
    const rig = hubRig()
    rig.join(1, { maxFrame: 500 })
    rig.heard(1)
    rig.say(1, { type: 'order', id: 'a' })
    rig.answer(rig.handling[0] as never, { ok: true, data: 'x'.repeat(600) })
    expect(rig.heard(1)).toEqual([{ type: 'ack', id: 'a' }])
  })
})
