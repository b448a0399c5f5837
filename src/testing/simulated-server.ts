/** A server for tests behind a simulated network, in virtual time. */
import { createBackend } from './backend/backend.ts'
import type { Backend, BackendOptions, Kept } from './backend/options.ts'
import { type SimulatedNetwork, createSimulatedNetwork } from './network.ts'
import type { FakePlatform } from './platform.ts'

/** A server of a simulation. */
export interface SimulatedServer extends Backend {
  /** Between clients and this server; give its `transport` to clients, and break it at will. */
  readonly network: SimulatedNetwork
  /** The process goes: connections break off, new ones are refused. */
  stop(): void
  /** It comes back with what it kept; where it runs, it is stopped first. @default keeps everything */
  start(kept?: Kept): void
}

/**
 * Makes a server that lives on a fake platform: the real server logic of this package, no socket, no waiting.
 *
 * @example
 * const platform = createFakePlatform()
 * const server = createSimulatedServer(platform)
 * const connection = createConnection({ url: 'wss://simulated', protocol: uplink(), platform, transport: server.network.transport })
 * void connection.connect()
 * await platform.clock.advanceAsync(1_000)
 * server.network.cut()
 */
export function createSimulatedServer(platform: FakePlatform, options: BackendOptions = {}): SimulatedServer {
  const backend = createBackend(platform, options)
  let runs = true
  const network = createSimulatedNetwork({
    clock: platform.clock, random: () => platform.random(),
    accept(end) {
      if (!runs) {
        end.close(1006, '')
        return { frame: () => undefined, closed: () => undefined }
      }
      const events = backend.accept({ send: (text) => end.send(text), close: (code, reason) => end.close(code ?? 1006, reason) })
      return { frame: (frame) => events.frame(typeof frame === 'string' ? frame : ''), closed: () => events.closed() }
    },
  })
  function stop(): void {
    runs = false
    backend.stop()
    network.cut()
  }
  return {
    ...backend,
    network,
    stop,
    start(kept = 'everything') {
      if (runs) stop()
      runs = true
      backend.start(kept)
    },
  }
}
