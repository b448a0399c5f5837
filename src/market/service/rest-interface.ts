/** The seam to a venue's REST interface. `binanceRest()` of `uplink/market/rest` is one; a test or another venue is another. */
import type { DepthSnapshot } from '../book/order-book.ts'
import type { AggTrade, Kline, KlineInterval, Ticker24hr } from '../values.ts'

/** Which candles. */
export interface KlinesRequest {
  readonly symbol: string
  readonly interval: KlineInterval
  /** At most so many; the newest, or the first from `startTime` on. */
  readonly limit: number
  readonly startTime?: number
}

/** Which trades. */
export interface AggTradesRequest {
  readonly symbol: string
  /** At most so many; the newest, or the first from `fromId` on. */
  readonly limit: number
  readonly fromId?: number
}

/** What was asked, and how much of the venue's allowance is used. */
export interface RestUsage {
  /** Requests that were sent, by whoever has this client. */
  readonly requests: number
  /** Those that brought nothing that can be used; not those that were called off. */
  readonly failures: number
  /** As the venue last counted it in its present minute; `null` where it does not say. */
  readonly usedWeight: number | null
  /** No request goes out before (epoch ms); `null` while they may. */
  readonly blockedUntil: number | null
}

/**
 * Reads of a venue. Symbols are upper case. Every method checks what it was answered, and rejects with an
 * `UplinkError` `UPLINK_REST_…`; the signal calls it off.
 */
export interface MarketRest {
  /** Of these symbols; of all where the list is empty. */
  tickers(symbols: readonly string[], signal?: AbortSignal): Promise<readonly Ticker24hr[]>
  /** Oldest first. */
  klines(request: KlinesRequest, signal?: AbortSignal): Promise<readonly Kline[]>
  /** Oldest first. */
  aggTrades(request: AggTradesRequest, signal?: AbortSignal): Promise<readonly AggTrade[]>
  depth(symbol: string, limit: number, signal?: AbortSignal): Promise<DepthSnapshot>
  usage(): RestUsage
}
