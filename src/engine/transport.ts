/** The seam to what carries frames, and its default: the platform's WebSocket. */
import { UplinkError } from '../core/errors.ts'
import type { Loss } from '../core/machine.ts'
import type { Frame } from '../protocol/message.ts'

/** What a transport is asked to open. */
export interface TransportRequest {
  /** Checked and absolute, `ws:` or `wss:`. */
  readonly url: string
  /** Sub-protocols to offer, most wanted first. */
  readonly protocols: readonly string[]
}

/**
 * What a transport tells. Nothing may be called after `closed`; `closed` is called exactly once, also
 * when the socket never opened.
 */
export interface SocketEvents {
  opened(protocol: string): void
  frame(frame: Frame): void
  closed(loss: Loss): void
  /** Bytes arrived that are no whole frame yet. Optional proof of life for transports that can see it. */
  activity?(): void
}

/** An opened, or opening, socket. */
export interface Socket {
  /** May throw; the message is then kept and the error reported. */
  send(frame: Frame): void
  /** Starts the closing handshake. Must not throw. */
  close(code: number, reason: string): void
  /** What `send` has accepted and the network has not, in bytes. */
  readonly bufferedAmount: number
}

/**
 * Opens sockets. May throw when it cannot even begin.
 *
 * @example
 * createUplink({ url, transport: ws({ headers: { authorization: 'Bearer …' } }) })
 */
export type Transport = (request: TransportRequest, events: SocketEvents) => Socket

/** The part of a WebSocket class that is used. */
export type WebSocketClass = new (url: string, protocols?: string[]) => WebSocket

/**
 * The platform's own WebSocket.
 *
 * @param WebSocketImplementation a class to use instead of the global one.
 * @throws UplinkError `UPLINK_NO_WEBSOCKET` when it opens and there is neither.
 */
export function webSocket(WebSocketImplementation?: WebSocketClass): Transport {
  return ({ url, protocols }, events) => {
    const Implementation = WebSocketImplementation ?? globalThis.WebSocket
    if (typeof Implementation !== 'function') {
      throw new UplinkError(
        'UPLINK_NO_WEBSOCKET',
        "no WebSocket here: give a transport, on Node for example `ws()` of 'uplink/transports/ws'",
        { severity: 'fatal' },
      )
    }
    const socket = new Implementation(url, [...protocols])
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => events.opened(socket.protocol)
    socket.onmessage = (event: MessageEvent<Frame>) => events.frame(event.data)
    // An error event says nothing that the close event, which always follows, does not say better.
    socket.onerror = () => undefined
    socket.onclose = (event: CloseEvent) => events.closed({ code: event.code, reason: event.reason })
    return {
      send: (frame) => socket.send(frame as string),
      close: (code, reason) => {
        socket.close(code, reason)
      },
      get bufferedAmount() {
        return socket.bufferedAmount
      },
    }
  }
}
