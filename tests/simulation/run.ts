/**
 * `npm run simulate [-- SEEDS]`: plays worlds, and reports what came up in them. `SEED=n npm run simulate` plays
 * one world again.
 */
import { runWorld as runPool } from '../pool/world.ts'
import { report, runWorlds } from './pair/run.ts'
import { runWorld as runScripted } from './world.ts'

const one = process.env['SEED']
const first = one === undefined ? 1 : Number(one)
const count = one === undefined ? Number(process.argv[2] ?? 2_000) : 1
if (!Number.isInteger(first) || !Number.isInteger(count) || count < 1) {
  console.error('usage: npm run simulate -- [SEEDS], a whole number of worlds (2000); SEED=n plays one again')
  process.exit(2)
}
const started = performance.now()
let played = 0
for (let seed = first; seed < first + count; seed++) await runScripted(seed)
console.log(`${count} worlds of a client and a scripted network, no rule broken`)
const pools = Math.ceil(count / 20)
for (let seed = first; seed < first + pools; seed++) await runPool(seed)
console.log(`${pools} worlds of a pool of servers, no rule broken`)
const coverage = await runWorlds(first, count, () => {
  if (++played % 10_000 === 0) console.log(`${played} of ${count} worlds of clients and a server`)
})
console.log(report(coverage))
console.log(`in ${((performance.now() - started) / 1_000).toFixed(1)} s`)
