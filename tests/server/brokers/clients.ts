/** The clients that the Redis broker is tested with, each as its users make it. */
import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import { type RedisLike, fromIoredis, fromNodeRedis } from '../../../src/server/brokers/redis-client.ts'
import type { RedisServer } from './redis-server.ts'

/** Makes a client for a server. */
export type MakeClient = (server: RedisServer) => RedisLike

export const nodeRedis: MakeClient = ({ url }) => fromNodeRedis(createClient({ url, keyPrefix: 'ignored:' }))
export const ioredis: MakeClient = ({ url }) => fromIoredis(new Redis(url, { lazyConnect: true, keyPrefix: 'ignored:' }))
export const nodeRedisCluster: MakeClient = ({ url }) => fromNodeRedis(createCluster({ rootNodes: [{ url }] }))
export const ioredisCluster: MakeClient = ({ port }) => fromIoredis(new Cluster([{ host: '127.0.0.1', port }], { lazyConnect: true }))
