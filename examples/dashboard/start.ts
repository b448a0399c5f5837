/** `npm start`: reads the flags, builds the page, starts the demo, prints where it is. */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type DemoOptions, buildPage, startDemo } from './demo.ts'

const HELP = `npm start -- [--tape FILE] [--speed N] [--seed N] [--port N]

  --tape FILE  plays a recorded stream instead of the simulated market
  --speed N    how much faster than it was recorded, 0.01 to 10000 (1)
  --seed N     seed of the simulated market, a whole number (7)
  --port N     port to listen on, 0 to 65535, 0 for any (4173, or the next free one)`

/** Ends with a sentence that says what is allowed. */
function refuse(sentence: string): never {
  console.error(`${sentence}\n\n${HELP}`)
  process.exit(2)
}

function number(name: string, text: string | undefined, byDefault: number, least: number, most: number, whole: boolean): number {
  const value = text === undefined ? byDefault : Number(text)
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value
  return refuse(`--${name} is "${text}"; allowed: a ${whole ? 'whole ' : ''}number from ${least} to ${most}`)
}

function readFlags(): DemoOptions {
  let values: Record<string, string | boolean | undefined>
  try {
    const text = { type: 'string' } as const
    values = parseArgs({ options: { tape: text, speed: text, seed: text, port: text, help: { type: 'boolean' } } }).values
  } catch (error) {
    return refuse((error as Error).message)
  }
  if (values['help'] === true) {
    console.log(HELP)
    process.exit(0)
  }
  const { tape, speed, seed, port } = values as Record<string, string | undefined>
  if (tape !== undefined && !existsSync(tape)) return refuse(`--tape ${tape}: there is no such file`)
  return {
    ...(tape === undefined ? {} : { tape }),
    speed: number('speed', speed, 1, 0.01, 10_000, false),
    seed: number('seed', seed, 7, 0, 2 ** 32, true),
    port: number('port', port, 4_173, 0, 65_535, true),
  }
}

const options = readFlags()
const demo = await startDemo(options, await buildPage())
const { label, skipped } = demo.feed.source
console.log(`${label}${skipped > 0 ? ` (${skipped} lines skipped)` : ''}`)
console.log(demo.url)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void demo.stop().then(() => process.exit(0)))
