/** A price, as the feed sends it. */
export interface Price {
  readonly symbol: string
  readonly bid: number
}

/** Puts prices over those that are known, by symbol. */
export function merge(known: readonly Price[], news: readonly Price[]): readonly Price[] {
  return [...new Map([...known, ...news].map((price) => [price.symbol, price])).values()].toSorted((a, b) => a.symbol.localeCompare(b.symbol))
}
