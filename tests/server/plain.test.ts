/** Clients that offer no subprotocol: docs/PROTOCOL.md, section 8. */
import { describe, expect, it } from 'vitest'
import { type HubRig, hubRig } from './support.ts'

/** Opens a plain session; what it showed is judged. */
function enter(rig: HubRig, session: number, verdict: Parameters<HubRig['join']>[2], credentials?: unknown): void {
  rig.tell({ type: 'opened', session, plain: true, ...(credentials === undefined ? {} : { credentials }) })
  const asked = rig.authenticating.pop()
  rig.tell({ type: 'verdict', question: asked?.question ?? 0, verdict: verdict ?? null })
}

describe('a plain client', () => {
  it('is greeted without a word, and uses the same frames as any other', () => {
    const rig = hubRig()
    enter(rig, 1, { identity: null })
    expect(rig.heard(1)).toMatchObject([{ type: 'connection' }])
    rig.say(1, { type: 'subscribe', channels: ['news'] })
    rig.publish('news', 'x')
    expect(rig.heard(1)).toMatchObject([{ type: 'subscription_confirmed', channel: 'news' }, { type: 't', channel: 'news', data: 'x' }])
  })

  it('is heard from its first frame on, also while its credentials are checked', () => {
    const rig = hubRig()
    rig.tell({ type: 'opened', session: 1, plain: true, credentials: 'token' })
    rig.say(1, { type: 'subscribe', channels: ['news'] })
    rig.say(1, { type: 'order', id: '1' })
    expect(rig.heard(1)).toEqual([])
    rig.tell({ type: 'verdict', question: rig.authenticating[0]?.question ?? 0, verdict: { identity: 'ann' } })
    expect(rig.heard(1)).toMatchObject([{ type: 'connection', identity: 'ann' }, { type: 'subscription_confirmed' }])
    expect(rig.handling).toMatchObject([{ identity: 'ann', message: { id: '1' } }])
  })

  it('may say who it is later, where nobody in particular may not enter', () => {
    const rig = hubRig()
    enter(rig, 1, null)
    expect(rig.closes).toEqual([])
    rig.say(1, { type: 'subscribe', channels: ['news'] })
    expect(rig.heard(1)).toMatchObject([{ type: 'error', code: 'not_authorized' }])
    rig.say(1, { type: 'authenticate', credentials: 'token' })
    rig.tell({ type: 'verdict', question: rig.authenticating[0]?.question ?? 0, verdict: { identity: 'ann' } })
    expect(rig.heard(1)).toMatchObject([{ type: 'connection', identity: 'ann' }])
  })

  it('is closed with 4401 when what it showed is refused, or when it shows nothing in time', () => {
    const rig = hubRig()
    enter(rig, 1, null, 'bad')
    expect(rig.closes).toEqual([[1, 4401, 'credentials refused']])
    enter(rig, 2, null)
    rig.now += 10_000
    rig.tell({ type: 'tick' })
    expect(rig.closes[1]).toEqual([2, 4401, 'no credentials in time'])
  })

  it('without a name shares its ids with nobody', () => {
    const rig = hubRig()
    enter(rig, 1, { identity: null })
    enter(rig, 2, { identity: null })
    for (const session of [1, 2]) rig.say(session, { type: 'order', id: '1' })
    expect(rig.handling).toHaveLength(2)
    rig.heard(1)
    rig.answer(rig.handling[1] as never, { ok: true, data: 'for 2' })
    expect(rig.heard(1)).toEqual([])
    expect(rig.heard(2).at(-1)).toMatchObject({ type: 'ack', id: '1', data: 'for 2' })
  })

  it('that says too much before it is known is closed', () => {
    const rig = hubRig()
    rig.tell({ type: 'opened', session: 1, plain: true, credentials: 'token' })
    for (let frame = 0; frame <= 100; frame++) rig.say(1, { type: 'order' })
    expect(rig.closes).toEqual([[1, 1008, 'too much before the greeting']])
  })
})
