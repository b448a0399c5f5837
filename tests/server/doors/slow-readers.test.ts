/** Readers of one byte a second, through both doors: each costs its budget, and the others are served. */
import type { Server } from 'node:http'
import { io } from 'socket.io-client'
import { expect, it, onTestFinished } from 'vitest'
import { channel, everyone, wsDoor } from '../../../src/server/index.ts'
import { socketIoDoor } from '../../../src/server/socket-io.ts'
import { startFaultProxy } from '../../../src/testing/node/fault-proxy.ts'
import { GENEROUS, bare, startServer } from '../runtime/support.ts'

const BUDGET = 262_144
const filler = 'x'.repeat(1_000)

it.each(['ws', 'socket.io over WebSocket', 'socket.io over polling'])('a reader of one byte a second through %s is closed at its budget, and nobody waits for it', { timeout: 60_000 }, async (door) => {
  const { server, port, url } = await startServer({
    doorsOf: (http: Server) => [wsDoor({ server: http }), socketIoDoor({ server: http })], channels: [channel('orders', { subscribe: everyone })],
    limits: { ...GENEROUS, budgetBytes: BUDGET }, recovery: { count: 1_000, size: BUDGET / 4 },
  })
  const proxy = await startFaultProxy({ target: { port } })
  onTestFinished(() => proxy.close())
  const witness = await bare(url)
  witness.say({ type: 'subscribe', channels: ['orders'] })
  if (door === 'ws') (await bare(`ws://127.0.0.1:${proxy.port}/ws`)).say({ type: 'subscribe', channels: ['orders'] })
  else {
    const socket = io(`http://127.0.0.1:${proxy.port}`, { transports: [door.endsWith('polling') ? 'polling' : 'websocket'], reconnection: false, forceNew: true })
    onTestFinished(() => void socket.disconnect())
    socket.on('connect', () => socket.emit('subscribe', { channels: ['orders'] }))
  }
  await expect.poll(() => server.stats().channelStats['orders']).toBe(2)
  proxy.bandwidth(1)
  for (let number = 0; number < 12_000; number++) {
    await server.publish('orders', { number, filler })
    if (number % 50 === 0) await new Promise<void>((resolve) => { setImmediate(resolve) })
  }
  await expect.poll(() => server.stats().counters.slow, { timeout: 10_000 }).toEqual({ closed: 1 })
  expect(server.stats().connectedClients).toBe(1)
  const heard = (): number => witness.frames.flatMap((frame) => (frame['messages'] as unknown[] | undefined) ?? (frame['type'] === 'orders' ? [frame] : [])).length
  await expect.poll(heard, { timeout: 10_000 }).toBe(12_000)
})
