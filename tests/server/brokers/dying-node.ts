/** A node in a process of its own, for tests that kill it: it begins a message and goes on living. Arguments: URL of Redis, prefix, lease (ms). */
import { redisBroker } from '../../../src/server/brokers/redis.ts'
import { nodeRedis } from './clients.ts'
import { recorder } from './recorder.ts'
import type { RedisServer } from './redis-server.ts'

const [url = '', prefix = '', leaseMs = ''] = process.argv.slice(2)
const broker = redisBroker({ client: nodeRedis({ url } as RedisServer), prefix, leaseMs: Number(leaseMs) })
await broker.open(recorder())
process.stdout.write(`${String(await broker.results.begin('ann', 'a'))}\n`)
