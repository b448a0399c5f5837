/** What a market data service can do, for those who use one. */
import type { ReadableStore } from '../../store/sampled-store.ts'
import type { BookRules } from '../book/sequence.ts'
import type { AggTrade, Kline, KlineInterval, MarketResult, OrderBookData, Ticker, Ticker24hr } from '../values.ts'
import type { AlertThresholds, MarketAlert } from './alerts.ts'
import type { MarketUplink } from './host.ts'
import type { MarketMetrics, MarketStatus } from './monitor.ts'
import type { MarketRest } from './rest-interface.ts'
import type { TickerStreams } from './tickers.ts'

/** Options of {@link createMarketData}. */
export interface MarketDataOptions {
  /** Whose channels are the venue's streams; it speaks `binance()`, or another protocol with these names and payloads. */
  readonly uplink: MarketUplink
  /** Reads of the venue: history, snapshots, what was missed. Without it there are streams only, and no order books. */
  readonly rest?: MarketRest
  /** Whose rules books follow. @default 'spot' */
  readonly rules?: BookRules
  /** A stream for each symbol that is followed, or the array stream of all: better from a few dozen symbols on. @default 'each' */
  readonly tickers?: TickerStreams
  /** How long an answer of REST is good for the next who asks, in ms; 0 asks every time. @default 2_000 */
  readonly ttl?: number
  /** Levels a side in a book's snapshot, 10 to 5,000. @default 1_000 */
  readonly bookLimit?: number
  readonly alerts?: AlertThresholds
}

/** What calls a request, or a subscription, off. */
export interface Abortable {
  readonly signal?: AbortSignal
}

/** Options of a subscription to candles or trades. */
export interface SeriesOptions extends Abortable {
  /** How many are kept, 1 to 1,000. @default 500 candles, 50 trades */
  readonly limit?: number
}

/** Options of a subscription to a book. */
export interface OrderBookFollowOptions extends Abortable {
  /** Levels a side, 1 to half of `bookLimit`. @default 20 */
  readonly depth?: number
}

/** Hears results. */
export type ResultListener<Data> = (result: MarketResult<Data>) => void

/** What renders: results, new at most once a frame. Following a store keeps its data coming. */
export interface MarketStores {
  ticker(symbol: string): ReadableStore<MarketResult<Ticker>>
  klines(symbol: string, interval: KlineInterval, limit?: number): ReadableStore<MarketResult<readonly Kline[]>>
  trades(symbol: string, limit?: number): ReadableStore<MarketResult<readonly AggTrade[]>>
  /** At least `depth` levels a side, more where another reader wants more. */
  orderBook(symbol: string, depth?: number): ReadableStore<MarketResult<OrderBookData>>
}

/**
 * A market data service. Symbols may be written in any case. Nothing rejects: what goes wrong is the `error` of a
 * result, with a code, beside the data that was known before. A symbol, interval or number that is not allowed throws
 * `UPLINK_OPTION_INVALID` at once.
 */
export interface MarketData {
  /** Statistics of 24 hours, from REST. */
  get24hrTicker(symbol: string, options?: Abortable): Promise<MarketResult<Ticker24hr>>
  /** The last price: the live one where it is followed, else from REST. */
  getCurrentPrice(symbol: string, options?: Abortable): Promise<MarketResult<string>>
  /** Candles, oldest first; the live series where it is followed. `limit` is 1 to 1,000. */
  getKlines(symbol: string, interval: KlineInterval, limit?: number, options?: Abortable): Promise<MarketResult<readonly Kline[]>>
  /** The best levels; the live book where it is followed. `limit` is 1 to 5,000. */
  getOrderBook(symbol: string, limit?: number, options?: Abortable): Promise<MarketResult<OrderBookData>>
  /** The last trades, oldest first. `limit` is 1 to 1,000. */
  getRecentTrades(symbol: string, limit?: number, options?: Abortable): Promise<MarketResult<readonly AggTrade[]>>
  /** Every price, at once. What is known already is told before this returns. */
  subscribeToPrice(symbol: string, listener: ResultListener<string>, options?: Abortable): () => void
  /** Every ticker, at once. */
  subscribeToTicker(symbol: string, listener: ResultListener<Ticker>, options?: Abortable): () => void
  /** The whole series, with every change of it. */
  subscribeToKlines(symbol: string, interval: KlineInterval, listener: ResultListener<readonly Kline[]>, options?: SeriesOptions): () => void
  /** The new trades, in order, none twice, and what was missed filled in. */
  subscribeToTrades(symbol: string, listener: ResultListener<readonly AggTrade[]>, options?: SeriesOptions): () => void
  /** The best levels, with every change of the book. */
  subscribeToOrderBook(symbol: string, listener: ResultListener<OrderBookData>, options?: OrderBookFollowOptions): () => void
  readonly stores: MarketStores
  /** Drops the socket and opens another, without any wait. */
  forceReconnect(): void
  getStatus(): MarketStatus
  getMetrics(): MarketMetrics
  /** Hears status and metrics once a second while something is followed, and when the connection changes. */
  subscribe(listener: (status: MarketStatus, metrics: MarketMetrics) => void): () => void
  /** Hears when a number stays over its threshold, and when it no longer is. */
  onAlert(listener: (alert: MarketAlert) => void): () => void
  /** Ends every subscription and request; nobody hears anything more. The uplink stays. */
  destroy(): void
}
