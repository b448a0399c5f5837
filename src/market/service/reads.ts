/** Questions that are answered once: by what is followed already, by what was asked a moment ago, or by REST. */
import { UplinkError } from '../../core/errors.ts'
import { createOrderBook } from '../book/order-book.ts'
import { readInterval, readSymbol } from '../symbol.ts'
import type { MarketResult, Ticker24hr } from '../values.ts'
import { bookCode } from './book-codes.ts'
import type { Feed } from './feed.ts'
import { type Feeds, SERIES_MOST, USUAL, readCount } from './feeds.ts'
import type { FeedHost } from './host.ts'
import type { MarketData } from './market-data-interface.ts'
import type { Requests } from './requests.ts'
import type { MarketRest } from './rest-interface.ts'
import { mapResult, sliceBook } from './results.ts'

/** The part of a service that asks. */
export type Reads = Pick<MarketData, 'get24hrTicker' | 'getCurrentPrice' | 'getKlines' | 'getOrderBook' | 'getRecentTrades'>

/** Most levels that a venue gives. */
const LEVELS_MOST = 5_000

/** The value of an open feed, where it is live and nothing is wrong with it. */
function live<Data>(feed: Feed<Data>, isEnough: (data: Data) => boolean): MarketResult<Data> | undefined {
  if (!feed.isOpen()) return undefined
  const result = feed.result()
  return result.source === 'live' && result.error === null && result.data !== null && isEnough(result.data) ? result : undefined
}

/** Makes the questions of a service. */
export function createReads({ rest, rules }: FeedHost, feeds: Feeds, requests: Requests): Reads {
  /** Asks REST, through what is kept. */
  function ask<Data>(key: string, load: (rest: MarketRest, signal: AbortSignal) => Promise<Data>, signal: AbortSignal | undefined): Promise<MarketResult<Data>> {
    return requests.ask(key, (inner) => {
      if (rest === undefined) throw new UplinkError('UPLINK_REST_MISSING', `${key}: createMarketData() was given no rest`)
      return load(rest, inner)
    }, signal)
  }

  function readTicker(symbol: string, signal: AbortSignal | undefined): Promise<MarketResult<Ticker24hr>> {
    return ask(`ticker ${symbol}`, async (from, inner) => {
      const ticker = (await from.tickers([symbol], inner)).find((one) => one.symbol === symbol)
      if (ticker === undefined) throw new UplinkError('UPLINK_REST_INVALID', `the venue answered without ${symbol}`, { severity: 'warning' })
      return ticker
    }, signal)
  }

  return {
    get24hrTicker: (symbol, { signal } = {}) => readTicker(readSymbol(symbol), signal),
    async getCurrentPrice(symbol, { signal } = {}) {
      const followed = live(feeds.ticker(symbol), () => true)
      return followed === undefined ? mapResult(await readTicker(readSymbol(symbol), signal), ({ lastPrice }) => lastPrice) : mapResult(followed, ({ lastPrice }) => lastPrice)
    },
    async getKlines(symbol, interval, limit = USUAL.klines, { signal } = {}) {
      const [name, length, count] = [readSymbol(symbol), readInterval(interval), readCount('limit', limit, SERIES_MOST)]
      return live(feeds.klines(name, length, count), (list) => list.length === count)
        ?? ask(`klines ${name} ${length} ${count}`, (from, inner) => from.klines({ symbol: name, interval: length, limit: count }, inner), signal)
    },
    async getRecentTrades(symbol, limit = USUAL.trades, { signal } = {}) {
      const [name, count] = [readSymbol(symbol), readCount('limit', limit, SERIES_MOST)]
      return live(feeds.trades(name, count), (list) => list.length === count)
        ?? ask(`trades ${name} ${count}`, (from, inner) => from.aggTrades({ symbol: name, limit: count }, inner), signal)
    },
    async getOrderBook(symbol, limit = USUAL.depth, { signal } = {}) {
      const [name, count] = [readSymbol(symbol), readCount('limit', limit, LEVELS_MOST)]
      const followed = live(feeds.book(name, 1), ({ bids, asks }) => Math.min(bids.length, asks.length) >= count)
      if (followed !== undefined) return mapResult(followed, (book) => sliceBook(book, count))
      return ask(`depth ${name} ${count}`, async (from, inner) => {
        // What an order book would not take is no order book.
        const book = createOrderBook({ rules, symbol: name })
        const verdict = book.load(await from.depth(name, count, inner))
        const view = book.view(count)
        if (view === null) throw new UplinkError(bookCode(verdict), `order book ${name}: ${book.reason()}`, { severity: 'warning' })
        return view
      }, signal)
    },
  }
}
