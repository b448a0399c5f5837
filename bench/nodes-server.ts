/** One node of the nodes bench. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from 'redis'
import { anonymous, channel, createUplinkServer, everyone, wsDoor } from '../src/server/index.ts'
import { fromNodeRedis, redisBroker } from '../src/server/redis.ts'

const [redisUrl = ''] = process.argv.slice(2)
const many = { max: 1e6, windowMs: 1_000 }
const http = createServer()
const server = createUplinkServer({
  doors: [wsDoor({ server: http, paths: ['/'] })], broker: redisBroker({ client: fromNodeRedis(createClient({ url: redisUrl })) }), authenticate: anonymous(),
  channels: [channel('c', { subscribe: everyone })],
  limits: { guests: { connectionsPerUser: 1e6, connectionsPerAddress: 1e6, handshakes: { ...many, perAddress: 1e6 } } },
})
const data = { symbol: 'BTCUSDT', price: 64_123.45, volume: 12.5, change: -0.42 }
let before = process.cpuUsage()

/** Publishes `rate` messages a second for `ms`, evenly. */
async function publish(rate: number, ms: number): Promise<number> {
  const begun = performance.now()
  let sent = 0
  while (performance.now() - begun < ms) {
    const due = Math.floor(((performance.now() - begun) / 1_000) * rate)
    for (; sent < due; sent++) void server.publish('c', data, { type: 'tick' }).catch(() => undefined)
    await new Promise((resolve) => { setTimeout(resolve, 5) })
  }
  return sent
}

process.on('message', ({ ask, rate = 0, ms = 0 }: { ask: string; rate?: number; ms?: number }) => {
  if (ask === 'publish') void publish(rate, ms).then((sent) => process.send?.({ sent }))
  else {
    const { user, system } = process.cpuUsage(before)
    before = process.cpuUsage()
    process.send?.({ cpuMs: (user + system) / 1_000, clients: server.stats().channelStats['c'] ?? 0 })
  }
})
await server.ready
http.listen(0, '127.0.0.1', () => process.send?.({ port: (http.address() as AddressInfo).port }))
