/** docs/PROTOCOL.md, section 6, from the server's side: continued without a hole or a repeat, or the reason why not. */
import { describe, expect, it } from 'vitest'
import { type HubRig, hubRig } from './support.ts'

const subscribe = (...channels: unknown[]): object => ({ type: 'subscribe', channels })
const from = (offset: number, epoch = 'E1', more: object = {}): object => ({ channel: 'c', recover: { epoch, offset }, ...more })

/** A hub with `count` messages on channel `c`, and a session that has heard nothing yet. */
function published(count: number, options: Parameters<typeof hubRig>[0] = {}): HubRig {
  const rig = hubRig(options)
  for (let n = 1; n <= count; n++) rig.publish('c', n)
  rig.join(1)
  rig.heard(1)
  return rig
}

const offsets = (frames: ReadonlyArray<Record<string, unknown>>): unknown[] =>
  frames.flatMap((frame) => (Array.isArray(frame['messages']) ? (frame['messages'] as Array<{ offset: number }>).map(({ offset }) => offset) : frame['offset']))

describe('a subscription', () => {
  it('begins where the stream stands, and gets what is published from then on', () => {
    const rig = published(3)
    rig.say(1, subscribe('c'))
    rig.publish('c', 4)
    expect(rig.heard(1)).toEqual([
      { type: 'subscription_confirmed', channel: 'c', stream: 'c', epoch: 'E1', offset: 3, top: 3, recovered: false },
      { type: 't', channel: 'c', data: 4, offset: 4 },
    ])
  })

  it('ends when it is left, and with its session', () => {
    const rig = published(0)
    rig.join(2)
    rig.say(1, subscribe('c'))
    rig.say(2, subscribe('c'))
    for (const session of [1, 2]) rig.heard(session)
    rig.say(1, { type: 'unsubscribe', channels: ['c'] })
    rig.publish('c')
    expect(rig.heard(1)).toEqual([{ type: 'unsubscription_confirmed', channel: 'c' }])
    expect(rig.heard(2)).toHaveLength(1)
    rig.tell({ type: 'closed', session: 2 })
    rig.publish('c')
    expect(rig.heard(2)).toEqual([])
  })

  it('of one stream by two refs brings each message once, until the last ref is left', () => {
    const rig = published(0)
    rig.say(1, subscribe({ channel: 'c', ref: 'x' }, { channel: 'c', ref: 'y' }))
    expect(rig.heard(1)).toMatchObject([{ ref: 'x' }, { ref: 'y' }])
    rig.publish('c')
    rig.say(1, { type: 'unsubscribe', channels: [{ channel: 'c', ref: 'x' }] })
    rig.publish('c')
    rig.say(1, { type: 'unsubscribe', channels: [{ channel: 'c', ref: 'y' }] })
    rig.publish('c')
    expect(rig.heard(1).map(({ type }) => type)).toEqual(['t', 'unsubscription_confirmed', 't', 'unsubscription_confirmed'])
  })

  it('beyond the limit, or of what is not for this user, is refused, and the others stand', () => {
    const rig = published(0)
    rig.say(1, subscribe('a', 'secret', 'b'))
    rig.say(1, subscribe('c', 'd'))
    expect(rig.heard(1)).toMatchObject([
      { type: 'subscription_confirmed', channel: 'a' }, { type: 'error', code: 'not_authorized', channel: 'secret', retryable: false },
      { type: 'subscription_confirmed', channel: 'b' }, { type: 'subscription_confirmed', channel: 'c' }, { type: 'error', code: 'too_many_channels', channel: 'd' },
    ])
    // Asked for again it takes no second place.
    rig.say(1, subscribe('a'))
    expect(rig.heard(1)).toMatchObject([{ type: 'subscription_confirmed', channel: 'a' }])
  })

  it.each<[why: string, count: number, position: object, answer: object, following: number[]]>([
    ['at the top', 3, from(3), { offset: 3, top: 3, recovered: true }, []],
    ['before messages that are kept', 5, from(2), { offset: 2, top: 5, recovered: true }, [3, 4, 5]],
    ['at the very beginning', 3, from(0), { offset: 0, top: 3, recovered: true }, [1, 2, 3]],
    ['before messages that are gone', 14, from(3), { offset: 14, recovered: false, reason: 'trimmed' }, []],
    ['right before the oldest that is kept', 14, from(8), { offset: 8, recovered: true }, [9, 10, 11, 12, 13, 14]],
    ['further back than is recovered at once', 10, from(2), { offset: 10, recovered: false, reason: 'too_many' }, []],
    ['of another epoch', 3, from(2, 'E0'), { epoch: 'E1', offset: 3, recovered: false, reason: 'epoch_changed' }, []],
    ['that the stream has not reached', 3, from(9), { offset: 3, recovered: false, reason: 'epoch_changed' }, []],
    ['in mode latest', 5, from(1, 'E1', { mode: 'latest' }), { top: 5, recovered: true }, [5]],
    ['in mode latest, of another epoch', 5, from(1, 'E0', { mode: 'latest' }), { top: 5, recovered: true }, [5]],
    ['in mode latest, at the top', 5, from(5, 'E1', { mode: 'latest' }), { top: 5, recovered: true }, []],
  ])('asked to go on from a position %s', (_, count, position, answer, following) => {
    const rig = published(count)
    rig.say(1, subscribe(position))
    const [confirmed = {}] = rig.heard(1)
    expect(confirmed).toMatchObject(answer)
    expect(offsets([{ messages: confirmed['messages'] ?? [] }])).toEqual(following)
  })

  it('is not continued where no history is kept, or what is kept is too old', () => {
    const none = published(3, { history: { count: 0, size: 0, ageMs: 0 } })
    none.say(1, subscribe(from(1), from(3, 'E1', { ref: 'r' })))
    expect(none.heard(1)).toMatchObject([{ recovered: false, reason: 'no_history' }, { recovered: true }])
    const old = published(3)
    old.now = 60_001
    old.say(1, subscribe(from(1)))
    expect(old.heard(1)).toMatchObject([{ recovered: false, reason: 'no_history' }])
  })

  it('gets a long history in frames no larger than it takes, and nothing that is larger than those', () => {
    const rig = hubRig({ recovery: { count: 100, size: 100_000 } })
    for (let n = 1; n <= 6; n++) rig.publish('c', 'x'.repeat(150))
    rig.join(1, { maxFrame: 500 })
    rig.heard(1)
    rig.say(1, subscribe(from(0)))
    const frames = rig.heard(1)
    expect(frames.map(({ type }) => type)).toEqual(['subscription_confirmed', 'batch', 'batch', 'batch'])
    for (const frame of frames) expect(JSON.stringify(frame).length).toBeLessThanOrEqual(500)
    expect(offsets(frames)).toEqual([1, 2, 3, 4, 5, 6])
    rig.publish('c', 'x'.repeat(600))
    rig.heard(1)
    rig.say(1, subscribe(from(0)))
    expect(rig.heard(1)).toMatchObject([{ recovered: false, reason: 'too_many', offset: 7 }])
  })

  it('is told when its stream begins anew, and takes nothing of the old one after that', () => {
    const rig = published(2)
    rig.say(1, subscribe('c'))
    rig.heard(1)
    rig.reset('c')
    rig.tell({ type: 'published', stream: 'c', epoch: 'E1', entries: [{ from: 3, offset: 3, text: '{"type":"t","channel":"c","offset":3}' }] })
    rig.tell({ type: 'reset', stream: 'c', epoch: 'E2' })
    rig.publish('c', 'new')
    expect(rig.heard(1)).toEqual([
      { type: 'subscription_confirmed', channel: 'c', stream: 'c', epoch: 'E2', offset: 0, top: 0, recovered: false, reason: 'epoch_changed' },
      // A straggler of the old one costs a look at the history, and nothing else.
      { type: 'subscription_confirmed', channel: 'c', stream: 'c', epoch: 'E2', offset: 0, top: 0, recovered: true },
      { type: 't', channel: 'c', data: 'new', offset: 1 },
    ])
  })
})

it('asks no more often whether a channel may be followed than there may be channels, whatever one frame holds', () => {
  let asked = 0
  const rig = hubRig({ permitUser: () => ++asked > 0 })
  rig.join(1)
  rig.heard(1)
  rig.say(1, { type: 'subscribe', channels: Array.from({ length: 50 }, () => 'c') })
  expect(asked).toBe(3)
  expect(rig.heard(1).filter(({ code }) => code === 'too_many_channels')).toHaveLength(47)
})
