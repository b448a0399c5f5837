/** The feeds of a service, one for one thing, made when they are first asked for. */
import { UplinkError } from '../../core/errors.ts'
import { readInterval, readSymbol } from '../symbol.ts'
import type { AggTrade, Kline, KlineInterval, Ticker } from '../values.ts'
import { type BookFeed, createBookFeed } from './book-feed.ts'
import type { Feed } from './feed.ts'
import type { FeedHost } from './host.ts'
import { createKlinesFeed } from './klines.ts'
import { type TickerStreams, createTickers } from './tickers.ts'
import { createTradesFeed } from './trades.ts'

/** How many candles a series has, how many trades a list, and how many levels a side a book, where nobody says. */
export const USUAL: Readonly<Record<'klines' | 'trades' | 'depth', number>> = { klines: 500, trades: 50, depth: 20 }

/** Most candles and trades. */
export const SERIES_MOST = 1_000

/** Most feeds of one kind that are remembered while nobody follows them. */
const FEEDS_MOST = 200

/** Feeds by what they are about. */
export interface Feeds {
  ticker(symbol: string): Feed<Ticker>
  klines(symbol: string, interval: KlineInterval, limit?: number): Feed<readonly Kline[]>
  trades(symbol: string, limit?: number): Feed<readonly AggTrade[]>
  book(symbol: string, depth?: number): BookFeed
}

/**
 * A whole number.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` for another.
 */
export function readCount(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new UplinkError('UPLINK_OPTION_INVALID', `${name} is ${value}; allowed: a whole number from 1 to ${most}`)
}

/** Remembers feeds; those that nobody follows are forgotten first, the oldest before others. */
function createMemory<F extends Pick<Feed<unknown>, 'isOpen'>>(): (key: string, make: () => F) => F {
  const known = new Map<string, F>()
  return (key, make) => {
    const found = known.get(key)
    if (found !== undefined) return found
    const idle = known.size < FEEDS_MOST ? undefined : [...known].find(([, feed]) => !feed.isOpen())
    if (idle !== undefined) known.delete(idle[0])
    const made = make()
    known.set(key, made)
    return made
  }
}

/** Makes the feeds of a service. */
export function createFeeds(host: FeedHost, streams: TickerStreams): Feeds {
  const tickers = createTickers(host, streams)
  const klines = createMemory<Feed<readonly Kline[]>>()
  const trades = createMemory<Feed<readonly AggTrade[]>>()
  const books = createMemory<BookFeed>()

  return {
    ticker: (symbol) => tickers.feed(readSymbol(symbol)),
    klines(symbol, interval, limit = USUAL.klines) {
      const [name, length, count] = [readSymbol(symbol), readInterval(interval), readCount('limit', limit, SERIES_MOST)]
      return klines(`${name} ${length} ${count}`, () => createKlinesFeed(host, name, length, count))
    },
    trades(symbol, limit = USUAL.trades) {
      const [name, count] = [readSymbol(symbol), readCount('limit', limit, SERIES_MOST)]
      return trades(`${name} ${count}`, () => createTradesFeed(host, name, count))
    },
    book(symbol, depth = USUAL.depth) {
      const [name, levels] = [readSymbol(symbol), readCount('depth', depth, Math.floor(host.bookLimit / 2))]
      const feed = books(name, () => createBookFeed(host, name))
      feed.deepen(levels)
      return feed
    },
  }
}
