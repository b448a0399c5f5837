/**
 * What the stand-in knows of a market: books, trades, candles and day statistics, computed from the very events that
 * it sends. So what its REST interface answers and what its streams say can never contradict each other.
 */
import { type Book, type Depth, type DepthEvent, createBook } from './book.ts'
import { type Candle, type Candles, type KlineEvent, createCandles } from './candles.ts'

/** Any payload of a stream. */
export type Payload = Readonly<Record<string, unknown>>

/** One message of a market. */
export interface MarketEvent {
  readonly stream: string
  readonly data: Payload | readonly Payload[]
}

/** A trade of the tape, as REST lists it: several fills at one price are one. */
export interface AggregateTrade {
  readonly a: number
  readonly p: string
  readonly q: string
  readonly f: number
  readonly l: number
  readonly T: number
  readonly m: boolean
}

/** Best prices of a symbol. */
export interface Best {
  readonly b: string
  readonly B: string
  readonly a: string
  readonly A: string
}

/** What is known of one symbol. */
export interface SymbolState {
  readonly symbol: string
  readonly book: Book
  readonly candles: Candles
  readonly trades: AggregateTrade[]
  best: Best | undefined
  /** The first price that was seen, the last, and what lay between. */
  open: string
  last: string
  high: string
  low: string
  volume: number
  quoteVolume: number
  /** Time of the newest event, epoch ms; and of the first. */
  at: number
  since: number
}

/** A market, as it stands. */
export interface Market {
  readonly symbols: ReadonlyMap<string, SymbolState>
  /** Takes an event in. */
  apply(event: MarketEvent): void
  /** Sets a symbol's book, as a snapshot says it is. */
  seed(symbol: string, depth: Depth): void
  /** Takes in candles that were closed before anybody listened: their volumes count for the day. */
  recall(past: readonly MarketEvent[]): void
  /** The state of a symbol; it is made where there is none. */
  of(symbol: string): SymbolState
}

/** Trades that are kept of a symbol. */
const TRADES_MOST = 2_000

const isObject = (value: unknown): value is Payload => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A market that knows nothing yet. */
export function createMarket(): Market {
  const symbols = new Map<string, SymbolState>()

  function of(symbol: string): SymbolState {
    const known = symbols.get(symbol)
    if (known !== undefined) return known
    const made: SymbolState = {
      symbol, book: createBook(), candles: createCandles(), trades: [], best: undefined, open: '0', last: '0', high: '0', low: '0', volume: 0, quoteVolume: 0, at: 0, since: 0,
    }
    symbols.set(symbol, made)
    return made
  }

  function priced(state: SymbolState, price: string, at: number): void {
    if (state.since === 0) Object.assign(state, { open: price, high: price, low: price, since: at })
    if (Number(price) > Number(state.high)) state.high = price
    if (Number(price) < Number(state.low)) state.low = price
    state.last = price
  }

  function traded(state: SymbolState, trade: AggregateTrade): void {
    state.trades.push({ a: trade.a, p: trade.p, q: trade.q, f: trade.f, l: trade.l, T: trade.T, m: trade.m })
    if (state.trades.length > TRADES_MOST) state.trades.splice(0, state.trades.length - TRADES_MOST)
    priced(state, trade.p, trade.T)
    state.volume += Number(trade.q)
    state.quoteVolume += Number(trade.q) * Number(trade.p)
  }

  function apply({ data }: MarketEvent): void {
    if (!isObject(data) || typeof data['s'] !== 'string') return
    const state = of(data['s'])
    if (typeof data['E'] === 'number') state.at = data['E']
    switch (data['e'] ?? 'bookTicker') {
      case 'depthUpdate': return state.book.apply(data as unknown as DepthEvent)
      case 'aggTrade': return traded(state, data as unknown as AggregateTrade)
      case 'kline': {
        const candle = (data as unknown as KlineEvent).k
        state.candles.apply(candle)
        return priced(state, candle.c, state.at)
      }
      // Spot events of best prices carry no `e`.
      case 'bookTicker': {
        const { b, B, a, A } = data as unknown as Best
        state.best = { b, B, a, A }
        return undefined
      }
      default: return undefined
    }
  }

  return {
    symbols,
    of,
    apply,
    seed(symbol, depth) {
      const state = of(symbol)
      state.book.reset(depth)
      const { bids: [bid], asks: [ask] } = state.book.depth(1)
      if (bid !== undefined && ask !== undefined) state.best = { b: bid[0], B: bid[1], a: ask[0], A: ask[1] }
    },
    recall(past) {
      for (const event of past) {
        apply(event)
        const { s, k } = event.data as unknown as KlineEvent & { readonly s: string }
        const state = of(s)
        for (const price of [k.o, k.h, k.l, k.c]) priced(state, price, k.t)
        state.volume += Number(k.v)
        state.quoteVolume += Number(k.q)
      }
    },
  }
}

/** The statistics of a day, as REST gives them. */
export function tickerOf(state: SymbolState): Payload {
  const { symbol, open, last, high, low, best, volume, quoteVolume, trades, since, at } = state
  const change = Number(last) - Number(open)
  const places = last.split('.')[1]?.length ?? 0
  return {
    symbol,
    priceChange: change.toFixed(places),
    priceChangePercent: (Number(open) === 0 ? 0 : (change / Number(open)) * 100).toFixed(3),
    weightedAvgPrice: (volume === 0 ? Number(last) : quoteVolume / volume).toFixed(places),
    prevClosePrice: open,
    lastPrice: last,
    lastQty: trades.at(-1)?.q ?? '0',
    bidPrice: best?.b ?? '0',
    bidQty: best?.B ?? '0',
    askPrice: best?.a ?? '0',
    askQty: best?.A ?? '0',
    openPrice: open,
    highPrice: high,
    lowPrice: low,
    volume: volume.toFixed(8),
    quoteVolume: quoteVolume.toFixed(8),
    openTime: since,
    closeTime: at,
    firstId: trades[0]?.f ?? -1,
    lastId: trades.at(-1)?.l ?? -1,
    count: trades.length,
  }
}

/** A candle, as REST gives it. */
export const candleRow = ({ t, o, h, l, c, v, T, q, n, V, Q }: Candle): readonly unknown[] => [t, o, h, l, c, v, T, q, n, V, Q, '0']
