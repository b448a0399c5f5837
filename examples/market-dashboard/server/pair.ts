/** One simulated pair: a ladder of whole ticks that can never cross, trades that hit its best prices, candles of what was traded. */
import type { Depth, Level } from './book.ts'
import type { Candle } from './candles.ts'
import type { Listing } from './listings.ts'
import type { Best, MarketEvent, Payload } from './market.ts'

/** A simulated pair. */
export interface Pair {
  readonly symbol: string
  /** The book as it is. */
  depth(): Depth
  /** Candles before `time`, oldest first, leading to today's price. */
  past(time: number, minutes: number): readonly MarketEvent[]
  /** One update at a time, epoch ms: what changed, as the venue's streams say it. */
  update(time: number): readonly MarketEvent[]
}

/** Levels on each side. */
const LEVELS = 60

/** Digits that move: a tick is about a ten-thousandth of the price or less. */
const DIGITS = 5

const MINUTE_MS = 60_000

/** How often a candle under way is told, in ms. */
const CANDLE_EVERY_MS = 1_000

/** Chance that an update trades, and that its trade takes the whole best level. */
const TRADES = 0.35
const SWEEPS = 0.6

/** Makes a pair. `random` is in [0, 1). */
export function createPair({ symbol, price, dollars }: Listing, isFutures: boolean, random: () => number): Pair {
  const places = Math.max(0, DIGITS - Math.ceil(Math.log10(price) + 1e-9))
  const quantityPlaces = Math.max(0, Math.min(8, Math.ceil(Math.log10(dollars)) + 1))
  const spread = 1 + Math.floor(random() * 2)
  const name = symbol.toLowerCase()
  const bids = new Map<number, string>()
  const asks = new Map<number, string>()
  /** Best bid, in ticks. */
  let best = Math.round(price * 10 ** places)
  let u = 1_000_000 + Math.floor(random() * 1_000_000_000)
  let a = 10_000 + Math.floor(random() * 1_000_000)
  let candle: Candle | undefined
  let candleToldAt = 0
  let drift = 0

  const text = (tick: number): string => (tick / 10 ** places).toFixed(places)
  /** About so many dollars, spread widely. */
  const quantity = (aroundDollars: number): string => Math.max(10 ** -quantityPlaces, (aroundDollars * (0.1 + random() ** 3 * 4)) / dollars).toFixed(quantityPlaces)

  for (let level = 0; level < LEVELS; level++) {
    bids.set(best - level, quantity(4_000 + level * 400))
    asks.set(best + spread + level, quantity(4_000 + level * 400))
  }

  /** Best prices as they were told last. */
  let shown: Best = { b: '', B: '', a: '', A: '' }

  /** Moves best prices by a tick, and the ladder with them: what is left behind goes, and what is reached is new. */
  function move(step: 1 | -1, changedBids: Set<number>, changedAsks: Set<number>): void {
    const ask = best + spread
    const [gone, come] = step === 1 ? [asks, bids] : [bids, asks]
    const [changedGone, changedCome] = step === 1 ? [changedAsks, changedBids] : [changedBids, changedAsks]
    const [taken, deepest, reached, left] = step === 1
      ? [ask, ask + LEVELS, best + 1, best - LEVELS + 1]
      : [best, best - LEVELS, ask - 1, ask + LEVELS - 1]
    gone.delete(taken)
    gone.set(deepest, quantity(24_000))
    come.set(reached, quantity(3_000))
    come.delete(left)
    for (const tick of [taken, deepest]) changedGone.add(tick)
    for (const tick of [reached, left]) changedCome.add(tick)
    best += step
  }

  const levelsOf = (side: ReadonlyMap<number, string>, ticks: Iterable<number>): Level[] =>
    [...ticks].map((tick) => [text(tick), side.get(tick) ?? (0).toFixed(quantityPlaces)] as const)

  function tradeAt(time: number): { readonly event: MarketEvent; readonly step: 1 | -1 | 0 } {
    const isBuy = random() + drift > 0.5
    const tick = isBuy ? best + spread : best
    const standing = (isBuy ? asks : bids).get(tick) ?? quantity(1_000)
    const isSweep = random() < SWEEPS
    const q = isSweep ? standing : Math.max(10 ** -quantityPlaces, Number(standing) * random() * 0.5).toFixed(quantityPlaces)
    if (!isSweep) (isBuy ? asks : bids).set(tick, Math.max(10 ** -quantityPlaces, Number(standing) - Number(q)).toFixed(quantityPlaces))
    // Runs of one direction look like a market; a coin for every trade looks like noise.
    drift = Math.max(-0.18, Math.min(0.18, drift + (random() - 0.5) * 0.02))
    a++
    const p = text(tick)
    counted(time, p, q, isBuy)
    return {
      event: { stream: `${name}@aggTrade`, data: { e: 'aggTrade', E: time, s: symbol, a, p, q, f: a * 2, l: a * 2 + 1, T: time, m: !isBuy, ...(isFutures ? {} : { M: true }) } },
      step: isSweep ? (isBuy ? 1 : -1) : 0,
    }
  }

  function begun(time: number, p: string): Candle {
    const t = Math.floor(time / MINUTE_MS) * MINUTE_MS
    return { t, T: t + MINUTE_MS - 1, i: '1m', o: p, c: p, h: p, l: p, v: '0', n: 0, x: false, q: '0', V: '0', Q: '0' }
  }

  function counted(time: number, p: string, q: string, isBuy: boolean): void {
    const now = candle ?? begun(time, p)
    const [size, worth] = [Number(q), Number(q) * Number(p)]
    const plus = (total: string, more: number): string => (Number(total) + more).toFixed(8)
    candle = {
      ...now, c: p, h: Number(p) > Number(now.h) ? p : now.h, l: Number(p) < Number(now.l) ? p : now.l, n: now.n + 1,
      v: plus(now.v, size), q: plus(now.q, worth), V: isBuy ? plus(now.V, size) : now.V, Q: isBuy ? plus(now.Q, worth) : now.Q,
    }
  }

  const told = (time: number, k: Candle): MarketEvent => ({ stream: `${name}@kline_1m`, data: { e: 'kline', E: time, s: symbol, k: { ...k, s: symbol } } })

  function candles(time: number): MarketEvent[] {
    if (candle === undefined) return []
    if (time > candle.T) {
      const closed = { ...candle, x: true }
      candle = begun(time, closed.c)
      candleToldAt = time
      return [told(time, closed), told(time, candle)]
    }
    if (time - candleToldAt < CANDLE_EVERY_MS) return []
    candleToldAt = time
    return [told(time, candle)]
  }

  const bestPrices = (): Best => ({ b: text(best), B: bids.get(best) ?? '', a: text(best + spread), A: asks.get(best + spread) ?? '' })

  function bookEvents(time: number, changedBids: Set<number>, changedAsks: Set<number>): MarketEvent[] {
    const pu = u
    u += changedBids.size + changedAsks.size
    const own: Payload = isFutures ? { T: time, pu } : {}
    const prices = bestPrices()
    const diff: MarketEvent = {
      stream: `${name}@depth@100ms`,
      data: { e: 'depthUpdate', E: time, s: symbol, U: pu + 1, u, ...own, b: levelsOf(bids, changedBids), a: levelsOf(asks, changedAsks) },
    }
    const isSame = prices.b === shown.b && prices.B === shown.B && prices.a === shown.a && prices.A === shown.A
    shown = prices
    if (isSame) return [diff]
    const ticker = isFutures ? { e: 'bookTicker', u, s: symbol, ...prices, T: time, E: time } : { u, s: symbol, ...prices }
    return [diff, { stream: `${name}@bookTicker`, data: ticker }]
  }

  return {
    symbol,
    depth: () => ({ lastUpdateId: u, bids: levelsOf(bids, bids.keys()), asks: levelsOf(asks, asks.keys()) }),
    past(time, minutes) {
      const events: MarketEvent[] = []
      let close = best
      const first = Math.floor(time / MINUTE_MS) * MINUTE_MS
      // Backwards from today's price, so that the last candle ends where the live ones begin.
      for (let index = 1; index <= minutes; index++) {
        const open = Math.max(LEVELS * 2, Math.round(close * (1 + (random() - 0.5) * 0.0024)))
        const [high, low] = [Math.max(open, close), Math.min(open, close)]
        const wick = (): number => Math.round(close * random() * 0.0006)
        const v = Number(quantity(250_000))
        const t = first - index * MINUTE_MS
        const k: Candle = {
          t, T: t + MINUTE_MS - 1, i: '1m', o: text(open), c: text(close), h: text(high + wick()), l: text(low - wick()), n: 20 + Math.floor(random() * 200), x: true,
          v: v.toFixed(8), q: (v * Number(text(close))).toFixed(8), V: (v / 2).toFixed(8), Q: ((v / 2) * Number(text(close))).toFixed(8),
        }
        events.push(told(k.T, k))
        close = open
      }
      return events.reverse()
    },
    update(time) {
      const changedBids = new Set<number>()
      const changedAsks = new Set<number>()
      const events: MarketEvent[] = []
      if (random() < TRADES) {
        const { event, step } = tradeAt(time)
        events.push(event)
        if (step !== 0) move(step, changedBids, changedAsks)
        else changedBids.add(best)
        if (step === 0) changedAsks.add(best + spread)
      }
      for (let count = 1 + Math.floor(random() * 3); count > 0; count--) {
        const away = Math.floor(random() ** 2 * LEVELS)
        const [side, changed, tick] = random() < 0.5 ? [bids, changedBids, best - away] as const : [asks, changedAsks, best + spread + away] as const
        side.set(tick, quantity(3_000 + away * 400))
        changed.add(tick)
      }
      return [...events, ...bookEvents(time, changedBids, changedAsks), ...candles(time)]
    },
  }
}
