import { describe, expect, it } from 'vitest'
import { type MarketAlert, createMarketData, marketDataOf } from 'uplink/market'
import { type Readings, createAlertWatch } from '../../../src/market/service/alerts.ts'
import { createRig, miniTicker, settle } from './rig.ts'

describe('a service', () => {
  it('is one for its uplink, found by it, and gone once destroyed', () => {
    const { market, uplink } = createRig()
    expect([marketDataOf(uplink), createMarketData({ uplink, ttl: 9 })]).toEqual([market, market])
    market.destroy()
    expect(marketDataOf(uplink)).toBeUndefined()
    expect(createMarketData({ uplink })).not.toBe(market)
  })

  it('leaves no timer, request or stream behind when the last has gone', async () => {
    const rig = createRig()
    const controller = new AbortController()
    const { signal } = controller
    rig.market.subscribeToPrice('BTCUSDT', () => undefined, { signal })
    rig.market.subscribeToKlines('BTCUSDT', '1m', () => undefined, { signal })
    rig.market.subscribeToTrades('BTCUSDT', () => undefined, { signal })
    rig.market.subscribeToOrderBook('BTCUSDT', () => undefined, { signal })
    const forget = rig.market.stores.orderBook('BTCUSDT').subscribe(() => undefined)
    await rig.pass(3_000)
    expect(rig.market.getMetrics().feeds).toBe(4)
    expect(rig.streamsWanted().toSorted()).toEqual(['btcusdt@aggTrade', 'btcusdt@depth@100ms', 'btcusdt@kline_1m', 'btcusdt@miniTicker'])
    controller.abort()
    forget()
    await rig.pass(3_000)
    expect([rig.market.getMetrics().feeds, rig.uplink.getState().state, rig.platform.clock.pending()]).toEqual([0, 'disconnected', 0])
    expect(rig.market.subscribeToPrice('BTCUSDT', () => undefined, { signal })()).toBeUndefined()
    expect(rig.platform.clock.pending()).toBe(0)
  })

  it('ends every subscription when it is destroyed, whoever still follows', async () => {
    const rig = createRig()
    const heard: unknown[] = []
    const stop = rig.market.subscribeToPrice('BTCUSDT', ({ data }) => heard.push(data))
    rig.market.subscribeToOrderBook('BTCUSDT', ({ data }) => heard.push(data))
    rig.market.stores.klines('BTCUSDT', '1m').subscribe(() => undefined)
    await settle()
    rig.market.destroy()
    const before = heard.length
    rig.say('btcusdt@miniTicker', miniTicker('BTCUSDT', '1', 1))
    stop()
    await rig.pass(3_000)
    expect([heard.length, rig.uplink.getState().state, rig.platform.clock.pending()]).toEqual([before, 'disconnected', 0])
  })

  it('survives a listener that throws, reports it once, and tells the others', async () => {
    const rig = createRig()
    const heard: Array<string | null> = []
    rig.market.subscribeToPrice('BTCUSDT', () => { throw new Error('mine') })
    rig.market.subscribeToPrice('BTCUSDT', ({ data }) => heard.push(data))
    await settle()
    for (const id of [1, 2]) rig.say('btcusdt@miniTicker', miniTicker('BTCUSDT', `${id}`, id))
    expect([heard, rig.errors]).toEqual([['1', '2'], ['UPLINK_LISTENER_FAILED']])
  })

  it('says where its data comes from, and what it has done', async () => {
    const rig = createRig()
    const told: string[] = []
    rig.market.subscribe(({ state, source }, { feeds }) => told.push(`${state} ${source} ${feeds}`))
    rig.market.subscribeToPrice('BTCUSDT', () => undefined)
    await settle()
    rig.say('btcusdt@miniTicker', miniTicker('BTCUSDT', '1', 1))
    await rig.pass(5_500)
    expect(told.at(-1)).toBe('connected live 1')
    expect(rig.market.getMetrics()).toMatchObject({ latency: 0, reconnections: 0, errorCount: 0, feeds: 1, usedWeight: null, blockedUntil: null })
    const before = told.length
    rig.cut()
    expect(told.slice(before)).toContain('reconnecting cache 1')
    await rig.pass(6_000)
    expect(rig.market.getMetrics()).toMatchObject({ reconnections: 1, errorCount: 1 })
    rig.market.forceReconnect()
    expect(rig.server.sockets).toHaveLength(3)
  })

  it('alerts when nothing is heard any more, and when something is again', async () => {
    const rig = createRig({ alerts: { staleMs: 4_000 } })
    const alerts: MarketAlert[] = []
    rig.market.onAlert((alert) => alerts.push(alert))
    rig.market.subscribeToPrice('BTCUSDT', () => undefined)
    await rig.pass(3_000)
    rig.say('btcusdt@miniTicker', miniTicker('BTCUSDT', '1', 1))
    await rig.pass(4_000)
    expect(alerts).toEqual([])
    await rig.pass(2_000)
    expect(alerts.map(({ kind, isActive, threshold }) => [kind, isActive, threshold])).toEqual([['staleness', true, 4_000]])
    expect(rig.market.getStatus().alerts).toEqual(alerts)
    rig.say('btcusdt@miniTicker', miniTicker('BTCUSDT', '1', 2))
    await rig.pass(1_000)
    expect([alerts.at(-1)?.isActive, rig.market.getStatus().alerts]).toEqual([false, []])
  })
})

describe('an alert', () => {
  const quiet = { latency: null, errors: 0, staleness: 0 }

  it('comes once a number has been over its threshold long enough, without a break, and ends once it is not', () => {
    const watch = createAlertWatch({ latencyMs: 100, errorsPerMinute: 2, staleMs: 500, forMs: 3_000 })
    const look = (readings: Partial<Readings>, time: number): unknown[] => watch.look({ ...quiet, ...readings }, time).map(({ kind, isActive, value, since }) => [kind, isActive, value, since])
    expect(look({ latency: 150 }, 0)).toEqual([])
    expect(look({ latency: 90 }, 2_000)).toEqual([])
    expect(look({ latency: 150 }, 3_000)).toEqual([])
    expect(look({ latency: 160, errors: 3 }, 6_000)).toEqual([['latency', true, 160, 3_000]])
    expect(look({ latency: 170, errors: 3 }, 7_000)).toEqual([])
    expect(look({ errors: 3, staleness: 501 }, 9_000)).toEqual([['latency', false, 0, 3_000], ['errors', true, 3, 6_000], ['staleness', true, 501, 9_000]])
    expect(watch.active().map(({ kind }) => kind)).toEqual(['errors', 'staleness'])
    expect(look({ errors: 2, staleness: 500 }, 10_000)).toEqual([['errors', false, 2, 6_000], ['staleness', false, 500, 9_000]])
  })

  it('never comes for Infinity', () => {
    const watch = createAlertWatch({ latencyMs: Infinity, errorsPerMinute: Infinity, staleMs: Infinity, forMs: 0 })
    expect(watch.look({ latency: 1e9, errors: 1e9, staleness: 1e9 }, 0)).toEqual([])
  })
})
