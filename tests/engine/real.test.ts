/** The engine over real sockets, on both transports, through a path that breaks. */
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type Connection, type ConnectionOptions, type Transport, type WebSocketClass, createConnection, webSocket } from 'uplink/engine'
import { type FaultProxy, startFaultProxy } from 'uplink/testing/node'
import { ws } from 'uplink/transports/ws'

const transports: Record<string, () => Transport> = {
  'the platform WebSocket': () => webSocket(WebSocket as unknown as WebSocketClass),
  'uplink/transports/ws': () => ws(),
}

describe.each(Object.keys(transports))('over %s', (name) => {
  let server: WebSocketServer
  let proxy: FaultProxy
  let connections: Connection[]

  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await new Promise((resolve) => server.once('listening', resolve))
    server.on('connection', (socket) => {
      socket.on('error', () => undefined)
      socket.on('message', (raw, isBinary) => {
        if (isBinary) return socket.send(raw as Buffer, { binary: true })
        const message = JSON.parse(String(raw)) as { type: string; data?: unknown }
        if (message.type === 'ping') socket.send('{"type":"pong"}')
        else socket.send(JSON.stringify({ type: 'echo', data: message.data }))
        return undefined
      })
    })
    proxy = await startFaultProxy({ target: { port: (server.address() as AddressInfo).port } })
    connections = []
  })

  afterEach(async () => {
    for (const connection of connections) connection.destroy()
    for (const client of server.clients) client.terminate()
    await proxy.close()
    await new Promise((resolve) => server.close(resolve))
  })

  function dial(options: Partial<ConnectionOptions> = {}): Connection {
    const connection = createConnection({
      url: `ws://127.0.0.1:${proxy.port}/`, transport: transports[name]?.() as Transport, reconnectInterval: 50, ...options,
    })
    connections.push(connection)
    return connection
  }

  it('messages go there and come back, and latency is measured', async () => {
    const connection = dial()
    await connection.connect()
    const echoed = new Promise((resolve) => connection.subscribe('echo', resolve))
    connection.send({ type: 'hello', data: { text: 'grüß dich' } })
    expect(await echoed).toEqual({ text: 'grüß dich' })
    await vi.waitFor(() => expect(connection.latency().current).toBeGreaterThan(0))
  })

  it('a reset, an end and an end inside a frame are survived, with what was queued', async () => {
    const connection = dial()
    await connection.connect()
    for (const fault of [() => proxy.reset(), () => proxy.cut(), () => { proxy.cut(3); connection.send({ type: 'x', data: 'lost inside' }) }]) {
      const opened = proxy.accepted()
      const again = new Promise((resolve) => connection.on('open', resolve))
      fault()
      await again
      expect(proxy.accepted()).toBeGreaterThan(opened)
      const echoed = new Promise((resolve) => connection.subscribe('echo', resolve))
      connection.send({ type: 'x', data: 'after' })
      expect(await echoed).toBe('after')
    }
  })

  it('a half-open path is noticed and left for a new one', async () => {
    const connection = dial({ heartbeatInterval: 200, heartbeatTimeout: 200 })
    await connection.connect()
    await vi.waitFor(() => expect(connection.latency().samples.length).toBeGreaterThan(0))
    const again = new Promise((resolve) => connection.on('open', resolve))
    proxy.halfOpen()
    await again
    expect(connection.stats().lastError?.code).toBe('UPLINK_HEARTBEAT_TIMEOUT')
  })

  it('a hung upgrade is given up', async () => {
    proxy.hang()
    const connection = dial({ connectTimeout: 150 })
    const timedOut = new Promise<string>((resolve) => connection.on('error', (error) => resolve(error.code)))
    void connection.connect()
    expect(await timedOut).toBe('UPLINK_CONNECT_TIMEOUT')
    proxy.heal()
    await connection.connect()
  })

  it('disconnect() on a dead network is done when it returns', async () => {
    const connection = dial()
    await connection.connect()
    proxy.halfOpen()
    connection.disconnect()
    expect(connection.snapshot().state).toBe('disconnected')
  })

  it('a close code and its reason arrive', async () => {
    const connection = dial()
    await connection.connect()
    const closed = new Promise((resolve) => connection.on('close', resolve))
    for (const client of server.clients) client.close(4403, 'blocked')
    expect(await closed).toMatchObject({ code: 4403, reason: 'blocked' })
    expect(connection.snapshot().state).toBe('error')
  })

  it('2,000 connects and disconnects leave no socket behind', async () => {
    const connection = dial()
    for (let cycle = 0; cycle < 2_000; cycle++) {
      void connection.connect()
      connection.disconnect()
    }
    await vi.waitFor(() => expect(server.clients.size).toBe(0), { timeout: 10_000 })
    await vi.waitFor(() => expect(proxy.connections()).toBe(0), { timeout: 10_000 })
  })
})

describe('uplink/transports/ws', () => {
  it('sends headers, and asks for them before each attempt', async () => {
    const seen: Array<string | undefined> = []
    const http = createServer()
    const server = new WebSocketServer({ server: http })
    server.on('connection', (socket, request) => {
      seen.push(request.headers.authorization)
      if (seen.length === 1) socket.close(1012)
    })
    await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve) })
    let serial = 0
    const connection = createConnection({
      url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`, reconnectInterval: 10,
      transport: ws({ headers: () => ({ authorization: `Bearer ${++serial}` }) }),
    })
    void connection.connect()
    await vi.waitFor(() => expect(seen).toEqual(['Bearer 1', 'Bearer 2']))
    connection.destroy()
    server.close()
    await new Promise((resolve) => http.close(resolve))
  })

  it.each([
    ['401 Unauthorized', '', 4401, 'UPLINK_UNAUTHORIZED', undefined],
    ['403 Forbidden', '', 4403, 'UPLINK_REFUSED', undefined],
    ['503 Service Unavailable', 'Retry-After: 7\r\n', 1013, 'UPLINK_OVERLOADED', 7_000],
    ['429 Too Many Requests', 'Retry-After: 3\r\n', 4429, 'UPLINK_OVERLOADED', 3_000],
  ])('reads a refused upgrade (%s) like a close code', async (status, header, closeCode, code, waitMs) => {
    const http = createTcpServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end(`HTTP/1.1 ${status}\r\n${header}Content-Length: 0\r\n\r\n`))
    })
    await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve) })
    const connection = createConnection({ url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`, transport: ws() })
    const delays: number[] = []
    connection.on('reconnecting', ({ delayMs }) => delays.push(delayMs))
    const error = await new Promise((resolve) => { connection.on('error', resolve); void connection.connect() })
    expect(error).toMatchObject({ code, closeCode })
    if (waitMs !== undefined) expect(delays).toEqual([waitMs])
    connection.destroy()
    await new Promise((resolve) => http.close(resolve))
  })
})
