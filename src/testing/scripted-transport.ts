/** Sockets that do what a test says, and remember what was done to them. */
import type { Loss } from '../core/machine.ts'
import type { SocketEvents, Transport, TransportRequest } from '../engine/transport.ts'
import type { Frame } from '../protocol/message.ts'

/** One socket in the hands of a test. Its events may be fired at any time, also too late. */
export interface ScriptedSocket {
  readonly request: TransportRequest
  /** Frames that were sent, oldest first. */
  readonly sent: Frame[]
  /** Sent JSON frames, parsed. */
  messages(): Array<Record<string, unknown>>
  /** How it was closed from our side, if it was. */
  closed: { readonly code: number; readonly reason: string } | undefined
  bufferedAmount: number
  open(protocol?: string): void
  /** A frame comes in; anything but text and bytes is sent as JSON. */
  receive(frame: unknown): void
  /** The socket ends, by the server or the network. @default {code: 1006, reason: ''} */
  end(loss?: Partial<Loss>): void
  activity(): void
}

/** A transport in the hands of a test. */
export interface ScriptedTransport {
  readonly transport: Transport
  /** All sockets ever asked for, oldest first. */
  readonly sockets: readonly ScriptedSocket[]
  /** The newest socket. @throws Error when there is none. */
  socket(): ScriptedSocket
  /** Sockets that neither side has ended. */
  alive(): number
}

/** What sockets of a scripted transport do by themselves. */
export interface ScriptOptions {
  /** Called when a socket is asked for. */
  readonly onDial?: (socket: ScriptedSocket) => void
  /** Called for each frame that is sent. */
  readonly onSend?: (socket: ScriptedSocket, frame: Frame) => void
  /** Called when our side closes a socket. */
  readonly onClose?: (socket: ScriptedSocket) => void
}

/**
 * Makes a scripted transport. Without a script its sockets hang: they neither open nor answer.
 *
 * @example
 * const server = scriptedTransport({
 *   onDial: (socket) => socket.open(),
 *   onSend: (socket, frame) => String(frame).includes('"ping"') && socket.receive({ type: 'pong' }),
 * })
 */
export function scriptedTransport(options: ScriptOptions = {}): ScriptedTransport {
  const sockets: ScriptedSocket[] = []
  const ended = new Set<ScriptedSocket>()

  function makeSocket(request: TransportRequest, events: SocketEvents): ScriptedSocket {
    const socket: ScriptedSocket = {
      request,
      sent: [],
      closed: undefined,
      bufferedAmount: 0,
      messages: () => socket.sent.flatMap((frame) => (typeof frame === 'string' ? [JSON.parse(frame) as Record<string, unknown>] : [])),
      open: (protocol = request.protocols[0] ?? '') => events.opened(protocol),
      receive(frame) {
        const raw = typeof frame === 'string' || frame instanceof ArrayBuffer || frame instanceof Uint8Array
        events.frame(raw ? frame : JSON.stringify(frame))
      },
      end(loss = {}) {
        ended.add(socket)
        events.closed({ code: 1006, reason: '', ...loss })
      },
      activity: () => events.activity?.(),
    }
    return socket
  }

  return {
    sockets,
    socket() {
      const socket = sockets.at(-1)
      if (socket === undefined) throw new Error('no socket was asked for yet')
      return socket
    },
    alive: () => sockets.filter((socket) => socket.closed === undefined && !ended.has(socket)).length,
    transport(request, events) {
      const socket = makeSocket(request, events)
      sockets.push(socket)
      options.onDial?.(socket)
      return {
        send(frame) {
          socket.sent.push(frame)
          options.onSend?.(socket, frame)
        },
        close(code, reason) {
          socket.closed ??= { code, reason }
          options.onClose?.(socket)
        },
        get bufferedAmount() {
          return socket.bufferedAmount
        },
      }
    },
  }
}
