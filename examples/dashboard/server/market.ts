/** A market that never was: seeded, so that two runs with one seed show the same prices. */
import { seededRandom } from 'uplink/testing'
import type { Row } from '../shared.ts'

/** A simulated market. */
export interface Market {
  readonly rows: Map<string, Row>
  /** Lets a tick pass and returns the rows that changed. `at` is epoch ms. */
  tick(at: number): Row[]
}

const SYLLABLES = ['AL', 'BO', 'CRI', 'DEX', 'ETO', 'FIN', 'GRA', 'HEL', 'ION', 'KAI', 'LUM', 'MAR', 'NOV', 'ORB', 'PAX', 'QUI']

/** What a tick changes, as a share of all symbols. */
const CHANGED_SHARE = 0.15

/** Makes a market of `count` symbols (1 to 256). */
export function createMarket(seed: number, count = 240, at = 0): Market {
  const random = seededRandom(seed)
  const rows = new Map<string, Row>()
  for (let index = 0; index < count; index++) {
    const symbol = `${SYLLABLES[index % 16]}${SYLLABLES[Math.floor(index / 16) % 16]}USD`
    const last = 10 ** (random() * 4 - 0.5)
    rows.set(symbol, row(symbol, last, Math.round(random() * 1e6), at))
  }
  const symbols = [...rows.keys()]

  function row(symbol: string, last: number, volume: number, when: number): Row {
    const spread = last * 0.0004
    return { symbol, last: round(last), bid: round(last - spread), ask: round(last + spread), volume, at: when }
  }

  return {
    rows,
    tick(when) {
      const changed: Row[] = []
      for (const symbol of symbols) {
        if (random() > CHANGED_SHARE) continue
        const before = rows.get(symbol)
        if (before === undefined) continue
        const step = (random() + random() + random() - 1.5) * 0.002
        const next = row(symbol, (before.last ?? 1) * (1 + step), before.volume + Math.round(random() * 400), when)
        rows.set(symbol, next)
        changed.push(next)
      }
      return changed
    },
  }
}

/** Five significant digits, as exchanges quote. */
function round(price: number): number {
  return Number(price.toPrecision(6))
}
