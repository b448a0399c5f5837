/** `pool()`: several servers behind one uplink. */
import type { ConnectionState } from '../core/machine.ts'
import { UplinkError } from '../core/errors.ts'
import type { ConnectionOptions } from '../engine/options.ts'
import type { Servers } from '../engine/servers.ts'
import { redact } from '../engine/url.ts'
import { type PooledConnection, createPooledConnection } from './connection.ts'
import { type ServerHealth, createHealth } from './health.ts'
import { type PoolOptions, type ServerAddress, resolvePool } from './options.ts'

/** One socket of a pool. */
export interface PoolSocket {
  /** Place of its server in the list; `null` before the first dial. */
  readonly server: number | null
  readonly state: ConnectionState
  readonly channels: number
  /** Whether another socket is about to take its place. */
  readonly handingOver: boolean
}

/** A pool at one moment. */
export interface PoolSnapshot {
  readonly servers: readonly ServerHealth[]
  readonly sockets: readonly PoolSocket[]
  /** Hand-overs that were completed. */
  readonly handOvers: number
}

/** Several servers, for the option `servers` of `createUplink`; uplinks that share one share what is known of its servers. */
export interface Pool extends Servers {
  snapshot(): PoolSnapshot
  /** Brings another socket in place of each one now, without a loss: before a planned interruption, for example. */
  handOver(): void
}

/** Options of a connection that a pool cannot work with, as they may come from code without types. */
interface Foreign {
  readonly url?: unknown
  readonly servers?: unknown
  readonly fallback?: unknown
}

const bad = (text: string): UplinkError => new UplinkError('UPLINK_OPTION_INVALID', text)

function check({ url, reconnect }: Foreign & Pick<ConnectionOptions, 'reconnect'>): void {
  if (url !== undefined) throw bad('url and servers were given; a pool knows its addresses: leave url out')
  if (reconnect === false) throw bad('reconnect is false; a pool lives from dialing the next server: leave it out')
}

/**
 * Several servers behind one uplink, for any protocol: it stays where it works, leaves a server that fails, moves to
 * another without a loss when one says goodbye or has had its time, and spreads channels over sockets.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` or `UPLINK_URL_INVALID`.
 * @example
 * createUplink({ servers: pool(['wss://a.example.com/ws', 'wss://b.example.com/ws']), protocol: uplink() })
 * createUplink({ servers: pool(['wss://stream.example.com'], { lifetime: 86_400_000, maxChannels: 1_024, keyOf }) })
 */
export function pool(servers: readonly ServerAddress[], options: PoolOptions = {}): Pool {
  const resolved = resolvePool(servers, options)
  const health = createHealth(servers.length)
  let connections: PooledConnection[] = []
  let clock: Pick<NonNullable<ConnectionOptions['platform']>, 'now' | 'time'> = { now: () => performance.now(), time: () => Date.now() }

  const alive = (): readonly PooledConnection[] => (connections = connections.filter((one) => !one.isDestroyed()))

  function healthOf(server: number): ServerHealth {
    const address = resolved.servers[server]
    const left = health.coolsUntil(server) - clock.now()
    return { url: typeof address === 'string' ? redact(address) : null, ...health.snapshot(server), coolsUntil: left > 0 ? Math.round(clock.time() + left) : null }
  }

  return {
    connection(given) {
      const { url, servers: own, fallback, ...rest } = given as typeof given & Foreign
      check({ ...rest, url })
      // Seams above this one are not options of a connection.
      void own
      void fallback
      clock = rest.platform ?? clock
      const [first] = resolved.servers
      const storageKey = rest.storageKey ?? (typeof first === 'string' ? first.replace(/[?#].*$/, '') : undefined)
      const connection = createPooledConnection(resolved, health, storageKey === undefined ? rest : { ...rest, storageKey })
      connections = [...alive(), connection]
      return connection
    },
    snapshot: () => ({
      servers: resolved.servers.map((_, server) => healthOf(server)),
      sockets: alive().flatMap((connection) => connection.seats().map((seat) => ({
        server: seat.current().server() ?? null, state: seat.current().connection.snapshot().state, channels: seat.fronts.size, handingOver: seat.next() !== undefined,
      }))),
      handOvers: connections.reduce((sum, one) => sum + one.handOvers(), 0),
    }),
    handOver() {
      for (const connection of alive()) connection.handOver()
    },
  }
}
