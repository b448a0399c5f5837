/** `uplink/server/redis`: many nodes over your own Redis. Takes a client of `redis` or `ioredis`. */
export { redisBroker } from './brokers/redis.ts'
export type { RedisBroker, RedisBrokerOptions } from './brokers/redis.ts'
export { fromIoredis, fromNodeRedis } from './brokers/redis-client.ts'
export type { IoredisClient, NodeRedisClient, RedisConnection, RedisEvents, RedisLike } from './brokers/redis-client.ts'
