/** The servers of the fan-out bench: written by hand, bare Socket.IO, and ours through both doors. */
import { type Server, createServer } from 'node:http'
import { Server as SocketIoServer } from 'socket.io'
import * as ws from 'ws'

// What is published, not the sources: a loader that keeps the names of functions costs a quarter of a kilobyte for each.
const built = (file: string): string => new URL(`../dist/server/${file}`, import.meta.url).href
const { anonymous, channel, createUplinkServer, everyone, wsDoor } = (await import(built('index.js'))) as typeof import('../src/server/index.ts')
const { socketIoDoor } = (await import(built('socket-io.js'))) as typeof import('../src/server/socket-io.ts')

/** A server under test. */
export interface FanoutServer {
  readonly http: Server
  /** Sends one message to everybody. */
  publish(data: object): void
  clients(): number
}

const UNLIMITED = {
  rates: { commands: { max: 1e6, windowMs: 1_000 }, messages: { max: 1e6, windowMs: 1_000 } },
  guests: { connectionsPerUser: 1e6, connectionsPerAddress: 1e6, handshakes: { max: 1e6, perAddress: 1e6, windowMs: 1_000 } },
}

/** What somebody writes who knows `ws` well: the frame is made once, and its bytes are written to every socket. */
function byHand(): FanoutServer {
  const http = createServer()
  const server = new ws.WebSocketServer({ noServer: true, perMessageDeflate: false })
  const carriers = new Set<import('node:stream').Duplex>()
  const { Sender } = ws as unknown as { readonly Sender: { frame(data: Buffer, options: object): Buffer[] } }
  http.on('upgrade', (request, carrier, head) => server.handleUpgrade(request, carrier, head, (socket) => {
    socket.on('error', () => undefined)
    socket.on('message', () => carriers.add(carrier))
    socket.on('close', () => carriers.delete(carrier))
  }))
  let offset = 0
  return {
    http,
    clients: () => carriers.size,
    publish(data) {
      const text = JSON.stringify({ type: 'tick', channel: 'c', data, offset: ++offset, timestamp: Date.now() })
      const frame = Buffer.concat(Sender.frame(Buffer.from(text), { fin: true, opcode: 1, mask: false, rsv1: false, readOnly: false }))
      for (const carrier of carriers) carrier.write(frame)
    },
  }
}

function bareSocketIo(): FanoutServer {
  const http = createServer()
  const io = new SocketIoServer(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false })
  io.on('connection', (socket) => { socket.on('subscribe', () => void socket.join('c')) })
  let offset = 0
  return {
    http,
    clients: () => io.sockets.adapter.rooms.get('c')?.size ?? 0,
    publish: (data) => void io.to('c').emit('message', { type: 'tick', channel: 'c', data, offset: ++offset, timestamp: Date.now() }),
  }
}

function ours(door: 'ws' | 'socket.io'): FanoutServer {
  const http = createServer()
  const server = createUplinkServer({
    doors: [door === 'ws' ? wsDoor({ server: http, paths: ['/'] }) : socketIoDoor({ server: http, transports: ['websocket'] })],
    authenticate: anonymous(), channels: [channel('c', { subscribe: everyone })], limits: UNLIMITED,
  })
  return { http, clients: () => server.stats().channelStats['c'] ?? 0, publish: (data) => void server.publish('c', data, { type: 'tick' }) }
}

/** By name. The first is what the others are compared with; the second is the same again: the noise. */
export const KINDS: Readonly<Record<string, { readonly door: 'ws' | 'uplink.v1' | 'socket.io'; readonly ofTen: boolean; start(): FanoutServer }>> = {
  'pre-framed ws, by hand': { door: 'ws', ofTen: false, start: byHand },
  'the same again': { door: 'ws', ofTen: false, start: byHand },
  'uplink, ws door': { door: 'uplink.v1', ofTen: false, start: () => ours('ws') },
  'uplink, ws door, ten messages a turn': { door: 'uplink.v1', ofTen: true, start: () => ours('ws') },
  'Socket.IO, bare': { door: 'socket.io', ofTen: false, start: bareSocketIo },
  'uplink, Socket.IO door': { door: 'socket.io', ofTen: false, start: () => ours('socket.io') },
}
