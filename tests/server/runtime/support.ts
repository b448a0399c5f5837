/** A real server on a real port, and real clients of it. */
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { Connection } from '../../../src/engine/connection-interface.ts'
import { createConnection } from '../../../src/engine/index.ts'
import { uplink } from '../../../src/protocols/uplink.ts'
import { type Door, type UplinkServer, type UplinkServerOptions, anonymous, channel, createUplinkServer, everyone, wsDoor } from '../../../src/server/index.ts'
import { ws } from '../../../src/transports/ws.ts'

export interface Running {
  readonly server: UplinkServer
  readonly http: Server
  readonly port: number
  readonly url: string
}

/** Rates that no test meets by accident. */
export const GENEROUS = {
  rates: { commands: { max: 1e6, windowMs: 1_000 }, messages: { max: 1e6, windowMs: 1_000 }, replays: { max: 1e6, windowMs: 1_000 } },
  guests: { connectionsPerUser: 1e6, connectionsPerAddress: 1e6, handshakes: { max: 1e6, perAddress: 1e6, windowMs: 1_000 } },
}

/** Starts a server; it is gone when the test ends. */
export async function startServer(options: Partial<UplinkServerOptions> & { readonly doorsOf?: (http: Server) => Door[]; readonly port?: number } = {}): Promise<Running> {
  const { doorsOf = (http) => [wsDoor({ server: http })], port: wanted = 0, ...rest } = options
  const http = createServer((_, response) => response.writeHead(404).end())
  const server = createUplinkServer({
    doors: doorsOf(http), authenticate: anonymous(), channels: [channel('news', { subscribe: everyone }), channel('room.{name:word}', { subscribe: everyone })],
    limits: GENEROUS, ...rest,
  })
  await server.ready
  await new Promise<void>((resolve) => { http.listen(wanted, '127.0.0.1', resolve) })
  const { port } = http.address() as AddressInfo
  onTestFinished(async () => {
    await server.close()
    http.closeAllConnections()
    await new Promise<void>((resolve) => { http.close(() => resolve()) })
  })
  return { server, http, port, url: `ws://127.0.0.1:${port}/ws` }
}

/** A client of ours over a real socket; it is gone when the test ends. */
export function client(url: string, options: Partial<Parameters<typeof createConnection>[0]> = {}): Connection {
  const connection = createConnection({ url, protocol: uplink(), transport: ws(), reconnectInterval: 50, ...options } as Parameters<typeof createConnection>[0])
  onTestFinished(() => connection.destroy())
  void connection.connect()
  return connection
}

/** A bare WebSocket, and all it has heard. */
export interface Bare {
  readonly socket: WebSocket
  readonly frames: Array<Record<string, unknown>>
  readonly closed: Promise<readonly [code: number, reason: string]>
  say(frame: object | string): void
}

/** A WebSocket that speaks nothing of its own. */
export async function bare(url: string, protocols: string[] = [], headers: Record<string, string> = {}): Promise<Bare> {
  const socket = new WebSocket(url, protocols, { headers })
  onTestFinished(() => socket.terminate())
  const frames: Array<Record<string, unknown>> = []
  socket.on('message', (data) => frames.push(JSON.parse(String(data)) as Record<string, unknown>))
  const closed = new Promise<readonly [number, string]>((resolve) => { socket.on('close', (code, reason) => resolve([code, String(reason)])) })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
    socket.once('unexpected-response', (_, response) => reject(new Error(`HTTP ${response.statusCode}`)))
  })
  return { socket, frames, closed, say: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)) }
}
