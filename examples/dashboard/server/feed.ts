/** Rows that change as time passes: from the simulator, or from a tape at its recorded pace. */
import type { Row, Source } from '../shared.ts'
import { createMarket } from './market.ts'
import { type Tape, applyFrame } from './tape.ts'

/** A running feed. */
export interface Feed {
  readonly rows: ReadonlyMap<string, Row>
  readonly source: Source
  /** Whether there is nothing more to come. */
  ended(): boolean
  stop(): void
}

const TICK_MS = 100

/** Starts a simulated market. */
export function simulate(seed: number, onRows: (rows: Row[]) => void): Feed {
  const market = createMarket(seed, 240, Date.now())
  const timer = setInterval(() => onRows(market.tick(Date.now())), TICK_MS)
  return {
    rows: market.rows,
    source: { kind: 'simulated', label: `Simulated market, seed ${seed}`, skipped: 0 },
    ended: () => false,
    stop: () => clearInterval(timer),
  }
}

/** Plays a tape, `speed` times as fast as it was recorded; the final values stay. */
export function play(tape: Tape, name: string, speed: number, onRows: (rows: Row[]) => void): Feed {
  const rows = new Map<string, Row>()
  const first = tape.frames[0]?.at ?? 0
  const startedAt = performance.now()
  let next = 0
  const timer = setInterval(() => {
    const reached = first + ((performance.now() - startedAt) / 1_000) * speed
    const changed = new Map<string, Row>()
    for (let frame = tape.frames[next]; frame !== undefined && frame.at <= reached; frame = tape.frames[++next]) {
      const row = applyFrame(rows, frame)
      if (row === null) continue
      rows.set(row.symbol, row)
      changed.set(row.symbol, row)
    }
    if (changed.size > 0) onRows([...changed.values()])
    if (next >= tape.frames.length) clearInterval(timer)
  }, TICK_MS / 4)
  return {
    rows,
    source: { kind: 'tape', label: `Tape ${name}`, skipped: tape.skipped },
    ended: () => next >= tape.frames.length,
    stop: () => clearInterval(timer),
  }
}
