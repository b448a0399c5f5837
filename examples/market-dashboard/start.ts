/** `npx tsx examples/market-dashboard/start.ts [--port N] [--symbols N] [--seed N]`: builds the page, serves it, prints where. Needs `npm run build`. */
import { parseArgs } from 'node:util'
import { buildMarketPage, startMarketDemo } from './demo.ts'

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { port: text, symbols: text, seed: text } })

/** A whole number, or an end with a sentence that says what is wrong. */
function whole(name: 'port' | 'symbols' | 'seed', byDefault: number, least: number, most: number): number {
  const value = Number(values[name] ?? byDefault)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  console.error(`--${name} is "${values[name]}"; allowed: a whole number from ${least} to ${most}`)
  return process.exit(2)
}

const options = { port: whole('port', 4_180, 0, 65_535), symbols: whole('symbols', 500, 1, 1_000), seed: whole('seed', 7, 0, 2 ** 31) }
const demo = await startMarketDemo(options, await buildMarketPage())
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void demo.stop().then(() => process.exit(0)))
console.log(demo.label)
console.log(demo.url)
