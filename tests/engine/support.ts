/** A connection on a virtual clock with a scripted server, for the tests of the engine. */
import { type Connection, type ConnectionOptions, createConnection } from 'uplink/engine'
import { type FakePlatform, type ScriptOptions, type ScriptedTransport, createFakePlatform, scriptedTransport } from 'uplink/testing'

export interface Rig {
  readonly platform: FakePlatform
  readonly server: ScriptedTransport
  readonly connection: Connection
  /** Names of events in the order in which they were told. */
  readonly log: string[]
}

/** A server that opens at once and answers pings. */
export const friendly: ScriptOptions = {
  onDial: (socket) => socket.open(),
  onSend: (socket, frame) => {
    if (typeof frame === 'string' && frame.includes('"type":"ping"')) socket.receive({ type: 'pong' })
  },
}

export function rig(options: Partial<ConnectionOptions> = {}, script: ScriptOptions = friendly, seed = 1): Rig {
  const platform = createFakePlatform({ seed })
  const server = scriptedTransport(script)
  const connection = createConnection({ url: 'wss://test.example/ws', platform, transport: server.transport, ...options })
  const log: string[] = []
  for (const name of ['open', 'close', 'error', 'statechange', 'reconnecting', 'reconnectFailed', 'heartbeatTimeout', 'messageDropped'] as const) {
    connection.on(name, (event) => {
      if (name === 'statechange') log.push((event as { to: string }).to)
      else if (name === 'error') log.push((event as { code: string }).code)
      else log.push(name)
    })
  }
  return { platform, server, connection, log }
}
