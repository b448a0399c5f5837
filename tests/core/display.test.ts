import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DisplayFacts, type DisplayMachine, createDisplay, displayStep } from '../../src/core/display.ts'
import { UplinkError } from '../../src/core/errors.ts'

const START = 1_000_000
const idle: DisplayFacts = {
  state: 'disconnected', phase: 'idle', attempt: 0, retryAt: null, breakerOpen: false, everConnected: false, catchingUp: false, network: 'unknown', error: null,
}
const open: DisplayFacts = { ...idle, state: 'connected', phase: 'open', everConnected: true }
const lost: DisplayFacts = { ...open, state: 'reconnecting', phase: 'waiting', attempt: 1, error: new UplinkError('UPLINK_CONNECTION_LOST', 'lost') }
const behind: DisplayFacts = { ...open, catchingUp: true }
const dialing: DisplayFacts = { ...idle, state: 'connecting', phase: 'dialing' }

/** Plays facts at times, looking whenever the machine asks to. */
function play(script: ReadonlyArray<readonly [at: number, facts: DisplayFacts]>, until: number) {
  const shown: Array<{ at: number; state: string }> = []
  let machine: DisplayMachine = createDisplay()
  let facts = idle
  const look = (at: number) => {
    const before = machine.shown.state
    machine = displayStep(machine, facts, START + at)
    if (machine.shown.state !== before) shown.push({ at, state: machine.shown.state })
  }
  const events = [...script.map(([at]) => at), until]
  events.forEach((at, index) => {
    while (machine.deadline - START < at) look(machine.deadline - START)
    facts = script[index]?.[1] ?? facts
    look(at)
  })
  return { shown, machine }
}

