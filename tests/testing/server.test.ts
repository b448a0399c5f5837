/** The test server and the client that speaks its protocol, over real sockets. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Connection, type ConnectionOptions, type Gap, createConnection } from 'uplink/engine'
import { readHistory, uplink } from 'uplink/protocols/uplink'
import { startFaultProxy } from 'uplink/testing/node'
import { type TestServer, type TestServerOptions, createTestServer, reject } from 'uplink/testing/server'
import { ws } from 'uplink/transports/ws'

const ending: Array<() => void | Promise<void>> = []

afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})

async function serve(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await createTestServer(options)
  ending.push(() => server.close())
  return server
}

function dial(url: string, options: Partial<ConnectionOptions> = {}): Connection {
  const connection = createConnection({ url, protocol: uplink(), transport: ws(), reconnectInterval: 20, maxReconnectDelay: 50, ...options })
  ending.push(() => connection.destroy())
  return connection
}

/** A socket without a client: what the server says to whatever it is sent. */
async function raw(server: TestServer): Promise<{ readonly socket: WebSocket; readonly frames: Array<Record<string, unknown>>; readonly closed: Promise<number> }> {
  const socket = new WebSocket(server.url, ['uplink.v1'])
  const frames: Array<Record<string, unknown>> = []
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Record<string, unknown>))
  const closed = new Promise<number>((resolve) => { socket.on('close', resolve) })
  await new Promise((resolve) => { socket.on('open', resolve) })
  ending.push(() => socket.terminate())
  return { socket, frames, closed }
}

describe('handlers', () => {
  it('answer messages: with data, later, with a no, and with what they throw', async () => {
    const server = await serve({ handler: ({ type }) => `nobody knows ${type}` })
    server.handle('sum', ({ data }) => (data as number[]).reduce((sum, value) => sum + value, 0))
    server.handle('later', async () => { await Promise.resolve(); return 'now' })
    server.handle('closed', () => { throw reject('market_closed', { message: 'come back on Monday' }) })
    server.handle('broken', () => { throw new Error('no such table') })
    const connection = dial(server.url)
    await connection.connect()
    const results = await Promise.all(['sum', 'later', 'closed', 'broken', 'other'].map((type) => connection.sendWithAck({ type, data: [1, 2, 3] })))
    expect(results.map(({ outcome, data }) => [outcome, data])).toEqual([
      ['delivered', 6], ['delivered', 'now'], ['rejected', undefined], ['rejected', undefined], ['delivered', 'nobody knows other'],
    ])
    expect(results[2]?.error?.message).toContain('come back on Monday')
    expect(server.received().map(({ message }) => message.type)).toEqual(['sum', 'later', 'closed', 'broken', 'other'])
  })

  it('may say "later", and get the message again', async () => {
    const server = await serve()
    let times = 0
    server.handle('order', () => { if (++times < 3) throw reject('busy', { retryable: true, retryAfterMs: 10 }) })
    const connection = dial(server.url)
    await connection.connect()
    expect(await connection.sendWithAck({ type: 'order' })).toMatchObject({ outcome: 'delivered' })
    expect(times).toBe(3)
  })
})

describe('streams', () => {
  it('go on after connections broke off, and after a restart that kept them', async () => {
    const server = await serve()
    const connection = dial(server.url)
    const seen: unknown[] = []
    const gaps: Gap[] = []
    const lease = connection.channel('prices')
    lease.onMessage((data) => seen.push(data))
    lease.onGap((gap) => gaps.push(gap))
    await connection.connect()
    await vi.waitFor(() => expect(lease.snapshot().status).toBe('live'))
    server.publish('prices', 1)
    await vi.waitFor(() => expect(seen).toEqual([1]))
    server.dropAll()
    server.publish('prices', 2)
    await vi.waitFor(() => expect(seen).toEqual([1, 2]))
    await server.stop()
    server.publish('prices', 3)
    await server.start('everything')
    await vi.waitFor(() => expect(seen).toEqual([1, 2, 3]))
    expect(lease.snapshot().recovered).toBe(true)
    await server.start('nothing')
    await vi.waitFor(() => expect(gaps).toEqual([{ reason: 'epoch_changed', from: 4, to: null }]))
    expect(server.publish('prices', 4)).toMatchObject({ offset: 1 })
    await vi.waitFor(() => expect(seen).toEqual([1, 2, 3, 4]))
    server.resetStream('prices')
    await vi.waitFor(() => expect(gaps).toHaveLength(2))
  })

  it('are told apart by their params, and closed to who may not read them', async () => {
    const server = await serve({ permit: (_, channel) => channel !== 'secret' })
    const connection = dial(server.url)
    const seen: unknown[] = []
    connection.channel('book', { symbol: 'A', depth: 5 }).onMessage((data) => seen.push(['A', data]))
    connection.channel('book', { symbol: 'B' }).onMessage((data) => seen.push(['B', data]))
    const secret = connection.channel('secret')
    await connection.connect()
    await vi.waitFor(() => expect(secret.snapshot()).toMatchObject({ status: 'refused', error: { code: 'UPLINK_CHANNEL_REFUSED' } }))
    server.publish('book', 1, { params: { depth: 5, symbol: 'A' } })
    server.publish('book', 2, { params: { symbol: 'B' } })
    server.publish('book', 3)
    await vi.waitFor(() => expect(seen).toEqual([['A', 1], ['B', 2]]))
  })

  it('are taken up again by a client that was too slow for them', async () => {
    const server = await serve({ backlogMostBytes: 100_000 })
    const proxy = await startFaultProxy({ target: { port: server.port } })
    ending.push(() => proxy.close())
    const connection = dial(`ws://127.0.0.1:${proxy.port}`)
    const seen: number[] = []
    const codes: Array<number | null> = []
    const lease = connection.channel('big')
    lease.onMessage((data) => seen.push((data as { n: number }).n))
    connection.on('close', ({ code }) => codes.push(code))
    await connection.connect()
    await vi.waitFor(() => expect(lease.snapshot().status).toBe('live'))
    proxy.bandwidth(2_000_000)
    const text = 'x'.repeat(10_000)
    for (let n = 1; n <= 1_000; n++) server.publish('big', { n, text })
    await vi.waitFor(() => expect(seen).toHaveLength(1_000), { timeout: 25_000 })
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1))
    expect(codes.length).toBeGreaterThan(0)
  })
})

