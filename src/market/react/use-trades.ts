'use client'
/** Trades in a component. */
import type { AggTrade, MarketResult } from '../values.ts'
import type { SeriesHookOptions } from './use-klines.ts'
import type { MarketStores } from '../service/market-data-interface.ts'
import { useResult } from './use-result.ts'

const pick = (stores: MarketStores, symbol: string, limit?: number) => stores.trades(symbol, limit)

/**
 * Follows the last trades of a symbol, oldest first, none twice; what was missed is filled in.
 *
 * @example
 * const { data: trades } = useTrades('BTCUSDT', { limit: 30 })
 */
export function useTrades(symbol: string, { market, limit }: SeriesHookOptions = {}): MarketResult<readonly AggTrade[]> {
  return useResult(market, pick, symbol, limit)
}