describe('the display', () => {
  it('does not show a drop of 400 ms', () => {
    const { shown } = play([[0, open], [10_000, lost], [10_400, open]], 20_000)
    expect(shown).toEqual([{ at: 0, state: 'connected' }])
  })

  it('shows an outage after its grace, stamped once however the states alternate', () => {
    const trying: DisplayFacts = { ...lost, phase: 'dialing' }
    const { shown } = play([[0, open], [10_000, lost], [10_300, trying], [10_600, lost], [10_900, trying]], 20_000)
    expect(shown).toEqual([{ at: 0, state: 'connected' }, { at: 11_000, state: 'reconnecting' }])
  })

  it('shows recovery and failure at once', () => {
    const failed: DisplayFacts = { ...lost, state: 'error', phase: 'failed' }
    expect(play([[0, open], [100, failed]], 200).shown.at(-1)).toEqual({ at: 100, state: 'error' })
    expect(play([[0, open], [100, lost], [1_150, open]], 2_000).shown.at(-1)).toEqual({ at: 1_150, state: 'connected' })
  })

  it('keeps a passing state long enough to be read', () => {
    const offline: DisplayFacts = { ...lost, phase: 'paused', network: 'offline' }
    const { shown } = play([[0, open], [0, lost], [1_050, offline]], 5_000)
    expect(shown).toEqual([{ at: 0, state: 'connected' }, { at: 1_000, state: 'reconnecting' }, { at: 1_700, state: 'offline' }])
  })

  it('is quiet while it connects for the first time, and no longer than its grace', () => {
    expect(play([[0, dialing]], 900).machine.shown).toMatchObject({ state: 'connecting', quiet: true })
    expect(play([[0, dialing]], 1_100).machine.shown).toMatchObject({ state: 'connecting', quiet: false })
  })

  it('counts down only waits of 5 s or more, and those to their end', () => {
    const soon: DisplayFacts = { ...lost, retryAt: START + 14_000 }
    const { machine } = play([[0, open], [10_000, soon]], 11_500)
    expect(machine.shown.retryAt).toBeNull()
    const far: DisplayFacts = { ...lost, retryAt: START + 20_000 }
    expect(play([[0, open], [10_000, far]], 19_000).machine.shown.retryAt).toBe(START + 20_000)
  })

  it.each([
    ['the device is offline', { ...lost, phase: 'paused', network: 'offline' }, 'offline', 'network_offline', 'check_network'],
    ['the page has never connected', { ...dialing, attempt: 1, error: new UplinkError('UPLINK_DIAL_FAILED', 'x') }, 'connecting', 'never_connected', 'check_access'],
    ['nothing has failed yet', dialing, 'connecting', 'starting', 'none'],
    ['the connection was cut', lost, 'reconnecting', 'lost', 'wait'],
    ['the server is gone', { ...lost, attempt: 2, error: new UplinkError('UPLINK_DIAL_FAILED', 'x') }, 'reconnecting', 'unreachable', 'wait'],
    ...(['UPLINK_SIGNED_OUT', 'UPLINK_IDENTITY_MISMATCH', 'UPLINK_UNAUTHORIZED'] as const).map((code): [string, DisplayFacts, string, string, string] => [code, { ...lost, state: 'error', phase: 'failed', error: new UplinkError(code, 'x', { severity: 'fatal' }) }, 'error', 'unauthorized', 'sign_in']),
    ['the session is not valid', { ...lost, state: 'error', phase: 'failed', error: new UplinkError('UPLINK_REFUSED', 'x', { closeCode: 4403 }) }, 'error', 'unauthorized', 'sign_in'],
    ['the server is overloaded', { ...lost, error: new UplinkError('UPLINK_OVERLOADED', 'x', { closeCode: 1013 }) }, 'reconnecting', 'overloaded', 'wait'],
    ['the breaker cools down', { ...lost, state: 'error', breakerOpen: true }, 'cooldown', 'lost', 'reconnect'],
    ['the server went silent', { ...lost, error: new UplinkError('UPLINK_HEARTBEAT_TIMEOUT', 'x') }, 'reconnecting', 'silent', 'wait'],
    ['the server restarts', { ...lost, error: new UplinkError('UPLINK_CONNECTION_LOST', 'x', { closeCode: 1012 }) }, 'reconnecting', 'restarting', 'wait'],
  ] as const)('says what is wrong and what to do when %s', (_, facts, state, cause, remedy) => {
    expect(play([[0, facts as DisplayFacts]], 5_000).machine.shown).toMatchObject({ state, cause, remedy })
  })
})

describe('catching up', () => {
  it('stands between a shown outage and connected, for as long as data is missing', () => {
    const { shown, machine } = play([[0, open], [10_000, lost], [15_000, behind], [60_000, open]], 70_000)
    expect(shown).toEqual([
      { at: 0, state: 'connected' }, { at: 11_000, state: 'reconnecting' },
      { at: 15_000, state: 'catching_up' }, { at: 60_000, state: 'connected' },
    ])
    expect(machine.shown.outageSince).toBeNull()
  })

  it('belongs to the outage, and says what is still missing', () => {
    expect(play([[0, open], [10_000, lost], [15_000, behind]], 16_000).machine.shown).toMatchObject({
      state: 'catching_up', cause: 'behind', remedy: 'none', retryAt: null, outageSince: START + 10_000, since: START + 15_000, quiet: false,
    })
  })

  it('is never shown where socket and data are back within the grace', () => {
    const { shown } = play([[0, open], [10_000, lost], [10_300, behind], [10_950, open]], 20_000)
    expect(shown).toEqual([{ at: 0, state: 'connected' }])
  })

  it('is shown after the grace where the socket was back in time and the data was not', () => {
    const { shown } = play([[0, open], [10_000, lost], [10_300, behind], [12_000, open]], 20_000)
    expect(shown).toEqual([{ at: 0, state: 'connected' }, { at: 11_000, state: 'catching_up' }, { at: 12_000, state: 'connected' }])
  })

  it('is never shown at the first connect, nor for a hole that is filled while connected', () => {
    expect(play([[0, dialing], [300, behind], [9_000, open]], 10_000).shown.map(({ state }) => state)).toEqual(['connecting', 'connected'])
    expect(play([[0, dialing], [3_000, behind], [9_000, open]], 10_000).shown.map(({ state }) => state)).toEqual(['connecting', 'connected'])
    expect(play([[0, open], [5_000, behind], [9_000, open]], 10_000).shown.map(({ state }) => state)).toEqual(['connected'])
  })

  it('lets the state before it be read, gives way to a new loss in its turn, and to recovery at once', () => {
    const { shown } = play([[0, open], [10_000, lost], [11_100, behind], [11_800, lost], [13_000, behind], [13_010, open]], 20_000)
    expect(shown).toEqual([
      { at: 0, state: 'connected' }, { at: 11_000, state: 'reconnecting' }, { at: 11_700, state: 'catching_up' },
      { at: 12_400, state: 'reconnecting' }, { at: 13_010, state: 'connected' },
    ])
  })

  it('follows a failure that was repaired by hand', () => {
    const failed: DisplayFacts = { ...lost, state: 'error', phase: 'failed' }
    const { shown } = play([[0, open], [5_000, failed], [8_000, dialing], [9_000, behind], [9_500, open]], 10_000)
    expect(shown.map(({ state }) => state)).toEqual(['connected', 'error', 'connecting', 'catching_up', 'connected'])
  })
})

