/** `npm run simulate [-- SEEDS]`, or `SEED=n npm run simulate` to play one world again. */
import { runWorld } from './world.ts'

const one = process.env['SEED']
const first = one === undefined ? 1 : Number(one)
const count = one === undefined ? Number(process.argv[2] ?? 2_000) : 1
if (!Number.isInteger(first) || !Number.isInteger(count) || count < 1) {
  console.error('usage: npm run simulate -- [SEEDS], a whole number of worlds (2000); SEED=n plays one again')
  process.exit(2)
}
const faults = new Map<string, number>()
const phases = new Set<string>()
const started = performance.now()
for (let seed = first; seed < first + count; seed++) {
  const outcome = await runWorld(seed)
  for (const [name, times] of outcome.faults) faults.set(name, (faults.get(name) ?? 0) + times)
  for (const phase of outcome.phases) phases.add(phase)
}
console.log(`${count} worlds in ${((performance.now() - started) / 1_000).toFixed(1)} s, no rule broken`)
console.log(`phases seen: ${[...phases].toSorted().join(' ')}`)
console.log([...faults].toSorted(([, a], [, b]) => b - a).map(([name, times]) => `${times} x ${name}`).join(', '))
