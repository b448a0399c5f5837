/** A server for tests behind a real door: `ws` on 127.0.0.1. */
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { browserPlatform } from '../../engine/platform.ts'
import { SUBPROTOCOL } from '../../protocol/uplink-v1.ts'
import { createBackend } from '../backend/backend.ts'
import type { Backend, BackendOptions, Kept } from '../backend/options.ts'

/** Options of {@link createTestServer}. */
export interface TestServerOptions extends BackendOptions {
  /** Port on 127.0.0.1. @default a free one */
  readonly port?: number
  /** Bytes that may wait for one client, before it is closed with 4413. @default 16 MiB */
  readonly backlogMostBytes?: number
  /** How often clients are asked whether they live, ms; who does not answer by the next time is cut off. @default 25,000 */
  readonly pingIntervalMs?: number
}

/** A server that speaks `uplink.v1` over real sockets, and can be broken on purpose. */
export interface TestServer extends Backend {
  /** `ws://127.0.0.1:…` */
  readonly url: string
  readonly port: number
  /** The process goes: the port refuses, connections break off. */
  stop(): Promise<void>
  /** It comes back, on the same port, with what it kept; where it runs, it is stopped first. @default keeps everything */
  start(kept?: Kept): Promise<void>
  /** Ends everything; resolves when nothing is left. */
  close(): Promise<void>
}

/** A UTF-16 code unit is at most three bytes of UTF-8. */
const BYTES_A_UNIT = 3
const MAX_FRAME = 1_048_576

/**
 * Starts a server on 127.0.0.1. It is the real server logic of this package, with everything in memory and a
 * handle on everything that can go wrong: restarts, lost history, slow handlers, refused credentials.
 *
 * @throws (rejects) when the port is taken
 *
 * @example
 * const server = await createTestServer({ authenticate: (token) => (token === 'secret' ? { identity: 'ann' } : null) })
 * server.handle('order', ({ data }) => ({ accepted: data }))
 * server.publish('prices', { bid: 1 })
 * await server.stop()
 * await server.start('nothing')
 */
export async function createTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { backlogMostBytes = 16_777_216, pingIntervalMs = 25_000 } = options
  const backend = createBackend(browserPlatform(), options)
  const silent = new Set<WebSocket>()
  let door: WebSocketServer | undefined
  let pings: NodeJS.Timeout | undefined
  // One message for a thousand clients becomes bytes once.
  let encoded = { text: '', bytes: Buffer.alloc(0) }

  function bytesOf(text: string): Buffer {
    if (encoded.text !== text) encoded = { text, bytes: Buffer.from(text) }
    return encoded.bytes
  }

  function enter(socket: WebSocket): void {
    const events = backend.accept({
      send(text) {
        socket.send(bytesOf(text), { binary: false })
        if (socket.bufferedAmount <= backlogMostBytes) return
        socket.close(4413, 'too slow to take what was sent')
        events.closed()
      },
      close: (code, reason) => (code === undefined ? socket.terminate() : socket.close(code, reason)),
    })
    socket.on('error', () => undefined)
    socket.on('pong', () => silent.delete(socket))
    // Binary messages are reserved: they are no JSON, and are answered so.
    socket.on('message', (bytes: Buffer, isBinary) => events.frame(isBinary ? '' : bytes.toString()))
    socket.on('close', () => {
      silent.delete(socket)
      events.closed()
    })
  }

  function ping(clients: Iterable<WebSocket>): void {
    for (const socket of clients) {
      if (silent.has(socket)) socket.terminate()
      else socket.ping()
      silent.add(socket)
    }
  }

  async function open(port: number): Promise<number> {
    const server = new WebSocketServer({
      port, host: '127.0.0.1', maxPayload: (options.limits?.maxFrame ?? MAX_FRAME) * BYTES_A_UNIT, perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    })
    await new Promise<void>((resolve, fail) => {
      server.once('listening', resolve)
      server.once('error', fail)
    })
    server.on('connection', enter)
    door = server
    pings = setInterval(() => ping(server.clients), pingIntervalMs)
    return (server.address() as AddressInfo).port
  }

  async function stop(): Promise<void> {
    const server = door
    door = undefined
    clearInterval(pings)
    backend.stop()
    for (const socket of server?.clients ?? []) socket.terminate()
    await new Promise<void>((resolve) => { if (server === undefined) resolve(); else server.close(() => resolve()) })
  }

  const port = await open(options.port ?? 0)

  return {
    ...backend,
    port,
    url: `ws://127.0.0.1:${port}`,
    stop,
    async start(kept = 'everything') {
      if (door !== undefined) await stop()
      backend.start(kept)
      await open(port)
    },
    close: stop,
  }
}
