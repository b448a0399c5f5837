/** How numbers look. Prices stay the venue's own text; only sums and shares are numbers. */
import { type Ticker, toNumber } from 'uplink/market'

const compact = new Intl.NumberFormat('en', { notation: 'compact', minimumSignificantDigits: 3, maximumSignificantDigits: 4 })
const percent = new Intl.NumberFormat('en', { style: 'percent', minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: 'exceptZero' })
const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' })

/** A large amount in three digits or so. */
export const amount = (decimal: string): string => compact.format(toNumber(decimal))

/** A time of day to the second. */
export const timeOfDay = (at: number): string => clock.format(at)

/** What a price has gained since it opened, and in which direction. */
export function changeOf({ lastPrice, openPrice }: Pick<Ticker, 'lastPrice' | 'openPrice'>): { readonly text: string; readonly direction: Direction } {
  const open = toNumber(openPrice)
  const share = open === 0 ? 0 : toNumber(lastPrice) / open - 1
  // Coloured as it reads: what rounds to 0.00 % has not moved.
  return { text: percent.format(share), direction: directionOf(Math.round(share * 10_000)) }
}

/** Where something went. */
export type Direction = 'up' | 'down' | 'flat'

/** The direction of a difference. */
export const directionOf = (difference: number): Direction => (difference > 0 ? 'up' : difference < 0 ? 'down' : 'flat')

/** A pair as people write it: base and quote. */
export function pairOf(symbol: string): readonly [base: string, quote: string] {
  const quote = ['USDT', 'USDC', 'FDUSD', 'BTC', 'ETH', 'BNB', 'EUR', 'TRY', 'BRL', 'JPY'].find((name) => symbol.endsWith(name) && symbol.length > name.length) ?? ''
  return [symbol.slice(0, symbol.length - quote.length), quote]
}
