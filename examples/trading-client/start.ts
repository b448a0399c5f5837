/** `npx tsx examples/trading-client/start.ts`: the client, a broker that goes away for a moment, and what becomes of the signals. */
import { createTestServer, reject } from 'uplink/testing/server'
import { ws } from 'uplink/transports/ws'
import { type TradeSignal, createTradingClient } from './trading-client.ts'

const broker = await createTestServer({ authenticate: (key) => (key === 'demo' ? { identity: 'demo' } : null) })
let orders = 0
broker.handle('TRADE_SIGNAL', ({ data }) => {
  if ((data as TradeSignal).volume > 10) throw reject('too_risky', { message: '10 lots at most' })
  return { orderId: `order-${++orders}` }
})

const client = createTradingClient(broker.url, 'demo', { transport: ws() })
await client.connect()
client.onPrice('EURUSD', (price) => console.log('EURUSD', price))
console.log(await client.sendTradeSignal({ symbol: 'EURUSD', action: 'BUY', volume: 0.1, stopLoss: 1.18, takeProfit: 1.19 }))
console.log(await client.sendTradeSignal({ symbol: 'EURUSD', action: 'BUY', volume: 100 }))
broker.publish('prices', 1.1852, { params: { symbol: 'EURUSD' } })

await broker.stop()
console.log('The broker is away; a signal waits for it.')
const waiting = client.sendTradeSignal({ symbol: 'EURUSD', action: 'CLOSE', volume: 0.1 })
await broker.start()
console.log(await waiting)
console.log(client.getStats())
client.disconnect()
await broker.close()
