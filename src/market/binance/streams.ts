/** The names of Binance's market streams, as types: what a stream is called says what it carries. And how a name is taken apart. */
import type {
  AggTradeEvent, AvgPriceEvent, BookTickerEvent, DepthUpdateEvent, ForceOrderEvent, KlineEvent, MarkPriceEvent, MiniTickerEvent,
  PartialDepthEvent, TickerEvent, TradeEvent,
} from './payloads.ts'
import type { KlineInterval } from '../values.ts'

/** A symbol as stream names have it: `btcusdt`. */
export type BinanceSymbol = Lowercase<string>

/** How often a book is told. */
type Speed = '' | '@100ms' | '@250ms' | '@500ms' | '@1000ms'

/** Payloads by the names of their streams. */
export type BinanceChannels =
  & { readonly [Name in `${BinanceSymbol}@aggTrade`]: AggTradeEvent }
  & { readonly [Name in `${BinanceSymbol}@trade`]: TradeEvent }
  & { readonly [Name in `${BinanceSymbol}@depth${Speed}`]: DepthUpdateEvent }
  & { readonly [Name in `${BinanceSymbol}@depth${5 | 10 | 20}${Speed}`]: PartialDepthEvent }
  & { readonly [Name in `${BinanceSymbol}@bookTicker`]: BookTickerEvent }
  & { readonly [Name in `${BinanceSymbol}@kline_${KlineInterval}`]: KlineEvent }
  & { readonly [Name in `${BinanceSymbol}@miniTicker`]: MiniTickerEvent }
  & { readonly [Name in `${BinanceSymbol}@ticker`]: TickerEvent }
  & { readonly [Name in `${BinanceSymbol}@markPrice${'' | '@1s'}`]: MarkPriceEvent }
  & { readonly [Name in `${BinanceSymbol}@forceOrder`]: ForceOrderEvent }
  & { readonly [Name in `${BinanceSymbol}@avgPrice`]: AvgPriceEvent }
  & {
    readonly '!ticker@arr': readonly TickerEvent[]
    readonly '!miniTicker@arr': readonly MiniTickerEvent[]
    readonly '!bookTicker': BookTickerEvent
    readonly '!markPrice@arr': readonly MarkPriceEvent[]
    readonly '!markPrice@arr@1s': readonly MarkPriceEvent[]
    readonly '!forceOrder@arr': ForceOrderEvent
  }

/** The name of a stream whose payload is known: `btcusdt@kline_1m`. */
export type BinanceStream = keyof BinanceChannels

/** What a stream carries. */
export type BinancePayload<Name extends string> = Name extends BinanceStream ? BinanceChannels[Name] : unknown

/** Payloads by kind of stream, which is the type of its messages. */
export interface BinanceMessages {
  readonly aggTrade: AggTradeEvent
  readonly trade: TradeEvent
  readonly depth: DepthUpdateEvent
  readonly partialDepth: PartialDepthEvent
  readonly bookTicker: BookTickerEvent
  readonly kline: KlineEvent
  readonly miniTicker: MiniTickerEvent
  readonly ticker: TickerEvent
  readonly markPrice: MarkPriceEvent
  readonly forceOrder: ForceOrderEvent
  readonly avgPrice: AvgPriceEvent
  readonly '!ticker@arr': readonly TickerEvent[]
  readonly '!miniTicker@arr': readonly MiniTickerEvent[]
  readonly '!bookTicker': BookTickerEvent
  readonly '!markPrice@arr': readonly MarkPriceEvent[]
  readonly '!forceOrder@arr': ForceOrderEvent
}

/**
 * What Binance's market streams say, as the type argument of `createUplink`.
 *
 * @example
 * const uplink = createUplink<BinanceSchema>({ url: BINANCE_VENUES.spot.url, protocol: binance({ venue: 'spot' }) })
 * uplink.channel('btcusdt@kline_1m').onMessage(({ k }) => k.c)
 */
export interface BinanceSchema {
  readonly messages: BinanceMessages
  readonly channels: BinanceChannels
}

/**
 * The kind of a stream, which types its messages: its name without symbol, speed and parameters. Streams of all symbols
 * keep their `!`, since they carry something else.
 *
 * @example
 * kindOf('btcusdt@depth@100ms') // 'depth'
 * kindOf('btcusdt@kline_1m') // 'kline'
 * kindOf('!miniTicker@arr') // '!miniTicker@arr'
 */
export function kindOf(stream: string): string {
  if (stream.startsWith('!')) return stream.replace(/@\d+m?s$|_\w+(?=@)/, '')
  const kind = stream.slice(stream.indexOf('@') + 1)
  if (/^depth\d/.test(kind)) return 'partialDepth'
  return kind.replace(/[@_].*$/, '')
}
