import { expect, it } from 'vitest'
import { runWorld } from './world.ts'

/** `npm run simulate` plays more; `SEED=n npx vitest run --project node tests/pool/worlds.test.ts` plays one world again. */
const one = process.env['SEED']
const [first, count] = one === undefined ? [1, 40] : [Number(one), 1]

it('in 40 worlds of random faults a pool breaks no rule, and every world heals', async () => {
  const faults = new Set<string>()
  let handOvers = 0
  let messages = 0
  let sockets = 0
  for (let seed = first; seed < first + count; seed++) {
    const outcome = await runWorld(seed)
    for (const fault of outcome.faults.keys()) faults.add(fault)
    handOvers += outcome.handOvers
    messages += outcome.messages
    sockets = Math.max(sockets, outcome.sockets)
  }
  if (one !== undefined) return
  expect(faults.size).toBe(31)
  expect(handOvers).toBeGreaterThan(count * 2)
  expect(messages).toBeGreaterThan(count * 50)
  expect(sockets).toBeGreaterThan(2)
}, 120_000)
