/** The plain WebSocket door: `uplink.v1` where the client offers it, plain JSON frames where it does not. */
import type { IncomingMessage, Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { UplinkError } from '../../core/errors.ts'
import { SUBPROTOCOL } from '../../protocol/uplink-v1.ts'
import type { Door, DoorEnd, DoorHost, OpenDoor } from './door.ts'
import { framesOf } from './pre-framed.ts'
import { addressOf, bearerOf, queryOf, refuse } from './request.ts'

/** Options of {@link wsDoor}. */
export interface WsDoorOptions {
  /** Your HTTP server. Upgrades of other paths are left alone. */
  readonly server: Server | SecureServer
  /** Paths it answers. @default ['/ws'] */
  readonly paths?: readonly string[]
  /** Name of a query parameter that holds a token. URLs end up in logs of others: headers and first messages do not. @default none */
  readonly tokenInQuery?: string
  /** How many proxies stand before the server: so many entries from the end of `X-Forwarded-For` are believed. @default 0 */
  readonly trustedProxies?: number
}

/** A UTF-16 code unit is at most three bytes of UTF-8. */
const BYTES_A_UNIT = 3
/** A client that does not answer a close is cut off. */
const CLOSE_TIMEOUT_MS = 5_000

/** Paths that are answered already, by server. */
const PATHS = new WeakMap<object, Set<string>>()

/** One end of a WebSocket. A class, because its methods are then one set for a hundred thousand connections. */
class WebSocketEnd implements DoorEnd {
  readonly #socket: WebSocket
  readonly #carrier: Duplex
  #isClosing = false

  constructor(socket: WebSocket, carrier: Duplex) {
    this.#socket = socket
    this.#carrier = carrier
  }

  /** The bytes are a whole frame already. `ws` writes whole frames too, at once, so the two never mix. */
  send(bytes: unknown): boolean {
    return this.#isClosing || !this.#carrier.writable || this.#carrier.write(bytes as Buffer)
  }

  close(code: number, reason: string): void {
    this.#isClosing = true
    // RFC 6455, section 5.5: a close frame holds 125 bytes, two of them the code.
    this.#socket.close(code, Buffer.from(reason).subarray(0, 123).toString().replaceAll('\uFFFD', ''))
  }

  waitingBytes(): number {
    return this.#carrier.writableLength
  }
}

/** A socket that breaks closes as well, and that is what counts. Made here, because a function made at a handshake would hold all of it. */
const ignore = (): void => undefined

/**
 * A door for WebSockets, on paths of your own HTTP server.
 *
 * @example
 * wsDoor({ server: http, paths: ['/ws', '/ws/trading'] })
 */
export function wsDoor({ server, paths = ['/ws'], tokenInQuery, trustedProxies = 0 }: WsDoorOptions): Door {
  return {
    name: 'ws',
    encode: framesOf,
    open: (host) => openDoor(host),
  }

  function openDoor(host: DoorHost): OpenDoor {
    const sockets = new WebSocketServer({
      noServer: true, perMessageDeflate: false, clientTracking: true, closeTimeout: CLOSE_TIMEOUT_MS, maxPayload: host.maxFrame * BYTES_A_UNIT,
      handleProtocols: (offered: Set<string>) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    } as ConstructorParameters<typeof WebSocketServer>[0])
    const silent = new Set<WebSocket>()
    let isShut = false

    function upgrade(request: IncomingMessage, carrier: Duplex, head: Buffer): void {
      // First of all: a socket that breaks while nobody listens ends the process.
      carrier.on('error', ignore)
      // Not by URL: what stands there need not be one.
      if (!paths.includes((request.url ?? '/').split('?', 1)[0] as string)) {
        // Others may answer it; where there are none, nobody would, and it would hang.
        if (server.listenerCount('upgrade') === 1) refuse(carrier, { status: 404, reason: `there is ${paths.join(', ')}` })
        return
      }
      const visit = { address: addressOf(request, trustedProxies), origin: request.headers.origin, headers: request.headers }
      const refusal = isShut ? { status: 503 as const, reason: 'not open', retryAfterMs: 1_000 } : host.admit(visit)
      if (refusal !== null) return refuse(carrier, refusal)
      sockets.handleUpgrade(request, carrier, head, (socket) => enter(socket, request, carrier, visit))
    }

    function enter(socket: WebSocket, request: IncomingMessage, carrier: Duplex, visit: Parameters<DoorHost['admit']>[0]): void {
      socket.on('error', ignore)
      const depart = host.arrived(visit.address)
      const session = host.enter(new WebSocketEnd(socket, carrier), {
        ...visit, isPlain: socket.protocol !== SUBPROTOCOL,
        credentials: bearerOf(request) ?? (tokenInQuery === undefined ? undefined : queryOf(request, tokenInQuery)),
      })
      socket.on('pong', () => silent.delete(socket))
      // Binary messages are reserved: they are no JSON, and are answered so.
      socket.on('message', (bytes: Buffer, isBinary) => {
        silent.delete(socket)
        host.frame(session, isBinary ? '' : bytes.toString())
      })
      socket.on('close', () => {
        silent.delete(socket)
        depart()
        host.left(session)
      })
    }

    const taken = PATHS.get(server) ?? new Set<string>()
    for (const path of paths) {
      if (!path.startsWith('/')) throw new UplinkError('UPLINK_OPTION_INVALID', `wsDoor: paths begin with a slash; ${JSON.stringify(path)} does not`)
      // Two would answer one handshake, and the second answer ends the process.
      if (taken.has(path)) throw new UplinkError('UPLINK_OPTION_INVALID', `wsDoor: another door of this HTTP server answers ${path} already`)
    }
    PATHS.set(server, new Set([...taken, ...paths]))
    server.on('upgrade', upgrade)
    return {
      probe() {
        for (const socket of sockets.clients) {
          if (silent.has(socket)) socket.terminate()
          else socket.ping()
          silent.add(socket)
        }
      },
      shut() {
        isShut = true
      },
      async close() {
        isShut = true
        server.off('upgrade', upgrade)
        for (const path of paths) PATHS.get(server)?.delete(path)
        for (const socket of sockets.clients) if (socket.readyState === socket.OPEN) socket.terminate()
        await new Promise<void>((resolve) => { sockets.close(() => resolve()) })
      },
    }
  }
}
