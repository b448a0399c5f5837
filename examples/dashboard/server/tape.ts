/** Recorded exchange streams, read and turned into rows. Format: `receive-time-in-seconds: payload`, a frame a line. */
import type { Row } from '../shared.ts'

/** One recorded frame. */
export interface TapeFrame {
  /** Seconds since 1970, as recorded. */
  readonly at: number
  readonly payload: Readonly<Record<string, unknown>>
}

/** A recording, and how many of its lines were not frames. */
export interface Tape {
  readonly frames: readonly TapeFrame[]
  readonly skipped: number
}

const LINE = /^(\d+(?:\.\d+)?): (\{.*\})$/

/** Reads a recording. The first line names the URL; it and blank lines are no frames and not counted. */
export function readTape(text: string): Tape {
  const frames: TapeFrame[] = []
  let skipped = 0
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || (index === 0 && line.includes('<->'))) continue
    const match = LINE.exec(line)
    const payload = match === null ? undefined : parse(match[2] ?? '')
    if (match === null || payload === undefined) skipped++
    else frames.push({ at: Number(match[1]), payload })
  }
  return { frames, skipped }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const number = (value: unknown): number | null => {
  const parsed = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN
  return Number.isFinite(parsed) ? parsed : null
}

/**
 * The row after one frame, or null where the frame says nothing about a row. bookTicker sets bid and ask,
 * aggTrade the last price and adds to the volume, kline the last price; depth updates change no row.
 */
export function applyFrame(rows: ReadonlyMap<string, Row>, { at, payload }: TapeFrame): Row | null {
  const data = isObject(payload['data']) ? payload['data'] : payload
  const symbol = data['s']
  if (typeof symbol !== 'string') return null
  const before: Row = rows.get(symbol) ?? { symbol, last: null, bid: null, ask: null, volume: 0, at: 0 }
  const when = Math.round(at * 1_000)
  // Spot bookTicker events carry no `e`; they are known by their fields.
  const kind = data['e'] ?? (data['b'] !== undefined && data['B'] !== undefined ? 'bookTicker' : undefined)
  if (kind === 'bookTicker') return { ...before, bid: number(data['b']), ask: number(data['a']), at: when }
  if (kind === 'aggTrade') return { ...before, last: number(data['p']), volume: before.volume + (number(data['q']) ?? 0), at: when }
  if (kind === 'kline' && isObject(data['k'])) return { ...before, last: number(data['k']['c']), at: when }
  return null
}
