/** The server over real sockets, in memory, with our client and with bare ones. */
import { describe, expect, it } from 'vitest'
import { authenticated, channel, everyone, reject, self } from '../../../src/server/index.ts'
import { bare, client, startServer } from './support.ts'

const heardBy = (connection: ReturnType<typeof client>, name: string): unknown[] => {
  const heard: unknown[] = []
  connection.channel(name).onMessage((data) => void heard.push(data))
  return heard
}

describe('a server', () => {
  it('brings what is published to all who follow, through an outage as well', async () => {
    const { server, url } = await startServer()
    const connection = client(url)
    const heard = heardBy(connection, 'news')
    await expect.poll(() => server.stats().channelStats['news']).toBe(1)
    for (let number = 0; number < 20; number++) await server.publish('news', number)
    await expect.poll(() => heard.length).toBe(20)
    connection.disconnect()
    await expect.poll(() => server.stats().connectedClients).toBe(0)
    for (let number = 20; number < 40; number++) await server.publish('news', number)
    await connection.connect()
    await expect.poll(() => heard).toEqual(Array.from({ length: 40 }, (_, number) => number))
  })

  it('runs the handler of a message once, and tells what became of it', async () => {
    const { url } = await startServer({
      handlers: {
        order: ({ data }) => ({ accepted: data }),
        bad: () => { throw reject('invalid', { message: 'no such symbol' }) },
        broken: () => { throw new Error('password=hunter2') },
      },
    })
    const connection = client(url)
    await expect(connection.sendWithAck({ type: 'order', data: 5 })).resolves.toMatchObject({ outcome: 'delivered', data: { accepted: 5 } })
    await expect(connection.sendWithAck({ type: 'bad' })).resolves.toMatchObject({ outcome: 'rejected', error: { message: expect.stringContaining('no such symbol') } })
    const failed = await connection.sendWithAck({ type: 'broken' })
    expect(failed.outcome).toBe('rejected')
    expect(JSON.stringify(failed.error?.message)).not.toContain('hunter2')
    await expect(connection.sendWithAck({ type: 'nobody' })).resolves.toMatchObject({ outcome: 'rejected' })
  })

  it('publishes a message of a client on its channel, where the client may', async () => {
    const { server, url } = await startServer({ channels: [channel('chat', { subscribe: everyone, publish: everyone }), channel('news', { subscribe: everyone })] })
    const connection = client(url)
    const heard = heardBy(connection, 'chat')
    await expect.poll(() => server.stats().channelStats['chat']).toBe(1)
    await expect(connection.sendWithAck({ type: 'line', channel: 'chat', data: 'hello' })).resolves.toMatchObject({ outcome: 'delivered', data: { offset: 1 } })
    await expect.poll(() => heard).toEqual(['hello'])
    await expect(connection.sendWithAck({ type: 'line', channel: 'news', data: 'lie' })).resolves.toMatchObject({ outcome: 'rejected', error: { message: expect.stringContaining('not allowed') } })
  })

  it('serves a bare WebSocket that speaks plain JSON', async () => {
    const { server, url } = await startServer()
    const socket = await bare(url)
    socket.say({ type: 'subscribe', channels: ['news', 'nowhere'] })
    socket.say({ type: 'ping', timestamp: 7 })
    await expect.poll(() => socket.frames.length).toBe(4)
    await server.publish('news', { headline: 'x' })
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'news', channel: 'news', data: { headline: 'x' }, offset: 1 })
    expect(socket.frames.slice(0, 4).map(({ type }) => type).toSorted()).toEqual(['connection', 'error', 'pong', 'subscription_confirmed'])
  })

  it('lets everybody follow only what is theirs', async () => {
    const { server, url } = await startServer({
      authenticate: ({ credentials }) => (typeof credentials === 'string' ? { identity: credentials } : null),
      channels: [channel('user_{userId}_trades', { subscribe: self('userId') }), channel('members', { subscribe: authenticated })],
    })
    const socket = await bare(url, [], { authorization: 'Bearer 1' })
    socket.say({ type: 'subscribe', channels: ['user_1_trades', 'user_1_2_trades', 'user_2_trades', 'members'] })
    await expect.poll(() => socket.frames.length).toBe(5)
    expect(socket.frames.filter(({ type }) => type === 'subscription_confirmed').map(({ channel: name }) => name)).toEqual(['user_1_trades', 'members'])
    expect(await server.explain({ identity: '1' }, 'user_1_2_trades')).toMatchObject({ pattern: 'user_{userId}_trades', rights: { subscribe: { allowed: false } } })
  })

  it('gives a snapshot and everything after it to whoever cannot be brought to the present otherwise', async () => {
    let total = 0
    const { server, url } = await startServer({ channels: [channel('sum', { subscribe: everyone, snapshot: () => total })] })
    for (const number of [1, 2, 3]) {
      total += number
      await server.publish('sum', number)
    }
    const socket = await bare(url)
    socket.say({ type: 'subscribe', channels: ['sum'] })
    await expect.poll(() => socket.frames[1]).toMatchObject({ type: 'subscription_confirmed', recovered: false, offset: 3, top: 3, snapshot: 6 })
    socket.say({ type: 'subscribe', channels: [{ channel: 'sum', recover: { epoch: socket.frames[1]?.['epoch'], offset: 1 } }] })
    await expect.poll(() => socket.frames[2]).toMatchObject({ recovered: true, offset: 1, messages: [{ data: 2 }, { data: 3 }] })
  })

  it('gives our client the snapshot as a message, before everything after it', async () => {
    const { server, url } = await startServer({ channels: [channel('sum', { subscribe: everyone, snapshot: () => 6 })] })
    await server.publish('sum', 1)
    const connection = client(url)
    const heard: unknown[] = []
    connection.channel('sum').onMessage((data, message) => void heard.push([message?.type, data]))
    await expect.poll(() => heard).toEqual([['snapshot', 6]])
    await server.publish('sum', 7)
    await expect.poll(() => heard).toEqual([['snapshot', 6], ['sum', 7]])
  })

  it('sends only the newest of every key in a window, covering what it left out', async () => {
    const { server, url } = await startServer({ channels: [channel('prices', { subscribe: everyone, throttleMs: 150 })] })
    const socket = await bare(url)
    socket.say({ type: 'subscribe', channels: ['prices'] })
    await expect.poll(() => socket.frames.length).toBe(2)
    await server.publish('prices', 1, { key: 'BTC' })
    await expect.poll(() => socket.frames.length).toBe(3)
    for (const [key, price] of [['BTC', 2], ['ETH', 3], ['BTC', 4]] as const) await server.publish('prices', price, { key })
    await expect.poll(() => socket.frames.length).toBe(5)
    expect(socket.frames.slice(3)).toMatchObject([{ from: 2, offset: 3, data: 3 }, { offset: 4, data: 4 }])
  })

  it('sends what many channels have to say in one turn as one frame, and every message as its own to plain clients', async () => {
    const { server, url } = await startServer()
    const [plain, ours] = [await bare(url), await bare(url, ['uplink.v1'])]
    ours.say({ type: 'hello', versions: [1], clientId: 'c', maxFrame: 1_000 })
    await expect.poll(() => ours.frames.length).toBe(1)
    const names = ['room.1', 'room.2', 'room.3']
    for (const socket of [plain, ours]) socket.say({ type: 'subscribe', channels: names })
    await expect.poll(() => [plain.frames.length, ours.frames.length]).toEqual([4, 4])
    for (const name of names) for (const number of [1, 2]) void server.publish(name, number)
    await expect.poll(() => [plain.frames.length, ours.frames.length]).toEqual([10, 5])
    const said = (frames: ReadonlyArray<Record<string, unknown>>): unknown[] => frames.map(({ channel: name, data, offset }) => [name, data, offset])
    const expected = names.flatMap((name) => [[name, 1, 1], [name, 2, 2]])
    expect(said(plain.frames.slice(4))).toEqual(expected)
    expect(said((ours.frames[4] as { messages: Array<Record<string, unknown>> }).messages)).toEqual(expected)
    // What is larger than the client takes comes in several frames.
    for (const name of names) void server.publish(name, 'x'.repeat(600))
    await expect.poll(() => ours.frames.length).toBe(8)
  })

  it('gives every client its own moment to come back when it drains', async () => {
    const { server, url } = await startServer()
    const sockets = await Promise.all(Array.from({ length: 5 }, async () => bare(url)))
    await expect.poll(() => server.stats().connectedClients).toBe(5)
    expect(server.isReady()).toBe(true)
    await server.drain({ spreadMs: 1_000 })
    expect(await Promise.all(sockets.map(async ({ closed }) => (await closed)[0]))).toEqual([1012, 1012, 1012, 1012, 1012])
    expect(sockets.map(({ frames }) => frames.at(-1)?.['retryAfter']).toSorted()).toEqual([0, 200, 400, 600, 800])
    expect(server.isReady()).toBe(false)
    expect(await server.health()).toMatchObject({ status: 'closed' })
  })
})
