/** Faults put between a connection and its transport: over scripted sockets in virtual time, and over real ones. */
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { createConnection, webSocket } from 'uplink/engine'
import { faults } from 'uplink/devtools/faults'
import { ws } from 'uplink/transports/ws'
import { type ScriptOptions, createFakePlatform, scriptedTransport } from 'uplink/testing'
import { friendly } from '../engine/support.ts'

const polite: ScriptOptions = { ...friendly, onClose: (socket) => socket.end(socket.closed) }

function broken(options: object = {}, script = polite) {
  const platform = createFakePlatform({ seed: 3 })
  const server = scriptedTransport(script)
  const { transport, controller } = faults(server.transport, { platform, onNetwork: (isOnline) => platform.fire(isOnline ? 'online' : 'offline') })
  const connection = createConnection({ url: 'wss://test.example/ws', platform, transport, jitter: 'none', ...options })
  const heard: unknown[] = []
  const closes: number[] = []
  connection.subscribe('n', (data) => heard.push(data))
  connection.on('close', ({ code }) => closes.push(code))
  void connection.connect()
  platform.clock.advance(1_000)
  const tick = (data: unknown): void => server.socket().receive({ type: 'n', data })
  return { platform, server, controller, connection, heard, closes, tick, state: () => connection.snapshot().state }
}

describe('a link with faults', () => {
  it('passes everything at once while none is on', () => {
    const { heard, tick, platform, state, controller, connection } = broken()
    expect(state()).toBe('connected')
    const timers = platform.clock.pending()
    tick(1)
    expect(heard).toEqual([1])
    expect(platform.clock.pending()).toBe(timers)
    expect(controller.counts()).toEqual({ sockets: 1, held: 0, lost: 0 })
    connection.disconnect()
    expect(platform.clock.pending()).toBe(0)
  })

  it('offline: ends sockets with 1006, opens none, says so to the page, and comes back when it is over', () => {
    const { controller, platform, server, closes, state, connection } = broken()
    controller.set({ offline: true })
    expect(closes).toEqual([1006])
    platform.clock.advance(30_000)
    expect(server.sockets).toHaveLength(1)
    expect(connection.snapshot()).toMatchObject({ network: 'offline', phase: 'paused' })
    controller.set({ offline: false })
    platform.clock.advance(1_000)
    expect(state()).toBe('connected')
    expect(server.sockets).toHaveLength(2)
  })

  it('close: every socket ends with the code, and the connection does what the code tells it', () => {
    const { controller, closes, state, server, connection } = broken()
    expect(controller.close(4403, 'session revoked')).toBe(1)
    expect(closes).toEqual([4403])
    expect(state()).toBe('error')
    expect(connection.snapshot().error?.message).toContain('session revoked')
    expect(server.socket().closed).toEqual({ code: 1000, reason: '' })
    expect(controller.close(1000)).toBe(0)
  })

  it('half-open: nothing passes, not even a close; it is noticed by the heartbeat, and new sockets are as silent', () => {
    const { controller, platform, tick, heard, server, closes } = broken()
    controller.set({ halfOpen: true })
    const { length } = server.socket().sent
    tick(1)
    server.socket().end({ code: 1001 })
    expect([heard, closes]).toEqual([[], []])
    platform.clock.advance(10_000)
    expect(server.sockets[0]?.sent).toHaveLength(length)
    expect(server.sockets.length).toBeGreaterThan(1)
    expect(closes[0]).toBe(4408)
    controller.heal()
    platform.clock.advance(40_000)
    tick(2)
    expect(heard).toEqual([2])
    expect(controller.counts().sockets).toBe(1)
  })

  it('tells of a close that it kept back, once it is heard again', () => {
    const { controller, server, closes } = broken()
    controller.set({ halfOpen: true })
    server.socket().end({ code: 1012 })
    controller.set({ halfOpen: false })
    expect(closes).toEqual([1012])
  })

  it('latency and jitter: every frame is late each way, within the bounds, and in order', () => {
    const { controller, platform, tick, heard, connection } = broken()
    controller.set({ latencyMs: 300, jitterMs: 200 })
    for (let n = 0; n < 50; n++) tick(n)
    platform.clock.advance(299)
    expect(heard).toEqual([])
    expect(controller.counts().held).toBe(50)
    platform.clock.advance(201)
    expect(heard).toEqual(Array.from({ length: 50 }, (_, n) => n))
    platform.clock.advance(30_000)
    expect(connection.latency().current).toBeGreaterThanOrEqual(600)
    expect(connection.latency().current).toBeLessThanOrEqual(1_000)
  })

  it('a frame that is late stays before those that came after the latency was gone', () => {
    const { controller, platform, tick, heard } = broken()
    controller.set({ latencyMs: 500 })
    tick(1)
    controller.heal()
    tick(2)
    expect(heard).toEqual([])
    platform.clock.advance(500)
    expect(heard).toEqual([1, 2])
  })

  it('a frame whose timer is late is not overtaken', () => {
    const { controller, platform, tick, heard } = broken()
    controller.set({ latencyMs: 500 })
    platform.clock.setTimer(() => { controller.heal(); tick(2) }, 400)
    tick(1)
    platform.clock.stall(1_000)
    platform.clock.advance(1_000)
    expect(heard).toEqual([1, 2])
  })

  it('loss: the next n frames of a direction are lost, and no more', () => {
    const { controller, tick, heard, connection, server } = broken()
    controller.set({ loseIncoming: 2, loseOutgoing: 1 })
    for (let n = 0; n < 4; n++) tick(n)
    expect(heard).toEqual([2, 3])
    const before = server.socket().sent.length
    connection.send({ type: 'a' })
    connection.send({ type: 'b' })
    expect(server.socket().sent.slice(before).map((frame) => (JSON.parse(String(frame)) as { type: string }).type)).toEqual(['b'])
    expect(controller.counts().lost).toBe(3)
    expect(controller.getState()).toMatchObject({ loseIncoming: 0, loseOutgoing: 0 })
  })

  it('slow consumer: takes so many frames a second, and is cut off with 4413 when too many wait', () => {
    const { controller, platform, tick, heard, closes } = broken()
    controller.set({ slowConsumer: 10 })
    for (let n = 0; n < 100; n++) tick(n)
    platform.clock.advance(2_000)
    expect(heard.length).toBeGreaterThanOrEqual(20)
    expect(heard.length).toBeLessThanOrEqual(21)
    for (let n = 0; n < 11_000; n++) tick(n)
    expect(closes).toEqual([4413])
    expect(controller.counts().held).toBe(0)
  })

  it('stale token: sockets are closed with 4401; the second time in a row that is the end, and healed it starts anew', () => {
    const { controller, platform, closes, state, connection } = broken({ url: () => 'wss://test.example/ws' })
    controller.set({ staleToken: true })
    platform.clock.advance(5_000)
    expect(closes).toEqual([4401, 4401])
    expect(state()).toBe('error')
    controller.heal()
    connection.reconnect()
    platform.clock.advance(5_000)
    expect(state()).toBe('connected')
  })

  it('a graceful disconnect still waits for the other side', () => {
    const { connection, server, state, controller } = broken({}, friendly)
    connection.disconnect({ graceful: true })
    expect(state()).toBe('disconnecting')
    server.socket().end({ code: 1000 })
    expect(state()).toBe('disconnected')
    expect(controller.counts().sockets).toBe(0)
  })

  it('names a fault that does not exist, a value that is not allowed, and what is no transport', () => {
    const { controller } = broken()
    expect(() => controller.set({ latency: 1 } as object)).toThrow(/no fault "latency"; there are offline/)
    expect(() => controller.set({ latencyMs: -1 })).toThrow(/latencyMs/)
    expect(() => controller.close(999)).toThrow(/1000 to 4999/)
    expect(() => faults(webSocket as never)).toThrow(/faults\(webSocket\(\)\)/)
  })
})

