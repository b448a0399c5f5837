/**
 * What streams carry, asked of REST: for `poll()` of `uplink/fallback`, which asks while the socket cannot bring it. Every
 * answer has the shape of the stream's own messages, so that nobody who listens has to know.
 */
import { UplinkError } from '../../core/errors.ts'
import { readInterval, readSymbol } from '../symbol.ts'
import type { AggTrade, Kline, KlineInterval, Ticker24hr } from '../values.ts'
import type { MarketRest } from './rest-interface.ts'

/** What is asked: a part of what `poll()` tells its `fetch`. */
export interface StreamPoll {
  readonly signal: AbortSignal
  /** The highest position heard so far. */
  readonly since: number | null
}

/** What is answered: a state, or messages one by one. */
export interface StreamPollAnswer {
  readonly data?: unknown
  readonly messages?: ReadonlyArray<{ readonly data: unknown }>
  /** Nothing lies between what was asked from and these. */
  readonly complete?: boolean
}

/** Options for `poll()`. */
export interface StreamPolling {
  fetch(stream: string, request: StreamPoll): Promise<StreamPollAnswer>
  /** Trades are numbered. */
  positionOf(data: unknown): number | undefined
  /** Whether REST can bring what a stream carries. */
  channels(stream: string): boolean
}

/** Trades of the first answer, and of each one after. */
const FIRST_TRADES = 50
const MORE_TRADES = 1_000

/** The last closed candle and the one that is open. */
const CANDLES = 2

/** Levels a side: enough to look at, and light. */
const LEVELS = 100

const KINDS = /^(!miniTicker@arr|[^@!]+@(miniTicker|aggTrade|kline_\w+|depth(@\d+ms)?))$/

const tickerEvent = ({ symbol, time, lastPrice, openPrice, highPrice, lowPrice, volume, quoteVolume }: Ticker24hr): object => ({
  e: '24hrMiniTicker', E: time, s: symbol, c: lastPrice, o: openPrice, h: highPrice, l: lowPrice, v: volume, q: quoteVolume,
})

const tradeEvent = (symbol: string, { id, price, quantity, time, isBuyerMaker }: AggTrade): object => ({
  e: 'aggTrade', E: time, s: symbol, a: id, p: price, q: quantity, T: time, m: isBuyerMaker,
})

const klineEvent = (symbol: string, interval: KlineInterval, { openTime, closeTime, open, high, low, close, volume, quoteVolume, trades, isClosed }: Kline): object => ({
  e: 'kline', E: openTime, s: symbol, k: { t: openTime, T: closeTime, s: symbol, i: interval, o: open, c: close, h: high, l: low, v: volume, n: trades, x: isClosed, q: quoteVolume },
})

/**
 * Options for `poll()` of `uplink/fallback`, with which the streams of market data go on by REST: `miniTicker`,
 * `!miniTicker@arr`, `kline_…`, `aggTrade` and `depth`. Other streams are not polled.
 *
 * @example
 * const rest = binanceRest({ url: 'https://api.binance.com/api/v3' })
 * const uplink = createUplink({ url, protocol: binance(), fallback: poll({ ...pollStreams(rest), interval: 2_000 }) })
 */
export function pollStreams(rest: MarketRest): StreamPolling {
  async function trades(symbol: string, { since, signal }: StreamPoll): Promise<StreamPollAnswer> {
    const limit = since === null ? FIRST_TRADES : MORE_TRADES
    const found = await rest.aggTrades({ symbol, limit, ...(since === null ? {} : { fromId: since + 1 }) }, signal)
    return { messages: found.map((trade) => ({ data: tradeEvent(symbol, trade) })), complete: since !== null }
  }

  async function candles(symbol: string, interval: KlineInterval, { signal }: StreamPoll): Promise<StreamPollAnswer> {
    const found = await rest.klines({ symbol, interval, limit: CANDLES }, signal)
    return { messages: found.map((candle) => ({ data: klineEvent(symbol, interval, candle) })), complete: true }
  }

  return {
    channels: (stream) => KINDS.test(stream),
    positionOf(data) {
      const { e, a } = (typeof data === 'object' && data !== null ? data : {}) as { readonly e?: unknown; readonly a?: unknown }
      return e === 'aggTrade' && typeof a === 'number' ? a : undefined
    },
    async fetch(stream, request) {
      if (stream === '!miniTicker@arr') return { data: (await rest.tickers([], request.signal)).map(tickerEvent) }
      const [name = '', kind = ''] = stream.split('@')
      const symbol = readSymbol(name)
      if (kind === 'aggTrade') return trades(symbol, request)
      if (kind.startsWith('kline_')) return candles(symbol, readInterval(kind.slice(6) as KlineInterval), request)
      if (kind === 'depth') return { data: await rest.depth(symbol, LEVELS, request.signal) }
      const [ticker] = kind === 'miniTicker' ? await rest.tickers([symbol], request.signal) : []
      if (ticker !== undefined) return { data: tickerEvent(ticker) }
      throw new UplinkError('UPLINK_REST_INVALID', `stream "${stream}" cannot be asked of REST`, { severity: 'warning' })
    },
  }
}
