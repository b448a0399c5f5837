import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { createMachine, deadlineOf, step } from '../../src/core/connection.ts'
import { UplinkError } from '../../src/core/errors.ts'
import type { Context, Machine, Phase, Signal } from '../../src/core/machine.ts'
import { resolvePolicy } from '../../src/core/policy.ts'

const PHASES: Phase[] = ['idle', 'authorizing', 'dialing', 'greeting', 'open', 'waiting', 'paused', 'closing', 'failed']
const error = new UplinkError('UPLINK_PROVIDER_FAILED', 'x')
const signals = (generation: number): Record<string, Signal> => ({
  connect: { type: 'connect' },
  disconnect: { type: 'disconnect', graceful: false },
  'disconnect (graceful)': { type: 'disconnect', graceful: true },
  reconnect: { type: 'reconnect' },
  resolved: { type: 'resolved', generation },
  rejected: { type: 'rejected', generation, error },
  undialable: { type: 'undialable', generation, error },
  opened: { type: 'opened', generation },
  greeted: { type: 'greeted', generation },
  'lost (1006)': { type: 'lost', generation, code: 1006, reason: '' },
  'lost (4403)': { type: 'lost', generation, code: 4403, reason: '' },
  goodbye: { type: 'goodbye', generation, retryAfterMs: 3_000 },
  denied: { type: 'denied', error: new UplinkError('UPLINK_SIGNED_OUT', 'x', { severity: 'fatal' }) },
  ponged: { type: 'ponged', generation },
  'tick (at the deadline)': { type: 'tick' },
  'wake (awake)': { type: 'wake', slept: false },
  'wake (slept)': { type: 'wake', slept: true },
  online: { type: 'network', online: true },
  offline: { type: 'network', online: false },
  hidden: { type: 'visibility', hidden: true },
  visible: { type: 'visibility', hidden: false },
  pagehide: { type: 'pagehide' },
  pageshow: { type: 'pageshow' },
})
const policy = resolvePolicy({})
const context = (now: number, changes: Partial<Context> = {}): Context => ({
  now, random: 0.5, heardAt: now, policy, roundTrip: { average: 0, deviation: 0 }, resolves: true, signsIn: false, renews: true, greets: true, pings: true, fatalCodes: [], ...changes,
})

/** A machine in each phase, reached by signals and not by hand. */
function inPhase(phase: Phase): Machine {
  const path: Partial<Record<Phase, string[]>> = {
    idle: [], authorizing: ['connect'], dialing: ['connect', 'resolved'], greeting: ['connect', 'resolved', 'opened'],
    open: ['connect', 'resolved', 'opened', 'greeted'], waiting: ['connect', 'rejected'], paused: ['offline', 'connect', 'rejected'],
    closing: ['connect', 'resolved', 'opened', 'greeted', 'disconnect (graceful)'], failed: ['connect', 'resolved', 'lost (4403)'],
  }
  let machine = createMachine()
  for (const name of path[phase] ?? []) machine = step(machine, signals(machine.generation)[name] as Signal, context(0))[0]
  expect(machine.phase).toBe(phase)
  return machine
}

function table(): string {
  const names = Object.keys(signals(0))
  const rows = names.map((name) => [name, ...PHASES.map((phase) => {
    const before = inPhase(phase)
    const at = name.startsWith('tick') ? Math.min(deadlineOf(before), 1e9) : 100
    const [after, effects] = step(before, signals(before.generation)[name] as Signal, context(at, { heardAt: 0 }))
    return after.phase === phase ? (effects.length > 0 ? `(${effects.map((effect) => effect.type).filter((type) => type !== 'tell').join(' ') || 'tell'})` : '') : after.phase
  })])
  return [['signal', ...PHASES], ['---', ...PHASES.map(() => '---')], ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

describe('the connection machine', () => {
  it('does what its table in docs/ARCHITECTURE.md says, for every phase and signal', () => {
    const file = new URL('../../docs/ARCHITECTURE.md', import.meta.url)
    const docs = readFileSync(file, 'utf8')
    const marked = /(<!-- machine -->\n)([\s\S]*?)(<!-- \/machine -->)/
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, docs.replace(marked, `$1${table()}\n$3`))
    else expect(docs.match(marked)?.[2]?.trim(), 'docs/ARCHITECTURE.md holds an old table: run the tests once with UPDATE_DOCS=1').toBe(table())
  })

  it('ignores every answer of an older socket, in every phase', () => {
    for (const phase of PHASES) {
      const machine = inPhase(phase)
      for (const signal of Object.values(signals(machine.generation - 1))) {
        if ('generation' in signal) expect(step(machine, signal, context(100))).toEqual([machine, []])
      }
    }
  })

  it('always has a deadline where it waits for somebody, one socket at most, and numbers that rise', () => {
    const names = Object.keys(signals(0))
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom(...names), fc.nat(70_000), fc.double({ min: 0, max: 0.999, noNaN: true })), { maxLength: 80 }), (script) => {
      let machine = createMachine()
      let now = 0
      let sockets = 0
      for (const [name, wait, random] of script) {
        now += name.startsWith('tick') && Number.isFinite(deadlineOf(machine)) ? Math.max(0, deadlineOf(machine) - now) : wait
        const before = machine
        const signal = signals(machine.generation)[name] as Signal
        const [after, effects] = step(machine, signal, context(now, { random, heardAt: now - wait }))
        machine = after
        if (signal.type === 'lost' && ['dialing', 'greeting', 'open', 'closing'].includes(before.phase)) sockets = 0
        if (signal.type === 'undialable' && before.phase === 'dialing') sockets = 0
        for (const effect of effects) {
          if (effect.type === 'drop') sockets = 0
          if (effect.type === 'dial') sockets++
          expect(sockets).toBeLessThanOrEqual(1)
        }
        expect(machine.generation).toBeGreaterThanOrEqual(before.generation)
        const waits = !['idle', 'open', 'failed'].includes(machine.phase)
        expect(Number.isFinite(machine.deadline)).toBe(waits)
        if (machine.phase === 'idle') expect(machine.attempt).toBe(0)
      }
    }), { numRuns: 500 })
  })
})
