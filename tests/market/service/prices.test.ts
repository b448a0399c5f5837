import { describe, expect, it } from 'vitest'
import { createRig, miniTicker, restTicker, settle } from './rig.ts'
import type { MarketResult } from 'uplink/market'

describe('a price', () => {
  it('is told at once and every time, as text, with its source, by one stream for everybody', () => {
    const rig = createRig()
    const [one, two]: [Array<MarketResult<string>>, Array<MarketResult<string>>] = [[], []]
    const stop = rig.market.subscribeToPrice('btcusdt', (result) => one.push(result))
    rig.market.subscribeToPrice('BTCUSDT', (result) => two.push(result))
    rig.say('btcusdt@miniTicker', miniTicker('BTCUSDT', '100.10', 1))
    rig.say('btcusdt@miniTicker', miniTicker('BTCUSDT', '100.20', 2))
    expect(one.map(({ data, source, age, error }) => [data, source, age, error])).toEqual([['100.10', 'live', 0, null], ['100.20', 'live', 0, null]])
    expect(two).toEqual(one)
    stop()
    rig.say('btcusdt@miniTicker', miniTicker('BTCUSDT', '100.30', 3))
    expect([one.length, two.length]).toEqual([2, 3])
  })

  it('connects the uplink while somebody follows, and lets it go after the last', async () => {
    const rig = createRig()
    expect(rig.server.sockets).toHaveLength(0)
    const stop = rig.market.subscribeToPrice('BTCUSDT', () => undefined)
    expect(rig.uplink.getState().state).toBe('connected')
    stop()
    await rig.pass(2_000)
    expect([rig.uplink.getState().state, rig.platform.clock.pending()]).toEqual(['disconnected', 0])
  })

  it('is followed no longer once the signal ends it, also while the first value is told', async () => {
    const rig = createRig()
    const stop = rig.market.subscribeToPrice('BTCUSDT', () => undefined)
    rig.say('btcusdt@miniTicker', miniTicker('BTCUSDT', '100', 1))
    const [seen, controller]: [Array<string | null>, AbortController] = [[], new AbortController()]
    rig.market.subscribeToPrice('BTCUSDT', ({ data }) => {
      seen.push(data)
      controller.abort()
    }, { signal: controller.signal })
    rig.say('btcusdt@miniTicker', miniTicker('BTCUSDT', '101', 2))
    stop()
    await rig.pass(2_000)
    expect([seen, rig.market.getMetrics().feeds, rig.uplink.getState().state]).toEqual([['100'], 0, 'disconnected'])
  })

  it('stays through an outage as what was known, with the age it has, and is live again with the next', async () => {
    const rig = createRig({ rest: false })
    const seen: Array<MarketResult<string>> = []
    rig.market.subscribeToPrice('BTCUSDT', (result) => seen.push(result))
    await settle()
    rig.say('btcusdt@miniTicker', miniTicker('BTCUSDT', '100', 1))
    rig.cut(false)
    expect(seen.at(-1)).toMatchObject({ data: '100', source: 'cache', age: 0 })
    await rig.pass(30_000)
    expect(rig.market.stores.ticker('BTCUSDT').getState().source).toBe('cache')
    rig.venue.isUp = true
    rig.uplink.reconnect()
    const late: Array<MarketResult<string>> = []
    rig.market.subscribeToPrice('BTCUSDT', (result) => late.push(result))
    expect(late[0]).toMatchObject({ data: '100', source: 'cache', age: 30_000 })
    rig.say('btcusdt@miniTicker', miniTicker('BTCUSDT', '101', 2))
    expect(seen.at(-1)).toMatchObject({ data: '101', source: 'live', age: 0 })
  })

  it('does not go back in time when a poll and the stream overlap', () => {
    const rig = createRig()
    const seen: Array<string | null> = []
    rig.market.subscribeToPrice('BTCUSDT', ({ data }) => seen.push(data))
    for (const [price, at] of [['2', 20], ['1', 10], ['2', 20], ['3', 30]] as const) rig.say('btcusdt@miniTicker', miniTicker('BTCUSDT', price, at))
    expect(seen).toEqual(['2', '2', '3'])
  })

  it('that cannot be read is reported, counted, and never shown; its neighbours in the array are', async () => {
    const rig = createRig({ tickers: 'all' })
    const seen: Array<string | null> = []
    for (const symbol of ['AAA', 'BBB', 'CCC', 'DDD', 'EEE']) rig.market.subscribeToPrice(symbol, ({ data }) => seen.push(data))
    await settle()
    expect(rig.streamsWanted()).toEqual(['!miniTicker@arr'])
    const broken = [{ ...miniTicker('BBB', '2', 1), c: '2e3' }, { ...miniTicker('CCC', '3', 1), E: 'now' }, { ...miniTicker('EEE', '4', 1), h: null }, 'DDD', null]
    rig.say('!miniTicker@arr', [miniTicker('AAA', '1', 1), ...broken, miniTicker('DDD', '5', 1)])
    expect(seen).toEqual(['1', '5'])
    expect(rig.errors).toEqual(Array.from({ length: 5 }, () => 'UPLINK_MESSAGE_INVALID'))
    expect(rig.market.getMetrics().errorCount).toBe(5)
  })
})

