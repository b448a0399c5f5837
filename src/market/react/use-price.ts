'use client'
/** The price of a symbol in a component. */
import { useMemo } from 'react'
import { mapResult } from '../service/results.ts'
import type { MarketResult } from '../values.ts'
import type { MarketHookOptions } from './use-market-data.ts'
import { useTicker } from './use-ticker.ts'

/**
 * Follows the last price of a symbol, a decimal string. Renders at most once a frame, and only for this symbol.
 *
 * @example
 * const { data, source } = usePrice('BTCUSDT')
 * return <td data-source={source}>{data ?? '–'}</td>
 */
export function usePrice(symbol: string, options?: MarketHookOptions): MarketResult<string> {
  const result = useTicker(symbol, options)
  return useMemo(() => mapResult(result, ({ lastPrice }) => lastPrice), [result])
}
