/** docs/PROTOCOL.md, `history`: pages of what a stream has said before, from the server's side. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HubEffect } from '../../src/server/effects.ts'
import { createHub } from '../../src/server/hub.ts'
import { createResults } from '../../src/server/results.ts'
import { checker } from '../simulation/pair/schema.ts'
import { type HubRig, hubRig } from './support.ts'

interface Said {
  readonly epoch: string
  readonly top: number
  readonly more: boolean
  readonly reason?: string
  readonly messages: ReadonlyArray<{ readonly offset: number; readonly from?: number; readonly data: unknown }>
}

const problemOf = checker('history_page')
let serial = 0

/** Asks for a page, and returns the one answer that came: its data, or what it says no with. */
function ask(rig: HubRig, data: unknown, session = 1): Said & Record<string, unknown> {
  const id = `q${++serial}`
  rig.say(session, { type: 'history', id, data })
  const answers = rig.heard(session).filter((frame) => frame['id'] === id)
  expect(answers).toHaveLength(1)
  const [answer = {}] = answers
  if (answer['type'] === 'ack') expect(problemOf(JSON.stringify(answer['data']))).toBeNull()
  return (answer['type'] === 'ack' ? answer['data'] : answer) as Said & Record<string, unknown>
}

const at = (offset: number, epoch = 'E1'): object => ({ epoch, offset })
const offsets = ({ messages }: Said): number[] => messages.map(({ offset }) => offset)
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** A hub with `count` messages on channel `c`, all kept, pages of up to 50 and 10,000 characters. */
function published(count: number, options: Parameters<typeof hubRig>[0] = {}): HubRig {
  const rig = hubRig({ history: { count: 1_000, size: 1e6, ageMs: 60_000 }, recovery: { count: 50, size: 10_000 }, ...options })
  for (let n = 1; n <= count; n++) rig.publish('c', n)
  rig.join(1)
  rig.heard(1)
  return rig
}

