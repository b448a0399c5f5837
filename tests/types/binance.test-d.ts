/** Names of Binance's streams say what they carry. */
import { expectTypeOf, it } from 'vitest'
import { type Uplink, createUplink } from 'uplink'
import {
  type AggTradeEvent, type BinancePayload, type BinanceSchema, type BinanceStream, type BookTickerEvent, type DepthUpdateEvent, type KlineEvent, type MiniTickerEvent,
  type PartialDepthEvent, type TickerEvent, binance, binanceKey,
} from 'uplink/market'

declare const uplink: Uplink<BinanceSchema>

it('type the messages of channels', () => {
  uplink.channel('btcusdt@kline_1m').onMessage(({ k }) => expectTypeOf(k.c).toEqualTypeOf<string>())
  uplink.channel('btcusdt@aggTrade').onMessage((trade) => expectTypeOf(trade).toEqualTypeOf<AggTradeEvent>())
  uplink.channel('!miniTicker@arr').onMessage((list) => expectTypeOf(list).toEqualTypeOf<readonly MiniTickerEvent[]>())
  // @ts-expect-error: a trade has no candle.
  uplink.channel('btcusdt@aggTrade').onMessage(({ k }) => k)
})

it('are told apart, however much they look alike', () => {
  expectTypeOf<BinancePayload<'btcusdt@depth'>>().toEqualTypeOf<DepthUpdateEvent>()
  expectTypeOf<BinancePayload<'btcusdt@depth@100ms'>>().toEqualTypeOf<DepthUpdateEvent>()
  expectTypeOf<BinancePayload<'btcusdt@depth20@100ms'>>().toEqualTypeOf<PartialDepthEvent>()
  expectTypeOf<BinancePayload<'btcusdt@bookTicker'>>().toEqualTypeOf<BookTickerEvent>()
  expectTypeOf<BinancePayload<'btcusdt@ticker'>>().toEqualTypeOf<TickerEvent>()
  expectTypeOf<BinancePayload<'btcusdt@kline_1M'>>().toEqualTypeOf<KlineEvent>()
})

it('are unknown where no stream is called so', () => {
  expectTypeOf<BinancePayload<'btcusdt@kline_7m'>>().toBeUnknown()
  expectTypeOf<BinancePayload<'BTCUSDT@aggTrade'>>().toBeUnknown()
  expectTypeOf<'btcusdt@kline_1m'>().toExtend<BinanceStream>()
  expectTypeOf<'btcusdt@nothing'>().not.toExtend<BinanceStream>()
})

it('type messages by the kind of their stream', () => {
  uplink.subscribe('aggTrade', (trade, { channel }) => {
    expectTypeOf(trade).toEqualTypeOf<AggTradeEvent>()
    expectTypeOf(channel).toEqualTypeOf<string | undefined>()
  })
  uplink.subscribe('!ticker@arr', (list) => expectTypeOf(list).toEqualTypeOf<readonly TickerEvent[]>())
})

it('go with the protocol, whose options are checked', () => {
  expectTypeOf(createUplink<BinanceSchema>({ url: 'wss://venue/stream', protocol: binance({ venue: 'futures' }) })).toEqualTypeOf<Uplink<BinanceSchema>>()
  expectTypeOf(binanceKey).returns.toEqualTypeOf<string | undefined>()
  // @ts-expect-error: no such venue.
  binance({ venue: 'moon' })
})
