import { describe, expect, it } from 'vitest'
import type { ChannelLease, Message } from 'uplink/engine'
import { type Pool, type PoolOptions, pool } from 'uplink/pool'
import { createFakePlatform } from 'uplink/testing'
import { createFeed } from './feed.ts'

const keyOf = ({ data }: Message): string => String((data as { a: number }).a)

async function spread(options: PoolOptions, channels: number) {
  const platform = createFakePlatform()
  const feed = createFeed(platform, 2)
  const servers: Pool = pool(feed.urls, { keyOf, ...options })
  const connection = servers.connection({ platform, transport: feed.transport, channelGrace: 100 })
  const heard = new Map<string, number[]>()
  const leases: ChannelLease[] = []
  function lease(from: number, to: number): void {
    for (let n = from; n < to; n++) {
      const name = `c${n}`
      const one = connection.channel(name)
      one.onMessage((data) => heard.set(name, [...(heard.get(name) ?? []), (data as { a: number }).a]))
      leases[n] = one
    }
  }
  const errors: string[] = []
  connection.on('error', ({ code }) => errors.push(code))
  lease(0, channels)
  void connection.connect()
  await platform.clock.advanceAsync(1_000)
  return {
    platform, feed, servers, connection, heard, lease, leases, errors,
    run: (ms: number) => platform.clock.advanceAsync(ms),
    sizes: () => servers.snapshot().sockets.map((socket) => socket.channels),
    open: () => feed.nodes.reduce((sum, node) => sum + node.open(), 0),
    most: () => Math.max(...feed.nodes.map((node) => node.most())),
    publishAll(count: number) { for (let n = 0; n < count; n++) feed.publish(`c${n}`) },
  }
}

describe('channels over several sockets', () => {
  it('fill sockets of 1,024 with 2,000 of them, and every one is heard', async () => {
    const { sizes, open, most, heard, publishAll, run, connection } = await spread({ maxChannels: 1_024 }, 2_000)
    expect(sizes()).toEqual([1_024, 976])
    expect(open()).toBe(2)
    publishAll(2_000)
    await run(200)
    expect(heard.size).toBe(2_000)
    expect(connection.snapshot().state).toBe('connected')
    expect(most()).toBe(1_024)
  })

  it('get another socket when all are full, and lose it when the rest have had room for a while', async () => {
    const { servers, sizes, open, most, heard, lease, leases, publishAll, run } = await spread({ maxChannels: 10 }, 10)
    expect(sizes()).toEqual([10])
    lease(10, 35)
    await run(500)
    expect(sizes()).toEqual([10, 10, 10, 5])
    publishAll(35)
    await run(200)
    // One of two is given up, all over the sockets; what stays comes closer together while it is heard.
    leases.forEach((one, n) => { if (n % 2 === 1) one.release() })
    for (let n = 0; n < 600; n++) {
      publishAll(35)
      await run(100)
    }
    await run(1_000)
    expect(sizes().reduce((sum, size) => sum + size, 0)).toBe(18)
    expect(open()).toBe(3)
    expect(most()).toBeLessThanOrEqual(10)
    expect(servers.snapshot().handOvers).toBe(0)
    for (let n = 0; n < 35; n += 2) expect(heard.get(`c${n}`)).toEqual(Array.from({ length: 601 }, (_, index) => index + 1))
  })

  it('are refused beyond the last socket, and joined as soon as there is room', async () => {
    const { lease, leases, errors, sizes, run, heard, publishAll, most } = await spread({ maxChannels: 3, maxSockets: 2 }, 6)
    lease(6, 7)
    await run(100)
    expect(errors).toEqual(['UPLINK_POOL_FULL'])
    expect(leases[6]?.snapshot()).toMatchObject({ status: 'refused', error: { code: 'UPLINK_POOL_FULL' } })
    leases[0]?.release()
    await run(1_000)
    expect(leases[6]?.snapshot()).toMatchObject({ status: 'live', error: null })
    expect(sizes()).toEqual([3, 3])
    publishAll(7)
    await run(200)
    // The server never saw a fourth: a channel is joined only after another was left.
    expect(most()).toBe(3)
    expect([...heard.keys()].toSorted()).toEqual(['c1', 'c2', 'c3', 'c4', 'c5', 'c6'])
  })

  it('show the state of the socket that is worst off, and only that of those that were there', async () => {
    const { feed, connection, lease, run, leases } = await spread({ maxChannels: 2, maxSockets: 2 }, 2)
    const states: string[] = []
    connection.on('statechange', ({ to }) => states.push(to))
    lease(2, 4)
    await run(1_000)
    // A socket that was added is no news.
    expect(states).toEqual([])
    const [one] = feed.nodes
    if (one === undefined) throw new Error('a feed has nodes')
    for (const node of feed.nodes) node.network.conditions.admission = 'refuse'
    feed.nodes.find((node) => node.open() > 0)?.network.cut((link) => link === 1)
    await run(100)
    expect(states).toEqual(['reconnecting'])
    expect(leases.map((lease) => lease.snapshot().status)).toContain('live')
    for (const node of feed.nodes) node.network.conditions.admission = 'open'
    await run(30_000)
    expect(states).toEqual(['reconnecting', 'connected'])
    expect(leases.map((lease) => lease.snapshot().status)).toEqual(['live', 'live', 'live', 'live'])
  })

  it('send by the first socket, and count what all of them do', async () => {
    const { connection, feed, run, publishAll, lease } = await spread({ maxChannels: 1 }, 2)
    let frames = 0
    connection.on('frameReceived', (frame) => { if (String(frame).includes('"trade"')) frames++ })
    lease(2, 3)
    await run(500)
    for (let n = 0; n < 5; n++) connection.send({ type: 'order', data: n })
    publishAll(3)
    await run(200)
    expect(feed.received.map(({ data }) => data)).toEqual([0, 1, 2, 3, 4])
    expect(new Set(feed.received.map(({ node }) => node)).size).toBe(1)
    expect(connection.stats()).toMatchObject({ messagesReceived: 3, messagesSent: 5 })
    expect(connection.stats().availability).toBeGreaterThan(0.5)
    // Who looks at frames sees those of all sockets, also of one that came later.
    expect(frames).toBe(3)
    connection.destroy()
    expect(connection.stats()).toMatchObject({ messagesReceived: 3, messagesSent: 5 })
  })
})
