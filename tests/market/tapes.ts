/** The recorded Binance streams, read for tests: frames in the order they came, and the REST snapshots that belong to the spot tape. */
import { existsSync, readFileSync } from 'node:fs'
import type { DepthSnapshot, DepthUpdate } from '../../src/market/book/order-book.ts'
import type { BookRules } from '../../src/market/book/sequence.ts'

const file = (name: string): URL => new URL(`../../../shared/data/binance/${name}`, import.meta.url)

/** A frame of a combined stream. */
export interface TapeFrame {
  readonly at: number
  readonly stream: string
  readonly data: Readonly<Record<string, unknown>>
}

/** A recording. */
export interface Tape {
  readonly name: string
  readonly rules: BookRules
  readonly frames: readonly TapeFrame[]
  readonly skipped: number
}

const FILES: ReadonlyArray<readonly [string, BookRules]> = [['BINANCE.ws.1.0', 'spot'], ['BINANCE_US.ws.1.0', 'spot'], ['BINANCE_FUTURES.ws.1.0', 'futures']]

/** Whether the recordings are there; they are not part of the project. */
export const HAS_TAPES = existsSync(file('BINANCE.ws.1.0'))

function readTape(name: string, rules: BookRules): Tape {
  const frames: TapeFrame[] = []
  let skipped = 0
  for (const line of readFileSync(file(name), 'utf8').split('\n')) {
    const match = /^([\d.]+): (\{.*\})$/.exec(line)
    if (match === null) skipped += line.trim() === '' || line.includes(' <-> ') ? 0 : 1
    else frames.push({ at: Number(match[1]) * 1_000, ...(JSON.parse(match[2] ?? '') as { stream: string; data: Record<string, unknown> }) })
  }
  return { name, rules, frames, skipped }
}

/** Every recording; none where they are not there. */
export const TAPES: readonly Tape[] = HAS_TAPES ? FILES.map(([name, rules]) => readTape(name, rules)) : []

/** The recorded snapshots of the spot tape, by symbol. */
export function recordedSnapshots(): Map<string, { at: number; snapshot: DepthSnapshot }> {
  const found = new Map<string, { at: number; snapshot: DepthSnapshot }>()
  for (const line of readFileSync(file('BINANCE.http.0.0'), 'utf8').split('\n')) {
    const match = /symbol=(\w+)&\S* -> ([\d.]+): (\{.*\})$/.exec(line)
    if (match !== null) found.set(match[1] ?? '', { at: Number(match[2]) * 1_000, snapshot: JSON.parse(match[3] ?? '') as DepthSnapshot })
  }
  return found
}

/** The depth updates of a tape, by symbol, in order. */
export function depthOf(tape: Tape): Map<string, Array<{ at: number; update: DepthUpdate }>> {
  const found = new Map<string, Array<{ at: number; update: DepthUpdate }>>()
  for (const { at, stream, data } of tape.frames) {
    if (!stream.includes('@depth')) continue
    const update = data as unknown as DepthUpdate
    const list = found.get(update.s ?? '') ?? []
    found.set(update.s ?? '', [...list, { at, update }])
  }
  return found
}
