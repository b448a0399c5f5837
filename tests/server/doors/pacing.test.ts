/** What our client's transports say of what waits in the socket: it paces itself by that, and keeps the rest where it can be dropped or saved. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, type Socket as Carrier, connect, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Socket, Transport } from '../../../src/engine/transport.ts'
import { type Door, wsDoor } from '../../../src/server/index.ts'
import { socketIoDoor } from '../../../src/server/socket-io.ts'
import { socketIo } from '../../../src/transports/socket-io.ts'
import { ws } from '../../../src/transports/ws.ts'
import { GENEROUS, client, startServer } from '../runtime/support.ts'

const TRANSPORTS: ReadonlyArray<readonly [name: string, path: string, transport: () => Transport]> = [
  ['ws', '/ws', () => ws()],
  ['socket.io over WebSocket', '', () => socketIo({ transports: ['websocket'] })],
  ['socket.io over polling', '', () => socketIo({ transports: ['polling'] })],
  ['socket.io that begins with polling', '', () => socketIo()],
]
const filler = 'x'.repeat(10_000)
const MIB = 1_048_576

/** A way to a server that takes nothing from clients while it is shut. */
interface Dam {
  readonly port: number
  shut(): void
  open(): void
}

async function dam(target: number): Promise<Dam> {
  const pipes = new Map<Carrier, Carrier>()
  let isShut = false
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    for (const end of [near, far]) end.on('error', () => undefined).on('close', () => { near.destroy(); far.destroy(); pipes.delete(near) })
    far.pipe(near)
    if (!isShut) near.pipe(far)
    pipes.set(near, far)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const near of pipes.keys()) near.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    shut() {
      isShut = true
      for (const near of pipes.keys()) near.unpipe().pause()
    },
    open() {
      isShut = false
      for (const [near, far] of pipes) near.pipe(far)
    },
  }
}

async function start(): Promise<{ readonly way: Dam; readonly handled: () => number }> {
  let handled = 0
  const { port } = await startServer({
    doorsOf: (http: Server): Door[] => [wsDoor({ server: http }), socketIoDoor({ server: http })], limits: GENEROUS, handlers: { bulk: () => { handled++ } },
  })
  return { way: await dam(port), handled: () => handled }
}

const soon = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })

describe.each(TRANSPORTS)('what waits in %s', (_, path, transport) => {
  it('is told for as long as the network does not take it', { timeout: 30_000 }, async () => {
    const { way } = await start()
    let socket: Socket | undefined
    const opened = new Promise<void>((resolve) => {
      socket = transport()({ url: `ws://127.0.0.1:${way.port}${path}`, protocols: ['uplink.v1'] }, { opened: () => resolve(), frame: () => undefined, closed: () => undefined })
    })
    onTestFinished(() => socket?.close(1000, ''))
    expect(socket?.bufferedAmount).toBe(0)
    await opened
    // An upgrade from polling takes a moment.
    await soon(200)
    socket?.send(JSON.stringify({ type: 'hello', versions: [1], clientId: 'a', maxFrame: 100_000 }))
    await soon(100)
    expect(socket?.bufferedAmount).toBe(0)
    way.shut()
    const message = JSON.stringify({ type: 'bulk', data: filler })
    for (let number = 0; number < 3_000; number++) socket?.send(message)
    await soon(300)
    expect(socket?.bufferedAmount).toBeGreaterThan(MIB)
    way.open()
    await expect.poll(() => socket?.bufferedAmount, { timeout: 20_000 }).toBe(0)
  })

  it('keeps messages back while the network is full', { timeout: 40_000 }, async () => {
    const { way, handled } = await start()
    const connection = client(`ws://127.0.0.1:${way.port}${path}`, { transport: transport(), heartbeat: false, highWaterMark: MIB, queueSize: 10_000, queueMaxBytes: 100 * MIB, messageTimeout: 60_000, maxInFlight: 10_000 })
    await expect.poll(() => connection.snapshot().state).toBe('connected')
    await soon(200)
    way.shut()
    for (let number = 0; number < 3_000; number++) connection.send({ type: 'bulk', data: filler })
    await soon(1_500)
    // Sockets and the proxy hold some MiB of the thirty; everything else waits where it can be dropped, or saved.
    expect(connection.outbox().bytes).toBeGreaterThan(10 * MIB)
    way.open()
    await expect.poll(handled, { timeout: 30_000 }).toBe(3_000)
  })
})
