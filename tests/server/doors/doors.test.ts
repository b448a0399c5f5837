/** The same through both doors: our client, stock clients, refusals. */
import type { Server } from 'node:http'
import { io } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Transport } from '../../../src/engine/transport.ts'
import { type Door, channel, everyone, reject, self, tradingChannels, wsDoor } from '../../../src/server/index.ts'
import { socketIoDoor } from '../../../src/server/doors/socket-io.ts'
import { socketIo } from '../../../src/transports/socket-io.ts'
import { ws } from '../../../src/transports/ws.ts'
import { bare, client, startServer } from '../runtime/support.ts'

interface DoorUnderTest {
  readonly name: string
  readonly doorsOf: (http: Server) => Door[]
  readonly transport: () => Transport
  readonly path: string
}

const both = (http: Server): Door[] => [wsDoor({ server: http, paths: ['/ws', '/ws/trading'] }), socketIoDoor({ server: http })]
const DOORS: readonly DoorUnderTest[] = [
  { name: 'ws', doorsOf: both, transport: () => ws(), path: '/ws' },
  { name: 'socket.io over WebSocket', doorsOf: both, transport: () => socketIo({ transports: ['websocket'] }), path: '' },
  { name: 'socket.io over polling', doorsOf: both, transport: () => socketIo({ transports: ['polling'] }), path: '' },
]
const users = ({ credentials }: { readonly credentials: unknown }): { identity: string } | null => (typeof credentials === 'string' && credentials !== 'bad' ? { identity: credentials } : null)

/** A stock client, and everything it hears as `message`. */
function stock(port: number, options: object): { socket: ReturnType<typeof io>; frames: Array<Record<string, unknown>> } {
  const socket = io(`http://127.0.0.1:${port}`, { reconnection: false, forceNew: true, ...options })
  onTestFinished(() => void socket.disconnect())
  const frames: Array<Record<string, unknown>> = []
  socket.on('message', (frame: Record<string, unknown>) => frames.push(frame))
  return { socket, frames }
}

describe.each(DOORS)('our client through $name', ({ doorsOf, transport, path }) => {
  it('follows channels without a hole through an outage, and gets an outcome for every message', async () => {
    const { server, port } = await startServer({ doorsOf, authenticate: users, handlers: { order: ({ data }) => data } })
    const connection = client(`ws://127.0.0.1:${port}${path}`, { transport: transport(), credentials: () => 'ann' })
    const heard: unknown[] = []
    connection.channel('news').onMessage((data) => void heard.push(data))
    await expect.poll(() => server.stats().channelStats['news']).toBe(1)
    for (let number = 0; number < 30; number++) await server.publish('news', number)
    await expect.poll(() => heard.length).toBe(30)
    connection.disconnect()
    await expect.poll(() => server.stats().connectedClients).toBe(0)
    for (let number = 30; number < 60; number++) await server.publish('news', number)
    const sent = connection.sendWithAck({ type: 'order', data: 'x' })
    await connection.connect()
    await expect(sent).resolves.toMatchObject({ outcome: 'delivered', data: 'x' })
    await expect.poll(() => heard).toEqual(Array.from({ length: 60 }, (_, number) => number))
    expect(server.stats().counters.recoveries).toEqual({ recovered: 1 })
  })

  it('is told with which code it was refused, and does not come back', async () => {
    const { server, port } = await startServer({ doorsOf, authenticate: users })
    const connection = client(`ws://127.0.0.1:${port}${path}`, { transport: transport(), credentials: () => 'bad' })
    await expect.poll(() => connection.snapshot().state, { timeout: 5_000 }).toBe('error')
    expect(connection.snapshot().error).toMatchObject({ code: 'UPLINK_UNAUTHORIZED', closeCode: 4401 })
    expect(server.stats().counters.closes['4401']).toBeGreaterThan(0)
  })

  it('comes back after a restart with the moment it was given', async () => {
    const { server, port } = await startServer({ doorsOf, authenticate: users })
    const connection = client(`ws://127.0.0.1:${port}${path}`, { transport: transport(), credentials: () => 'ann' })
    await expect.poll(() => connection.snapshot().state).toBe('connected')
    const delays: number[] = []
    connection.on('reconnecting', ({ delayMs }) => void delays.push(delayMs))
    await server.drain({ spreadMs: 0 })
    await expect.poll(() => delays.length).toBeGreaterThan(0)
    expect(connection.snapshot().state).toBe('reconnecting')
  })
})

