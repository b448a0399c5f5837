/** The Redis broker keeps what every broker promises: with both packages, against one Redis and against a cluster. */
import { afterAll, beforeAll, describe } from 'vitest'
import type { Broker } from '../../../src/server/brokers/broker.ts'
import { redisBroker } from '../../../src/server/brokers/redis.ts'
import { type MakeClient, ioredis, ioredisCluster, nodeRedis, nodeRedisCluster } from './clients.ts'
import { type BrokerWorld, brokerContract } from './contract.ts'
import { type RedisServer, hasRedis, redisTitle, startRedis } from './redis-server.ts'

function contractOf(name: string, isCluster: boolean, make: MakeClient): void {
  describe.skipIf(!hasRedis)(redisTitle('a broker in Redis'), () => {
    let server: RedisServer
    let worlds = 0

    beforeAll(async () => {
      server = await startRedis({ isCluster })
    })
    afterAll(() => server.close())

    brokerContract(name, async (): Promise<BrokerWorld> => {
      const prefix = `test${worlds++}`
      const brokers: Broker[] = []
      return {
        async node(events) {
          const broker = redisBroker({ client: make(server), prefix, leaseMs: 3_000, commandTimeoutMs: 10_000 })
          brokers.push(broker)
          await broker.open(events)
          return broker
        },
        close: async () => void await Promise.all(brokers.map((broker) => broker.close())),
      }
    })
  })
}

contractOf('with redis', false, nodeRedis)
contractOf('with ioredis', false, ioredis)
contractOf('with a plain client of a cluster', true, nodeRedis)
contractOf('with the cluster of redis', true, nodeRedisCluster)
contractOf('with the cluster of ioredis', true, ioredisCluster)