describe('over a real WebSocket', () => {
  const servers: Server[] = []
  afterEach(() => { for (const server of servers.splice(0)) server.close() })

  it('a close, a silence and an outage are noticed, and the connection returns each time', async () => {
    const http = createServer()
    servers.push(http)
    const server = new WebSocketServer({ server: http })
    server.on('connection', (socket) => socket.on('message', (raw) => { if (String(raw).includes('"ping"')) socket.send('{"type":"pong"}') }))
    await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve) })
    const { transport, controller } = faults(ws(), { onNetwork: () => undefined })
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`
    const connection = createConnection({ url, transport, reconnectInterval: 20, maxReconnectDelay: 50, heartbeatInterval: 100, heartbeatTimeout: 100 })
    const closes: number[] = []
    connection.on('close', ({ code }) => closes.push(code))
    const opens = (): Promise<void> => new Promise((resolve) => { const forget = connection.on('pong', () => { forget(); resolve() }) })
    void connection.connect()
    await opens()
    controller.close(1012)
    await opens()
    controller.set({ halfOpen: true })
    await expect.poll(() => closes.length).toBeGreaterThanOrEqual(2)
    controller.heal()
    await opens()
    controller.set({ offline: true })
    await expect.poll(() => connection.snapshot().phase).toBe('waiting')
    controller.heal()
    await opens()
    expect(closes.slice(0, 2)).toEqual([1012, 4408])
    expect(closes.at(-1)).toBe(1006)
    connection.destroy()
    await expect.poll(() => controller.counts()).toMatchObject({ sockets: 0, held: 0 })
    for (const socket of server.clients) socket.terminate()
  })
})
