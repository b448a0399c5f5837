/** The seam to what brings data while the socket cannot. `uplink/fallback` fills it; nobody else carries it. */
import type { Connection } from './connection-interface.ts'
import type { ConnectionOptions } from './options.ts'
import type { Platform } from './platform.ts'

/** Options of a connection, its platform settled; without `url` where `servers` are in its place. */
export interface SettledOptions extends Omit<ConnectionOptions, 'url'> {
  readonly platform: Platform
}

/** A way to make a connection: `createConnection`, or that of a pool. */
export type CreateConnection<Options extends SettledOptions = SettledOptions> = (options: Options) => Connection

/** Another way for data to come. One value may serve many connections. */
export interface Fallback {
  /** Makes a connection by `create`, and stands beside it. */
  over<Options extends SettledOptions>(create: CreateConnection<Options>, options: Options): Connection
}
