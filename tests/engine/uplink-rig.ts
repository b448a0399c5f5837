/** A connection that speaks uplink.v1 on a virtual clock, with a server that does what a test says. */
import type { ConnectionOptions } from 'uplink/engine'
import { uplink } from 'uplink/protocols/uplink'
import type { ScriptedSocket } from 'uplink/testing'
import { type Rig, rig } from './support.ts'

export const GREETING = {
  type: 'connection', version: 1, session: 's', serverTime: 0, resultsEpoch: 'E1',
  limits: { maxFrame: 1_000_000, maxChannels: 100, resultsTtl: 600_000 },
}

export interface UplinkRig extends Rig {
  /** Application messages that reached the server on all sockets, batches taken apart. */
  received(type?: string): Array<Record<string, unknown>>
  /** Frames of one reserved type on the newest socket. */
  asked(type: string): Array<Record<string, unknown>>
  /** Subscriptions that were asked for on the newest socket. */
  subscriptions(): Array<Record<string, unknown>>
  readonly events: Array<readonly [name: string, id: string, detail?: unknown]>
}

const isMessage = ({ type }: Record<string, unknown>): boolean => !['hello', 'ping', 'subscribe', 'unsubscribe', 'status', 'authenticate'].includes(String(type))

/** A server that opens, greets with `greeting()` and answers pings; everything else is the test's. */
export function uplinkRig(options: Partial<ConnectionOptions> = {}, greeting: () => object = () => GREETING, onDial = (socket: ScriptedSocket): void => socket.open()): UplinkRig {
  const base = rig({ protocol: uplink(), ...options }, {
    onDial,
    onSend: (socket, frame) => {
      if (typeof frame !== 'string') return
      if (frame.startsWith('{"type":"ping"')) socket.receive({ type: 'pong' })
      if (frame.startsWith('{"type":"hello"')) socket.receive(greeting())
    },
  })
  const events: Array<readonly [string, string, unknown?]> = []
  base.connection.on('messageQueued', ({ id }) => events.push(['queued', id]))
  base.connection.on('messageAcknowledged', ({ id, data }) => events.push(['acknowledged', id, data]))
  base.connection.on('messageRejected', ({ id, code }) => events.push(['rejected', id, code]))
  base.connection.on('messageDropped', ({ id, reason }) => events.push(['dropped', id, reason]))
  base.connection.on('messageUnknown', ({ id }) => events.push(['unknown', id]))
  const flat = (socket: ScriptedSocket): Array<Record<string, unknown>> =>
    socket.messages().flatMap((message) => (message['type'] === 'batch' ? (message['messages'] as Array<Record<string, unknown>>) : [message]))
  return {
    ...base,
    events,
    received: (type) => base.server.sockets.flatMap(flat).filter((message) => isMessage(message) && (type === undefined || message['type'] === type)),
    subscriptions: () => base.server.socket().messages().flatMap((message) => (message['type'] === 'subscribe' ? (message['channels'] as Array<Record<string, unknown>>) : [])),
    asked: (type) => base.server.socket().messages().filter((message) => message['type'] === type),
  }
}

/** Lets microtasks run: batches of a tick go out. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}
