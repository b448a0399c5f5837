/** Several servers of one cluster in virtual time: nodes that can die, drain and delay, and one history behind them. */
import type { Transport } from 'uplink/engine'
import { type FakePlatform, type ServerEnd, type SimulatedNetwork, createSimulatedNetwork } from 'uplink/testing'
import { type OpenBackend, createBackend } from '../../src/testing/backend/backend.ts'
import type { BackendOptions } from '../../src/testing/backend/options.ts'

/** One node. */
export interface Node {
  readonly url: string
  readonly network: SimulatedNetwork
  /** Sockets that were ever accepted. */
  accepted(): number
  /** Sockets that are open now. */
  open(): number
  /** Says goodbye to everybody on this node. */
  goodbye(retryAfter?: number): void
  /** The process is gone: sockets break off, new ones are refused. */
  die(): void
  /** New sockets are refused; those that are open stay. */
  shut(): void
  rise(): void
}

/** A cluster. */
export interface Cluster {
  readonly backend: OpenBackend
  readonly nodes: readonly Node[]
  readonly urls: readonly string[]
  readonly transport: Transport
  node(url: string): Node
}

/** Makes a cluster of `count` nodes; `apart` gives each node a history of its own. */
export function createCluster(platform: FakePlatform, count: number, options: BackendOptions = {}, apart = false): Cluster {
  const shared = createBackend(platform, options)
  const nodes = Array.from({ length: count }, (_, index): Node => {
    const backend = apart && index > 0 ? createBackend(platform, options) : shared
    const ends = new Set<ServerEnd>()
    let accepted = 0
    const network = createSimulatedNetwork({
      clock: platform.clock, random: () => platform.random(),
      accept(end) {
        accepted++
        ends.add(end)
        const events = backend.accept({ send: (text) => end.send(text), close: (code, reason) => end.close(code ?? 1006, reason) })
        return {
          frame: (frame) => events.frame(String(frame)),
          closed() {
            ends.delete(end)
            events.closed()
          },
        }
      },
    })
    return {
      url: `wss://n${index}.example.com/ws`,
      network,
      accepted: () => accepted,
      open: () => ends.size,
      goodbye(retryAfter) {
        for (const end of ends) end.send(JSON.stringify({ type: 'goodbye', reason: 'restarting', ...(retryAfter === undefined ? {} : { retryAfter }) }))
      },
      die() {
        network.conditions.admission = 'refuse'
        network.cut()
      },
      shut() {
        network.conditions.admission = 'refuse'
      },
      rise() {
        network.conditions.admission = 'open'
      },
    }
  })
  const node = (url: string): Node => nodes.find((one) => url.startsWith(one.url)) as Node
  return { backend: shared, nodes, urls: nodes.map(({ url }) => url), node, transport: (request, events) => node(request.url).network.transport(request, events) }
}
