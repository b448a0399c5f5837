'use client'
/** Candles in a component. */
import type { Kline, KlineInterval, MarketResult } from '../values.ts'
import type { MarketStores } from '../service/market-data-interface.ts'
import type { MarketHookOptions } from './use-market-data.ts'
import { useResult } from './use-result.ts'

const pick = (stores: MarketStores, symbol: string, interval: KlineInterval, limit?: number) => stores.klines(symbol, interval, limit)

/** Options of a hook that holds a list. */
export interface SeriesHookOptions extends MarketHookOptions {
  /** How many are kept, 1 to 1,000. @default 500 candles, 50 trades */
  readonly limit?: number
}

/**
 * Follows a series of candles, oldest first: history from REST, the newest from the stream, without a hole.
 *
 * @example
 * const { data: candles } = useKlines('BTCUSDT', '1m', { limit: 200 })
 */
export function useKlines(symbol: string, interval: KlineInterval, { market, limit }: SeriesHookOptions = {}): MarketResult<readonly Kline[]> {
  return useResult(market, pick, symbol, interval, limit)
}