describe('prices that render', () => {
  it('are new once a frame, and only those whose symbol had news', () => {
    const rig = createRig({ tickers: 'all' })
    const renders = new Map<string, Array<string | undefined>>()
    for (const symbol of ['AAA', 'BBB', 'CCC']) {
      const store = rig.market.stores.ticker(symbol)
      renders.set(symbol, [])
      store.subscribe(({ data }) => renders.get(symbol)?.push(data?.lastPrice))
    }
    rig.platform.paint()
    for (const list of renders.values()) list.length = 0
    for (let index = 1; index <= 20; index++) rig.say('!miniTicker@arr', [miniTicker('AAA', `${index}`, index), miniTicker('BBB', '7', 1)].slice(0, index > 1 ? 1 : 2))
    rig.platform.paint()
    expect(Object.fromEntries(renders)).toEqual({ AAA: ['20'], BBB: ['7'], CCC: [] })
  })

  it('of symbols that the stream is silent about come by one request for all', async () => {
    const rig = createRig({ tickers: 'all' })
    rig.answers['ticker/24hr'] = () => ['AAA', 'BBB', 'CCC'].map((symbol) => restTicker(symbol, '50', 5))
    const stores = ['AAA', 'BBB', 'CCC'].map((symbol) => rig.market.stores.ticker(symbol))
    for (const store of stores) store.subscribe(() => undefined)
    await settle()
    rig.say('!miniTicker@arr', [miniTicker('AAA', '1', 9)])
    await rig.pass(2_000)
    rig.platform.paint()
    expect(stores.map((store) => [store.getState().data?.lastPrice, store.getState().source])).toEqual([['1', 'live'], ['50', 'fallback'], ['50', 'fallback']])
    expect(rig.asked).toEqual(['ticker/24hr?symbols=%5B%22BBB%22%2C%22CCC%22%5D'])
  })

  it('of a symbol that is followed while others are asked for are asked for next', async () => {
    const { client, uplink, market: usual, pass } = createRig()
    usual.destroy()
    const calls: string[][] = []
    let answer = (): void => undefined
    const answered = new Promise<void>((resolve) => { answer = resolve })
    const { createMarketData } = await import('uplink/market')
    const market = createMarketData({
      uplink,
      rest: {
        ...client,
        async tickers(symbols) {
          calls.push([...symbols])
          await answered
          return symbols.map((symbol) => ({ symbol, lastPrice: '50', openPrice: '90', highPrice: '120', lowPrice: '80', volume: '5', quoteVolume: '500', priceChange: '-1', priceChangePercent: '-1.00', weightedAvgPrice: '95', openTime: 0, time: 5, count: 7 }))
        },
      },
    })
    market.stores.ticker('AAA').subscribe(() => undefined)
    await pass(1_750)
    const late: Array<string | null> = []
    market.subscribeToPrice('BBB', ({ data }) => late.push(data))
    await pass(2_000)
    expect([calls, late]).toEqual([[['AAA']], []])
    answer()
    await pass(500)
    expect([calls, late]).toEqual([[['AAA'], ['BBB']], ['50']])
  })

  it('are asked for again after an outage, since who is silent may have changed meanwhile', async () => {
    const rig = createRig({ tickers: 'all' })
    let price = 50
    rig.answers['ticker/24hr'] = () => restTicker('AAA', String(price++), 5)
    const store = rig.market.stores.ticker('AAA')
    store.subscribe(() => undefined)
    await rig.pass(2_000)
    rig.cut()
    await rig.pass(5_000)
    rig.platform.paint()
    expect([store.getState().data?.lastPrice, store.getState().source]).toEqual(['51', 'fallback'])
  })
})
