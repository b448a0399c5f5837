/** The metrics of a real server under real traffic, as a scrape shows them. */
import * as client from 'prom-client'
import { describe, expect, it } from 'vitest'
import { type Authenticator, type Broker, type BrokerEvents, type UplinkServerOptions, channel, everyone, memoryBroker, reject, self } from '../../../src/server/index.ts'
import { type PrometheusOptions, collectPrometheus } from '../../../src/server/metrics/prometheus.ts'
import { GENEROUS, type Running, bare, startServer } from '../runtime/support.ts'
import { type Scrape, grown, scrape } from './scrape.ts'

const byToken: Authenticator = ({ credentials }) => {
  if (credentials === undefined || credentials === null) return { identity: null }
  return typeof credentials === 'string' && credentials.startsWith('good-') ? { identity: credentials.slice(5) } : null
}

interface Measured extends Running {
  readonly registry: client.Registry
  /** Waits until exactly this has changed since the last look. */
  happened(expected: Scrape): Promise<void>
}

async function measured(options: Parameters<typeof startServer>[0] = {}, more: Partial<PrometheusOptions> = {}): Promise<Measured> {
  const running = await startServer({ authenticate: byToken, ...options })
  const registry = new client.Registry()
  collectPrometheus({ server: running.server, client, registry, ...more })
  let before = await scrape(registry)
  return {
    ...running, registry,
    async happened(expected) {
      await expect.poll(async () => grown(before, await scrape(registry))).toEqual(expected)
      before = await scrape(registry)
    },
  }
}

const CAME = { 'connections{door="ws"}': 1, connections_opened_total: 1 }
const LEFT = { 'connections{door="ws"}': -1, connections_closed_total: 1 }

/** A memory broker that loses what it is told to, and can be said to be away. */
function lossy(): { readonly broker: Broker; readonly losing: { next: boolean }; readonly events: () => BrokerEvents } {
  const inner = memoryBroker()
  const losing = { next: false }
  let told: BrokerEvents | undefined
  const broker: Broker = {
    ...inner,
    open: (events) => inner.open(told = {
      ...events,
      published(...message) {
        if (!losing.next) events.published(...message)
        losing.next = false
      },
    }),
  }
  return { broker, losing, events: () => told as BrokerEvents }
}

