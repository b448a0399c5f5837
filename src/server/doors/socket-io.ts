/**
 * The Socket.IO door, for stock clients and for our own over `uplink/transports/socket-io`. Positions ride in the
 * messages, so both doors resume alike; Socket.IO's own recovery of sessions is not used.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server as HttpServer } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import { Server, type Socket } from 'socket.io'
import { SUBPROTOCOL } from '../../protocol/uplink-v1.ts'
import type { Door, DoorEnd, DoorHost, OpenDoor } from './door.ts'
import { framesOf } from './pre-framed.ts'
import { addressOf, bearerOf } from './request.ts'

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

/** What goes to a client, made once for everybody: the frame, the packet, and its WebSocket frame. */
interface Packet {
  readonly text: string
  readonly data: string
  readonly options: { readonly compress: false; readonly wsPreEncodedFrame: readonly Buffer[] }
}

/** The part of an Engine.IO socket that is used here; it takes packets which are encoded already. */
interface Carrier {
  readonly request: IncomingMessage
  write(data: string, options: Packet['options'], sent: () => void): unknown
  close(isAtOnce: boolean): void
  once(event: 'close', listener: () => void): unknown
}

const BYTES_A_UNIT = 3
const ANSWERS_MOST = 1_000
/** A timer cannot be set for longer. */
const TIMER_LONGEST_MS = 2 ** 31 - 1
/** So much waits in a socket of Node before it says so. */
const WORTH_A_LOOK = 16_384
/** Requests that stock clients send as events of their own; everything else is a message, or `message` and holds one. */
const REQUESTS: ReadonlySet<string> = new Set(['subscribe', 'unsubscribe', 'authenticate', 'status', 'ping', 'heartbeat'])

function packetOf(text: string, isPlain: boolean): Packet {
  // Engine.IO's 4 is a message, Socket.IO's 2 an event. Stock clients get an object, ours the text it decodes itself.
  const data = `2["message",${isPlain ? text : JSON.stringify(text)}]`
  return { text, data, options: { compress: false, wsPreEncodedFrame: [framesOf(`4${data}`)] } }
}

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
        text = frameOf(event, payload, typeof answer === 'function' ? end.answers.expect(answer as Answered) : undefined)
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

type Answered = (frame: unknown) => void

/** Callbacks of stock clients (`emitWithAck`), by the id that their message was given. */
class Answers {
  #waiting: Map<string, Answered> | null = null

  /** Gives the message an id, under which the callback gets its `ack` or `nack`. */
  expect(answered: Answered): string | undefined {
    this.#waiting ??= new Map()
    // Who never hears of so many has other worries; the message goes on without a callback.
    if (this.#waiting.size >= ANSWERS_MOST) return undefined
    const id = randomUUID()
    this.#waiting.set(id, answered)
    return id
  }

  /** Whether the frame is an answer that a callback waits for. */
  take(text: string): boolean {
    if (this.#waiting === null || this.#waiting.size === 0 || !/^\{"type":"n?ack"/.test(text)) return false
    const frame = JSON.parse(text) as { readonly id: string }
    const answered = this.#waiting.get(frame.id)
    if (answered === undefined) return false
    this.#waiting.delete(frame.id)
    answered(frame)
    return true
  }
}

function endOf(socket: Socket, isPlain: boolean): DoorEnd & { readonly answers: Answers } {
  const answers = new Answers()
  const carrier = socket.conn as unknown as Carrier
  /** Sizes of what was sent and not taken, oldest first; Engine.IO tells of each when it is. */
  let sizes: number[] = []
  let taken = 0
  let waiting = 0
  const sent = (): void => {
    waiting -= sizes[taken++] ?? 0
    if (taken < sizes.length && taken < 1_024) return
    sizes = sizes.slice(taken)
    taken = 0
  }
  return {
    answers,
    send(packet) {
      const { text, data, options } = packet as Packet
      if (socket.conn.readyState !== 'open' || answers.take(text)) return true
      sizes.push(data.length)
      waiting += data.length
      carrier.write(data, options, sent)
      return waiting < WORTH_A_LOOK
    },
    close(code, reason) {
      if (isPlain) socket.emit('message', { type: 'goodbye', reason, closeCode: code })
      else socket.emit('uplink:close', code, reason)
      socket.disconnect(true)
    },
    waitingBytes: () => waiting,
  }
}
