/** What Binance documents of its answers, checked with valibot, and turned into the shapes of `uplink/market`. */
import * as v from 'valibot'
import { readQuantity } from '../book/decimal.ts'
import type { DepthSnapshot } from '../book/order-book.ts'
import type { AggTrade, Kline, Ticker24hr } from '../values.ts'

const isDecimal = (text: string): boolean => !Number.isNaN(readQuantity(text))
const decimal = v.pipe(v.string(), v.check(isDecimal, 'no decimal'))
const signed = v.pipe(v.string(), v.check((text) => isDecimal(text.replace(/^-/, '')), 'no decimal'))
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const level = v.strictTuple([decimal, decimal])

/** `GET depth`. Levels are checked again by the book, which needs their order. */
export const depthSchema: v.GenericSchema<unknown, DepthSnapshot> = v.object({ lastUpdateId: whole, bids: v.array(level), asks: v.array(level) })

const ticker = v.pipe(
  v.object({
    symbol: v.string(), lastPrice: decimal, openPrice: decimal, highPrice: decimal, lowPrice: decimal, volume: decimal, quoteVolume: decimal,
    priceChange: signed, priceChangePercent: signed, weightedAvgPrice: decimal, openTime: whole, closeTime: whole, count: whole,
  }),
  v.transform(({ closeTime, ...rest }): Ticker24hr => ({ ...rest, time: closeTime })),
)

/** `GET ticker/24hr`: one, or a list. */
export const tickersSchema: v.GenericSchema<unknown, readonly Ticker24hr[]> = v.pipe(v.union([v.array(ticker), ticker]), v.transform((found) => (Array.isArray(found) ? found : [found])))

const kline = v.pipe(
  v.looseTuple([whole, decimal, decimal, decimal, decimal, decimal, whole, decimal, whole]),
  v.transform(([openTime, open, high, low, close, volume, closeTime, quoteVolume, trades]): Kline => ({ openTime, open, high, low, close, volume, closeTime, quoteVolume, trades, isClosed: true })),
)

/** `GET klines`. REST does not say whether the newest candle is closed; it is taken for open. */
export const klinesSchema: v.GenericSchema<unknown, readonly Kline[]> = v.pipe(
  v.array(kline),
  v.check((list) => list.every(({ openTime }, index) => index === 0 || openTime > (list[index - 1]?.openTime ?? 0)), 'candles out of order'),
  v.transform((list) => list.map((one, index) => (index === list.length - 1 ? { ...one, isClosed: false } : one))),
)

const aggTrade = v.pipe(
  v.object({ a: whole, p: decimal, q: decimal, T: whole, m: v.boolean() }),
  v.transform(({ a, p, q, T, m }): AggTrade => ({ id: a, price: p, quantity: q, time: T, isBuyerMaker: m })),
)

/** `GET aggTrades`. */
export const aggTradesSchema: v.GenericSchema<unknown, readonly AggTrade[]> = v.pipe(
  v.array(aggTrade),
  v.check((list) => list.every(({ id }, index) => index === 0 || id > (list[index - 1]?.id ?? 0)), 'trades out of order'),
)
