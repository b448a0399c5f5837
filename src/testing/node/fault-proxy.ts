/** A TCP proxy on loopback whose path can be broken on purpose, in the ways that networks break. */
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net'

/** Where a proxy leads. */
export interface FaultProxyOptions {
  readonly target: { readonly host?: string; readonly port: number }
  /** Port to listen on. @default a free one */
  readonly port?: number
}

/** How new connections are treated. */
export type Admission = 'forward' | 'refuse' | 'hang'

/** A running proxy. Faults stay until `heal()`. */
export interface FaultProxy {
  readonly port: number
  /** Connections that are open; a silent one counts until both its sides are gone. */
  connections(): number
  /** Connections ever accepted. */
  accepted(): number
  /** Existing connections go silent both ways, without FIN or RST; new ones work. */
  halfOpen(): void
  /** New connections are reset. */
  refuse(): void
  /** New connections are accepted and never answered: a hung upgrade. */
  hang(): void
  /** Resets every connection (RST). */
  reset(): void
  /** Ends every connection (FIN); `afterBytes` lets so many more bytes of each through first, to cut inside a frame. */
  cut(afterBytes?: number): void
  /** Delays what is forwarded, each way, by `ms` plus up to `jitterMs`; order is kept. */
  latency(ms: number, jitterMs?: number): void
  /** Limits each way to so many bytes a second; Infinity lifts the limit. */
  bandwidth(bytesPerSecond: number): void
  /** Undoes all of it for new connections; silent ones stay silent, as on a real network. */
  heal(): void
  /** Ends everything; resolves when nothing is left. */
  close(): Promise<void>
}

/** What one direction may hold back before its source is paused. */
const HELD_MOST_BYTES = 1_048_576

interface Path {
  silent: boolean
  readonly ends: readonly [Socket, Socket]
  bytesLeft: number
}

/** Starts a proxy on 127.0.0.1. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { target } = options
  const paths = new Set<Path>()
  const hung = new Set<Socket>()
  const timers = new Set<NodeJS.Timeout>()
  let admission: Admission = 'forward'
  let delayMs = 0
  let jitterMs = 0
  let rate = Infinity
  let accepted = 0

  function end(path: Path, how: 'fin' | 'rst'): void {
    paths.delete(path)
    for (const socket of path.ends) {
      if (how === 'rst') socket.resetAndDestroy()
      else socket.end(() => socket.destroy())
    }
  }

  /** Runs things in order, none before its time. Timers alone would swap things that are due within one ms. */
  function createLine(): (readyAt: number, run: () => void) => void {
    const waiting: Array<{ readonly readyAt: number; readonly run: () => void }> = []
    let timer: NodeJS.Timeout | undefined
    function serve(): void {
      if (timer !== undefined) timers.delete(timer)
      timer = undefined
      for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
        const wait = first.readyAt - performance.now()
        if (wait > 0) {
          timer = setTimeout(serve, Math.ceil(wait))
          timers.add(timer)
          return
        }
        waiting.shift()
        first.run()
      }
    }
    return (readyAt, run) => {
      waiting.push({ readyAt, run })
      if (waiting.length === 1) serve()
    }
  }

  function pump(path: Path, from: Socket, to: Socket): void {
    const inLine = createLine()
    let readyAt = 0
    let held = 0
    let isFull = false
    /** Reading goes on only when both the line and the far socket have room. */
    const resume = (): void => { if (!isFull && held <= HELD_MOST_BYTES) from.resume() }
    to.on('drain', () => {
      isFull = false
      resume()
    })
    from.on('data', (chunk: Buffer) => {
      if (path.silent) return
      const transfer = rate === Infinity ? 0 : (chunk.length / rate) * 1_000
      readyAt = Math.max(readyAt, performance.now() + delayMs + Math.random() * jitterMs) + transfer
      held += chunk.length
      if (held > HELD_MOST_BYTES) from.pause()
      inLine(readyAt, () => {
        held -= chunk.length
        if (!path.silent && !to.destroyed) {
          const part = chunk.subarray(0, path.bytesLeft)
          path.bytesLeft -= part.length
          isFull = part.length > 0 && !to.write(part)
          if (isFull) from.pause()
          if (path.bytesLeft === 0) end(path, 'fin')
        }
        resume()
      })
    })
    // An end travels as data does: behind what is still delayed, and not at all on a silent path.
    from.on('end', () => inLine(readyAt, () => {
      // The far side must not learn of it; but nobody will use this side again, so it is given back.
      if (path.silent) from.destroy()
      else to.end()
    }))
    from.on('close', () => {
      if (path.silent) {
        if (to.destroyed) paths.delete(path)
        return
      }
      inLine(readyAt, () => {
        paths.delete(path)
        to.destroy()
      })
    })
    from.on('error', () => undefined)
  }

  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    accepted++
    client.setNoDelay(true)
    if (admission === 'refuse') return client.resetAndDestroy()
    if (admission === 'hang') {
      client.on('error', () => undefined)
      client.on('close', () => hung.delete(client))
      // What nobody reads hides the end behind it: the connection would be counted for ever.
      client.on('end', () => client.destroy())
      client.resume()
      hung.add(client)
      return undefined
    }
    const upstream = connect({ host: target.host ?? '127.0.0.1', port: target.port, noDelay: true, allowHalfOpen: true })
    const path: Path = { silent: false, ends: [client, upstream], bytesLeft: Infinity }
    paths.add(path)
    pump(path, client, upstream)
    pump(path, upstream, client)
    return undefined
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })

  return {
    port: (server.address() as AddressInfo).port,
    connections: () => paths.size + hung.size,
    accepted: () => accepted,
    halfOpen() {
      for (const path of paths) {
        path.silent = true
        // What a full socket held back would keep its source paused, and an end unseen.
        for (const socket of path.ends) socket.resume()
      }
    },
    refuse() {
      admission = 'refuse'
    },
    hang() {
      admission = 'hang'
    },
    reset() {
      for (const path of [...paths]) end(path, 'rst')
    },
    cut(afterBytes = 0) {
      for (const path of [...paths]) {
        if (afterBytes === 0) end(path, 'fin')
        else path.bytesLeft = afterBytes
      }
    },
    latency(ms, jitter = 0) {
      delayMs = ms
      jitterMs = jitter
    },
    bandwidth(bytesPerSecond) {
      rate = bytesPerSecond
    },
    heal() {
      admission = 'forward'
      delayMs = 0
      jitterMs = 0
      rate = Infinity
    },
    async close() {
      for (const timer of timers) clearTimeout(timer)
      for (const path of [...paths]) end(path, 'rst')
      for (const client of hung) client.resetAndDestroy()
      await new Promise<void>((resolve) => { server.close(() => resolve()) })
    },
  }
}