describe('any course of facts', () => {
  const failed: DisplayFacts = { ...lost, state: 'error', phase: 'failed' }
  const offline: DisplayFacts = { ...lost, phase: 'paused', network: 'offline' }
  const course = fc.array(fc.tuple(fc.integer({ min: 1, max: 3_000 }), fc.constantFrom(open, lost, behind, failed, offline)), { minLength: 1, maxLength: 30 })

  /** Plays a course after a quiet first connect, and hands over every look: the facts, what was shown before, what is shown. */
  function look(steps: ReadonlyArray<readonly [number, DisplayFacts]>, each: (facts: DisplayFacts, before: DisplayMachine, after: DisplayMachine, now: number) => void): void {
    let now = START
    let machine = displayStep(displayStep(createDisplay(), dialing, now), open, now + 1)
    for (const [pauseMs, facts] of steps) {
      now += pauseMs
      const before = machine
      machine = displayStep(before, facts, now)
      each(facts, before, machine, now)
      // The deadline is kept, as the store keeps it.
      if (machine.deadline !== Infinity) {
        now = Math.max(now, machine.deadline)
        const early = machine
        machine = displayStep(early, facts, now)
        each(facts, early, machine, now)
      }
    }
  }

  it('never leads to "connected" while data is missing after an outage that was shown', () => {
    fc.assert(fc.property(course, (steps) => {
      let shownOutage = false
      look(steps, (facts, _, { shown }) => {
        if (shown.state !== 'connected') shownOutage = true
        if (facts === open) shownOutage = false
        if (facts.catchingUp && shownOutage) expect(shown.state).not.toBe('connected')
      })
    }), { numRuns: 2_000 })
  })

  it('shows recovery at once, and nothing else while all is well', () => {
    fc.assert(fc.property(course, (steps) => {
      look(steps, (facts, _, { shown, deadline }) => {
        if (facts === open) expect({ state: shown.state, deadline }).toEqual({ state: 'connected', deadline: Infinity })
      })
    }), { numRuns: 2_000 })
  })

  it('never shows what the facts did not say, and nothing before the grace of its outage', () => {
    fc.assert(fc.property(course, (steps) => {
      look(steps, (facts, before, { shown }, now) => {
        const { outageSince } = before.shown
        const within = outageSince !== null && now < outageSince + 1_000
        if (within && before.shown.state === 'connected' && facts !== failed) expect(shown.state).toBe('connected')
        if (shown.state === 'catching_up' && before.shown.state !== 'catching_up') expect(facts).toBe(behind)
      })
    }), { numRuns: 2_000 })
  })
})
