/** docs/PROTOCOL.md, sections 2, 3, 4 and 9, from the server's side. */
import { describe, expect, it } from 'vitest'
import { type HubRig, hubRig } from './support.ts'

const hello = (more: object = {}): object => ({ type: 'hello', versions: [1], clientId: 'c', maxFrame: 10_000, ...more })
const codes = ({ closes }: HubRig): Array<readonly [number, number]> => closes.map(([session, code]) => [session, code])

describe('the greeting', () => {
  it('comes once the credentials are known to be good, and says everything a client has to know', () => {
    const rig = hubRig()
    rig.tell({ type: 'opened', session: 1 })
    rig.say(1, hello({ credentials: 'token' }))
    expect(rig.heard(1)).toEqual([])
    expect(rig.authenticating[0]).toMatchObject({ session: 1, credentials: 'token' })
    rig.tell({ type: 'verdict', question: rig.authenticating[0]?.question ?? 0, verdict: { identity: 'ann', expiresInMs: 900 } })
    expect(rig.heard(1)).toEqual([{
      type: 'connection', version: 1, session: 's1', identity: 'ann', serverTime: 1_000_000, expiresIn: 900, resultsEpoch: 'R1',
      limits: { maxFrame: 2_000, maxChannels: 3, resultsTtl: 1_000 },
    }])
  })

  it.each([
    ['another frame first', { type: 'subscribe', channels: [] }, 4400],
    ['no JSON', '{', 4400],
    ['an array', '[]', 4400],
    ['a number', '5', 4400],
    ['a type that is none', { type: 5 }, 4400],
    ['no version', hello({ versions: undefined }), 4400],
    ['versions that nobody speaks', hello({ versions: [2, 3] }), 4400],
    ['versions that are no list', hello({ versions: 1 }), 4400],
    ['no clientId', hello({ clientId: undefined }), 4400],
    ['an empty clientId', hello({ clientId: '' }), 4400],
    ['a clientId that is too long', hello({ clientId: 'x'.repeat(129) }), 4400],
    ['a frame that is too large', hello({ credentials: 'x'.repeat(2_001) }), 1009],
  ])('does not come for %s', (_, frame, code) => {
    const rig = hubRig()
    rig.tell({ type: 'opened', session: 1 })
    rig.say(1, frame)
    expect(rig.heard(1)).toEqual([])
    expect(codes(rig)).toEqual([[1, code]])
    expect(rig.hub.sessions.size).toBe(0)
  })

  it('does not come without a hello in time, or for credentials that are refused', () => {
    const rig = hubRig()
    rig.tell({ type: 'opened', session: 1 })
    expect(rig.hub.deadline()).toBe(10_000)
    rig.now = 9_999
    rig.tell({ type: 'tick' })
    expect(rig.closes).toEqual([])
    rig.now = 10_000
    rig.tell({ type: 'tick' })
    expect(codes(rig)).toEqual([[1, 4400]])
    rig.join(2, {}, null)
    expect(codes(rig).at(-1)).toEqual([2, 4401])
    expect(rig.hub.deadline()).toBe(Infinity)
  })

  it('does not come for a verdict on credentials that nobody waits for any more', () => {
    const rig = hubRig()
    rig.tell({ type: 'opened', session: 1 })
    rig.say(1, hello())
    rig.tell({ type: 'closed', session: 1 })
    rig.tell({ type: 'verdict', question: rig.authenticating[0]?.question ?? 0, verdict: { identity: null } })
    expect([rig.heard(1), rig.closes, rig.hub.sessions.size]).toEqual([[], [], 0])
  })

  it('of a page ends the page\'s older connection, and nobody else\'s', () => {
    const rig = hubRig()
    rig.join(1, { clientId: 'page' }, { identity: 'ann' })
    rig.join(2, { clientId: 'page' }, { identity: 'bob' })
    rig.join(3, { clientId: 'other' }, { identity: 'ann' })
    expect(rig.closes).toEqual([])
    rig.join(4, { clientId: 'page' }, { identity: 'ann' })
    expect(codes(rig)).toEqual([[1, 4409]])
    rig.tell({ type: 'closed', session: 1 })
    rig.join(5, { clientId: 'page' }, { identity: 'ann' })
    expect(codes(rig)).toEqual([[1, 4409], [4, 4409]])
  })
})

describe('credentials', () => {
  it('end the connection when they expire, unless newer ones of the same user came', () => {
    const rig = hubRig()
    rig.join(1, {}, { identity: 'ann', expiresInMs: 500 })
    rig.heard(1)
    rig.now = 400
    rig.say(1, { type: 'authenticate', credentials: 'newer' })
    rig.tell({ type: 'verdict', question: rig.authenticating[0]?.question ?? 0, verdict: { identity: 'ann', expiresInMs: 1_000 } })
    expect(rig.heard(1)).toEqual([{ type: 'authentication_confirmed', expiresIn: 1_000 }])
    expect(rig.hub.deadline()).toBe(1_400)
    rig.now = 1_399
    rig.tell({ type: 'tick' })
    expect(rig.closes).toEqual([])
    rig.now = 1_400
    rig.tell({ type: 'tick' })
    expect(rig.closes).toEqual([[1, 4401, 'credentials have expired']])
  })

  it.each([['of another user', { identity: 'bob' }], ['that are wrong', null]])('%s end the connection', (_, verdict) => {
    const rig = hubRig()
    rig.join(1, {}, { identity: 'ann' })
    rig.say(1, { type: 'authenticate', credentials: 'x' })
    rig.tell({ type: 'verdict', question: rig.authenticating[0]?.question ?? 0, verdict })
    expect(codes(rig)).toEqual([[1, 4401]])
  })

  it('are judged by the newest verdict only', () => {
    const rig = hubRig()
    rig.join(1, {}, { identity: 'ann' })
    rig.heard(1)
    rig.say(1, { type: 'authenticate', credentials: 'first' })
    rig.say(1, { type: 'authenticate', credentials: 'second' })
    const [first, second] = rig.authenticating
    rig.tell({ type: 'verdict', question: second?.question ?? 0, verdict: { identity: 'ann' } })
    rig.tell({ type: 'verdict', question: first?.question ?? 0, verdict: null })
    expect(rig.heard(1)).toEqual([{ type: 'authentication_confirmed' }])
    expect(rig.closes).toEqual([])
  })
})

