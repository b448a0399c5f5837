/**
 * The Socket.IO door, for stock clients and for our own over `uplink/transports/socket-io`. Positions ride in the
 * messages, so both doors resume alike; Socket.IO's own recovery of sessions is not used.
 */
import type { Server as HttpServer } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import { Server, type Socket } from 'socket.io'
import { SUBPROTOCOL } from '../../protocol/uplink-v1.ts'
import type { Door, DoorHost, OpenDoor } from './door.ts'
import { addressOf, bearerOf } from './request.ts'
import { type Answered, type Carrier, endOf, packetOf } from './socket-io-end.ts'

/** Options of {@link socketIoDoor}. */
export interface SocketIoDoorOptions {
  /** Your HTTP server. */
  readonly server: HttpServer | SecureServer
  /** @default '/socket.io' */
  readonly path?: string
  /** Polling needs a load balancer that sends a client to the same node every time. @default ['polling', 'websocket'] */
  readonly transports?: ReadonlyArray<'polling' | 'websocket'>
  /** How many proxies stand before the server: so many entries from the end of `X-Forwarded-For` are believed. @default 0 */
  readonly trustedProxies?: number
}

const BYTES_A_UNIT = 3
/** A timer cannot be set for longer. */
const TIMER_LONGEST_MS = 2 ** 31 - 1
/** Requests that stock clients send as events of their own; everything else is a message, or `message` and holds one. */
const REQUESTS: ReadonlySet<string> = new Set(['subscribe', 'unsubscribe', 'authenticate', 'status', 'ping', 'heartbeat'])

/** What an event means, as a frame. */
function frameOf(event: string, payload: unknown, id: string | undefined): string {
  if (event === 'message') return typeof payload === 'string' ? payload : (JSON.stringify(payload) ?? '')
  if (!REQUESTS.has(event)) return JSON.stringify({ type: event, data: payload, id })
  if (typeof payload === 'string') return JSON.stringify({ type: event, channels: [payload] })
  return JSON.stringify(Array.isArray(payload) ? { type: event, channels: payload as unknown[] } : { ...(payload as object | null), type: event })
}

/**
 * A door for Socket.IO 4 on your own HTTP server.
 *
 * A stock client shows its token as `auth: {token}`, emits `subscribe`, `unsubscribe` and messages, and hears
 * everything as `message` events; a callback (`emitWithAck`) gets the `ack` or `nack` of its message. Before it is disconnected it hears a `goodbye` with the close code of
 * docs/PROTOCOL.md, section 10.
 *
 * @example
 * createUplinkServer({ doors: [wsDoor({ server: http }), socketIoDoor({ server: http })], authenticate, channels })
 */
export function socketIoDoor(options: SocketIoDoorOptions): Door {
  return { name: 'socket.io', encode: packetOf, open: (host) => openDoor(host, options) }
}

function openDoor(host: DoorHost, { server, path = '/socket.io', transports = ['polling', 'websocket'], trustedProxies = 0 }: SocketIoDoorOptions): OpenDoor {
  let isShut = false
  const joinMs = Math.min(host.helloTimeoutMs, TIMER_LONGEST_MS)
  /** Sessions that have not joined yet, and when they are cut off. */
  const joining = new WeakMap<Carrier, NodeJS.Timeout>()
  const io = new Server(server, {
    path, transports: [...transports], serveClient: false, perMessageDeflate: false, httpCompression: false,
    maxHttpBufferSize: host.maxFrame * BYTES_A_UNIT, connectTimeout: TIMER_LONGEST_MS,
    cors: { credentials: true, origin: (origin, answer) => answer(null, host.isAllowedOrigin(origin)) },
    // The option `cors` does not hold for WebSockets: whoever may not connect is refused here, on every transport.
    allowRequest(request, answer) {
      const refusal = isShut ? { reason: 'not open' } : host.admit({ address: addressOf(request, trustedProxies), origin: request.headers.origin, headers: request.headers })
      answer(refusal?.reason, refusal === null)
    },
  })
  io.engine.on('connection_error', () => undefined)
  // A session costs what a connection costs, before it joins and after it has left: it counts for as long as it lives.
  io.engine.on('connection', (carrier: Carrier) => {
    const depart = host.arrived(addressOf(carrier.request, trustedProxies))
    // Not by Socket.IO's own timer: it asks a client that polls to close, and waits for it.
    joining.set(carrier, setTimeout(() => carrier.close(true), joinMs).unref())
    carrier.once('close', () => {
      clearTimeout(joining.get(carrier))
      depart()
    })
  })

  io.on('connection', (socket: Socket) => {
    const carrier = socket.conn as unknown as Carrier
    clearTimeout(joining.get(carrier))
    // Several joins that come in one payload all get past Socket.IO. Whoever was asked in once is one session.
    if (!joining.delete(carrier)) return void carrier.close(true)
    const { auth, headers } = socket.handshake
    const isPlain = auth['protocol'] !== SUBPROTOCOL
    const end = endOf(socket, isPlain)
    const token: unknown = auth['token']
    const session = host.enter(end, {
      address: addressOf(socket.request, trustedProxies), origin: headers.origin, headers, isPlain,
      credentials: token ?? bearerOf(socket.request),
    })
    socket.on('error', host.report)
    socket.onAny((event: string, ...sent: unknown[]) => {
      let text = ''
      const answer = sent.at(-1)
      const payload = typeof sent[0] === 'function' ? undefined : sent[0]
      try {
        // Requests are answered by frames of their own.
        const isAnswered = typeof answer === 'function' && event !== 'message' && !REQUESTS.has(event)
        text = frameOf(event, payload, isAnswered ? end.answers.expect(answer as Answered) : undefined)
      } catch {
        // What JSON cannot hold is no frame, and is answered so.
      }
      host.frame(session, text)
    })
    socket.on('disconnect', (reason) => {
      host.left(session)
      // Whoever leaves could join again on the same session, and would not be asked at the door.
      if (reason === 'client namespace disconnect') carrier.close(true)
    })
  })

  return {
    // Engine.IO asks its clients itself.
    probe: () => undefined,
    shut() {
      isShut = true
    },
    async close() {
      isShut = true
      io.disconnectSockets(true)
      io.engine.close()
    },
  }
}
