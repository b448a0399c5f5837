/** Sessions of Engine.IO that never become, or no longer are, connections of Socket.IO: they count, and they end. */
import type { Server } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { socketIoDoor } from '../../../src/server/doors/socket-io.ts'
import { wsDoor } from '../../../src/server/index.ts'
import { GENEROUS, type Running, bare, startServer } from '../runtime/support.ts'

const HELLO_MS = 300

const start = (connectionsPerAddress: number, helloTimeoutMs = HELLO_MS): Promise<Running> => startServer({
  doorsOf: (http: Server) => [wsDoor({ server: http }), socketIoDoor({ server: http })],
  limits: { ...GENEROUS, helloTimeoutMs, guests: { ...GENEROUS.guests, connectionsPerAddress } },
})

interface Session {
  readonly socket: WebSocket
  /** Packets as they come: 0 opens, 2 is a ping, 40 has joined. */
  readonly packets: string[]
  readonly closed: Promise<void>
}

/** A session over WebSocket that has said nothing yet; rejects with the HTTP status where it is refused. */
async function session(port: number): Promise<Session> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`)
  onTestFinished(() => socket.terminate())
  const packets: string[] = []
  const closed = new Promise<void>((resolve) => { socket.once('close', () => resolve()) })
  socket.on('message', (data) => packets.push(String(data)))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
    socket.once('unexpected-response', (_, response) => reject(new Error(`HTTP ${response.statusCode}`)))
  })
  await expect.poll(() => packets[0]?.startsWith('0{')).toBe(true)
  return { socket, packets, closed }
}

const poll = (port: number, query = ''): Promise<Response> => fetch(`http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling${query}`)

describe('a session of Engine.IO that never joins', () => {
  it('counts toward its address like any other connection', async () => {
    const { server, port, url } = await start(2, 10_000)
    const first = await session(port)
    const polled = await poll(port)
    expect(polled.status).toBe(200)
    await expect(session(port)).rejects.toThrow('HTTP 4')
    await expect(bare(url)).rejects.toThrow('HTTP 429')
    first.socket.close()
    await first.closed
    await expect.poll(() => bare(url).then(() => 'in', () => 'out')).toBe('in')
    expect(server.stats().counters).toMatchObject({ connectionsOpened: 1, turnedAway: { connections_per_address: expect.any(Number) } })
  })

  it.each(['websocket', 'polling'])('over %s ends when its time to say who it is has passed, and gives its place back', async (transport) => {
    const { port, url } = await start(1)
    if (transport === 'websocket') await (await session(port)).closed
    else {
      const { sid } = JSON.parse((await (await poll(port)).text()).slice(1)) as { sid: string }
      await expect.poll(async () => (await poll(port, `&sid=${sid}`)).status, { interval: HELLO_MS }).toBe(400)
    }
    await bare(url)
  })

  it('cannot stay by asking for a namespace that there is not', async () => {
    const { port } = await start(1)
    const { socket, packets, closed } = await session(port)
    socket.send('40/nowhere,')
    await expect.poll(() => packets.at(-1)).toContain('Invalid namespace')
    await closed
  })
})

describe('a session of Engine.IO that has joined', () => {
  it('counts once, and stays for as long as it likes', async () => {
    const { server, port, url } = await start(1)
    const { socket, packets } = await session(port)
    socket.send('40')
    await expect.poll(() => packets.some((packet) => packet.startsWith('40'))).toBe(true)
    await new Promise((resolve) => { setTimeout(resolve, 2 * HELLO_MS) })
    expect(server.stats().connectedClients).toBe(1)
    await expect(bare(url)).rejects.toThrow('HTTP 429')
    socket.close()
    await expect.poll(() => bare(url).then(() => 'in', () => 'out')).toBe('in')
  })

  it('ends when it leaves: nobody joins again and again without knocking', async () => {
    const { server, port } = await start(1)
    const { socket, packets, closed } = await session(port)
    socket.send('40')
    await expect.poll(() => packets.some((packet) => packet.startsWith('40'))).toBe(true)
    socket.send('41')
    await closed
    await expect.poll(() => server.stats().connectedClients).toBe(0)
  })
})
