/** Connections that nobody uses are closed, where the server is told to; those that are used are not, whatever they are used for. */
import type { Server } from 'node:http'
import { io } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { socketIoDoor } from '../../../src/server/doors/socket-io.ts'
import { type UplinkServerOptions, wsDoor } from '../../../src/server/index.ts'
import { systemClock } from '../../../src/server/runtime/clock.ts'
import { socketIo } from '../../../src/transports/socket-io.ts'
import { ws } from '../../../src/transports/ws.ts'
import { type Bare, type Running, bare, client, startServer } from './support.ts'

const IDLE_MS = 60_000

/** A server whose time passes when the test says so; it looks at the clock every second of real time. */
async function start(options: Partial<UplinkServerOptions> = {}): Promise<Running & { skip(ms: number): Promise<void> }> {
  let skipped = 0
  const running = await startServer({
    doorsOf: (http: Server) => [wsDoor({ server: http }), socketIoDoor({ server: http })], idleTimeoutMs: IDLE_MS,
    clock: { ...systemClock, now: () => performance.now() + skipped }, handlers: { order: () => 'done', slow: () => new Promise((resolve) => { setTimeout(resolve, 3_000) }) }, ...options,
  })
  return {
    ...running,
    async skip(ms) {
      skipped += ms
      await new Promise((resolve) => { setTimeout(resolve, 1_200) })
    },
  }
}

/** What was sent so far is there: a ping is answered after it. */
async function arrived(socket: Bare): Promise<void> {
  const timestamp = performance.now()
  socket.say({ type: 'ping', timestamp })
  await expect.poll(() => socket.frames.at(-1)).toEqual({ type: 'pong', timestamp })
}

const isOpen = ({ socket }: Bare): boolean => socket.readyState === 1

describe('an idle connection', () => {
  it('is closed with a goodbye, and heartbeats of either kind do not keep it', async () => {
    const { server, url, skip } = await start()
    const plain = await bare(url)
    const ours = await bare(url, ['uplink.v1'])
    ours.say({ type: 'hello', versions: [1], clientId: 'a', maxFrame: 10_000 })
    await expect.poll(() => ours.frames.length).toBe(1)
    await skip(IDLE_MS - 5_000)
    for (const socket of [plain, ours]) {
      expect(isOpen(socket)).toBe(true)
      socket.say({ type: 'ping' })
      socket.say({ type: 'heartbeat' })
      socket.socket.ping()
    }
    await skip(5_000)
    for (const socket of [plain, ours]) {
      expect(await socket.closed).toEqual([4410, 'idle for too long'])
      expect(socket.frames.at(-1)).toEqual({ type: 'goodbye', reason: 'idle' })
    }
    expect(server.stats().counters.closes).toEqual({ 4410: 2 })
  })

  it.each(['websocket', 'polling'])('of a stock Socket.IO client over %s hears why', async (transport) => {
    const { port, skip } = await start()
    const socket = io(`http://127.0.0.1:${port}`, { transports: [transport], reconnection: false, forceNew: true })
    onTestFinished(() => void socket.disconnect())
    const frames: unknown[] = []
    socket.on('message', (frame) => frames.push(frame))
    const gone = new Promise((resolve) => { socket.on('disconnect', resolve) })
    await expect.poll(() => frames.length).toBe(1)
    await skip(IDLE_MS)
    expect(await gone).toBe('io server disconnect')
    expect(frames.slice(1)).toEqual([{ type: 'goodbye', reason: 'idle' }, { type: 'goodbye', reason: 'idle for too long', closeCode: 4410 }])
  })

  it.each([['ws', '/ws', () => ws()], ['socket.io', '', () => socketIo()]] as const)('of our client through %s comes back by itself', async (_, path, transport) => {
    const { server, port, skip } = await start()
    const connection = client(`ws://127.0.0.1:${port}${path}`, { transport: transport() })
    await expect.poll(() => connection.snapshot().state).toBe('connected')
    await skip(IDLE_MS)
    await expect.poll(() => server.stats().counters).toMatchObject({ connectionsOpened: 2, closes: { 4410: 1 } })
    await expect.poll(() => connection.snapshot().state).toBe('connected')
  })
})

describe('a connection stays', () => {
  it('while it follows something, and for the whole time after it has left that', async () => {
    const { server, url, skip } = await start()
    const socket = await bare(url)
    socket.say({ type: 'subscribe', channels: ['news'] })
    await skip(3 * IDLE_MS)
    expect(isOpen(socket)).toBe(true)
    await skip(IDLE_MS - 3_000)
    socket.say({ type: 'unsubscribe', channels: ['news'] })
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'unsubscription_confirmed' })
    await skip(IDLE_MS - 5_000)
    expect(isOpen(socket)).toBe(true)
    await skip(5_000)
    expect((await socket.closed)[0]).toBe(4410)
    expect(server.stats().counters.closes).toEqual({ 4410: 1 })
  })

  it('while it sends messages, also such as get no answer', async () => {
    const { url, skip } = await start()
    const socket = await bare(url)
    for (const message of [{ type: 'order', id: 'a' }, { type: 'order' }, { type: 'batch', messages: [{ type: 'order' }] }]) {
      await skip(IDLE_MS - 5_000)
      socket.say(message)
      await arrived(socket)
    }
    await skip(IDLE_MS - 10_000)
    expect(isOpen(socket)).toBe(true)
    await skip(10_000)
    expect((await socket.closed)[0]).toBe(4410)
  })

  it('while it waits for an answer', { timeout: 20_000 }, async () => {
    const { url, skip } = await start({ limits: { handlerTimeoutMs: 1e6 } })
    const socket = await bare(url)
    socket.say({ type: 'slow', id: 'a' })
    await arrived(socket)
    await skip(2 * IDLE_MS)
    expect(isOpen(socket)).toBe(true)
    await expect.poll(() => socket.frames.at(-1), { timeout: 10_000 }).toMatchObject({ type: 'ack', id: 'a' })
    await skip(IDLE_MS - 5_000)
    expect(isOpen(socket)).toBe(true)
    await skip(5_000)
    expect((await socket.closed)[0]).toBe(4410)
  })

  it('while it waits for an answer that another connection of its user asked for', { timeout: 20_000 }, async () => {
    const { url, skip } = await start({ limits: { handlerTimeoutMs: 1e6 }, authenticate: () => ({ identity: 'ann', roles: [] }) })
    const first = await bare(url)
    first.say({ type: 'slow', id: 'a' })
    await arrived(first)
    first.socket.close()
    const second = await bare(url)
    second.say({ type: 'slow', id: 'a' })
    await arrived(second)
    await skip(2 * IDLE_MS)
    expect(isOpen(second)).toBe(true)
    await expect.poll(() => second.frames.at(-1), { timeout: 10_000 }).toMatchObject({ type: 'ack', id: 'a' })
    await skip(IDLE_MS + 1_000)
    expect((await second.closed)[0]).toBe(4410)
  })

  it('for as long as it likes where nothing else is said', async () => {
    let skipped = 0
    const { url } = await startServer({ clock: { ...systemClock, now: () => performance.now() + skipped } })
    const socket = await bare(url)
    await expect.poll(() => socket.frames.length).toBe(1)
    skipped += 1e9
    await new Promise((resolve) => { setTimeout(resolve, 1_200) })
    expect(isOpen(socket)).toBe(true)
  })
})

it('the time is a number of ms, more than 0', async () => {
  for (const idleTimeoutMs of [0, -1, NaN, '1']) await expect(startServer({ idleTimeoutMs: idleTimeoutMs as number })).rejects.toThrow('idleTimeoutMs')
})