describe('a stock Socket.IO client', () => {
  it.each([['websocket'], ['polling']])('written as in the seed works unchanged over %s', async (transport) => {
    const { server, port } = await startServer({ doorsOf: both, authenticate: users, channels: tradingChannels() })
    const { socket, frames } = stock(port, { auth: { token: '123' }, transports: [transport] })
    socket.on('connect', () => {
      socket.emit('subscribe', { channels: ['market_data', 'trading_signals', 'user_123_trades', 'user_1_trades'] })
    })
    await expect.poll(() => frames.filter(({ type }) => type === 'subscription_confirmed').length).toBe(3)
    expect(frames.find(({ type }) => type === 'error')).toMatchObject({ code: 'not_authorized', channel: 'user_1_trades' })
    await server.publish('user_123_trades', { id: 7 }, { type: 'trade_execution' })
    await expect.poll(() => frames.at(-1)).toMatchObject({ type: 'trade_execution', channel: 'user_123_trades', data: { id: 7 }, offset: 1, timestamp: expect.any(Number) })
    socket.emit('heartbeat', { timestamp: 5 })
    await expect.poll(() => frames.at(-1)).toMatchObject({ type: 'heartbeat_ack', timestamp: 5 })
    socket.emit('unsubscribe', { channels: ['market_data'] })
    await expect.poll(() => frames.at(-1)).toMatchObject({ type: 'unsubscription_confirmed', channel: 'market_data' })
  })

  it('gets the answer to a message in its callback', async () => {
    const { port } = await startServer({ doorsOf: both, handlers: { order: ({ data }) => ({ accepted: data }), bad: () => { throw reject('invalid') } } })
    const { socket, frames } = stock(port, {})
    await expect(socket.timeout(2_000).emitWithAck('order', 5)).resolves.toMatchObject({ type: 'ack', data: { accepted: 5 } })
    await expect(socket.timeout(2_000).emitWithAck('bad', 5)).resolves.toMatchObject({ type: 'nack', code: 'invalid', retryable: false })
    await expect(socket.timeout(2_000).emitWithAck('nobody')).resolves.toMatchObject({ type: 'nack', code: 'unknown_type' })
    expect(frames.map(({ type }) => type)).toEqual(['connection'])
  })

  it('continues from its position as any other client', async () => {
    const { server, port } = await startServer({ doorsOf: both })
    const first = stock(port, {})
    first.socket.emit('subscribe', { channels: ['news'] })
    await expect.poll(() => first.frames.at(-1)).toMatchObject({ type: 'subscription_confirmed' })
    await server.publish('news', 1)
    await expect.poll(() => first.frames.at(-1)).toMatchObject({ offset: 1 })
    first.socket.disconnect()
    await server.publish('news', 2)
    const second = stock(port, {})
    second.socket.emit('subscribe', { channels: [{ channel: 'news', recover: { epoch: first.frames[1]?.['epoch'], offset: 1 } }] })
    await expect.poll(() => second.frames.at(-1)).toMatchObject({ recovered: true, messages: [{ data: 2 }] })
  })

  it('hears why it is sent away', async () => {
    const { port } = await startServer({ doorsOf: both, authenticate: users })
    const { socket, frames } = stock(port, { auth: { token: 'bad' } })
    const reason = await new Promise((resolve) => { socket.on('disconnect', resolve) })
    expect(frames.at(-1)).toEqual({ type: 'goodbye', reason: 'credentials refused', closeCode: 4401 })
    expect(reason).toBe('io server disconnect')
  })
})

describe('a page of another origin', () => {
  it.each(['websocket', 'polling'])('gets no Socket.IO connection over %s', async (transport) => {
    const { server, port } = await startServer({ doorsOf: both, origins: ['https://app.example'] })
    const refused = stock(port, { transports: [transport], extraHeaders: { origin: 'https://evil.example' } })
    await new Promise((resolve) => { refused.socket.on('connect_error', resolve) })
    const allowed = stock(port, { transports: [transport], extraHeaders: { origin: 'https://app.example' } })
    await new Promise<void>((resolve) => { allowed.socket.on('connect', () => resolve()) })
    expect(server.stats().counters).toMatchObject({ connectionsOpened: 1, turnedAway: { origin: 1 } })
  })

  it('gets no WebSocket', async () => {
    const { server, url } = await startServer({ doorsOf: both, origins: ['https://app.example'] })
    for (const origin of ['https://evil.example', 'null', 'https://app.example.evil.example', 'http://app.example', 'https://app.example:444']) {
      await expect(bare(url, [], { origin })).rejects.toThrow('HTTP 403')
    }
    await bare(url, [], { origin: 'https://app.example' })
    await bare(url)
    expect(server.stats().counters).toMatchObject({ connectionsOpened: 2, turnedAway: { origin: 5 } })
  })
})

describe('a bare WebSocket client', () => {
  it('written as in the seed works unchanged on its path', async () => {
    const { server, port } = await startServer({ doorsOf: both, authenticate: users, channels: [channel('user_{id}_trades', { subscribe: self('id') }), channel('public', { subscribe: everyone })] })
    const socket = await bare(`ws://127.0.0.1:${port}/ws/trading`)
    socket.say({ type: 'subscribe', channels: ['public'], timestamp: Date.now() })
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'error', code: 'not_authorized' })
    socket.say({ type: 'authenticate', credentials: 'ann' })
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'connection', identity: 'ann' })
    socket.say({ type: 'subscribe', channels: ['user_ann_trades'] })
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'subscription_confirmed' })
    await server.publish('user_ann_trades', 1)
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ data: 1 })
    await expect(bare(`ws://127.0.0.1:${port}/ws/other`)).rejects.toThrow()
  })
})
