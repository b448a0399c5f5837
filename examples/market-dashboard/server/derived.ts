/** Streams that the stand-in computes from its market: tickers of one symbol and of all, partial books, trades, longer candles. */
import { INTERVALS } from './candles.ts'
import { type AggregateTrade, type Market, type MarketEvent, type Payload, type SymbolState, tickerOf } from './market.ts'
import type { Venue, VenueName } from './venue.ts'

/** What derived streams need. */
export interface DerivedHost {
  readonly venue: Venue
  readonly market: Market
  isFollowed(stream: string): boolean
  send(event: MarketEvent): void
}

/** The computing of derived streams. */
export interface Derived {
  /** Whether a stream can be computed for these symbols. */
  knows(stream: string, symbols: ReadonlySet<string>): boolean
  /** An event has been told: what follows from it at once. */
  after(event: MarketEvent, told: ReadonlySet<string>): void
  stop(): void
}

const ARRAYS = new Set(['!ticker@arr', '!miniTicker@arr', '!bookTicker'])

const PARTIAL = /^depth(5|10|20)(@100ms|@250ms|@500ms|@1000ms)?$/

const isObject = (data: MarketEvent['data']): data is Payload => !Array.isArray(data)

/** The ticker stream's short names for what REST spells out. */
export function tickerEvent(state: SymbolState, venue: VenueName): Payload {
  const day = tickerOf(state)
  const spotOnly = { x: day['prevClosePrice'], b: day['bidPrice'], B: day['bidQty'], a: day['askPrice'], A: day['askQty'] }
  return {
    e: '24hrTicker', E: state.at, s: state.symbol, p: day['priceChange'], P: day['priceChangePercent'], w: day['weightedAvgPrice'],
    ...(venue === 'futures' ? {} : spotOnly), c: day['lastPrice'], Q: day['lastQty'], o: day['openPrice'], h: day['highPrice'], l: day['lowPrice'],
    v: day['volume'], q: day['quoteVolume'], O: day['openTime'], C: day['closeTime'], F: day['firstId'], L: day['lastId'], n: day['count'],
  }
}

/** The ticker without its details. */
export function miniTickerEvent({ symbol, at, last, open, high, low, volume, quoteVolume }: SymbolState): Payload {
  return { e: '24hrMiniTicker', E: at, s: symbol, c: last, o: open, h: high, l: low, v: volume.toFixed(8), q: quoteVolume.toFixed(8) }
}

const tradeEvent = (symbol: string, at: number, trade: AggregateTrade): Payload =>
  ({ e: 'trade', E: at, s: symbol, t: trade.l, p: trade.p, q: trade.q, T: trade.T, m: trade.m, M: true })

/** Starts to compute. */
export function derive({ venue, market, isFollowed, send }: DerivedHost): Derived {
  const shown = new Map<string, number>()

  function partialOf(state: SymbolState, levels: number): Payload {
    const { lastUpdateId, bids, asks } = state.book.depth(levels)
    if (venue.name !== 'futures') return { lastUpdateId, bids, asks }
    return { e: 'depthUpdate', E: state.at, T: state.at, s: state.symbol, U: lastUpdateId, u: lastUpdateId, pu: lastUpdateId, b: bids, a: asks }
  }

  function tellTickers(): void {
    const changed = [...market.symbols.values()].filter(({ symbol, at, since }) => since > 0 && shown.get(symbol) !== at)
    for (const state of changed) {
      shown.set(state.symbol, state.at)
      const name = state.symbol.toLowerCase()
      if (isFollowed(`${name}@ticker`)) send({ stream: `${name}@ticker`, data: tickerEvent(state, venue.name) })
      if (isFollowed(`${name}@miniTicker`)) send({ stream: `${name}@miniTicker`, data: miniTickerEvent(state) })
    }
    if (changed.length === 0) return
    if (isFollowed('!ticker@arr')) send({ stream: '!ticker@arr', data: changed.map((state) => tickerEvent(state, venue.name)) })
    if (isFollowed('!miniTicker@arr')) send({ stream: '!miniTicker@arr', data: changed.map(miniTickerEvent) })
  }

  function tellPartialBooks(): void {
    for (const state of market.symbols.values()) {
      const name = state.symbol.toLowerCase()
      for (const levels of [5, 10, 20]) {
        for (const speed of ['', '@100ms', '@250ms', '@500ms', '@1000ms']) {
          const stream = `${name}@depth${levels}${speed}`
          if (state.book.lastUpdateId > 0 && isFollowed(stream)) send({ stream, data: partialOf(state, levels) })
        }
      }
    }
  }

  const timers = [setInterval(tellTickers, venue.arrayIntervalMs), setInterval(tellPartialBooks, venue.partialIntervalMs)]

  return {
    knows(stream, symbols) {
      if (ARRAYS.has(stream)) return true
      const [name = '', ...rest] = stream.split('@')
      const kind = rest.join('@')
      if (name !== name.toLowerCase() || !symbols.has(name.toUpperCase())) return false
      return ['ticker', 'miniTicker', 'trade'].includes(kind) || PARTIAL.test(kind) || INTERVALS[kind.replace(/^kline_/, '')] !== undefined
    },
    after({ stream, data }, told) {
      if (!isObject(data)) return
      const [name = '', kind = ''] = stream.split('@')
      const state = market.symbols.get(name.toUpperCase())
      if (kind === 'bookTicker' && isFollowed('!bookTicker')) send({ stream: '!bookTicker', data })
      if (state === undefined) return
      const trades = `${name}@trade`
      if (kind === 'aggTrade' && !told.has(trades) && isFollowed(trades)) {
        send({ stream: trades, data: tradeEvent(state.symbol, state.at, data as unknown as AggregateTrade) })
      }
      if (kind !== 'kline_1m') return
      for (const interval of Object.keys(INTERVALS)) {
        const longer = `${name}@kline_${interval}`
        if (told.has(longer) || !isFollowed(longer)) continue
        const candle = state.candles.list(interval).at(-1)
        if (candle !== undefined) send({ stream: longer, data: { e: 'kline', E: state.at, s: state.symbol, k: { ...candle, s: state.symbol } } })
      }
    },
    stop() {
      for (const timer of timers) clearInterval(timer)
    },
  }
}
