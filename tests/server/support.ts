/** A hub in memory on a clock that only the test moves, and what it says to whom. */
import type { HubEffect, HubInput, Verdict } from '../../src/server/effects.ts'
import { type MemoryHub, type MemoryHubOptions, type Streams, createMemoryHub } from '../../src/server/memory.ts'
import { type Answer, type Results, createResults } from '../../src/server/results.ts'
import { NOBODY } from '../../src/server/session.ts'
import type { User } from '../../src/server/user.ts'
import { checker } from '../simulation/pair/schema.ts'

type Frame = Record<string, unknown>
export type Handled = Extract<HubEffect, { readonly type: 'handle' }>

const problemOf = checker('server')

export interface HubRig {
  readonly hub: MemoryHub
  readonly results: Results
  readonly streams: Streams
  /** Monotonic ms; the test sets it. */
  now: number
  /** Frames each session was sent since the last look. */
  heard(session: number): Frame[]
  readonly closes: Array<readonly [session: number, code: number, reason: string]>
  readonly handling: Handled[]
  readonly bans: HubEffect[]
  readonly authenticating: Array<Extract<HubEffect, { readonly type: 'authenticate' }>>
  tell(input: HubInput): void
  say(session: number, frame: object | string): void
  /** Opens a session and greets it. */
  join(session: number, hello?: object, verdict?: Verdict): void
  answer(handled: Handled, answer: Answer): void
  publish(channel: string, data?: unknown): void
  reset(channel: string): void
}

export const RESULTS_TTL = 1_000

/** Makes a hub; every frame it sends is held against the protocol's schema. */
export function hubRig(options: Partial<MemoryHubOptions> & { readonly permitUser?: (user: User, channel: string) => boolean } = {}): HubRig {
  const streams: Streams = options.streams ?? new Map()
  const results = options.results ?? createResults('R1', { ttlMs: RESULTS_TTL, count: 100 })
  let epochs = 0
  const hub = createMemoryHub({
    limits: { maxFrame: 2_000, maxChannels: 3, resultsTtl: RESULTS_TTL }, helloTimeoutMs: 10_000, sessionName: (number) => `s${number}`,
    history: { count: 10, size: 10_000, ageMs: 60_000 }, recovery: { count: 6, size: 1_000 }, epoch: () => `E${++epochs}`,
    permit: (identity, channel, _, session) => (options.permitUser?.(rig.hub.sessions.get(session)?.user ?? NOBODY, channel) === false || (channel === 'secret' && identity !== 'admin') ? { code: 'not_authorized', message: 'not for you' } : { stream: channel }),
    ...options, streams, results,
  })
  const sent = new Map<number, Frame[]>()

  function perform(effects: readonly HubEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'send') {
        const problem = problemOf(effect.text)
        if (problem !== null) throw new Error(problem)
        for (const to of effect.to) sent.set(to, [...(sent.get(to) ?? []), JSON.parse(effect.text) as Frame])
      }
      if (effect.type === 'close') rig.closes.push([effect.session, effect.code, effect.reason])
      if (effect.type === 'handle') rig.handling.push(effect)
      if (effect.type === 'ban') rig.bans.push(effect)
      if (effect.type === 'authenticate') rig.authenticating.push(effect)
    }
  }

  const rig: HubRig = {
    hub, results, streams, now: 0, closes: [], handling: [], bans: [], authenticating: [],
    heard(session) {
      const frames = sent.get(session) ?? []
      sent.delete(session)
      return frames
    },
    tell: (input) => perform(hub.step(input, rig.now, 1_000_000 + rig.now)),
    say: (session, frame) => rig.tell({ type: 'frame', session, text: typeof frame === 'string' ? frame : JSON.stringify(frame) }),
    join(session, hello = {}, verdict = { identity: null }) {
      rig.tell({ type: 'opened', session })
      rig.say(session, { type: 'hello', versions: [1], clientId: `c${session}`, maxFrame: 10_000, ...hello })
      const asked = rig.authenticating.pop()
      if (asked === undefined) throw new Error('nobody was asked about the credentials')
      rig.tell({ type: 'verdict', question: asked.question, verdict })
    },
    answer: ({ question }, answer) => rig.tell({ type: 'handled', question, answer }),
    publish: (channel, data = 0) => perform(hub.publish(channel, channel, { type: 't', data }, rig.now, 0)),
    reset: (channel) => perform(hub.reset(channel, channel, rig.now, 0)),
  }
  return rig
}
