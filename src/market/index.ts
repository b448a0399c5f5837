/** `uplink/market`: market data over any connection. No React, no schema library. */
export { toNumber } from './book/decimal.ts'
export { createOrderBook } from './book/order-book.ts'
export type { BookFault, BookVerdict, BookView, DepthSnapshot, DepthUpdate, OrderBook, OrderBookOptions } from './book/order-book.ts'
export type { BookRules } from './book/sequence.ts'
export type { Level } from './book/side.ts'
export { createMarketData, marketDataOf } from './service/create-market-data.ts'
export type {
  Abortable, MarketData, MarketDataOptions, MarketStores, OrderBookFollowOptions, ResultListener, SeriesOptions,
} from './service/market-data-interface.ts'
export type { AlertKind, AlertThresholds, MarketAlert } from './service/alerts.ts'
export type { MarketUplink } from './service/host.ts'
export type { MarketMetrics, MarketStatus } from './service/monitor.ts'
export type { AggTradesRequest, KlinesRequest, MarketRest, RestUsage } from './service/rest-interface.ts'
export { pollStreams } from './service/poll-streams.ts'
export type { StreamPoll, StreamPollAnswer, StreamPolling } from './service/poll-streams.ts'
export type { TickerStreams } from './service/tickers.ts'
export type { AggTrade, Kline, KlineInterval, MarketResult, MarketSource, OrderBookData, Ticker, Ticker24hr } from './values.ts'
export { binance } from './binance/protocol.ts'
export type { BinanceOptions } from './binance/protocol.ts'
export { binanceKey } from './binance/key.ts'
export { BINANCE_VENUES } from './binance/venues.ts'
export type { BinanceLimits, BinanceVenue } from './binance/venues.ts'
export type { BinanceChannels, BinanceMessages, BinancePayload, BinanceSchema, BinanceStream, BinanceSymbol } from './binance/streams.ts'
export type {
  AggTradeEvent, AvgPriceEvent, BinanceLevel, BookTickerEvent, DepthUpdateEvent, ForceOrderEvent, KlineEvent, MarkPriceEvent,
  MiniTickerEvent, PartialDepthEvent, TickerEvent, TradeEvent,
} from './binance/payloads.ts'