describe('a page of history', () => {
  it('is the newest messages, oldest first, where nothing else is said', () => {
    expect(ask(published(5), { channel: 'c' })).toEqual({
      stream: 'c', epoch: 'E1', top: 5, more: false, messages: range(1, 5).map((offset) => ({ offset, type: 't', channel: 'c', data: offset })),
    })
    expect(ask(published(0), { channel: 'c' })).toEqual({ stream: 'c', epoch: 'E1', top: 0, more: false, messages: [] })
    expect(ask(published(9), { channel: 'c', limit: 3 })).toMatchObject({ more: true, messages: [{ offset: 7 }, { offset: 8 }, { offset: 9 }] })
  })

  it('after page, backwards, is everything that is kept, each message once and in order', () => {
    const rig = published(200, { history: { count: 120, size: 1e6, ageMs: 60_000 } })
    const read: number[] = []
    for (let before: object | undefined, more = true; more;) {
      const page = ask(rig, { channel: 'c', limit: 7, ...(before === undefined ? {} : { before }) })
      read.unshift(...offsets(page))
      before = at(page.messages[0]?.offset ?? 0)
      more = page.more
    }
    expect(read).toEqual(range(81, 200))
    expect(ask(rig, { channel: 'c', before: at(81) })).toMatchObject({ messages: [], more: false })
  })

  it('after page, forwards, is everything that follows, also what comes meanwhile', () => {
    const rig = published(120)
    const read: number[] = []
    for (let offset = 0, more = true; more;) {
      const page = ask(rig, { channel: 'c', limit: 50, after: at(offset) })
      if (read.length === 0) rig.publish('c', 121)
      read.push(...offsets(page))
      offset = read.at(-1) ?? 0
      more = page.more
    }
    expect(read).toEqual(range(1, 121))
    expect(ask(rig, { channel: 'c', after: at(121) })).toEqual({ stream: 'c', epoch: 'E1', top: 121, more: false, messages: [] })
  })

  it.each<[why: string, question: object, reason: string]>([
    ['of another epoch', { before: at(5, 'E0') }, 'epoch_changed'],
    ['of another epoch, forwards', { after: at(5, 'E0') }, 'epoch_changed'],
    ['that the stream has not reached', { before: at(22) }, 'epoch_changed'],
    ['that the stream has not reached, forwards', { after: at(21) }, 'epoch_changed'],
    ['whose next message is gone', { after: at(3) }, 'trimmed'],
  ])('from a position %s is empty, and says why', (_, question, reason) => {
    const rig = published(20, { history: { count: 10, size: 1e6, ageMs: 60_000 } })
    expect(ask(rig, { channel: 'c', ...question })).toEqual({ stream: 'c', epoch: 'E1', top: 20, more: false, reason, messages: [] })
    expect(offsets(ask(rig, { channel: 'c', before: at(21) }))).toEqual(range(11, 20))
    expect(offsets(ask(rig, { channel: 'c', after: at(10) }))).toEqual(range(11, 20))
  })

  it('says that no history is kept to who asks for what follows, and is empty for everybody else', () => {
    const rig = published(3, { history: { count: 0, size: 0, ageMs: 0 } })
    expect(ask(rig, { channel: 'c', after: at(1) })).toMatchObject({ reason: 'no_history', messages: [] })
    expect(ask(rig, { channel: 'c' })).toEqual({ stream: 'c', epoch: 'E1', top: 3, more: false, messages: [] })
  })

  it('leaves out what has ended or is too old', () => {
    const rig = published(0)
    for (const ttlMs of [10, undefined, 10, undefined]) rig.hub.publish('c', 'c', { type: 't', ...(ttlMs === undefined ? {} : { ttlMs }) }, rig.now, 0)
    rig.now = 20
    expect(offsets(ask(rig, { channel: 'c' }))).toEqual([2, 4])
    expect(ask(rig, { channel: 'c', after: at(1) })).toMatchObject({ reason: 'trimmed' })
    rig.now = 60_001
    expect(ask(rig, { channel: 'c' })).toMatchObject({ top: 4, messages: [] })
  })

  it('holds no more messages, and no more text, than a recovery', () => {
    const rig = published(100)
    expect(offsets(ask(rig, { channel: 'c', limit: Number.MAX_SAFE_INTEGER }))).toEqual(range(51, 100))
    for (let n = 0; n < 20; n++) rig.publish('c', 'x'.repeat(1_000))
    const page = ask(rig, { channel: 'c' })
    expect(JSON.stringify(page.messages).length).toBeLessThanOrEqual(10_002)
    expect(offsets(page).at(-1)).toBe(120)
    expect(page.more).toBe(true)
  })

  it('is never larger than the client takes, from whichever side, and says so where one message is', () => {
    const rig = published(0, { recovery: { count: 50, size: 100 } })
    for (let n = 1; n <= 9; n++) rig.publish('c', 'x'.repeat(200))
    rig.join(2, { maxFrame: 900 })
    rig.heard(2)
    // One message goes out although it is larger than what is recovered at once.
    expect(ask(rig, { channel: 'c' }, 2)).toMatchObject({ more: true, messages: [{ offset: 9 }] })
    const wide = published(0, { recovery: { count: 50, size: 1e5 } })
    for (let n = 1; n <= 9; n++) wide.publish('c', 'x'.repeat(200))
    wide.join(2, { maxFrame: 900 })
    wide.heard(2)
    wide.say(2, { type: 'history', id: 'old', data: { channel: 'c' } })
    wide.say(2, { type: 'history', id: 'new', data: { channel: 'c', after: at(0) } })
    const frames = wide.heard(2)
    for (const frame of frames) expect(JSON.stringify(frame).length).toBeLessThanOrEqual(900)
    expect(frames.map(({ data }) => [(data as Said).more, offsets(data as Said)])).toEqual([[true, [7, 8, 9]], [true, [1, 2, 3]]])
    wide.publish('c', 'x'.repeat(1_000))
    wide.heard(2)
    expect(ask(wide, { channel: 'c' }, 2)).toMatchObject({ type: 'nack', code: 'too_large', retryable: false, message: 'message 10 is larger than the frames you take' })
    expect(offsets(ask(wide, { channel: 'c', before: at(10) }, 2))).toEqual([7, 8, 9])
    expect(offsets(ask(wide, { channel: 'c', after: at(8) }, 2))).toEqual([9])
  })

  it('holds what a log does, whatever is asked', () => {
    const message = fc.record({ covers: fc.constantFrom(1, 1, 1, 4), ended: fc.constantFrom(false, false, false, true) })
    const question = fc.record({ way: fc.constantFrom('before' as const, 'after' as const, 'newest' as const), offset: fc.nat(80), limit: fc.integer({ min: 1, max: 30 }) })
    fc.assert(fc.property(fc.array(message, { maxLength: 40 }), fc.integer({ min: 1, max: 30 }), fc.array(question, { minLength: 1, maxLength: 10 }), (messages, count, questions) => {
      const rig = published(0, { history: { count, size: 1e6, ageMs: 1e6 } })
      for (const { covers, ended } of messages) rig.hub.publish('c', 'c', { type: 't', covers, ...(ended ? { ttlMs: 0 } : {}) }, 0, 0)
      ask(rig, { channel: 'c' })
      const { entries = [], top = 0 } = rig.streams.get('c') ?? {}
      const alive = entries.filter(({ endsAt }) => endsAt === undefined)
      for (const { way, offset, limit } of questions) {
        const page = ask(rig, { channel: 'c', limit, ...(way === 'newest' ? {} : { [way]: at(offset) }) })
        if (way === 'after') {
          const following = entries.filter((entry) => entry.offset > offset)
          const whole = following[0] === undefined || (following[0].from <= offset + 1 && following.every(({ endsAt }) => endsAt === undefined))
          if (offset > top) expect(page.reason).toBe('epoch_changed')
          else if (offset < top && (following.length === 0 || !whole)) expect(page.reason).toBe(entries.length === 0 ? 'no_history' : 'trimmed')
          else expect([page.reason, offsets(page), page.more]).toEqual([undefined, following.slice(0, limit).map((entry) => entry.offset), following.length > limit])
        } else if (way === 'before' && offset > top + 1) expect(page.reason).toBe('epoch_changed')
        else {
          const older = alive.filter((entry) => way === 'newest' || entry.offset < offset)
          expect([page.reason, offsets(page), page.more]).toEqual([undefined, older.slice(-limit).map((entry) => entry.offset), older.length > limit])
        }
      }
    }), { numRuns: 300 })
  })
})

