/** `uplink/transports/ws`: the `ws` package as a transport for Node, with headers. */
import { type ClientOptions, WebSocket } from 'ws'
import type { Loss } from '../core/machine.ts'
import type { Transport } from '../engine/transport.ts'
import type { Frame } from '../protocol/message.ts'
import { closeCodeOfStatus } from '../protocol/close.ts'

/** Options of {@link ws}: headers such as `authorization`, and whatever else `ws` takes. */
export interface WsOptions extends Omit<ClientOptions, 'headers'> {
  /** HTTP headers of the upgrade request; a function is asked before every attempt. */
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>)
}

function retryAfterMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const seconds = Number(value)
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(value) - Date.now()
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined
}

/**
 * A transport over `ws`. The HTTP status of a refused upgrade is read like a close code: 401 as 4401,
 * 403 as 4403, 429 and 503 as a request to come back later, at the time of `Retry-After` if there is one.
 *
 * @example
 * createConnection({ url: 'wss://example.com/ws', transport: ws({ headers: { authorization: 'Bearer …' } }) })
 */
export function ws(options: WsOptions = {}): Transport {
  const { headers, ...rest } = options
  return ({ url, protocols }, events) => {
    const settings: ClientOptions & { closeTimeout: number } = {
      perMessageDeflate: false,
      // A dead network would otherwise hold the process open for half a minute after `disconnect()`.
      closeTimeout: 2_000,
      ...rest,
      headers: typeof headers === 'function' ? headers() : (headers ?? {}),
    }
    const socket = new WebSocket(url, [...protocols], settings)
    let refusal: Loss | undefined
    let failure: Error | undefined
    socket.binaryType = 'arraybuffer'
    let carrier: NodeJS.EventEmitter | undefined
    socket.on('upgrade', (response) => { carrier = response.socket })
    socket.on('open', () => {
      // Chunks of a large frame are signs of life long before the frame is whole. Listening any earlier
      // would take the first bytes away from `ws`, when they came together with the upgrade.
      carrier?.on('data', () => events.activity?.())
      events.opened(socket.protocol)
    })
    socket.on('message', (data, isBinary) => {
      events.frame(isBinary ? (data as ArrayBuffer) : textOf(data as ArrayBuffer | Buffer))
    })
    socket.on('ping', () => events.activity?.())
    socket.on('unexpected-response', (_, response) => {
      const status = response.statusCode ?? 0
      const after = retryAfterMs(response.headers['retry-after'])
      refusal = {
        code: closeCodeOfStatus(status), reason: `HTTP ${status}`, ...(after === undefined ? {} : { retryAfterMs: after }),
      }
      response.destroy()
      socket.terminate()
    })
    socket.on('error', (error) => {
      failure ??= error
    })
    socket.on('close', (code, reason) => {
      events.closed(refusal ?? { code, reason: reason.toString() || (failure?.message ?? ''), cause: failure })
    })
    return {
      send: (frame: Frame) => socket.send(frame),
      close: (code, reason) => {
        if (socket.readyState === WebSocket.CONNECTING) socket.terminate()
        else socket.close(code, reason)
      },
      get bufferedAmount() {
        return socket.bufferedAmount
      },
    }
  }
}

function textOf(data: ArrayBuffer | Buffer): string {
  return data instanceof ArrayBuffer ? Buffer.from(data).toString() : data.toString()
}
