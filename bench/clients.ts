/** The clients that are compared, each doing the same: connect, parse, hand data to a listener by type. */
import PartySocket from 'partysocket/ws'
import ReconnectingWebSocket from 'reconnecting-websocket'
import { io } from 'socket.io-client'
import { WebSocket } from 'ws'

// The built library, as users get it; by address, because the name leads to the sources here.
const built = (path: string): string => new URL(`../dist/${path}`, import.meta.url).href
const { createConnection } = (await import(built('engine/index.js'))) as typeof import('uplink/engine')
const { ws } = (await import(built('transports/ws.js'))) as typeof import('uplink/transports/ws')

/** Where the servers of a bench listen. */
export interface Servers {
  readonly ws: string
  /** Speaks `uplink.v1`. */
  readonly reliable: string
  readonly socketIo: string
}

/** One client under test. `send` sends a message; `listen` hears the data of every `tick`. */
export interface Client {
  send(data: unknown): void
  close(): void
}

/** Opens a client; resolves when it is connected. */
export type OpenClient = (servers: Servers, listen: (data: unknown) => void) => Promise<Client>

/** What somebody careful writes by hand: `ws`, JSON.parse, a Map of listeners. */
const baseline: OpenClient = ({ ws: url }, listen) =>
  new Promise((resolve) => {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    const listeners = new Map<string, Array<(data: unknown) => void>>([['tick', [listen]]])
    socket.on('message', (raw) => {
      const message = JSON.parse(String(raw)) as { type: string; data: unknown }
      const list = listeners.get(message.type)
      if (list !== undefined) for (const one of list) one(message.data)
    })
    socket.on('open', () => resolve({
      send: (data) => socket.send(JSON.stringify({ type: 'order', data, timestamp: Date.now() })),
      close: () => socket.close(),
    }))
  })

const uplink: OpenClient = async ({ ws: url }, listen) => {
  const connection = createConnection({ url, transport: ws() })
  connection.subscribe('tick', listen)
  connection.channel('btc').onMessage(() => undefined)
  await connection.connect()
  return { send: (data) => void connection.send({ type: 'order', data }), close: () => connection.destroy() }
}

type Reconnecting = { onmessage: unknown; onopen: unknown; send(text: string): void; close(): void }

function reconnecting(make: (url: string) => Reconnecting): OpenClient {
  return ({ ws: url }, listen) =>
    new Promise((resolve) => {
      const socket = make(url)
      socket.onmessage = ({ data }: { data: string }) => {
        const message = JSON.parse(data) as { type: string; data: unknown }
        if (message.type === 'tick') listen(message.data)
      }
      socket.onopen = () => resolve({
        send: (data) => socket.send(JSON.stringify({ type: 'order', data, timestamp: Date.now() })),
        close: () => socket.close(),
      })
    })
}

const socketIo: OpenClient = ({ socketIo: url }, listen) =>
  new Promise((resolve) => {
    const socket = io(url, { transports: ['websocket'] })
    socket.on('tick', listen)
    socket.on('connect', () => resolve({ send: (data) => void socket.emit('order', data), close: () => void socket.close() }))
  })

/** By name; the baseline runs twice, and the difference between the two is the noise. */
export const CLIENTS: Readonly<Record<string, OpenClient>> = {
  'baseline': baseline,
  'baseline again': baseline,
  'uplink': uplink,
  'reconnecting-websocket': reconnecting((url) => new ReconnectingWebSocket(url, [], { WebSocket }) as unknown as Reconnecting),
  'partysocket': reconnecting((url) => new PartySocket(url, [], { WebSocket: WebSocket as never }) as unknown as Reconnecting),
  'socket.io-client': socketIo,
}
