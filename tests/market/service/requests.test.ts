import { describe, expect, it } from 'vitest'
import { createRig, miniTicker, restTicker, settle } from './rig.ts'

describe('an answer of REST', () => {
  it('is one request for all who ask at once, and good for the next for a while', async () => {
    const rig = createRig({ ttl: 2_000 })
    rig.answers['ticker/24hr'] = () => restTicker('BTCUSDT', '100.10', 5)
    const [one, two] = await Promise.all([rig.market.getCurrentPrice('btcusdt'), rig.market.get24hrTicker('BTCUSDT')])
    expect(one).toMatchObject({ data: '100.10', source: 'fallback', age: 0, error: null })
    expect(two.data).toEqual({ ...restTickerData, lastPrice: '100.10' })
    await rig.pass(1_500)
    expect(await rig.market.getCurrentPrice('BTCUSDT')).toMatchObject({ data: '100.10', source: 'cache', age: 1_500 })
    await rig.pass(500)
    expect(await rig.market.getCurrentPrice('BTCUSDT')).toMatchObject({ source: 'fallback', age: 0 })
    expect(rig.asked).toEqual(['ticker/24hr?symbol=BTCUSDT', 'ticker/24hr?symbol=BTCUSDT'])
    expect(rig.market.getMetrics()).toMatchObject({ requests: 2, hits: 2, failures: 0 })
  })

  const restTickerData = {
    symbol: 'BTCUSDT', lastPrice: '', openPrice: '90', highPrice: '120', lowPrice: '80', volume: '5', quoteVolume: '500', priceChange: '-1', priceChangePercent: '-1.00',
    weightedAvgPrice: '95', openTime: 0, time: 5, count: 7,
  }

  it('that fails leaves what was known, with its age and a code', async () => {
    const rig = createRig()
    rig.answers['ticker/24hr'] = () => restTicker('BTCUSDT', '100.10', 5)
    await rig.market.getCurrentPrice('BTCUSDT')
    rig.venue.restIsUp = false
    await rig.pass(60_000)
    expect(await rig.market.getCurrentPrice('BTCUSDT')).toMatchObject({ data: '100.10', source: 'cache', age: 60_000, error: { code: 'UPLINK_REST_FAILED' } })
    expect(await rig.market.getCurrentPrice('ETHUSDT')).toMatchObject({ data: null, source: 'cache', age: null, updatedAt: null, error: { code: 'UPLINK_REST_FAILED' } })
    expect([rig.errors, rig.market.getMetrics().failures]).toEqual([['UPLINK_REST_FAILED', 'UPLINK_REST_FAILED'], 2])
  })

  it('is not waited for by who has called it off; the request ends with the last of them', async () => {
    const rig = createRig()
    const signals: AbortSignal[] = []
    const market = { ...rig.client, tickers: (_: readonly string[], signal?: AbortSignal) => new Promise<never>(() => { if (signal !== undefined) signals.push(signal) }) }
    const other = createRig({ rest: false })
    other.market.destroy()
    const { createMarketData } = await import('uplink/market')
    const service = createMarketData({ uplink: other.uplink, rest: market })
    const [first, second] = [new AbortController(), new AbortController()]
    const asked = [service.getCurrentPrice('BTCUSDT', { signal: first.signal }), service.getCurrentPrice('BTCUSDT', { signal: second.signal })]
    first.abort()
    expect((await asked[0])?.error?.code).toBe('UPLINK_REST_ABORTED')
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    second.abort()
    expect((await asked[1])?.error?.code).toBe('UPLINK_REST_ABORTED')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect((await service.getCurrentPrice('BTCUSDT', { signal: AbortSignal.abort() })).error?.code).toBe('UPLINK_REST_ABORTED')
    expect(service.getMetrics()).toMatchObject({ errorCount: 0, hits: 1 })
  })

  it('is not asked for where the live value is there', async () => {
    const rig = createRig()
    rig.market.subscribeToPrice('BTCUSDT', () => undefined)
    await settle()
    rig.say('btcusdt@miniTicker', miniTicker('BTCUSDT', '101', 1))
    expect(await rig.market.getCurrentPrice('BTCUSDT')).toMatchObject({ data: '101', source: 'live' })
    expect(rig.asked).toEqual([])
  })

  it('is an order book, or an error: a crossed one is not shown', async () => {
    const rig = createRig()
    rig.answers['depth'] = () => ({ lastUpdateId: 1, bids: [['2', '1']], asks: [['1', '1']] })
    expect(await rig.market.getOrderBook('BTCUSDT', 5)).toMatchObject({ data: null, error: { code: 'UPLINK_BOOK_CROSSED' } })
    rig.answers['depth'] = () => ({ lastUpdateId: 1, bids: [['0.9', '1'], ['1', '1']], asks: [['2', '1']] })
    expect((await rig.market.getOrderBook('BTCUSDT', 5)).data?.bids).toEqual([['1', '1'], ['0.9', '1']])
  })

  it('is candles and trades, oldest first', async () => {
    const rig = createRig()
    rig.answers['klines'] = () => [[0, '1', '2', '0.5', '1.5', '10', 59_999, '15', 3]]
    rig.answers['aggTrades'] = () => [{ a: 1, p: '1', q: '2', f: 1, l: 1, T: 5, m: true }]
    expect((await rig.market.getKlines('BTCUSDT', '1m', 1)).data).toEqual([{ openTime: 0, open: '1', high: '2', low: '0.5', close: '1.5', volume: '10', closeTime: 59_999, quoteVolume: '15', trades: 3, isClosed: false }])
    expect((await rig.market.getRecentTrades('BTCUSDT', 1)).data).toEqual([{ id: 1, price: '1', quantity: '2', time: 5, isBuyerMaker: true }])
  })

  it('is missing where there is no REST', async () => {
    const rig = createRig({ rest: false })
    for (const result of [await rig.market.getCurrentPrice('BTCUSDT'), await rig.market.getKlines('BTCUSDT', '1m'), await rig.market.getOrderBook('BTCUSDT')]) {
      expect(result).toMatchObject({ data: null, error: { code: 'UPLINK_REST_MISSING' } })
    }
  })

  it('is refused at once for what cannot be meant', () => {
    const { market } = createRig()
    expect(() => market.subscribeToPrice('', () => undefined)).toThrow('symbol is ""; allowed: a name such as "BTCUSDT"')
    expect(() => market.subscribeToPrice('BTC/USDT', () => undefined)).toThrow('symbol is')
    expect(() => market.stores.klines('BTCUSDT', '7m' as '1m')).toThrow('interval is "7m"')
    expect(() => market.stores.orderBook('BTCUSDT', 501)).toThrow('depth is 501; allowed: a whole number from 1 to 500')
    expect(() => market.stores.trades('BTCUSDT', 0)).toThrow('limit is 0')
    expect(() => createRig({ ttl: -1 })).toThrow('ttl')
    expect(() => createRig({ bookLimit: 5 })).toThrow('bookLimit')
  })
})
