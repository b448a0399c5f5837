/** Results that are a part of other results. */
import type { MarketResult, OrderBookData } from '../values.ts'

/** The result of a part of the data. */
export function mapResult<From, To>(result: MarketResult<From>, map: (data: From) => To): MarketResult<To> {
  return { ...result, data: result.data === null ? null : map(result.data) }
}

/** The best `depth` levels of a book; the book itself where it has no more. */
export function sliceBook(book: OrderBookData, depth: number): OrderBookData {
  const { lastUpdateId, bids, asks } = book
  return bids.length <= depth && asks.length <= depth ? book : { lastUpdateId, bids: bids.slice(0, depth), asks: asks.slice(0, depth) }
}
