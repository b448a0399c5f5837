'use client'
/** Trades in a component. */
import { useStore } from 'zustand'
import type { AggTrade, MarketResult } from '../values.ts'
import type { SeriesHookOptions } from './use-klines.ts'
import { useMarketData } from './use-market-data.ts'

/**
 * Follows the last trades of a symbol, oldest first, none twice; what was missed is filled in.
 *
 * @example
 * const { data: trades } = useTrades('BTCUSDT', { limit: 30 })
 */
export function useTrades(symbol: string, { market, limit }: SeriesHookOptions = {}): MarketResult<readonly AggTrade[]> {
  return useStore(useMarketData(market).stores.trades(symbol, limit))
}
