/**
 * The race between history and live: whatever is published, trimmed, begun anew and read in whatever order, a
 * subscription gets everything once and in order, or a reason. The hub's own client half judges what it gets.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Place, advance, createPlace, stand } from '../../src/core/position.ts'
import type { HubEffect, HubInput } from '../../src/server/effects.ts'
import { createHub } from '../../src/server/hub.ts'
import { createResults } from '../../src/server/results.ts'
import { type Entry, type History, type StreamLog, append, createStreamLog, readHistory } from '../../src/server/stream.ts'
import { checker } from '../simulation/pair/schema.ts'

const HISTORY = { count: 8, size: 10_000, ageMs: Infinity }
const problemOf = checker('server')

interface Follower {
  readonly place: Place
  /** Offsets of the current epoch, as the client takes them. */
  taken: number[]
  gaps: number
}

interface Read {
  readonly question: number
  readonly answer: () => History
  history: History | null
}

/** A stream, a hub that reads it late, and two sessions that follow it. */
function world() {
  let epoch = 1
  let log: StreamLog = createStreamLog('c', 'c', 'E1')
  const hub = createHub({
    limits: { maxFrame: 1e6, maxChannels: 10, resultsTtl: 1 }, results: createResults('R', { ttlMs: 1, count: 1 }), helloTimeoutMs: 1, sessionName: String,
  })
  const followers = new Map<number, Follower>()
  const reads: Read[] = []
  /** Published, and on its way to the hub. */
  const broker: HubInput[] = []
  /** Sessions that were told to ask again later. */
  const later: number[] = []
  let repairs = 0

  function perform(effects: readonly HubEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'authenticate') tell({ type: 'verdict', question: effect.question, verdict: { identity: null } })
      if (effect.type === 'authorize') tell({ type: 'permission', question: effect.question, permission: { stream: effect.channel } })
      if (effect.type === 'read') reads.push({ question: effect.question, answer: () => readHistory(log, effect.position, effect.mode, { count: 6, size: 1e6 }), history: null })
      if (effect.type === 'send') for (const to of effect.to) hear(followers.get(to) as Follower, to, effect.text)
    }
  }

  function hear(follower: Follower, session: number, text: string): void {
    expect(problemOf(text)).toBeNull()
    const frame = JSON.parse(text) as { type: string; epoch: string; offset: number; top: number; recovered: boolean; reason?: string; messages?: Array<{ offset: number; from?: number }>; from?: number }
    if (frame.type === 'subscription_confirmed') {
      const before = follower.place.epoch
      const gap = stand(follower.place, { stream: 'c', epoch: frame.epoch, offset: frame.offset, top: frame.top, recovered: frame.recovered, reason: frame.reason ?? null, messages: [] })
      if (gap !== null || before === null) follower.taken = []
      if (gap !== null) {
        expect(frame.reason, 'a gap has its reason').toBeDefined()
        follower.gaps++
      }
    }
    if (frame.type === 'error') {
      expect(frame).toMatchObject({ retryable: true })
      later.push(session)
      return
    }
    const messages = frame.type === 't' ? [frame] : (frame.messages ?? [])
    for (const { offset, from = offset } of messages) {
      const verdict = advance(follower.place, from, offset)
      expect(verdict, 'the server leaves no hole').not.toBe('gap')
      if (verdict === 'repair') {
        repairs++
        subscribe(session)
      }
      if (verdict !== 'next') continue
      const last = follower.taken.at(-1)
      if (last !== undefined) expect(offset).toBe(last + 1)
      follower.taken.push(offset)
    }
  }

  function tell(input: HubInput): void {
    perform(hub.step(input, 0, 0))
  }

  function subscribe(session: number): void {
    const { place } = followers.get(session) as Follower
    place.asking = true
    const recover = place.epoch === null ? undefined : { epoch: place.epoch, offset: place.offset }
    tell({ type: 'frame', session, text: JSON.stringify({ type: 'subscribe', channels: [{ channel: 'c', recover }] }) })
  }

  return {
    followers,
    repairs: () => repairs,
    top: () => log,
    join(session: number, known?: Follower) {
      followers.set(session, known ?? { place: createPlace(), taken: [], gaps: 0 })
      tell({ type: 'opened', session })
      tell({ type: 'frame', session, text: JSON.stringify({ type: 'hello', versions: [1], clientId: String(session), maxFrame: 400 }) })
      subscribe(session)
    },
    leave(session: number) {
      tell({ type: 'closed', session })
    },
    publish() {
      const entry = append(log, { type: 't', data: 0 }, 0, HISTORY)
      broker.push({ type: 'published', stream: 'c', epoch: log.epoch, entries: [entry] })
    },
    reset() {
      log = createStreamLog('c', 'c', `E${++epoch}`)
      broker.push({ type: 'reset', stream: 'c', epoch: log.epoch })
    },
    deliver() {
      const input = broker.shift()
      if (input !== undefined) tell(input)
    },
    read(index: number) {
      const read = reads[index % Math.max(1, reads.length)]
      if (read !== undefined) read.history ??= read.answer()
    },
    answer(index: number) {
      const read = reads[index % Math.max(1, reads.length)]
      if (read?.history == null) return
      reads.splice(reads.indexOf(read), 1)
      tell({ type: 'history', question: read.question, history: read.history })
    },
    settle() {
      while (broker.length + reads.length + later.length > 0) {
        const waiting = later.shift()
        if (waiting !== undefined) subscribe(waiting)
        this.deliver()
        this.read(0)
        this.answer(0)
      }
    },
  }
}

