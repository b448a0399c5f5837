/** Pages of history from a real server: by our client and by others, through both doors, in memory and from Redis. */
import type { Server } from 'node:http'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { json } from 'uplink/engine'
import { type HistoryPage, readHistory } from 'uplink/protocols/uplink'
import type { Connection } from '../../../src/engine/connection-interface.ts'
import type { Transport } from '../../../src/engine/transport.ts'
import { socketIoDoor } from '../../../src/server/doors/socket-io.ts'
import { type Broker, channel, everyone, memoryBroker, nobody, rule, wsDoor } from '../../../src/server/index.ts'
import { redisBroker } from '../../../src/server/redis.ts'
import { socketIo } from '../../../src/transports/socket-io.ts'
import { ws } from '../../../src/transports/ws.ts'
import { nodeRedis } from '../brokers/clients.ts'
import { type RedisServer, hasRedis, redisTitle, startRedis } from '../brokers/redis-server.ts'
import { GENEROUS, type Running, bare, client, startServer } from './support.ts'

const DOORS: ReadonlyArray<readonly [name: string, path: string, transport: () => Transport]> = [
  ['ws', '/ws', () => ws()], ['Socket.IO', '', () => socketIo({ transports: ['websocket'] })],
]
const doorsOf = (http: Server): ReturnType<typeof wsDoor>[] => [wsDoor({ server: http }), socketIoDoor({ server: http })]
const channels = [
  channel('log', { subscribe: everyone }), channel('closed', { subscribe: everyone, history: nobody }), channel('hidden', { subscribe: nobody, history: everyone }),
  channel('books', { subscribe: everyone, stream: ({ symbol }) => (symbol === 'BTC' ? symbol : null) }), channel('short', { subscribe: everyone, keep: { count: 10 } }),
]
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const dataOf = ({ messages }: HistoryPage): unknown[] => messages.map(({ data }) => data)

const start = (broker: Broker = memoryBroker()): Promise<Running> => startServer({ doorsOf, channels, broker, recovery: { count: 200, size: 20_000 } })

async function publish({ server }: Running, name: string, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) await server.publish(name, n)
}

/** Everything a channel holds, read from its end to its beginning. */
async function readBack(connection: Connection, name: string, limit: number): Promise<unknown[]> {
  let page = await readHistory(connection, name, { limit })
  const all = dataOf(page)
  while (page.more) {
    page = await readHistory(connection, name, { limit, before: page.first })
    all.unshift(...dataOf(page))
  }
  return all
}

/** Everything that follows a place. */
async function readOn(connection: Connection, name: string, limit: number, after: { epoch: string; offset: number }): Promise<unknown[]> {
  let page = await readHistory(connection, name, { limit, after })
  const all = dataOf(page)
  while (page.more) {
    page = await readHistory(connection, name, { limit, after: page.last })
    all.push(...dataOf(page))
  }
  return all
}

