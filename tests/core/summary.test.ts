import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Display, type DisplayState, createDisplay } from '../../src/core/display.ts'
import { type Impact, summarize } from '../../src/core/summary.ts'

const at = (state: DisplayState, impact: Impact = 'critical', quiet = false) => ({ impact, display: { ...createDisplay().shown, state, quiet } satisfies Display })

const STATES: DisplayState[] = ['connected', 'disconnected', 'disconnecting', 'connecting', 'catching_up', 'delayed', 'reconnecting', 'offline', 'cooldown', 'error']
const anyConnection = fc.record({ state: fc.constantFrom(...STATES), impact: fc.constantFrom<Impact>('critical', 'background') }).map(({ state, impact }) => at(state, impact))
const LEVELS = ['fine', 'idle', 'degraded', 'down']

describe('a summary', () => {
  it.each([
    ['all connected', [at('connected'), at('connected', 'background')], { level: 'fine', worst: 0, troubled: 0 }],
    ['one asked to be away', [at('connected'), at('disconnected')], { level: 'idle', worst: 1, troubled: 0 }],
    ['a first connect that is quiet yet', [at('connected'), at('connecting', 'critical', true)], { level: 'idle', worst: 1, troubled: 0 }],
    ['a critical one catching up beside a background one that failed', [at('error', 'background'), at('catching_up')], { level: 'degraded', worst: 1, troubled: 2 }],
    ['a background one that failed', [at('connected'), at('error', 'background')], { level: 'degraded', worst: 1, troubled: 1 }],
    ['a critical one that is lost', [at('error', 'background'), at('reconnecting')], { level: 'down', worst: 1, troubled: 2 }],
    ['none', [], { level: 'fine', worst: null, troubled: 0 }],
  ])('of %s', (_, connections, summary) => {
    expect(summarize(connections)).toEqual(summary)
  })

  it('never gets better because one more connection is there', () => {
    fc.assert(fc.property(fc.array(anyConnection, { minLength: 1 }), anyConnection, (connections, one) => {
      const before = LEVELS.indexOf(summarize(connections).level)
      expect(LEVELS.indexOf(summarize([...connections, one]).level)).toBeGreaterThanOrEqual(before)
    }))
  })

  it('is not cleared by the recovery of another connection', () => {
    fc.assert(fc.property(fc.array(anyConnection, { minLength: 2 }), fc.nat(), (connections, seed) => {
      const recovered = seed % connections.length
      const after = connections.map((one, index) => (index === recovered ? at('connected', one.impact) : one))
      const troubledOthers = connections.filter(({ display }, index) => index !== recovered && summarize([{ impact: 'critical', display }]).troubled === 1)
      expect(summarize(after).troubled).toBe(troubledOthers.length)
    }))
  })
})
