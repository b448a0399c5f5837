'use client'
/** The ticker of a symbol in a component. */
import { useStore } from 'zustand'
import type { MarketResult, Ticker } from '../values.ts'
import { type MarketHookOptions, useMarketData } from './use-market-data.ts'

/**
 * Follows the ticker of a symbol. Renders at most once a frame, and only for this symbol, however many there are.
 *
 * @example
 * const { data, source, updatedAt } = useTicker('BTCUSDT')
 */
export function useTicker(symbol: string, { market }: MarketHookOptions = {}): MarketResult<Ticker> {
  return useStore(useMarketData(market).stores.ticker(symbol))
}