describe('frames', () => {
  it.each([
    [{ type: 'ping', timestamp: 7 }, [{ type: 'pong', timestamp: 7 }]],
    [{ type: 'ping' }, [{ type: 'pong' }]],
    [{ type: 'heartbeat', timestamp: 7 }, [{ type: 'heartbeat_ack', timestamp: 7 }]],
    [{ type: 'pong' }, []],
    [{ type: 'batch', messages: [] }, []],
    [{ type: 'subscribe', channels: [] }, []],
    [{ type: 'unsubscribe', channels: ['never'] }, [{ type: 'unsubscription_confirmed', channel: 'never' }]],
    [{ type: 'status', ids: [] }, [{ type: 'status', resultsEpoch: 'R1', unseen: [], running: [] }]],
  ])('%j are answered %j', (frame, answers) => {
    const rig = hubRig()
    rig.join(1)
    rig.heard(1)
    rig.say(1, frame)
    expect(rig.heard(1)).toEqual(answers)
  })

  it.each([
    '', '{', '[]', 'null', '5', '"x"', '{}', '{"type":1}', '{"type":null}',
    '{"type":"subscribe"}', '{"type":"subscribe","channels":{}}', '{"type":"subscribe","channels":[5]}', '{"type":"subscribe","channels":[{}]}',
    '{"type":"subscribe","channels":[{"channel":"a","params":[]}]}', '{"type":"subscribe","channels":[{"channel":"a","recover":{"epoch":1,"offset":1}}]}',
    '{"type":"subscribe","channels":[{"channel":"a","recover":{"epoch":"e","offset":-1}}]}', '{"type":"subscribe","channels":[{"channel":"a","recover":{"epoch":"e","offset":1e300}}]}',
    '{"type":"subscribe","channels":[{"channel":"a","mode":"fast"}]}', '{"type":"subscribe","channels":[{"channel":"a","ref":5}]}',
    '{"type":"status","ids":"x"}', '{"type":"status","ids":[1]}', '{"type":"batch"}', '{"type":"batch","messages":[5]}', '{"type":"batch","messages":[{"type":"batch","messages":[]}]}',
    '{"type":"x","id":""}', '{"type":"x","id":5}', '{"type":"ack","id":"1"}', '{"type":"connection"}',
  ])('that are wrong are named so, and change nothing: %s', (text) => {
    const rig = hubRig()
    rig.join(1)
    rig.heard(1)
    rig.say(1, text)
    expect(rig.heard(1)).toMatchObject([{ type: 'error', code: 'bad_frame' }])
    expect([rig.closes, rig.handling]).toEqual([[], []])
    rig.say(1, { type: 'ping' })
    expect(rig.heard(1)).toEqual([{ type: 'pong' }])
  })

  it('that carry names of the language itself do no harm', () => {
    const rig = hubRig()
    rig.join(1)
    rig.heard(1)
    rig.say(1, '{"type":"x","id":"__proto__","data":{"__proto__":{"polluted":true}}}')
    rig.say(1, '{"type":"subscribe","channels":["__proto__","constructor"]}')
    expect(rig.handling).toHaveLength(1)
    rig.answer(rig.handling[0] as never, { ok: true })
    expect(rig.heard(1).map(({ type }) => type)).toEqual(['subscription_confirmed', 'subscription_confirmed', 'ack'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('that are too large close', () => {
    const rig = hubRig()
    rig.join(1)
    rig.say(1, { type: 'x', data: 'x'.repeat(2_000) })
    expect(codes(rig)).toEqual([[1, 1009]])
  })

  it('of a session that is over are nobody\'s', () => {
    const rig = hubRig()
    rig.join(1)
    rig.tell({ type: 'closed', session: 1 })
    rig.heard(1)
    rig.say(1, { type: 'ping' })
    expect(rig.heard(1)).toEqual([])
  })

  it('say goodbye to everybody who was greeted, to each with its own wait', () => {
    const rig = hubRig()
    rig.join(1)
    rig.join(2)
    rig.tell({ type: 'opened', session: 3 })
    for (const session of [1, 2]) rig.heard(session)
    rig.tell({ type: 'goodbye', reason: 'restarting', retryAfterMs: (session) => (session === 1 ? 50 : null) })
    expect([1, 2, 3].map((session) => rig.heard(session))).toEqual([[{ type: 'goodbye', reason: 'restarting', retryAfter: 50 }], [{ type: 'goodbye', reason: 'restarting' }], []])
  })
})
