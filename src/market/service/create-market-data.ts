/** `createMarketData()`: prices, candles, trades and books over one uplink, with REST for what a stream cannot say. */
import { UplinkError, messageOf } from '../../core/errors.ts'
import { readNumber } from '../../core/policy.ts'
import type { Feed } from './feed.ts'
import { USUAL, createFeeds } from './feeds.ts'
import type { FeedHost } from './host.ts'
import type { MarketData, MarketDataOptions, ResultListener } from './market-data-interface.ts'
import { createMonitor } from './monitor.ts'
import { createReads } from './reads.ts'
import { createRequests } from './requests.ts'
import { mapResult, sliceBook } from './results.ts'

/** The services of uplinks: who has the uplink has the service. */
const services = new WeakMap<object, MarketData>()

/** Follows a feed until the signal, or the returned function, ends it. */
function follow<Data>(feed: Feed<Data>, listener: ResultListener<Data>, signal: AbortSignal | undefined): () => void {
  const isOver = (): boolean => signal?.aborted === true
  if (isOver()) return () => undefined
  const end = feed.subscribe(listener)
  const stop = (): void => {
    signal?.removeEventListener('abort', stop)
    end()
  }
  signal?.addEventListener('abort', stop, { once: true })
  // The first value may have come at once, and been all that was wanted.
  if (isOver()) stop()
  return stop
}

/**
 * The service of an uplink, once {@link createMarketData} has made it.
 *
 * @example
 * marketDataOf(uplink)?.getStatus().source // 'live'
 */
export function marketDataOf(uplink: object): MarketData | undefined {
  return services.get(uplink)
}

/**
 * Makes the market data service of an uplink; where it has one already, that one, with the options it was made with.
 * Nothing goes out before somebody asks or follows.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` for a number that is not allowed.
 * @example
 * const uplink = createUplink({ url: 'wss://stream.binance.com:9443/stream', protocol: binance() })
 * const market = createMarketData({ uplink, rest: binanceRest({ url: 'https://api.binance.com/api/v3' }) })
 * const stop = market.subscribeToPrice('BTCUSDT', ({ data, source, age }) => show(data, source, age))
 */
export function createMarketData(options: MarketDataOptions): MarketData {
  const { uplink, rest, rules = 'spot', tickers = 'each' } = options
  const known = services.get(uplink)
  if (known !== undefined) return known
  const { platform, scheduler } = uplink
  const ttl = readNumber('ttl', options.ttl, 2_000, 0, Infinity)
  const bookLimit = readNumber('bookLimit', options.bookLimit, 1_000, 10, 5_000)
  const report = (thrown: unknown): void => uplink.report(new UplinkError('UPLINK_LISTENER_FAILED', `a listener of market data threw: ${messageOf(thrown)}`, { cause: thrown }))
  const requests = createRequests(platform, ttl, (error) => uplink.report(error))
  const usage = () => rest?.usage() ?? { requests: 0, failures: 0, usedWeight: null, blockedUntil: null }
  const monitor = createMonitor({ uplink, thresholds: options.alerts, report, counts: requests.counts, usage })
  const host: FeedHost = { uplink, platform, scheduler, rest, rules, bookLimit, report, fault: (error) => uplink.report(error), heard: monitor.heard, opened: monitor.opened }
  const feeds = createFeeds(host, tickers)

  const market: MarketData = {
    ...createReads(host, feeds, requests),
    subscribeToPrice: (symbol, listener, { signal } = {}) => follow(feeds.ticker(symbol), (result) => listener(mapResult(result, ({ lastPrice }) => lastPrice)), signal),
    subscribeToTicker: (symbol, listener, { signal } = {}) => follow(feeds.ticker(symbol), listener, signal),
    subscribeToKlines: (symbol, interval, listener, { limit, signal } = {}) => follow(feeds.klines(symbol, interval, limit), listener, signal),
    subscribeToTrades: (symbol, listener, { limit, signal } = {}) => follow(feeds.trades(symbol, limit), listener, signal),
    subscribeToOrderBook: (symbol, listener, { depth = USUAL.depth, signal } = {}) =>
      follow(feeds.book(symbol, depth), (result) => listener(mapResult(result, (book) => sliceBook(book, depth))), signal),
    stores: {
      ticker: (symbol) => feeds.ticker(symbol).store,
      klines: (symbol, interval, limit) => feeds.klines(symbol, interval, limit).store,
      trades: (symbol, limit) => feeds.trades(symbol, limit).store,
      orderBook: (symbol, depth) => feeds.book(symbol, depth).store,
    },
    forceReconnect: () => uplink.reconnect(),
    getStatus: monitor.status,
    getMetrics: monitor.metrics,
    subscribe: monitor.subscribe,
    onAlert: monitor.onAlert,
    destroy() {
      services.delete(uplink)
      requests.clear()
      monitor.destroy()
    },
  }
  services.set(uplink, market)
  return market
}
