/** Rows that change as time passes: from the simulator, or from a tape at its recorded pace. */
import type { Row, Source } from '../shared.ts'
import { createMarket } from './market.ts'
import { type Tape, applyFrame } from './tape.ts'

/** A running feed. */
export interface Feed {
  readonly rows: ReadonlyMap<string, Row>
  /** Every symbol that has a row, or will have one later. */
  readonly symbols: ReadonlySet<string>
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
    symbols: new Set(market.rows.keys()),
    source: { kind: 'simulated', label: `Simulated market, seed ${seed}`, skipped: 0 },
    ended: () => false,
    stop: () => clearInterval(timer),
  }
}

/** A feed whose tape can be stopped at a place, whatever time it is. */
export interface TapeFeed extends Feed {
  /** How much has been played, 0 to 1. */
  progress(): number
  /** Plays up to this share of the tape's frames (0 to 1) and waits there until it may go on. */
  holdAt(share: number): void
}

/** Plays a tape, `speed` times as fast as it was recorded; the final values stay. */
export function play(tape: Tape, name: string, speed: number, onRows: (rows: Row[]) => void, holdAt = 1): TapeFeed {
  const rows = new Map<string, Row>()
  let reached = tape.frames[0]?.at ?? 0
  let lookedAt = performance.now()
  let until = Math.round(holdAt * tape.frames.length)
  let next = 0
  const timer = setInterval(() => {
    const now = performance.now()
    // Time spent waiting at a hold is not made up for: the tape goes on from there at its pace.
    if (next < until) reached += ((now - lookedAt) / 1_000) * speed
    lookedAt = now
    const changed = new Map<string, Row>()
    for (let frame = tape.frames[next]; frame !== undefined && next < until && frame.at <= reached; frame = tape.frames[++next]) {
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
    symbols: symbolsOf(tape),
    source: { kind: 'tape', label: `Tape ${name}${skippedLines(tape.skipped)}`, skipped: tape.skipped },
    ended: () => next >= tape.frames.length,
    progress: () => (tape.frames.length === 0 ? 1 : next / tape.frames.length),
    holdAt: (share) => { until = Math.round(share * tape.frames.length) },
    stop: () => clearInterval(timer),
  }
}

/** The symbols that a tape has a row for in the end. */
function symbolsOf(tape: Tape): ReadonlySet<string> {
  const nothing = new Map<string, Row>()
  return new Set(tape.frames.flatMap((frame) => applyFrame(nothing, frame)?.symbol ?? []))
}

const skippedLines = (count: number): string => (count === 0 ? '' : ` (${count} ${count === 1 ? 'line' : 'lines'} skipped)`)
