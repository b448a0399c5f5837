/** What somebody would try: none of it ends the process, reads what it may not, or costs others their place. */
import { describe, expect, it } from 'vitest'
import { channel, everyone, memoryBroker, nobody, role } from '../../../src/server/index.ts'
import { GENEROUS, bare, client, startServer } from './support.ts'

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`
const users = ({ credentials }: { readonly credentials: unknown }): { identity: string; roles: string[] } | null => {
  const [identity = '', ...roles] = String(credentials).split('+')
  return typeof credentials === 'string' ? { identity, roles } : null
}

describe('a stranger', () => {
  it.each(['ping', 'heartbeat'])('ends nothing by a %s with ten thousand levels, also before anybody is known', async (type) => {
    const { server, url } = await startServer({ authenticate: () => null })
    const socket = await bare(url)
    socket.say(`{"type":"${type}","timestamp":${deep(10_000)}}`)
    socket.say({ type: 'ping', timestamp: 1 })
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'pong', timestamp: 1 })
    expect(server.stats().connectedClients).toBe(1)
  })

  it('gets no more answers to a batch of nonsense than it may send requests', async () => {
    const { url } = await startServer({ limits: { ...GENEROUS, rates: { commands: { max: 5, windowMs: 60_000 }, refusals: { max: 5, windowMs: 60_000 } } } })
    const socket = await bare(url)
    socket.say({ type: 'batch', messages: Array.from({ length: 5_000 }, () => 0) })
    await socket.closed
    expect(socket.frames.filter(({ type }) => type === 'error')).toHaveLength(5)
  })

  it('that says it takes no frame of any use is refused', async () => {
    const { url } = await startServer()
    const socket = await bare(url, ['uplink.v1'])
    socket.say({ type: 'hello', versions: [1], clientId: 'c', maxFrame: 1 })
    expect((await socket.closed)[0]).toBe(4400)
  })

  it('that knocks without end uses up its own share, and nobody else\'s', async () => {
    const { url } = await startServer({ limits: { ...GENEROUS, guests: { ...GENEROUS.guests, handshakes: { max: 20, perAddress: 5, windowMs: 60_000 } } } })
    let refused = 0
    for (let knock = 0; knock < 30; knock++) await bare(url).catch((error: Error) => { refused += Number(error.message === 'HTTP 429') })
    // All of them by the limit of the address, none by that of the node.
    expect(refused).toBe(25)
  })
})

describe('a user', () => {
  it('who may not read what was before does not by mode latest either', async () => {
    const { server, url } = await startServer({ channels: [channel('live', { subscribe: everyone, history: nobody })] })
    await server.publish('live', 'of yesterday')
    const socket = await bare(url)
    socket.say({ type: 'subscribe', channels: [{ channel: 'live', mode: 'latest' }] })
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'subscription_confirmed' })
    expect(JSON.stringify(socket.frames)).not.toContain('of yesterday')
    await server.publish('live', 'of today')
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ data: 'of today' })
  })

  it('whose newer credentials say less loses what they do not allow, and gets nothing back by older ones', async () => {
    const { server, url } = await startServer({ authenticate: users, channels: [channel('admins', { subscribe: role('admin') })] })
    const socket = await bare(url, [], { authorization: 'Bearer ann+admin' })
    socket.say({ type: 'subscribe', channels: ['admins'] })
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'subscription_confirmed' })
    socket.say({ type: 'authenticate', credentials: 'ann+user' })
    await expect.poll(() => server.stats().channelStats).toEqual({})
    socket.say({ type: 'authenticate', credentials: 'ann+admin' })
    await server.setRoles('ann', ['user'])
    socket.say({ type: 'authenticate', credentials: 'ann+admin' })
    socket.say({ type: 'subscribe', channels: ['admins'] })
    await expect.poll(() => socket.frames.findLast(({ channel: name }) => name === 'admins')).toMatchObject({ type: 'error', code: 'not_authorized' })
    expect(server.stats().channelStats).toEqual({})
  })

  it('keeps a connection whose renewal cannot be judged, and comes back where a first judgement could not', async () => {
    let isAway = false
    const { url } = await startServer({ authenticate: (request) => { if (isAway) throw new Error('away'); return users(request) } })
    const socket = await bare(url, [], { authorization: 'Bearer ann' })
    await expect.poll(() => socket.frames.length).toBe(1)
    isAway = true
    socket.say({ type: 'authenticate', credentials: 'ann' })
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'error', code: 'unavailable', retryable: true })
    const late = client(url, { credentials: () => 'ann' })
    await expect.poll(() => late.snapshot().state).toBe('connecting')
    await expect.poll(() => late.snapshot().error?.code).toBeDefined()
    isAway = false
    await expect.poll(() => late.snapshot().state, { timeout: 20_000 }).toBe('connected')
    expect(socket.socket.readyState).toBe(socket.socket.OPEN)
  }, 30_000)
})

describe('a channel', () => {
  it('that nobody follows any more is left, also where its history waited to be read', async () => {
    const broker = memoryBroker()
    const followed = new Set<string>()
    const { server, url } = await startServer({
      channels: [channel('room.{name:word}', { subscribe: everyone })],
      broker: { ...broker, follow: async (stream) => { followed.add(stream); await broker.follow(stream) }, unfollow: (stream) => { followed.delete(stream); broker.unfollow(stream) } },
    })
    const socket = await bare(url)
    const names = Array.from({ length: 20 }, (_, number) => `room.${number}`)
    socket.say({ type: 'subscribe', channels: names })
    socket.say({ type: 'unsubscribe', channels: names })
    await expect.poll(() => socket.frames.filter(({ type }) => type === 'unsubscription_confirmed').length).toBe(20)
    await expect.poll(() => [...followed], { timeout: 10_000 }).toEqual([])
    expect(server.stats().totalChannels).toBe(0)
  }, 20_000)

  it('whose history cannot be read for a moment is asked for again, and goes on', async () => {
    const broker = memoryBroker()
    let isAway = false
    const { server, url } = await startServer({ broker: { ...broker, read: async (...what) => { if (isAway) throw new Error('away'); return broker.read(...what) } } })
    const connection = client(url, { messageTimeout: 500, connectTimeout: 500 })
    const heard: unknown[] = []
    const lease = connection.channel('news')
    lease.onMessage((data) => void heard.push(data))
    await expect.poll(() => lease.snapshot().status).toBe('live')
    isAway = true
    await server.reset('news')
    await expect.poll(() => lease.snapshot().status).not.toBe('live')
    isAway = false
    await expect.poll(() => lease.snapshot().status, { timeout: 15_000 }).toBe('live')
    await server.publish('news', 'again')
    await expect.poll(() => heard.at(-1)).toBe('again')
  }, 30_000)

  it.each<readonly [string, () => unknown]>([['JSON cannot hold', () => 5n], ['fails', () => { throw new Error('no') }]])('whose snapshot %s is refused for now, and others are served', async (_, snapshot) => {
    const { url } = await startServer({ channels: [channel('bad', { subscribe: everyone, snapshot }), channel('news', { subscribe: everyone })] })
    const socket = await bare(url)
    socket.say({ type: 'subscribe', channels: ['bad', 'news'] })
    await expect.poll(() => socket.frames.length).toBe(3)
    expect(socket.frames.slice(1)).toMatchObject([{ type: 'error', code: 'failed', channel: 'bad', retryable: true }, { type: 'subscription_confirmed', channel: 'news' }])
  })
})

it('a channel that keeps no history gives its snapshot although something is published while it is made', async () => {
  let asked = 0
  const { server, url } = await startServer({ channels: [channel('hot', {
    subscribe: everyone, keep: { count: 0 },
    async snapshot() {
      if (++asked < 3) await server.publish('hot', asked)
      return `state ${asked}`
    },
  })] })
  const socket = await bare(url)
  socket.say({ type: 'subscribe', channels: ['hot'] })
  await expect.poll(() => socket.frames.find(({ type }) => type === 'subscription_confirmed')).toMatchObject({ snapshot: 'state 3', offset: 2, top: 2 })
})

it('a snapshot that fails at once leaves nothing that fails later', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', note)
  const timers: Array<() => void> = []
  const clock = { now: () => performance.now(), time: () => Date.now(), soon: (callback: () => void) => void setImmediate(callback), clearTimer: (at: unknown) => { timers[at as number] = () => undefined }, setTimer: (callback: () => void) => timers.push(callback) - 1 }
  const { url } = await startServer({ clock, channels: [channel('bad', { subscribe: everyone, snapshot: () => { throw new Error('no') } })] })
  const socket = await bare(url)
  socket.say({ type: 'subscribe', channels: ['bad'] })
  await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'error', code: 'failed' })
  // Every timer that is left fires.
  for (const timer of timers.splice(0)) timer()
  await new Promise((resolve) => { setImmediate(resolve) })
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

it('a node opens although what was revoked cannot be read at first, and believes no entry that is none', async () => {
  const broker = memoryBroker()
  let tries = 0
  const nonsense = ['{', '{"data":{}}', '{"data":{"user":"ann"}}', '{"data":null}']
  const { server, url } = await startServer({
    broker: {
      ...broker,
      async page(stream, before, limit) {
        if (stream !== '?revoked') return broker.page(stream, before, limit)
        if (++tries < 2) throw new Error('away')
        return { epoch: 'e', top: nonsense.length, entries: nonsense.map((text, index) => ({ from: index + 1, offset: index + 1, text })) }
      },
    },
    authenticate: users,
  })
  expect(server.isReady()).toBe(true)
  const socket = await bare(url, [], { authorization: 'Bearer ann' })
  await expect.poll(() => socket.frames[0]).toMatchObject({ type: 'connection', identity: 'ann' })
})