describe('a question about history', () => {
  it('is answered for whom it is allowed, and each time anew', () => {
    const rig = published(3)
    rig.publish('secret', 'plans')
    expect(ask(rig, { channel: 'secret' })).toMatchObject({ type: 'nack', code: 'not_authorized', retryable: false })
    rig.join(2, {}, { identity: 'admin' })
    rig.heard(2)
    expect(ask(rig, { channel: 'secret' }, 2)).toMatchObject({ messages: [{ data: 'plans' }] })
    const asked: unknown[] = []
    const counting = published(3, { permit: (identity, channel, params, session) => { asked.push([identity, channel, params, session]); return { stream: 'c' } } })
    ask(counting, { channel: 'c', params: { a: 1 } })
    ask(counting, { channel: 'c' })
    expect(asked).toEqual([[null, 'c', { a: 1 }, 1], [null, 'c', undefined, 1]])
  })

  it.each<[what: string, data: unknown]>([
    ['nothing', undefined], ['null', null], ['text', 'c'], ['a list', ['c']], ['no channel', {}], ['a channel that is none', { channel: 7 }], ['params that are none', { channel: 'c', params: [] }],
    ['both ways at once', { channel: 'c', before: at(2), after: at(1) }], ['a place without an epoch', { channel: 'c', before: 2 }], ['a place before all places', { channel: 'c', after: at(-1) }],
    ['half a place', { channel: 'c', before: at(1.5) }], ['a place that is none', { channel: 'c', after: { epoch: 1, offset: 1 } }],
    ['no messages', { channel: 'c', limit: 0 }], ['fewer than none', { channel: 'c', limit: -1 }], ['half a message', { channel: 'c', limit: 1.5 }],
    ['more than can be counted', { channel: 'c', limit: 1e308 }], ['a limit in words', { channel: 'c', limit: '5' }], ['a limit of nothing', { channel: 'c', limit: null }],
  ])('that holds %s is refused', (_, data) => {
    expect(ask(published(3), data)).toMatchObject({ type: 'nack', code: 'invalid', retryable: false })
  })

  it.each([undefined, '', 7, 'x'.repeat(129)])('without an id to be answered under is told so: %s', (id) => {
    const rig = published(1)
    rig.say(1, { type: 'history', id, data: { channel: 'c' } })
    expect(rig.heard(1)).toMatchObject([{ type: 'error', code: 'bad_frame' }])
  })

  it('may come in a batch, as payload, and from a plain client', () => {
    const rig = published(2)
    rig.say(1, { type: 'batch', messages: [{ type: 'history', id: 'a', data: { channel: 'c' } }, { type: 'history', id: 'b', payload: { channel: 'c' } }] })
    expect(rig.heard(1)).toMatchObject([{ type: 'ack', id: 'a', data: { top: 2 } }, { type: 'ack', id: 'b', data: { top: 2 } }])
    rig.tell({ type: 'opened', session: 2, plain: true })
    rig.tell({ type: 'verdict', question: rig.authenticating.pop()?.question ?? 0, verdict: { identity: null } })
    rig.heard(2)
    expect(offsets(ask(rig, { channel: 'c' }, 2))).toEqual([1, 2])
  })

  it('counts as a request, in a batch as well, and who goes on and on is shut out', () => {
    const rates = { commands: { max: 3, windowMs: 60_000 }, messages: { max: 100, windowMs: 1_000 }, replays: { max: 100, windowMs: 1_000 }, refusals: { max: 5, windowMs: 60_000 }, banMs: 1_000 }
    const rig = published(2, { rates })
    const question = (id: string): object => ({ type: 'history', id, data: { channel: 'c' } })
    rig.say(1, { type: 'batch', messages: ['a', 'b', 'c', 'd'].map(question) })
    expect(rig.heard(1)).toMatchObject([{ type: 'ack' }, { type: 'ack' }, { type: 'ack' }, { type: 'nack', id: 'd', code: 'rate_limited', retryable: true, retryAfter: 20_000 }])
    for (let n = 0; n < 5; n++) rig.say(1, question(`x${n}`))
    expect(rig.closes).toEqual([[1, 4429, 'kept out for 1000 ms']])
    expect(rig.bans).toHaveLength(1)
  })

  it('is answered once while its page is read, however often it comes, and to nobody who has gone', () => {
    const hub = createHub({ limits: { maxFrame: 2_000, maxChannels: 3, resultsTtl: 1_000 }, results: createResults('R1', { ttlMs: 1_000, count: 10 }), helloTimeoutMs: 1_000, sessionName: String })
    const tell = (...input: Parameters<typeof hub.step>[0][]): HubEffect[] => input.flatMap((one) => [...hub.step(one, 0, 0)])
    for (const session of [1, 2]) {
      const [asked] = tell({ type: 'opened', session }, { type: 'frame', session, text: JSON.stringify({ type: 'hello', versions: [1], clientId: `c${session}`, maxFrame: 9_000 }) })
      tell({ type: 'verdict', question: asked?.type === 'authenticate' ? asked.question : 0, verdict: { identity: 'ann' } })
    }
    const question = (session: number) => ({ type: 'frame', session, text: JSON.stringify({ type: 'history', id: 'q', data: { channel: 'c' } }) }) as const
    const page = { stream: 'c', epoch: 'E', top: 0, entries: [], more: false, isForward: false }
    expect(tell(question(1), question(1), question(2), { type: 'closed', session: 2 })).toMatchObject([{ type: 'page', session: 1, id: 'q', identity: 'ann' }, { type: 'page', session: 2 }])
    expect(tell({ type: 'paged', session: 1, id: 'q', page }, { type: 'paged', session: 1, id: 'q', page }, { type: 'paged', session: 2, id: 'q', page })).toMatchObject([{ type: 'send', to: [1] }])
    // Asked once more, it is read once more: pages are not remembered.
    expect(tell(question(1))).toMatchObject([{ type: 'page' }])
    expect(tell({ type: 'paged', session: 1, id: 'q', page: { code: 'busy', message: 'later', retryable: true } })).toMatchObject([{ text: '{"type":"nack","id":"q","code":"busy","message":"later","retryable":true}' }])
  })

  it('is refused for now to who waits for many already, so that nobody asks without end', () => {
    const hub = createHub({ limits: { maxFrame: 2_000, maxChannels: 3, resultsTtl: 1_000 }, results: createResults('R1', { ttlMs: 1_000, count: 10 }), helloTimeoutMs: 1_000, sessionName: String })
    hub.step({ type: 'opened', session: 1 }, 0, 0)
    const [asked] = hub.step({ type: 'frame', session: 1, text: JSON.stringify({ type: 'hello', versions: [1], clientId: 'c', maxFrame: 9_000 }) }, 0, 0)
    hub.step({ type: 'verdict', question: asked?.type === 'authenticate' ? asked.question : 0, verdict: { identity: 'ann' } }, 0, 0)
    const effects = Array.from({ length: 100 }, (_, id) => hub.step({ type: 'frame', session: 1, text: JSON.stringify({ type: 'history', id: `q${id}`, data: { channel: 'c' } }) }, 0, 0)).flat()
    expect(effects.filter(({ type }) => type === 'page')).toHaveLength(32)
    const answers = effects.flatMap((effect) => (effect.type === 'send' ? [JSON.parse(effect.text) as { readonly code?: string }] : []))
    expect(answers).toHaveLength(68)
    expect(answers[0]).toMatchObject({ type: 'nack', code: 'busy', retryable: true, retryAfter: 1_000 })
  })

  it('runs no handler, and is no message that has a result', () => {
    const rig = published(1)
    ask(rig, { channel: 'c' })
    expect(rig.handling).toEqual([])
    rig.say(1, { type: 'status', ids: [`q${serial}`] })
    expect(rig.heard(1)).toMatchObject([{ type: 'status', unseen: [`q${serial}`] }])
  })
})
