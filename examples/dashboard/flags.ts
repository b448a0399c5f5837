/** The flags of `npm start`, read and checked before anything is built. */
import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { DemoOptions } from './demo.ts'

/** What `--help` prints. */
export const HELP = `npm start -- [--tape FILE] [--speed N] [--seed N] [--port N]

  --tape FILE  plays a recorded stream instead of the simulated market
  --speed N    how much faster than it was recorded, 0.01 to 10000 (1)
  --seed N     seed of the simulated market, a whole number (7)
  --port N     port to listen on, 0 to 65535, 0 for any (4173, or the next free one)`

function number(name: string, text: string | undefined, byDefault: number, least: number, most: number, whole: boolean): number {
  const value = text === undefined ? byDefault : text.trim() === '' ? Number.NaN : Number(text)
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value
  throw new Error(`--${name} is "${text}"; allowed: a ${whole ? 'whole ' : ''}number from ${least} to ${most}`)
}

/**
 * Reads the flags; null where help is asked for.
 *
 * @throws Error whose message names the flag and what is allowed.
 */
export function readFlags(args: readonly string[]): DemoOptions | null {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ args: [...args], options: { tape: text, speed: text, seed: text, port: text, help: { type: 'boolean' } } })
  if (values.help === true) return null
  const { tape, speed, seed, port } = values
  if (tape !== undefined && statSync(tape, { throwIfNoEntry: false })?.isFile() !== true) throw new Error(`--tape ${tape}: there is no such file`)
  return {
    ...(tape === undefined ? {} : { tape }),
    speed: number('speed', speed, 1, 0.01, 10_000, false),
    seed: number('seed', seed, 7, 0, 2 ** 32, true),
    port: number('port', port, 4_173, 0, 65_535, true),
  }
}
