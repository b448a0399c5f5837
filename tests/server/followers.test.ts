/** What a follower is sent of what is published: nothing it has been given already, and nothing less than the rest. */
import { describe, expect, it } from 'vitest'
import type { HubEffect } from '../../src/server/effects.ts'
import { type Entry, entryText } from '../../src/server/stream.ts'
import { type HubRig, hubRig } from './support.ts'

const entry = (offset: number, from: number = offset, data: unknown = offset): Entry => ({ from, offset, text: entryText(from, offset, `"type":"t","channel":"c","data":${JSON.stringify(data)}}`) })

/** A hub whose stream `c` holds so many messages, of which its node has passed on none yet; and a session that is greeted. */
function behind(count: number, options: Parameters<typeof hubRig>[0] = {}): HubRig & { late(...entries: Entry[]): void } {
  const rig = hubRig(options)
  for (let n = 1; n <= count; n++) rig.publish('c', n)
  enter(rig, 1)
  return Object.assign(rig, { late: (...entries: Entry[]) => rig.tell({ type: 'published', stream: 'c', epoch: rig.streams.get('c')?.epoch ?? '', entries }) })
}

function enter(rig: HubRig, session: number): void {
  rig.tell({ type: 'opened', session, plain: true })
  rig.tell({ type: 'verdict', question: rig.authenticating.pop()?.question ?? 0, verdict: { identity: null } })
  rig.heard(session)
}

const join = (recover?: number, more: object = {}): object => ({ type: 'subscribe', channels: [{ channel: 'c', ...(recover === undefined ? {} : { recover: { epoch: 'E1', offset: recover } }), ...more }] })
/** Offsets a session heard, those of its confirmations included. */
const offsets = (rig: HubRig, session: number): unknown[] => rig.heard(session).flatMap(({ type, offset, messages = type === 't' ? [{ offset }] : [] }) =>
  (messages as Array<{ offset: number }>).map((message) => message.offset))

describe('a follower', () => {
  it.each<[what: string, recover: number | undefined, given: number[]]>([['from where the stream stands', undefined, []], ['from a position', 1, [2, 3]]])(
    'that joined %s is not told again what it was given then', (_, recover, given) => {
      const rig = behind(3)
      rig.say(1, join(recover))
      expect(offsets(rig, 1)).toEqual(given)
      rig.late(entry(1), entry(2))
      rig.late(entry(3))
      expect(offsets(rig, 1)).toEqual([])
      rig.late(entry(4))
      expect(offsets(rig, 1)).toEqual([4])
    })

  it('hears the rest of what goes out as one with messages that it has', () => {
    const rig = behind(3)
    rig.say(1, join())
    rig.heard(1)
    rig.late(entry(2), entry(3), entry(4), entry(5))
    expect(offsets(rig, 1)).toEqual([4, 5])
    rig.late(entry(6))
    expect(offsets(rig, 1)).toEqual([6])
  })

  it('hears a message that stands for some it has and some it has not', () => {
    const rig = behind(3)
    rig.say(1, join())
    rig.heard(1)
    rig.late(entry(5, 2))
    expect(rig.heard(1)).toMatchObject([{ from: 2, offset: 5 }])
  })

  it('that follows longer hears everything once, whoever joins meanwhile', () => {
    const rig = behind(0)
    enter(rig, 2)
    rig.say(1, join())
    rig.publish('c', 1)
    const log = rig.streams.get('c')
    if (log !== undefined) log.top = 3
    rig.say(2, join())
    rig.late(entry(2), entry(3))
    rig.late(entry(4))
    expect(offsets(rig, 1)).toEqual([1, 2, 3, 4])
    expect(offsets(rig, 2)).toEqual([4])
  })

  it('by two names of one stream hears what the older of them waits for', () => {
    const rig = behind(0)
    rig.say(1, join(undefined, { ref: 'x' }))
    const log = rig.streams.get('c')
    if (log !== undefined) log.top = 2
    rig.say(1, join(undefined, { ref: 'y' }))
    rig.heard(1)
    rig.late(entry(1), entry(2))
    expect(rig.heard(1)).toMatchObject([{ type: 'batch', messages: [{ offset: 1 }, { offset: 2 }] }])
  })

  it('hears of a hole, and of a stream that begins anew, as before', () => {
    const rig = behind(3)
    rig.say(1, join())
    rig.heard(1)
    rig.late(entry(9))
    expect(offsets(rig, 1)).toEqual([9])
    rig.say(1, join())
    rig.reset('c')
    rig.heard(1)
    rig.publish('c', 'new')
    expect(rig.heard(1)).toMatchObject([{ offset: 1, data: 'new' }])
  })

  it('that has to read again does so from what it was given, not from what was published', () => {
    const rig = behind(3)
    rig.say(1, join())
    rig.heard(1)
    rig.publish('c', 4)
    rig.tell({ type: 'missed', stream: 'c' })
    expect(rig.heard(1)).toMatchObject([{ offset: 4 }, { type: 'subscription_confirmed', offset: 4, top: 4, recovered: true }])
    rig.say(1, join())
    rig.tell({ type: 'missed', stream: 'c' })
    expect(rig.heard(1).at(-1)).toMatchObject({ offset: 4, recovered: true })
  })

  it('that was given too much for its frames gets the rest in pieces', () => {
    const rig = behind(3)
    rig.join(2, { maxFrame: 500 })
    rig.say(2, join())
    rig.heard(2)
    rig.late(...[3, 4, 5, 6].map((offset) => entry(offset, offset, 'x'.repeat(200))))
    expect(offsets(rig, 2)).toEqual([4, 5, 6])
  })
})

describe('a frame for many', () => {
  it('is one effect for all of them, with nobody named one by one', () => {
    const rig = behind(0)
    for (let session = 2; session <= 9; session++) enter(rig, session)
    for (let session = 1; session <= 9; session++) rig.say(session, join())
    const sends = (offset: number): HubEffect[] => [...rig.hub.step({ type: 'published', stream: 'c', epoch: 'E1', entries: [entry(offset)] }, 0, 0)]
    for (const effects of [sends(1), sends(2)]) {
      expect(effects).toHaveLength(1)
      expect([...(effects[0] as HubEffect & { readonly type: 'send' }).to]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    }
  })

  it('is cut up for those alone who take none so large, and for nobody once they have left', () => {
    const rig = behind(0)
    for (let session = 2; session <= 5; session++) enter(rig, session)
    rig.join(6, { maxFrame: 300 })
    rig.heard(6)
    for (let session = 1; session <= 6; session++) rig.say(session, join())
    const sends = (offset: number): number[][] => [...rig.hub.step({ type: 'published', stream: 'c', epoch: 'E1', entries: [entry(offset, offset, 'x'.repeat(500))] }, 0, 0)]
      .map((effect) => [...(effect as HubEffect & { readonly type: 'send' }).to])
    expect(sends(1)).toContainEqual([1, 2, 3, 4, 5])
    expect(sends(1).length).toBeLessThanOrEqual(3)
    rig.tell({ type: 'closed', session: 6 })
    sends(2)
    expect(sends(3)).toEqual([[1, 2, 3, 4, 5]])
    // The shared set again, not a list made for the occasion.
    expect(sends(4)).toEqual([[1, 2, 3, 4, 5]])
  })
})
