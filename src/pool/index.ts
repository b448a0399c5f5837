/** `uplink/pool`: several servers, and several sockets, behind one uplink. */
export { pool } from './pool.ts'
export type { Pool, PoolSnapshot, PoolSocket } from './pool.ts'
export type { KeyOf, PoolOptions, ServerAddress } from './options.ts'
export type { ServerHealth } from './health.ts'