describe('counts', () => {
  it('of connections, sessions, followers and streams follow who comes and goes', async () => {
    const { url, happened } = await measured()
    const ann = await bare(url, [], { authorization: 'Bearer good-ann' })
    await happened({ ...CAME, 'sessions{kind="authenticated"}': 1 })
    const nobody = await bare(url)
    await happened({ ...CAME, 'sessions{kind="anonymous"}': 1 })
    ann.say({ type: 'subscribe', channels: ['news', 'room.a'] })
    await happened({ followers: 2, streams: 2 })
    nobody.say({ type: 'subscribe', channels: ['news'] })
    await happened({ followers: 1 })
    ann.say({ type: 'unsubscribe', channels: ['room.a'] })
    await happened({ followers: -1, streams: -1 })
    ann.socket.close()
    await happened({ ...LEFT, 'sessions{kind="authenticated"}': -1, followers: -1 })
    nobody.socket.close()
    await happened({ ...LEFT, 'sessions{kind="anonymous"}': -1, followers: -1, streams: -1 })
  })

  it('of messages grow by those that came, were published, or were not', async () => {
    const { server, url, happened } = await measured({ handlers: { order: () => 'done', bad: () => { throw reject('invalid') } } })
    const socket = await bare(url)
    await happened({ ...CAME, 'sessions{kind="anonymous"}': 1 })
    for (const [type, id] of [['order', 'a'], ['bad', 'b'], ['order', 'a']]) socket.say({ type, id, data: 1 })
    await expect.poll(() => socket.frames.length).toBe(4)
    await happened({ messages_received_total: 2 })
    for (let number = 0; number < 3; number++) await server.publish('news', number)
    await happened({ messages_published_total: 3 })
    await expect(server.publish('news', 1, { type: 'ack' })).rejects.toThrow()
    await happened({ publish_failures_total: 1 })
  })

  it('of those who were not let in say why', async () => {
    const { url, happened, registry } = await measured({ limits: { ...GENEROUS, guests: { ...GENEROUS.guests, connectionsPerUser: 1 } } })
    await expect(bare(url, [], { origin: 'https://evil.example' })).rejects.toThrow('403')
    await happened({ 'turned_away_total{cause="origin"}': 1 })
    const bad = await bare(url, [], { authorization: 'Bearer bad' })
    await expect.poll(async () => (await scrape(registry))['uplink_authentication_failures_total']).toBe(1)
    bad.socket.close()
    await bad.closed
    await expect.poll(async () => (await scrape(registry))['uplink_connections_closed_total']).toBe(1)
    expect(await scrape(registry)).toMatchObject({ 'uplink_turned_away_total{cause="credentials"}': 1, uplink_connections_opened_total: 1 })
    await bare(url, [], { authorization: 'Bearer good-ann' })
    const second = await bare(url, [], { authorization: 'Bearer good-ann' })
    expect((await second.closed)[0]).toBe(4429)
    await expect.poll(() => scrape(registry)).toMatchObject({ 'uplink_turned_away_total{cause="connections_per_user"}': 1, 'uplink_closes_total{code="4429"}': 1, uplink_authentication_failures_total: 1 })
  })

  it('of closes have the code that the server closed with, and not those of clients', async () => {
    const { url, happened } = await measured()
    const socket = await bare(url, ['uplink.v1'])
    await happened({ ...CAME, 'sessions{kind="anonymous"}': 1 })
    socket.say('no greeting')
    const [code] = await socket.closed
    await happened({ ...LEFT, 'sessions{kind="anonymous"}': -1, [`closes_total{code="${code}"}`]: 1 })
  })

  it('of recoveries have the result', async () => {
    const { server, url, happened } = await measured()
    await server.publish('news', 1)
    const { epoch } = await server.publish('news', 2)
    const socket = await bare(url)
    await happened({ ...CAME, 'sessions{kind="anonymous"}': 1, messages_published_total: 2 })
    const ask = (recover: object): void => socket.say({ type: 'subscribe', channels: [{ channel: 'news', recover }] })
    ask({ epoch, offset: 1 })
    await happened({ 'recoveries_total{result="recovered"}': 1, followers: 1, streams: 1 })
    ask({ epoch: 'another', offset: 1 })
    await happened({ 'recoveries_total{result="epoch_changed"}': 1 })
  })

  it('of repairs have whether the hole was mended, and the broker is up or not', async () => {
    const { broker, losing, events } = lossy()
    const { server, url, happened } = await measured({ broker, channels: [channel('news', { subscribe: everyone }), channel('short', { subscribe: everyone, keep: { count: 1 } })] })
    const socket = await bare(url)
    socket.say({ type: 'subscribe', channels: ['news', 'short'] })
    await happened({ ...CAME, 'sessions{kind="anonymous"}': 1, followers: 2, streams: 2 })
    // What is lost is looked for once more, for each client from its own position.
    for (const [name, result, more] of [['news', 'found', {}], ['short', 'lost', { 'recoveries_total{result="trimmed"}': 1 }]] as const) {
      await server.publish(name, 1)
      losing.next = true
      await server.publish(name, 2)
      await server.publish(name, 3)
      await happened({ messages_published_total: 3, [`repairs_total{result="${result}"}`]: 1, ...more })
    }
    events().state('down', 'a test')
    await happened({ 'broker_up{broker="memory"}': -1 })
    events().state('up', 'a test')
    await happened({ 'broker_up{broker="memory"}': 1 })
  })

  it.each([['conflate', 'conflate'], ['drop', 'drop'], ['resume', 'closed']] as const)('of slow clients have what was done: %s', async (slow, action) => {
    const { server, url, registry } = await measured({
      channels: [channel('news', { subscribe: everyone, slow, keep: { count: 1 } })], limits: { ...GENEROUS, budgetBytes: 200_000 }, recovery: { size: 50_000 },
    })
    const { socket, say } = await bare(url)
    say({ type: 'subscribe', channels: ['news'] })
    await expect.poll(() => server.stats().channelStats['news']).toBe(1)
    socket.pause()
    const series = `uplink_slow_clients_total{action="${action}"}`
    expect((await scrape(registry))[series]).toBe(0)
    for (let sent = 0; sent < 2_000 && (await scrape(registry))[series] === 0; sent++) {
      await server.publish('news', 'x'.repeat(50_000))
      await new Promise<void>((resolve) => void setImmediate(resolve))
    }
    expect(await scrape(registry)).toMatchObject({
      'uplink_slow_clients_total{action="closed"}': 0, 'uplink_slow_clients_total{action="conflate"}': 0, 'uplink_slow_clients_total{action="drop"}': 0, [series]: 1,
    })
  })
})