describe.each(DOORS)('through the %s door', (_, path, transport) => {
  const dial = (running: Running, options: Parameters<typeof client>[1] = {}): Connection => client(`${path === '' ? 'http' : 'ws'}://127.0.0.1:${running.port}${path}`, { transport: transport(), ...options })

  it('a history of 500 messages is read page by page, each message once and in order, both ways', async () => {
    const running = await start()
    await publish(running, 'log', 1, 500)
    const connection = dial(running)
    expect(await readBack(connection, 'log', 37)).toEqual(range(1, 500))
    const { top } = await readHistory(connection, 'log', { limit: 1 })
    expect(await readOn(connection, 'log', 150, { ...top, offset: 0 })).toEqual(range(1, 500))
    // What a recovery refuses as too many is there, and nobody who listens to the channel hears it.
    const lease = connection.channel('log')
    const heard: unknown[] = []
    lease.onMessage((data) => heard.push(data))
    await expect.poll(() => lease.snapshot().status).toBe('live')
    expect(await readOn(connection, 'log', 1_000, { ...top, offset: 100 })).toEqual(range(101, 500))
    expect(heard).toEqual([])
  })

  it('frames stay as small as the client wants them', async () => {
    const running = await start()
    for (let n = 1; n <= 20; n++) await running.server.publish('log', `${n} ${'x'.repeat(300)}`)
    const connection = dial(running, { maxMessageSize: 1_500 })
    const page = await readHistory(connection, 'log')
    expect(page.messages.length).toBeGreaterThan(1)
    expect(page.messages.length).toBeLessThan(5)
    expect((await readBack(connection, 'log', 100)).map((text) => Number.parseInt(String(text), 10))).toEqual(range(1, 20))
    await running.server.publish('log', 'x'.repeat(2_000))
    await expect(readHistory(connection, 'log')).rejects.toMatchObject({ code: 'UPLINK_HISTORY_REFUSED', message: expect.stringContaining('too_large') as string })
  })

  it('only who may follow a channel and may read its history gets a page', async () => {
    const running = await start()
    const connection = dial(running)
    for (const [name, code] of [['closed', 'not_authorized'], ['hidden', 'not_authorized'], ['nowhere', 'unknown_channel']] as const) {
      await expect(readHistory(connection, name)).rejects.toMatchObject({ code: 'UPLINK_HISTORY_REFUSED', channel: name, message: expect.stringContaining(code) as string })
    }
    await expect(readHistory(connection, 'books', { params: { symbol: 'ETH' } })).rejects.toMatchObject({ code: 'UPLINK_HISTORY_REFUSED' })
    await running.server.publish('books', 'bid', { params: { symbol: 'BTC' } })
    expect(await readHistory(connection, 'books', { params: { symbol: 'BTC' } })).toMatchObject({ messages: [{ channel: 'books', stream: 'books?BTC', data: 'bid' }] })
    expect(await readHistory(connection, 'books')).toMatchObject({ messages: [], more: false, first: { offset: 1 }, last: { offset: 0 }, top: { offset: 0 } })
  })
})