const act = fc.oneof(
  { weight: 10, arbitrary: fc.constant('publish' as const) },
  { weight: 9, arbitrary: fc.constant('deliver' as const) },
  { weight: 6, arbitrary: fc.constant('read' as const) },
  { weight: 6, arbitrary: fc.constant('answer' as const) },
  { weight: 2, arbitrary: fc.constant('drop' as const) },
  { weight: 1, arbitrary: fc.constant('reset' as const) },
)

describe('history and live', () => {
  const entryOf = (offset: number): Entry => ({ from: offset, offset, text: `{"type":"t","channel":"c","offset":${offset}}` })
  const historyOf = (top: number, ...offsets: number[]): History => ({ epoch: 'E1', top, recovered: true, entries: offsets.map(entryOf) })

  /** A hub that is asked for the history after offset 0, and what it says and asks after each input. */
  function reading(): (input: HubInput) => { readonly heard: unknown[]; readonly asked: number[] } {
    const hub = createHub({
      limits: { maxFrame: 1e6, maxChannels: 10, resultsTtl: 1 }, results: createResults('R', { ttlMs: 1, count: 1 }), helloTimeoutMs: 1, sessionName: String,
    })
    const take = (input: HubInput): { heard: unknown[]; asked: number[] } => {
      const effects = hub.step(input, 0, 0)
      return {
        heard: effects.flatMap((effect) => (effect.type === 'send' ? [...effect.to].map(() => JSON.parse(effect.text) as unknown) : [])),
        asked: effects.flatMap((effect) => ('question' in effect ? [effect.question] : [])),
      }
    }
    take({ type: 'opened', session: 1 })
    take({ type: 'frame', session: 1, text: '{"type":"hello","versions":[1],"clientId":"c","maxFrame":1000}' })
    take({ type: 'verdict', question: 1, verdict: { identity: null } })
    take({ type: 'frame', session: 1, text: '{"type":"subscribe","channels":[{"channel":"c","recover":{"epoch":"E1","offset":0}}]}' })
    expect(take({ type: 'permission', question: 2, permission: { stream: 'c' } }).asked).toEqual([3])
    return take
  }

  it('are merged: what is in both comes once, what came meanwhile comes after', () => {
    const take = reading()
    for (const offset of [1, 2, 3]) take({ type: 'published', stream: 'c', epoch: 'E1', entries: [entryOf(offset)] })
    const { heard } = take({ type: 'history', question: 3, history: historyOf(2, 1, 2) })
    expect(heard).toMatchObject([{ type: 'subscription_confirmed', offset: 0, top: 3, messages: [{ offset: 1 }, { offset: 2 }, { offset: 3 }] }])
  })

  it('are read again where they do not join, and given up for later after five times', () => {
    const take = reading()
    for (let question = 3; question < 8; question++) {
      take({ type: 'published', stream: 'c', epoch: 'E1', entries: [entryOf(9)] })
      const { heard, asked } = take({ type: 'history', question, history: historyOf(2, 1, 2) })
      if (question < 7) expect([heard, asked]).toEqual([[], [question + 1]])
      else expect(heard).toMatchObject([{ type: 'error', code: 'failed', channel: 'c', retryable: true }])
    }
  })

  it('are read again when the stream begins anew meanwhile', () => {
    const take = reading()
    take({ type: 'reset', stream: 'c', epoch: 'E2' })
    expect(take({ type: 'history', question: 3, history: historyOf(2, 1, 2) })).toEqual({ heard: [], asked: [4] })
  })

  it('of another epoch than the followers have are read from where the followers are', () => {
    const take = reading()
    take({ type: 'history', question: 3, history: historyOf(2, 1, 2) })
    for (let offset = 3; offset <= 30; offset++) take({ type: 'published', stream: 'c', epoch: 'E1', entries: [entryOf(offset)] })
    const { asked } = take({ type: 'published', stream: 'c', epoch: 'E0', entries: [entryOf(1)] })
    expect(asked).toEqual([4])
    expect(take({ type: 'history', question: 4, history: historyOf(30) }).heard).toMatchObject([{ recovered: true, offset: 30, top: 30 }])
  })

  it('join without a hole, a repeat or a needless repair, in whatever order things happen', () => {
    let gaps = 0
    let recovered = 0
    fc.assert(fc.property(fc.array(fc.tuple(act, fc.nat(3)), { minLength: 30, maxLength: 150 }), (acts) => {
      const scene = world()
      scene.join(1)
      scene.join(2)
      let sessions = 2
      const live = [1, 2]
      for (const [what, index] of acts) {
        if (what === 'publish') scene.publish()
        if (what === 'deliver') scene.deliver()
        if (what === 'read') scene.read(index)
        if (what === 'answer') scene.answer(index)
        if (what === 'reset') scene.reset()
        if (what === 'drop') {
          const [old = 0] = live.splice(index % 2, 1, ++sessions)
          scene.leave(old)
          // The same client comes again, with what it holds.
          scene.join(sessions, scene.followers.get(old))
        }
      }
      scene.settle()
      const { epoch, top } = scene.top()
      expect(scene.repairs()).toBe(0)
      for (const session of live) {
        const follower = scene.followers.get(session) as Follower
        expect([follower.place.epoch, follower.place.offset]).toEqual([epoch, top])
        gaps += follower.gaps
        if (follower.taken.length > 3) recovered++
      }
    }), { numRuns: 600 })
    // The property said something: there were gaps, and there were long runs without one.
    expect(gaps).toBeGreaterThan(50)
    expect(recovered).toBeGreaterThan(200)
  })
})
