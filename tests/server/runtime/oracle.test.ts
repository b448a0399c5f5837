/** Publish, drop, reconnect, trim, restart, stall, in all orders, through both doors, on memory and on Redis. */
import type { Server } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Transport } from '../../../src/engine/transport.ts'
import { socketIoDoor } from '../../../src/server/doors/socket-io.ts'
import { type Broker, type Door, channel, everyone, memoryBroker, wsDoor } from '../../../src/server/index.ts'
import { redisBroker } from '../../../src/server/redis.ts'
import { startFaultProxy } from '../../../src/testing/node/fault-proxy.ts'
import { socketIo } from '../../../src/transports/socket-io.ts'
import { ws } from '../../../src/transports/ws.ts'
import { nodeRedis } from '../brokers/clients.ts'
import { type RedisServer, hasRedis, redisTitle, startRedis } from '../brokers/redis-server.ts'
import { type Watched, watch } from './oracle.ts'
import { GENEROUS, type Running, client, startServer } from './support.ts'

type Step =
  | { readonly does: 'publish'; readonly count: number }
  | { readonly does: 'drop' | 'stall' | 'heal' | 'leave' | 'return' | 'reset' | 'pause'; readonly who: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constantFrom('drop' as const, 'stall' as const, 'heal' as const, 'leave' as const, 'return' as const), who: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('reset' as const, 'pause' as const), who: fc.constant(0) }) },
)

const doorsOf = (http: Server): Door[] => [wsDoor({ server: http }), socketIoDoor({ server: http })]
const DOORS: ReadonlyArray<readonly [name: string, path: string, transport: () => Transport]> = [
  ['ws', '/ws', () => ws()], ['socket.io', '', () => socketIo({ transports: ['websocket'] })],
]
/** So little is kept that long outages cannot be made good. */
const KEEP = { count: 20, size: 1e6, ageMs: 60_000 }
const CHANNEL = 'c'
const wait = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })

/** Runs a script with three subscribers behind a proxy each, and returns what was wrong. */
async function play({ server, port }: Running, path: string, transport: () => Transport, script: readonly Step[]): Promise<string[]> {
  const published = new Map<string, number[]>()
  let number = 0
  const subscribers = await Promise.all([0, 1, 2].map(async () => {
    const proxy = await startFaultProxy({ target: { port } })
    const connection = client(`ws://127.0.0.1:${proxy.port}${path}`, { transport: transport(), connectTimeout: 500, heartbeatInterval: 100, heartbeatTimeout: 100, reconnectInterval: 20, maxReconnectDelay: 100, maxReconnectAttempts: Infinity })
    return { proxy, watched: watch(connection, CHANNEL) }
  }))
  const publish = async (): Promise<void> => {
    const { epoch } = await server.publish(CHANNEL, { number: ++number })
    published.set(epoch, [...(published.get(epoch) ?? []), number])
  }
  await expect.poll(() => server.stats().channelStats[CHANNEL], { timeout: 10_000 }).toBe(3)
  for (const one of script) {
    if (one.does === 'publish') for (let count = 0; count < one.count; count++) await publish()
    else if (one.does === 'reset') await server.reset(CHANNEL)
    else if (one.does === 'pause') await wait(60)
    else {
      const { proxy, watched } = subscribers[one.who] as (typeof subscribers)[number]
      if (one.does === 'drop') proxy.reset()
      else if (one.does === 'stall') proxy.halfOpen()
      else if (one.does === 'heal') proxy.heal()
      else if (one.does === 'leave') watched.connection.disconnect()
      else void watched.connection.connect()
    }
    await wait(5)
  }
  for (const { proxy, watched } of subscribers) {
    proxy.heal()
    void watched.connection.connect()
  }
  /** Under which epoch a message was published is known by its number alone. */
  const relabel = ({ heard }: Watched): void => {
    const epochs = new Map([...published].flatMap(([epoch, list]) => list.map((one) => [one, epoch] as const)))
    heard.forEach(({ number: one }, index) => { heard[index] = { epoch: epochs.get(one) ?? '?', number: one } })
  }
  // Who was told of a gap has not heard the last message before it, so there is always one more.
  await expect.poll(async () => {
    await publish()
    await wait(50)
    for (const { watched } of subscribers) relabel(watched)
    return subscribers.every(({ watched }) => watched.isCurrent(published))
  }, { timeout: 10_000 }).toBe(true)
  const problems = subscribers.flatMap(({ watched }, who) => watched.problems(published).map((problem) => `subscriber ${who}: ${problem}`))
  for (const { proxy, watched } of subscribers) {
    watched.connection.destroy()
    await proxy.close()
  }
  return problems
}

function suite(name: string, broker: () => Broker, runs: number): void {
  describe(name, () => {
    it.each(DOORS)('every subscriber through %s hears everything in order, or why not', { timeout: 120_000 }, async (_, path, transport) => {
      await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (script) => {
        const running = await startServer({ doorsOf, broker: broker(), limits: GENEROUS, history: KEEP, channels: [channel(CHANNEL, { subscribe: everyone })] })
        expect(await play(running, path, transport, script)).toEqual([])
        await running.server.close()
      }), { numRuns: runs, endOnFailure: true })
    })
  })
}

suite('in memory', () => memoryBroker(), 12)

describe.skipIf(!hasRedis)(redisTitle('over Redis'), () => {
  let redis: RedisServer
  let count = 0
  beforeAll(async () => { redis = await startRedis() })
  afterAll(() => redis.close())
  suite('one node', () => redisBroker({ client: nodeRedis(redis), prefix: `run${++count}` }), 8)
})
