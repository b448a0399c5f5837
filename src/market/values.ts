/** What market data is made of. Prices and quantities are decimal strings, as the venue writes them; times are epoch ms. */
import type { UplinkError } from '../core/errors.ts'
import type { BookView } from './book/order-book.ts'

/**
 * Where a value came from:
 *
 * - `live`: the socket, in this session.
 * - `fallback`: REST, asked for just now or polled.
 * - `cache`: what was known before; also where nothing is known yet.
 */
export type MarketSource = 'live' | 'fallback' | 'cache'

/** The one shape of every answer and every update. It never comes as a rejection. */
export interface MarketResult<Data> {
  /** `null` where nothing is known yet. What was known stays, whatever fails. */
  readonly data: Data | null
  readonly source: MarketSource
  /** How long ago, in ms, the data was known to be current, when this was made; `null` without data. */
  readonly age: number | null
  /** When that was. To show an age that grows, count from here. */
  readonly updatedAt: number | null
  /** What is wrong at present; `null` for nothing. */
  readonly error: UplinkError | null
}

/** Prices of the last 24 hours, as far as streams and REST both tell them. */
export interface Ticker {
  /** Upper case. */
  readonly symbol: string
  readonly lastPrice: string
  readonly openPrice: string
  readonly highPrice: string
  readonly lowPrice: string
  /** In the base asset. */
  readonly volume: string
  /** In the quote asset. */
  readonly quoteVolume: string
  /** Of the venue. */
  readonly time: number
}

/** The statistics of 24 hours, as REST tells them. */
export interface Ticker24hr extends Ticker {
  readonly priceChange: string
  readonly priceChangePercent: string
  readonly weightedAvgPrice: string
  readonly openTime: number
  /** Number of trades. */
  readonly count: number
}

/** The length of a candle. */
export type KlineInterval =
  | '1s' | '1m' | '3m' | '5m' | '15m' | '30m' | '1h' | '2h' | '4h' | '6h' | '8h' | '12h' | '1d' | '3d' | '1w' | '1M'

/** A candle. */
export interface Kline {
  readonly openTime: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly closeTime: number
  readonly quoteVolume: string
  /** Number of trades. It only grows while the candle is open, so the larger of two is the newer. */
  readonly trades: number
  readonly isClosed: boolean
}

/** Fills of one order at one price. Ids of a symbol have no holes. */
export interface AggTrade {
  readonly id: number
  readonly price: string
  readonly quantity: string
  readonly time: number
  /** The seller took the bid. */
  readonly isBuyerMaker: boolean
}

/** An order book: the best levels of both sides, best first. */
export type OrderBookData = BookView
