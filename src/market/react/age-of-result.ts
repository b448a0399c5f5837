/** The age of a result in the terms of channels, for components that mark what is old. */
import type { AgeOfData } from '../../store/staleness.ts'
import type { MarketResult } from '../values.ts'

/**
 * What `Freshness` and `useFreshness` take: data is stale while it is `cache`.
 *
 * @example
 * const book = useOrderBook('BTCUSDT')
 * <Freshness channel={ageOfResult(book)}><Book levels={book.data} /></Freshness>
 */
export function ageOfResult({ data, source, updatedAt }: MarketResult<unknown>): AgeOfData {
  const isStale = data !== null && source === 'cache'
  return { status: source === 'cache' ? 'waiting' : 'live', isStale, asOf: isStale ? updatedAt : null, updatedAt }
}