describe('a test server', () => {
  it('lets in whom it knows, and says who that is', async () => {
    const server = await serve({ authenticate: async (token) => { await Promise.resolve(); return token === 'good' ? { identity: 'ann' } : null } })
    const connection = dial(server.url, { credentials: () => 'good' })
    await connection.connect()
    await connection.sendWithAck({ type: 'x' })
    expect(server.received()).toMatchObject([{ identity: 'ann', clientId: connection.clientId, message: { type: 'x' } }])
    const other = dial(server.url, { credentials: () => 'bad' })
    await expect(other.connect()).rejects.toMatchObject({ code: 'UPLINK_UNAUTHORIZED' })
    expect(server.clients()).toBe(1)
  })

  it('tells what it wants of frames that it cannot take', async () => {
    const server = await serve({ limits: { maxFrame: 1_000 } })
    const { socket, frames, closed } = await raw(server)
    socket.send('{"type":"hello","versions":[1],"clientId":"c","maxFrame":1000}')
    await vi.waitFor(() => expect(frames).toMatchObject([{ type: 'connection', limits: { maxFrame: 1_000, maxChannels: 200 } }]))
    socket.send(Buffer.from([1, 2, 3]))
    socket.send('{')
    await vi.waitFor(() => expect(frames.slice(1)).toMatchObject([{ type: 'error', code: 'bad_frame' }, { type: 'error', code: 'bad_frame' }]))
    socket.send(JSON.stringify({ type: 'x', data: 'y'.repeat(2_000) }))
    expect(await closed).toBe(1009)
  })

  it('sends clients away for as long as it says', async () => {
    const server = await serve()
    const connection = dial(server.url)
    const waits: number[] = []
    connection.on('reconnecting', ({ delayMs }) => waits.push(delayMs))
    await connection.connect()
    server.goodbye('restarting', 123)
    await server.start()
    await vi.waitFor(() => expect(waits[0]).toBe(123))
    await vi.waitFor(() => expect(server.clients()).toBe(1))
  })

  it('cuts off who does not answer its pings', async () => {
    const server = await serve({ pingIntervalMs: 30 })
    const proxy = await startFaultProxy({ target: { port: server.port } })
    ending.push(() => proxy.close())
    const connection = dial(`ws://127.0.0.1:${proxy.port}`, { heartbeat: false })
    await connection.connect()
    proxy.halfOpen()
    await vi.waitFor(() => expect(server.clients()).toBe(0))
  })

  it('says that its port is taken', async () => {
    const server = await serve()
    await expect(createTestServer({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('the history of a channel', () => {
  it('is read page by page from the test server as from a real one, by whom it is permitted', async () => {
    const server = await serve({ permit: (_, channel) => channel !== 'secret' })
    for (let number = 1; number <= 7; number++) server.publish('news', number)
    const connection = dial(server.url)
    await connection.connect()
    const newest = await readHistory(connection, 'news', { limit: 4 })
    const older = await readHistory(connection, 'news', { limit: 4, before: newest.first })
    expect([older, newest].map(({ messages, more }) => [messages.map(({ data }) => data), more])).toEqual([[[1, 2, 3], false], [[4, 5, 6, 7], true]])
    await expect(readHistory(connection, 'secret')).rejects.toMatchObject({ code: 'UPLINK_HISTORY_REFUSED' })
  })
})
