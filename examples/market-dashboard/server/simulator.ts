/** A market of many pairs that nobody recorded: from a seed, with consistent books, at any rate. */
import { seededRandom } from 'uplink/testing'
import type { Depth } from './book.ts'
import { listings } from './listings.ts'
import type { MarketEvent } from './market.ts'
import { type Pair, createPair } from './pair.ts'
import type { Source, SourceHost } from './source.ts'
import type { VenueName } from './venue.ts'

/** What is simulated. */
export interface SimulatorOptions {
  readonly venue: VenueName
  /** Pairs, 1 to 1,000. @default 500 */
  readonly symbols?: number
  /** Updates of each pair a second, on average; 0 makes none by itself. @default 4 */
  readonly updatesPerSecond?: number
  /** The same seed makes the same market. @default 1 */
  readonly seed?: number
  /** Minutes of candles before the beginning. @default 180 */
  readonly minutes?: number
  /** The clock, epoch ms. @default Date.now */
  readonly time?: () => number
}

/** A simulated market. */
export interface Simulator extends Source {
  /** Makes so many updates now, of pairs in turn. */
  step(count: number): void
}

/** How often it wakes. */
const TICK_MS = 50

const KINDS = ['depth@100ms', 'bookTicker', 'aggTrade', 'kline_1m']

/** Makes a simulated market. */
export function simulate(options: SimulatorOptions): Simulator {
  const { venue, symbols = 500, updatesPerSecond = 4, seed = 1, minutes = 180, time = Date.now } = options
  const random = seededRandom(seed)
  const pairs: readonly Pair[] = listings(symbols).map((listing) => createPair(listing, venue === 'futures', random))
  const began = time()
  const past: MarketEvent[] = pairs.flatMap((pair) => [...pair.past(began, minutes)])
  const books = new Map<string, Depth>(pairs.map((pair) => [pair.symbol, pair.depth()]))
  let host: SourceHost | undefined
  let timer: NodeJS.Timeout | undefined
  let turn = 0

  function update(pair: Pair, now: number): void {
    for (const event of pair.update(now)) host?.emit(event)
  }

  function step(count: number): void {
    const now = time()
    for (let done = 0; done < count; done++) update(pairs[turn++ % pairs.length] as Pair, now)
  }

  return {
    symbols: pairs.map(({ symbol }) => symbol),
    streams: new Set(pairs.flatMap(({ symbol }) => KINDS.map((kind) => `${symbol.toLowerCase()}@${kind}`))),
    books,
    past,
    step,
    start(given) {
      host = given
      if (updatesPerSecond === 0) return
      let at = performance.now()
      let owed = 0
      timer = setInterval(() => {
        const now = performance.now()
        // A machine that slept owes no more than a second: nobody waits for what was not told.
        owed += (Math.min(now - at, 1_000) / 1_000) * updatesPerSecond * pairs.length
        at = now
        const whole = Math.floor(owed)
        owed -= whole
        // Pairs take their turn in no order, so that lists do not change from top to bottom.
        const wall = time()
        for (let done = 0; done < whole; done++) update(pairs[Math.floor(random() * pairs.length)] as Pair, wall)
      }, TICK_MS)
    },
    stop() {
      clearInterval(timer)
      host = undefined
    },
  }
}
