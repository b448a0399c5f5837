/** The seam to what makes one connection of several servers. */
import type { Connection } from './connection-interface.ts'
import type { ConnectionOptions } from './options.ts'

/** Makes the connection of an uplink, in place of `createConnection`; see `pool()` of `uplink/pool`. */
export interface Servers {
  /** @throws UplinkError `UPLINK_OPTION_INVALID` for options that it cannot work with. */
  connection(options: Omit<ConnectionOptions, 'url'>): Connection
}
