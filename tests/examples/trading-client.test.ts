/** The trading client of the examples, against a broker over real sockets. */
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type TestServer, createTestServer, reject } from 'uplink/testing/server'
import { ws } from 'uplink/transports/ws'
import { type TradeSignal, type TradingClient, createTradingClient } from '../../examples/trading-client/trading-client.ts'

const buy: TradeSignal = { symbol: 'EURUSD', action: 'BUY', volume: 0.1, stopLoss: 1.18, takeProfit: 1.19 }

let broker: TestServer
let client: TradingClient

beforeEach(async () => {
  let orders = 0
  broker = await createTestServer({ authenticate: (key) => (key === 'key' ? { identity: 'trader' } : null) })
  broker.handle('TRADE_SIGNAL', ({ data }) => {
    if ((data as TradeSignal).volume > 10) throw reject('too_risky', { message: '10 lots at most' })
    return { orderId: `order-${++orders}` }
  })
  client = createTradingClient(broker.url, 'key', { transport: ws(), reconnectInterval: 50, maxReconnectDelay: 100 })
})

afterEach(async () => {
  client.disconnect()
  await broker.close()
})

it('says of every signal what became of it', async () => {
  await client.connect()
  expect(await client.sendTradeSignal(buy)).toMatchObject({ acknowledged: true, outcome: 'delivered', orderId: 'order-1' })
  expect(await client.sendTradeSignal({ ...buy, volume: 100 })).toMatchObject({ acknowledged: false, outcome: 'rejected', problem: expect.stringContaining('10 lots at most') as string })
  expect(broker.received()).toMatchObject([{ identity: 'trader', message: { type: 'TRADE_SIGNAL', data: buy } }, { identity: 'trader' }])
  expect(client.getStats()).toMatchObject({ state: 'connected', delivered: 1, failed: 1, waiting: 0, reconnections: 0 })
})

it('brings a signal through an outage, once', async () => {
  await client.connect()
  await broker.stop()
  const waiting = client.sendTradeSignal(buy)
  expect(client.getStats()).toMatchObject({ waiting: 1 })
  await broker.start()
  expect(await waiting).toMatchObject({ acknowledged: true, orderId: 'order-1' })
  expect(broker.received()).toHaveLength(1)
  expect(client.getStats()).toMatchObject({ state: 'connected', reconnections: 1, delivered: 1 })
})

it('gives up a signal that is too old to be worth anything', async () => {
  await client.connect()
  await broker.stop()
  // What is sent before the loss is noticed may have arrived: its outcome would be unknown.
  await vi.waitFor(() => expect(client.getStats().state).toBe('reconnecting'))
  expect(await client.sendTradeSignal(buy)).toMatchObject({ acknowledged: false, outcome: 'expired', problem: expect.any(String) as string })
}, 20_000)

it('hears prices, and is told when its key is wrong', async () => {
  await client.connect()
  const prices: number[] = []
  const stop = client.onPrice('EURUSD', (price) => prices.push(price))
  await vi.waitFor(() => {
    broker.publish('prices', 1.2, { params: { symbol: 'EURUSD' } })
    expect(prices).toContain(1.2)
  })
  stop()
  const stranger = createTradingClient(broker.url, 'wrong', { transport: ws() })
  await expect(stranger.connect()).rejects.toMatchObject({ code: 'UPLINK_UNAUTHORIZED' })
  expect(stranger.getStats().state).toBe('error')
  stranger.disconnect()
})

it('is an example that fits on two screens', () => {
  const source = readFileSync(new URL('../../examples/trading-client/trading-client.ts', import.meta.url), 'utf8')
  expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(120)
})