describe('a server', () => {
  it('asks for the rights at every page, and reads nothing before', async () => {
    let isOpen = true
    const broker = memoryBroker()
    let reads = 0
    const counted: Broker = { ...broker, page: (...args) => { reads++; return broker.page(...args) }, read: (...args) => { reads++; return broker.read(...args) } }
    const running = await startServer({ broker: counted, channels: [channel('log', { subscribe: everyone, history: rule('while it is open', async () => isOpen) })] })
    const before = reads
    await publish(running, 'log', 1, 3)
    const connection = client(running.url)
    const { first } = await readHistory(connection, 'log', { limit: 2 })
    isOpen = false
    const seen = reads
    expect(seen).toBeGreaterThan(before)
    await expect(readHistory(connection, 'log', { before: first })).rejects.toMatchObject({ code: 'UPLINK_HISTORY_REFUSED', message: expect.stringContaining('while it is open') as string })
    expect(reads).toBe(seen)
  })

  it('says what is gone: trimmed, begun anew', async () => {
    const running = await start()
    await publish(running, 'short', 1, 30)
    const connection = client(running.url)
    const { top, first } = await readHistory(connection, 'short', { limit: 1 })
    await expect(readHistory(connection, 'short', { after: { ...top, offset: 3 } })).rejects.toMatchObject({ code: 'UPLINK_HISTORY_TRIMMED', message: expect.stringContaining('trimmed') as string })
    expect(await readBack(connection, 'short', 4)).toEqual(range(21, 30))
    expect(await readHistory(connection, 'short', { before: { ...top, offset: 21 } })).toMatchObject({ messages: [], more: false })
    // Before the first message of all, and before what is none.
    for (const offset of [0, 1]) expect(await readHistory(connection, 'short', { before: { ...top, offset } })).toMatchObject({ messages: [], more: false })
    await running.server.reset('short')
    for (const how of [{ before: first }, { after: top }]) await expect(readHistory(connection, 'short', how)).rejects.toMatchObject({ code: 'UPLINK_HISTORY_CHANGED' })
  })

  it('answers who asks too often later, without holding back other messages', async () => {
    const { url } = await startServer({
      channels, handlers: { order: () => 'done' }, limits: { ...GENEROUS, rates: { ...GENEROUS.rates, commands: { max: 3, windowMs: 600 } } },
    })
    const connection = client(url)
    const pages = Promise.all(Array.from({ length: 5 }, () => readHistory(connection, 'log')))
    expect(await connection.sendWithAck({ type: 'order' })).toMatchObject({ outcome: 'delivered', data: 'done' })
    expect(await pages).toHaveLength(5)
  })

  it('that cannot reach its broker is asked again', async () => {
    const broker = memoryBroker()
    let failures = 2
    const running = await startServer({ channels, broker: { ...broker, page: async (...args) => { if (failures-- > 0) throw new Error('away'); return broker.page(...args) } } })
    await publish(running, 'log', 1, 2)
    expect(dataOf(await readHistory(client(running.url), 'log'))).toEqual([1, 2])
    failures = 1e9
    await expect(readHistory(client(running.url), 'log', { timeout: 300 })).rejects.toMatchObject({ code: 'UPLINK_HISTORY_FAILED' })
  })

  it('answers plain clients and stock Socket.IO clients as well', async () => {
    const running = await start()
    await publish(running, 'log', 1, 5)
    const plain = await bare(running.url)
    plain.say({ type: 'history', id: '1', data: { channel: 'log', limit: 2 } })
    await expect.poll(() => plain.frames.at(-1)).toMatchObject({ type: 'ack', id: '1', data: { stream: 'log', top: 5, more: true, messages: [{ offset: 4, data: 4 }, { offset: 5, data: 5 }] } })
    const socket = io(`http://127.0.0.1:${running.port}`, { transports: ['websocket'], forceNew: true })
    onTestFinished(() => void socket.disconnect())
    expect(await socket.timeout(5_000).emitWithAck('history', { channel: 'log', limit: 1 })).toMatchObject({ type: 'ack', data: { more: true, messages: [{ data: 5 }] } })
    expect(await socket.timeout(5_000).emitWithAck('history', { channel: 'closed' })).toMatchObject({ type: 'nack', code: 'not_authorized', retryable: false })
  })

  it('reads one page at a time for a client, and none for one that has gone', async () => {
    const broker = memoryBroker()
    let running = 0
    let most = 0
    let pages = 0
    const slow: Broker = { ...broker, page: async (...args) => {
      pages++
      most = Math.max(most, ++running)
      await new Promise((resolve) => { setTimeout(resolve, 20) })
      running--
      return broker.page(...args)
    } }
    const { url, server } = await startServer({ channels, broker: slow })
    const plain = await bare(url)
    await server.publish('log', 1)
    const before = pages
    for (let id = 1; id <= 40; id++) plain.say({ type: 'history', id: `${id}`, data: { channel: 'log' } })
    await expect.poll(() => plain.frames.filter(({ type }) => type === 'ack').length).toBeGreaterThan(1)
    plain.socket.terminate()
    await expect.poll(() => server.stats().connectedClients).toBe(0)
    await expect.poll(() => running).toBe(0)
    await new Promise((resolve) => { setTimeout(resolve, 60) })
    expect(most).toBe(1)
    expect(pages - before).toBeLessThan(40)
  })

  it('refuses a page through json()', async () => {
    const running = await start()
    await expect(readHistory(client(running.url, { protocol: json() }), 'log')).rejects.toMatchObject({ code: 'UPLINK_HISTORY_UNSUPPORTED', message: expect.stringContaining('uplink()') as string })
  })
})

describe.skipIf(!hasRedis)(redisTitle('over Redis'), () => {
  let redis: RedisServer
  let count = 0
  beforeAll(async () => { redis = await startRedis() })
  afterAll(() => redis.close())

  it('any node has the pages of all, with what two of them publish at the same time', async () => {
    const prefix = `history${++count}`
    const [one, two] = await Promise.all([1, 2].map(() => start(redisBroker({ client: nodeRedis(redis), prefix }))))
    if (one === undefined || two === undefined) throw new Error('no servers')
    const numbers = range(1, 500)
    await Promise.all(numbers.map((n) => (n % 2 === 0 ? one : two).server.publish('log', n)))
    const connection = client(two.url)
    const back = await readBack(connection, 'log', 37)
    expect(back.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers)
    const { top } = await readHistory(connection, 'log', { limit: 1 })
    // The order is that of the offsets, whichever way they are read, and by whichever node.
    expect(await readOn(client(one.url), 'log', 60, { ...top, offset: 0 })).toEqual(back)
    expect(await readHistory(connection, 'short', { limit: 1 })).toMatchObject({ messages: [], top: { offset: 0, epoch: expect.stringMatching(/./) as string } })
    for (const offset of [0, 1]) expect(await readHistory(connection, 'log', { before: { ...top, offset } })).toMatchObject({ messages: [] })
  })
})
