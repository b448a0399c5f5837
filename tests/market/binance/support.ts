/** A connection to a stand-in, as an application makes it. */
import { type Connection, type ConnectionOptions, type Message, UplinkError, createConnection } from 'uplink/engine'
import { binance, type BinanceOptions } from 'uplink/market'
import { ws } from 'uplink/transports/ws'

/** A connection, and what it told. */
export interface Client {
  readonly connection: Connection
  readonly messages: Message[]
  readonly errors: UplinkError[]
  readonly gaps: Array<{ readonly channel: string; readonly from: number; readonly to: number | null }>
}

/** Connections of one test file. */
export interface Clients {
  open(url: string, protocol?: BinanceOptions, options?: Partial<ConnectionOptions>): Promise<Client>
  close(): void
}

/** Keeps what a test file opens. */
export function clients(): Clients {
  const all: Connection[] = []
  return {
    async open(url, protocol, options) {
      const connection = createConnection({ url, protocol: binance(protocol), transport: ws(), reconnectInterval: 0, ...options })
      all.push(connection)
      const client: Client = { connection, messages: [], errors: [], gaps: [] }
      connection.on('message', (message) => client.messages.push(message))
      connection.on('error', (error) => client.errors.push(error))
      connection.on('gap', ({ channel, gap: { from, to } }) => client.gaps.push({ channel, from, to }))
      await connection.connect()
      return client
    },
    close() {
      for (const connection of all.splice(0)) connection.destroy()
    },
  }
}
