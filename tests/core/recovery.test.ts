import { describe, expect, it } from 'vitest'
import { type Display, type DisplayState, createDisplay } from '../../src/core/display.ts'
import { NO_RECOVERY, type RecoveryMachine, SETTLE_MS, type Tally, recoveryStep } from '../../src/core/recovery.ts'

const ZERO: Tally = { sent: 0, received: 0, dropped: 0, unknown: 0 }
const shows = (state: DisplayState, since: number, outageSince: number | null = null): Display => ({ ...createDisplay().shown, state, since, outageSince, quiet: false })

/** Plays looks at the display and the counters. */
function play(looks: ReadonlyArray<readonly [at: number, display: Display, isOpen: boolean, tally?: Partial<Tally>]>): RecoveryMachine {
  return looks.reduce((machine, [at, display, isOpen, tally]) => recoveryStep(machine, { display, isOpen, tally: { ...ZERO, ...tally } }, at), NO_RECOVERY)
}

const connected = shows('connected', 1_000)
const away = shows('reconnecting', 11_000, 10_000)
const back = shows('connected', 52_000)

describe('the receipt of an outage', () => {
  it('says how long it was, and what was sent, dropped and received over it', () => {
    const { recovery } = play([
      [1_000, connected, true, { received: 500, sent: 20 }],
      [10_000, shows('connected', 1_000, 10_000), false, { received: 500, sent: 20 }],
      [11_000, away, false, { received: 500, sent: 20, dropped: 1 }],
      [52_000, back, true, { received: 620, sent: 22, dropped: 1, unknown: 2 }],
    ])
    expect(recovery).toEqual({ since: 10_000, until: 52_000, sent: 2, dropped: 1, received: 120, unknown: 2 })
  })

  it('counts what comes in while it catches up', () => {
    const { recovery } = play([
      [1_000, connected, true], [11_000, away, false],
      [50_000, shows('catching_up', 50_000, 10_000), true, { received: 10 }], [52_000, back, true, { received: 128 }],
    ])
    expect(recovery?.received).toBe(128)
  })

  it('goes on counting for as long as the outbox takes to empty, and no longer', () => {
    const looks = [[1_000, connected, true], [11_000, away, false], [52_000, back, true]] as const
    expect(play([...looks, [52_000 + SETTLE_MS, back, true, { sent: 3 }]]).recovery?.sent).toBe(3)
    expect(play([...looks, [52_001 + SETTLE_MS, back, true, { sent: 3 }]]).recovery?.sent).toBe(0)
  })

  it('does not count what came before the outage and was looked at late', () => {
    const { recovery } = play([
      [1_000, connected, true, { received: 100 }], [10_000, away, false, { received: 100 }],
      [10_250, away, false, { received: 5_000 }], [52_000, back, true, { received: 5_007 }],
    ])
    expect(recovery?.received).toBe(7)
  })

  it('is not written for a drop that was never shown', () => {
    const { recovery } = play([[1_000, connected, true], [10_000, shows('connected', 1_000, 10_000), false], [10_400, connected, true]])
    expect(recovery).toBeNull()
  })

  it('stays while a later drop is not shown, and goes when one is', () => {
    const looks = [[1_000, connected, true], [11_000, away, false], [52_000, back, true]] as const
    const drop = shows('connected', 52_000, 60_000)
    expect(play([...looks, [60_000, drop, false]]).recovery).not.toBeNull()
    expect(play([...looks, [60_000, drop, false], [60_400, back, true]]).recovery?.until).toBe(52_000)
    expect(play([...looks, [60_000, drop, false], [61_000, shows('reconnecting', 61_000, 60_000), false]]).recovery).toBeNull()
  })

  it('is not written for a first connection, however long it took, nor after disconnect()', () => {
    expect(play([[1_000, shows('connecting', 1_000, 1_000), false], [60_000, shows('connected', 60_000), true]]).recovery).toBeNull()
    expect(play([[1_000, connected, true], [11_000, away, false], [20_000, shows('disconnected', 20_000), false], [30_000, shows('connected', 30_000), true]]).recovery).toBeNull()
  })
})