describe('measures', () => {
  it('say how many frames and characters clients were sent', async () => {
    const { server, url, registry } = await measured()
    const sockets = await Promise.all([bare(url), bare(url), bare(url)])
    for (const { say } of sockets) say({ type: 'subscribe', channels: ['news'] })
    await expect.poll(() => server.stats().channelStats['news']).toBe(3)
    for (let number = 0; number < 10; number++) await server.publish('news', { text: 'é'.repeat(number) })
    const heard = (): number => sockets.flatMap(({ frames }) => frames.flatMap((frame) => frame['messages'] ?? frame)).length
    await expect.poll(heard).toBe(3 * (2 + 10))
    const frames = sockets.flatMap((socket) => socket.frames)
    expect(await scrape(registry)).toMatchObject({
      uplink_frames_sent_total: frames.length, uplink_characters_sent_total: frames.reduce((sum, frame) => sum + JSON.stringify(frame).length, 0),
    })
  })

  it('say how late batches went to clients, in seconds, as a histogram', async () => {
    const { server, url, registry } = await measured({ broker: memoryBroker({ time: () => Date.now() - 2_000 }) })
    const socket = await bare(url)
    socket.say({ type: 'subscribe', channels: ['news'] })
    await expect.poll(() => socket.frames.length).toBe(2)
    for (const count of [3, 4]) {
      await server.publish('news', 1)
      await expect.poll(() => socket.frames.length).toBe(count)
    }
    const found = await scrape(registry)
    const bucket = (le: string): number | undefined => found[`uplink_publish_to_send_seconds_bucket{le="${le}"}`]
    expect(['0.001', '0.002', '0.005', '0.01', '0.02', '0.05', '0.1', '0.2', '0.5', '1', '5', '+Inf'].map(bucket)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2])
    expect(found['uplink_publish_to_send_seconds_count']).toBe(2)
    expect(found['uplink_publish_to_send_seconds_sum']).toBeGreaterThanOrEqual(4)
    expect(found['uplink_publish_to_send_seconds_sum']).toBeLessThan(10)
    expect(await registry.metrics()).toContain('# TYPE uplink_publish_to_send_seconds histogram')
    expect(server.stats().lags.counts).toHaveLength(server.stats().lags.boundsMs.length + 1)
    expect(JSON.parse(JSON.stringify(server.stats().lags))).toEqual(server.stats().lags)
  })
})

describe('labels', () => {
  const own: Partial<UplinkServerOptions> = { channels: [channel('news', { subscribe: everyone }), channel('user_{userId}_trades', { subscribe: self('userId') })] }

  it('hold no user, no token, no address, no channel and no payload', async () => {
    const { server, url, registry } = await measured(own)
    const ann = await bare(url, [], { authorization: 'Bearer good-liese', 'x-forwarded-for': '203.0.113.9' })
    await bare(url, [], { authorization: 'Bearer hunter2' })
    ann.say({ type: 'subscribe', channels: ['news', 'user_liese_trades', 'user_bob_trades', 'fancied'] })
    await server.publish('user_liese_trades', { amount: 'payload-777' }, { idempotencyKey: 'key-888', key: 'key-999' })
    await expect.poll(() => server.stats().channelStats['user_liese_trades']).toBe(1)
    const text = await registry.metrics()
    for (const secret of ['liese', 'bob', 'good', 'hunter2', '203.0.113', '127.0.0', 'news', 'trades', 'fancied', 'payload', 'key-', server.nodeId.slice(0, 8)]) expect(text).not.toContain(secret)
  })

  it('have channels where that is asked for: by pattern where one channel is one user', async () => {
    const { url, happened } = await measured(own, { channels: true })
    const sockets = await Promise.all(['ann', 'bob'].map(async (user) => bare(url, [], { authorization: `Bearer good-${user}` })))
    for (const [index, user] of ['ann', 'bob'].entries()) sockets[index]?.say({ type: 'subscribe', channels: ['news', `user_${user}_trades`] })
    await happened({
      'connections{door="ws"}': 2, connections_opened_total: 2, 'sessions{kind="authenticated"}': 2, followers: 4, streams: 3,
      'channel_followers{channel="news"}': 2, 'channel_followers{channel="user_{userId}_trades"}': 2,
    })
    for (const { say } of sockets) say({ type: 'unsubscribe', channels: ['news'] })
    await happened({ followers: -2, streams: -1, 'channel_followers{channel="news"}': -2 })
  })

  it('have a hundred channels at most, and the same ones for ever', async () => {
    const names = Array.from({ length: 130 }, (_, number) => `c${number}`)
    const { url, registry } = await measured({ channels: names.map((name) => channel(name, { subscribe: everyone })) }, { channels: true })
    const { say } = await bare(url)
    const series = async (): Promise<Scrape> => Object.fromEntries(Object.entries(await scrape(registry)).filter(([name]) => name.startsWith('uplink_channel_followers')))
    say({ type: 'subscribe', channels: names.slice(20) })
    await expect.poll(async () => Object.values(await series()).reduce((sum, count) => sum + count, 0)).toBe(110)
    const first = await series()
    expect(Object.keys(first)).toHaveLength(101)
    expect(first['uplink_channel_followers{channel="other"}']).toBe(10)
    say({ type: 'unsubscribe', channels: names.slice(20) })
    say({ type: 'subscribe', channels: names.slice(0, 20) })
    await expect.poll(async () => (await series())['uplink_channel_followers{channel="other"}']).toBe(20)
    expect(Object.keys(await series())).toEqual(Object.keys(first))
  })
})
