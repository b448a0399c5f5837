/** `uplink/transports/socket-io`: frames over a Socket.IO server. When to dial again is the machine's decision, not Socket.IO's. */
import { type ManagerOptions, type SocketOptions, io } from 'socket.io-client'
import type { Transport } from '../engine/transport.ts'
import { closeCodeOfStatus } from '../protocol/close.ts'
import { SUBPROTOCOL } from '../protocol/uplink-v1.ts'

/** Options of {@link socketIo}: whatever `socket.io-client` takes, except what would make it decide on its own. */
export type SocketIoOptions = Omit<Partial<ManagerOptions & SocketOptions>, 'reconnection' | 'forceNew' | 'autoConnect' | 'multiplex' | 'auth' | 'retries'>

/** Close codes of what Socket.IO calls reasons; everything else is a lost connection. */
const CODES: Readonly<Record<string, number>> = { 'io server disconnect': 1001, 'io client disconnect': 1000 }

/** The WebSocket below, where there is one: Engine.IO calls itself drained as soon as it has handed everything to it. */
interface Carrier {
  readonly ws?: { readonly bufferedAmount: number } | null
}

/**
 * A transport over `socket.io-client`, for servers with `socketIoDoor()`. The path of the URL is the path of the
 * Socket.IO server, `/socket.io` where it has none.
 *
 * @example
 * createUplink({ url: 'wss://example.com', protocol: uplink(), transport: socketIo(), credentials: () => fetchToken() })
 */
export function socketIo(options: SocketIoOptions = {}): Transport {
  return ({ url }, events) => {
    const { origin, pathname, search } = new URL(url.replace(/^ws/, 'http'))
    const socket = io(`${origin}${search}`, {
      ...(pathname === '/' ? {} : { path: pathname }), ...options,
      auth: { protocol: SUBPROTOCOL }, reconnection: false, forceNew: true, multiplex: false,
    })
    let isOver = false
    /** What was handed over and is not in a WebSocket: over polling, until the server has taken it. */
    let waiting = 0
    const carrier = (): Carrier['ws'] => (socket.io.engine?.transport as Carrier | undefined)?.ws
    const over = (code: number, reason: string, cause?: unknown): void => {
      if (isOver) return
      isOver = true
      socket.removeAllListeners()
      socket.disconnect()
      events.closed({ code, reason, ...(cause === undefined ? {} : { cause }) })
    }
    socket.on('connect', () => {
      const taken = (): void => { waiting = 0 }
      socket.io.engine.on('drain', taken)
      socket.io.engine.on('flush', () => { if (carrier()) taken() })
      events.opened(SUBPROTOCOL)
    })
    socket.on('message', (text: unknown) => { if (typeof text === 'string') events.frame(text) })
    socket.on('uplink:close', (code: unknown, reason: unknown) => over(typeof code === 'number' ? code : 1006, String(reason)))
    socket.on('connect_error', (error) => {
      // Polling sees the HTTP status of a refusal. Engine.IO answers 403 and 404 for whatever reason: those say nothing.
      const { description: status } = error as { readonly description?: unknown }
      over(status === 401 || status === 429 || status === 503 ? closeCodeOfStatus(status) : 1006, error.message, error)
    })
    socket.on('disconnect', (reason) => over(CODES[reason] ?? 1006, reason))
    return {
      send(frame) {
        waiting += typeof frame === 'string' ? frame.length : frame.byteLength
        socket.emit('message', frame)
      },
      close: () => over(1000, 'closed'),
      get bufferedAmount() {
        return waiting + (carrier()?.bufferedAmount ?? 0)
      },
    }
  }
}
