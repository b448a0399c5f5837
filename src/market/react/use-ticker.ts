'use client'
/** The ticker of a symbol in a component. */
import type { MarketResult, Ticker } from '../values.ts'
import type { MarketStores } from '../service/market-data-interface.ts'
import type { MarketHookOptions } from './use-market-data.ts'
import { useResult } from './use-result.ts'

const pick = (stores: MarketStores, symbol: string) => stores.ticker(symbol)

/**
 * Follows the ticker of a symbol. Renders at most once a frame, and only for this symbol, however many there are.
 *
 * @example
 * const { data, source, updatedAt } = useTicker('BTCUSDT')
 */
export function useTicker(symbol: string, { market }: MarketHookOptions = {}): MarketResult<Ticker> {
  return useResult(market, pick, symbol)
}
