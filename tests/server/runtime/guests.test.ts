/** Who is let in, how many, and for how long somebody stays out. */
import { connect } from 'node:net'
import { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import { describe, expect, it, onTestFinished } from 'vitest'
import { anonymous } from '../../../src/server/index.ts'
import { hasRedis, redisTitle, startRedis } from '../brokers/redis-server.ts'
import { GENEROUS, bare, client, startServer } from './support.ts'

const users = ({ credentials }: { readonly credentials: unknown }): { identity: string } | null => (typeof credentials === 'string' ? { identity: credentials } : null)
const guests = (more: object): object => ({ limits: { ...GENEROUS, guests: { ...GENEROUS.guests, ...more } } })

describe('guests', () => {
  it('of one address are refused beyond their number, and let in again when one has left', async () => {
    const { server, url } = await startServer(guests({ connectionsPerAddress: 2 }))
    const first = await bare(url)
    await bare(url)
    await expect(bare(url)).rejects.toThrow('HTTP 429')
    first.socket.close()
    await expect.poll(() => server.stats().connectedClients).toBe(1)
    await bare(url)
    expect(server.stats().counters.turnedAway).toEqual({ connections_per_address: 1 })
  })

  it('of one name are sent away beyond their number, with the time to come back', async () => {
    const { url } = await startServer({ ...guests({ connectionsPerUser: 1 }), authenticate: users })
    await bare(url, [], { authorization: 'Bearer ann' })
    const second = await bare(url, [], { authorization: 'Bearer ann' })
    expect(await second.closed).toEqual([4429, 'too_many_connections'])
    expect(second.frames.at(-1)).toMatchObject({ type: 'goodbye', reason: 'too_many_connections', retryAfter: expect.any(Number) })
    const other = await bare(url, [], { authorization: 'Bearer bob' })
    await expect.poll(() => other.frames.at(-1)).toMatchObject({ type: 'connection', identity: 'bob' })
  })

  it('that come back while their old connection is still half open take its place, also at their number', async () => {
    const { url } = await startServer({ ...guests({ connectionsPerUser: 1 }), authenticate: users })
    const hello = (clientId: string): object => ({ type: 'hello', versions: [1], clientId, maxFrame: 10_000, credentials: 'ann' })
    const [first, again, other] = [await bare(url, ['uplink.v1']), await bare(url, ['uplink.v1']), await bare(url, ['uplink.v1'])]
    first.say(hello('page'))
    await expect.poll(() => first.frames.length).toBe(1)
    again.say(hello('page'))
    await expect.poll(() => again.frames.at(-1)).toMatchObject({ type: 'connection' })
    expect((await first.closed)[0]).toBe(4409)
    other.say(hello('another'))
    expect((await other.closed)[0]).toBe(4429)
  })

  it('that knock too often are refused at the door', async () => {
    const { url } = await startServer(guests({ handshakes: { max: 1e6, perAddress: 3, windowMs: 60_000 } }))
    for (let knock = 0; knock < 3; knock++) await bare(url)
    await expect(bare(url)).rejects.toThrow('HTTP 429')
  })

  it('that would not keep to the limits stay out for as long as they were told, and no longer', async () => {
    const { server, url } = await startServer({ limits: { ...GENEROUS, rates: { messages: { max: 1, windowMs: 1_000 }, refusals: { max: 2, windowMs: 1_000 }, banMs: 700 } } })
    const wild = await bare(url)
    for (let message = 0; message < 20; message++) wild.say({ type: 'order' })
    expect(await wild.closed).toEqual([4429, 'kept out for 700 ms'])
    await expect(bare(url)).rejects.toThrow('HTTP 429')
    await expect.poll(() => bare(url).then(() => 'in', () => 'out'), { timeout: 5_000 }).toBe('in')
    expect(server.stats().counters.turnedAway['banned']).toBeGreaterThan(0)
  })

  it('who behave are told the limits, and lose nothing by keeping to them', { timeout: 20_000 }, async () => {
    const { server, url } = await startServer({ limits: { ...GENEROUS, rates: { messages: { max: 20, windowMs: 200 } } }, handlers: { order: () => 'done' } })
    const connection = client(url)
    const outcomes = await Promise.all(Array.from({ length: 100 }, (_, data) => connection.sendWithAck({ type: 'order', data })))
    expect(outcomes.filter(({ outcome }) => outcome !== 'delivered')).toEqual([])
    expect(server.stats().counters).toMatchObject({ messagesIn: 100, closes: {} })
  })

  it('that ask for no path there is, or break off while they ask, are answered or forgotten', async () => {
    const { server, port, url } = await startServer()
    for (const path of ['//', '/%', '/else', '*', 'http://[', '/ws/../else']) {
      const socket = connect(port, '127.0.0.1')
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`)
      socket.on('error', () => undefined)
      if (path === '/else') socket.resetAndDestroy()
      else await new Promise((resolve) => { socket.once('data', (data) => resolve(expect(String(data)).toContain('HTTP/1.1 404'))); socket.once('close', resolve) })
    }
    await bare(url)
    expect(server.stats().connectedClients).toBe(1)
  })

  it('that leave while they are being judged are forgotten, whatever is found out about them', async () => {
    const refusals: Array<() => void> = []
    const sharedLimiter = { consume: () => new Promise<never>((_, reject) => { refusals.push(() => reject({ msBeforeNext: 1_000 })) }) }
    const { server, url } = await startServer({ sharedLimiter })
    const socket = await bare(url)
    await expect.poll(() => refusals.length).toBe(1)
    socket.socket.close()
    await expect.poll(() => server.stats().connectedClients).toBe(0)
    refusals[0]?.()
    await new Promise((resolve) => { setImmediate(resolve) })
    expect(server.stats().counters).toMatchObject({ connectionsClosed: 1, closes: {}, turnedAway: {} })
  })

  it('whose credentials take for ever are sent away for now', async () => {
    const { url } = await startServer({ authenticate: () => new Promise(() => undefined), limits: { ...GENEROUS, helloTimeoutMs: 300 } })
    const socket = await bare(url, [], { authorization: 'Bearer x' })
    expect(await socket.closed).toEqual([1013, 'credentials could not be checked in time'])
  })

  it('whose credentials cannot be checked at all are sent away for now, and the reason is logged', async () => {
    const errors: unknown[] = []
    const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (fields: object) => void errors.push((fields as { err: Error }).err.message) }
    const { url } = await startServer({ authenticate: () => { throw new Error('the database is away') }, logger })
    const socket = await bare(url, [], { authorization: 'Bearer x' })
    expect(await socket.closed).toEqual([1013, 'unavailable'])
    expect(socket.frames.at(-1)).toMatchObject({ type: 'goodbye', reason: 'unavailable', retryAfter: 2_000 })
    expect(errors).toContain('the database is away')
  })
})

describe.skipIf(!hasRedis)(redisTitle('limits for all nodes together'), () => {
  it('hold across nodes by rate-limiter-flexible, and on its memory while Redis is away', async () => {
    const redis = await startRedis()
    const store = new Redis(redis.url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 })
    store.on('error', () => undefined)
    onTestFinished(async () => {
      store.disconnect()
      await redis.close()
    })
    await new Promise<void>((resolve) => { store.once('ready', () => resolve()) })
    const limiter = (): RateLimiterRedis => new RateLimiterRedis({ storeClient: store, points: 3, duration: 60, insuranceLimiter: new RateLimiterMemory({ points: 2, duration: 60 }) })
    const nodes = [await startServer({ sharedLimiter: limiter(), authenticate: anonymous() }), await startServer({ sharedLimiter: limiter(), authenticate: anonymous() })]
    for (let knock = 0; knock < 3; knock++) {
      const socket = await bare((nodes[knock % 2] as (typeof nodes)[number]).url)
      await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'connection' })
    }
    const refused = await bare((nodes[1] as (typeof nodes)[number]).url)
    expect((await refused.closed)[0]).toBe(4429)
    expect(refused.frames.at(-1)).toMatchObject({ type: 'goodbye', reason: 'rate_limited', retryAfter: expect.any(Number) })
    await redis.stop('SIGKILL')
    const insured = await bare((nodes[0] as (typeof nodes)[number]).url)
    await expect.poll(() => insured.frames.at(-1), { timeout: 5_000 }).toMatchObject({ type: 'connection' })
  })
})
