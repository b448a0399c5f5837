/** One node of a cluster, in a process of its own: the tests kill it, stop it, and tell it what to publish. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from 'redis'
import { type Revocation, anonymous, channel, createUplinkServer, everyone, firstOf, wsDoor } from '../../../src/server/index.ts'
import { fromNodeRedis, redisBroker } from '../../../src/server/redis.ts'

const [redisUrl = ''] = process.argv.slice(2)
const many = { max: 1e6, windowMs: 1_000 }
const http = createServer()
const handled: string[] = []
const server = createUplinkServer({
  doors: [wsDoor({ server: http })],
  broker: redisBroker({ client: fromNodeRedis(createClient({ url: redisUrl })), leaseMs: 1_500, commandTimeoutMs: 1_000 }),
  authenticate: firstOf(anonymous(), ({ credentials }) => (typeof credentials === 'string' ? { identity: credentials } : null)),
  channels: [channel('c', { subscribe: everyone, presence: true }), channel('prices', { subscribe: everyone, throttleMs: 20, slow: 'conflate' })],
  handlers: {
    order: async ({ id, data }) => {
      handled.push(String(id))
      process.send?.({ type: 'handled', id })
      await new Promise((resolve) => { setTimeout(resolve, (data as { takesMs?: number }).takesMs ?? 0) })
      return { by: process.pid }
    },
  },
  limits: { rates: { commands: many, messages: many, replays: many }, guests: { connectionsPerUser: 1e6, connectionsPerAddress: 1e6, handshakes: { max: 1e6, perAddress: 1e6, windowMs: 1_000 } } },
  history: { count: 5_000, size: 8_000_000, ageMs: 300_000 }, recovery: { count: 5_000, size: 250_000 }, verifyIntervalMs: 1_000,
})
process.on('unhandledRejection', (error) => process.send?.({ type: 'unhandled', error: String(error) }))

process.on('message', ({ ask, number, name = 'c', value, key }: { ask: string; number: number; name?: string; value?: unknown; key?: string }) => {
  const answer = (more: object): void => void process.send?.({ type: 'answer', number, ...more })
  if (ask === 'publish') server.publish(name, value, key === undefined ? {} : { key }).then((position) => answer({ position }), (error: Error) => answer({ error: error.message }))
  else if (ask === 'stats') answer({ stats: server.stats() })
  else if (ask === 'health') void server.health().then((health) => answer({ health }))
  else if (ask === 'presence') answer({ count: server.presence(name) })
  else if (ask === 'revoke') void server.revoke(value as Revocation).then(() => answer({}))
  else if (ask === 'drain') void server.drain({ spreadMs: 500 }).then(() => answer({}))
})

await server.ready
http.listen(0, '127.0.0.1', () => process.send?.({ type: 'ready', port: (http.address() as AddressInfo).port }))
