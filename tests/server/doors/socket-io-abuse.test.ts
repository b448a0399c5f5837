/** What Engine.IO and Socket.IO let through, the door does not: one carrier is one session, and callbacks end. */
import type { Server } from 'node:http'
import { io } from 'socket.io-client'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { socketIoDoor } from '../../../src/server/doors/socket-io.ts'
import { startServer } from '../runtime/support.ts'

const doorsOf = (http: Server) => [socketIoDoor({ server: http })]

it('a payload that joins many times is no way around the limits of an address', async () => {
  let entered = 0
  const { server, port } = await startServer({ doorsOf, authenticate: () => ({ identity: `guest ${++entered}`, roles: [] }) })
  const url = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`
  const { sid } = JSON.parse((await (await fetch(url)).text()).slice(1)) as { sid: string }
  const joins = Array.from({ length: 500 }, () => '40').join('\x1e')
  await fetch(`${url}&sid=${sid}`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: joins }).catch(() => undefined)
  // Who was let in shows in the end, whatever takes its time before.
  await expect.poll(async () => (await fetch(`${url}&sid=${sid}`)).status).toBe(400)
  expect(entered).toBeLessThanOrEqual(1)
  expect(server.stats().connectedClients).toBe(0)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`)
  onTestFinished(() => socket.terminate())
  await new Promise((resolve) => { socket.once('open', resolve) })
  const closed = new Promise((resolve) => { socket.once('close', resolve) })
  for (let join = 0; join < 100; join++) socket.send('40')
  await closed
  expect(entered).toBeLessThanOrEqual(2)
  expect(server.stats().connectedClients).toBe(0)
})

it('callbacks of heartbeats and requests, which frames answer, take none from those of messages', async () => {
  const { port } = await startServer({ doorsOf, handlers: { order: () => 'booked' } })
  const socket = io(`http://127.0.0.1:${port}`, { reconnection: false, forceNew: true })
  onTestFinished(() => void socket.disconnect())
  for (let beat = 0; beat < 1_100; beat++) socket.emit('ping', () => undefined)
  await expect(socket.timeout(5_000).emitWithAck('order')).resolves.toMatchObject({ type: 'ack', data: 'booked' })
})
