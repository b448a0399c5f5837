import { describe, expect, it } from 'vitest'
import { type DisplayFacts, type DisplayMachine, createDisplay, displayStep } from '../../src/core/display.ts'
import { UplinkError } from '../../src/core/errors.ts'

const START = 1_000_000
const idle: DisplayFacts = {
  state: 'disconnected', phase: 'idle', attempt: 0, retryAt: null, breakerOpen: false, everConnected: false, network: 'unknown', error: null,
}
const open: DisplayFacts = { ...idle, state: 'connected', phase: 'open', everConnected: true }
const lost: DisplayFacts = { ...open, state: 'reconnecting', phase: 'waiting', attempt: 1, error: new UplinkError('UPLINK_CONNECTION_LOST', 'lost') }
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
    ['the server is gone', { ...dialing, phase: 'waiting', attempt: 2, error: new UplinkError('UPLINK_DIAL_FAILED', 'x') }, 'connecting', 'unreachable', 'none'],
    ['the session is not valid', { ...lost, state: 'error', phase: 'failed', error: new UplinkError('UPLINK_REFUSED', 'x', { closeCode: 4403 }) }, 'error', 'unauthorized', 'sign_in'],
    ['the server is overloaded', { ...lost, error: new UplinkError('UPLINK_OVERLOADED', 'x', { closeCode: 1013 }) }, 'reconnecting', 'overloaded', 'wait'],
    ['the breaker cools down', { ...lost, state: 'error', breakerOpen: true }, 'cooldown', 'lost', 'reconnect'],
    ['the server went silent', { ...lost, error: new UplinkError('UPLINK_HEARTBEAT_TIMEOUT', 'x') }, 'reconnecting', 'silent', 'wait'],
    ['the server restarts', { ...lost, error: new UplinkError('UPLINK_CONNECTION_LOST', 'x', { closeCode: 1012 }) }, 'reconnecting', 'restarting', 'wait'],
  ] as const)('says what is wrong and what to do when %s', (_, facts, state, cause, remedy) => {
    expect(play([[0, facts as DisplayFacts]], 5_000).machine.shown).toMatchObject({ state, cause, remedy })
  })
})
