import { expect, it } from 'vitest'
import { runWorld } from './world.ts'

it('in 500 worlds of random faults no rule is broken, and every world heals', async () => {
  const phases = new Set<string>()
  const faults = new Set<string>()
  for (let seed = 1; seed <= 500; seed++) {
    const outcome = await runWorld(seed)
    for (const phase of outcome.phases) phases.add(phase)
    for (const fault of outcome.faults.keys()) faults.add(fault)
  }
  expect([...phases].toSorted()).toEqual(['closing', 'dialing', 'idle', 'open', 'paused', 'waiting'])
  expect(faults.size).toBe(26)
}, 60_000)
