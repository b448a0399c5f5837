'use client'
/** An order book in a component. */
import { useMemo } from 'react'
import { mapResult, sliceBook } from '../service/results.ts'
import type { MarketResult, OrderBookData } from '../values.ts'
import type { MarketStores } from '../service/market-data-interface.ts'
import type { MarketHookOptions } from './use-market-data.ts'
import { useResult } from './use-result.ts'

const pick = (stores: MarketStores, symbol: string, depth: number) => stores.orderBook(symbol, depth)

/** Options of {@link useOrderBook}. */
export interface OrderBookHookOptions extends MarketHookOptions {
  /** Levels a side, 1 to half of `bookLimit`. @default 20 */
  readonly depth?: number
}

/**
 * Follows the order book of a symbol, best levels first. Levels that did not change are the same arrays as before, so
 * that rows can be compared by identity.
 *
 * @example
 * const { data: book, source, error } = useOrderBook('BTCUSDT', { depth: 15 })
 */
export function useOrderBook(symbol: string, { market, depth = 20 }: OrderBookHookOptions = {}): MarketResult<OrderBookData> {
  const result = useResult(market, pick, symbol, depth)
  return useMemo(() => mapResult(result, (book) => sliceBook(book, depth)), [result, depth])
}
