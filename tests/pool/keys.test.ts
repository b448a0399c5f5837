import { describe, expect, it } from 'vitest'
import { type Gap, type Message, json } from 'uplink/engine'
import { pool } from 'uplink/pool'
import { createFakePlatform } from 'uplink/testing'
import { follow } from '../../src/core/position.ts'
import { createFeed } from './feed.ts'

const keyOf = ({ data }: Message): string => String((data as { a: number }).a)

describe('a hand-over without positions', () => {
  it.each([[1, 'the same server', true], [3, 'other servers', true], [3, 'other servers that confirm nothing', false]])('over %i addresses (%s) brings every message once and in order', async (count, _, confirms) => {
    const platform = createFakePlatform()
    const feed = createFeed(platform, count, { lifetime: 10_000, confirms })
    // One node is slow: its stream is behind the others' by more than what lies between two messages.
    if (count > 1) Object.assign((feed.nodes[1] as (typeof feed.nodes)[0]).network.conditions, { delayMs: [400, 450] })
    const servers = pool(feed.urls, { lifetime: 10_000, keyOf })
    const connection = servers.connection({ platform, transport: feed.transport })
    const heard: number[] = []
    const all: number[] = []
    connection.channel('btc').onMessage((data) => heard.push((data as { a: number }).a))
    connection.subscribe('trade', (data) => all.push((data as { a: number }).a))
    void connection.connect()
    await platform.clock.advanceAsync(2_000)
    let last = 0
    for (let n = 0; n < 800; n++) {
      last = feed.publish('btc')
      await platform.clock.advanceAsync(50)
    }
    await platform.clock.advanceAsync(1_000)
    expect(servers.snapshot().handOvers).toBeGreaterThanOrEqual(4)
    expect(heard).toEqual(Array.from({ length: last }, (_, index) => index + 1))
    expect(all).toEqual(heard)
    connection.destroy()
    await platform.clock.advanceAsync(60_000)
    expect(feed.nodes.reduce((sum, node) => sum + node.open(), 0)).toBe(0)
  })

  it('says what is missing where the old socket breaks off before the two have met, if messages are numbered', async () => {
    const platform = createFakePlatform()
    const feed = createFeed(platform, 2)
    const servers = pool(feed.urls, { keyOf })
    const connection = servers.connection({ platform, transport: feed.transport, protocol: { ...json(), follow } })
    const lease = connection.channel('btc')
    const heard: Array<number | Gap> = []
    lease.onGap((gap) => heard.push(gap))
    lease.onMessage((data) => heard.push((data as { a: number }).a))
    void connection.connect()
    await platform.clock.advanceAsync(500)
    feed.publish('btc')
    await platform.clock.advanceAsync(100)
    servers.handOver()
    await platform.clock.advanceAsync(1)
    for (const node of feed.nodes) node.network.cut((link) => link === 1)
    for (let n = 0; n < 3; n++) feed.publish('btc')
    await platform.clock.advanceAsync(3_000)
    feed.publish('btc')
    await platform.clock.advanceAsync(1_000)
    expect(heard).toEqual([1, { reason: 'hole', from: 2, to: 4 }, 5])
    expect(lease.snapshot()).toMatchObject({ status: 'live', recovered: false, gap: { from: 2, to: 4 } })
    connection.destroy()
  })

  it('goes back to the old socket when the new one is refused for good half-way', async () => {
    const platform = createFakePlatform()
    const feed = createFeed(platform, 2)
    const servers = pool(feed.urls, { keyOf })
    const connection = servers.connection({ platform, transport: feed.transport })
    const errors: string[] = []
    connection.on('error', ({ code }) => errors.push(code))
    const heard: number[] = []
    connection.channel('btc').onMessage((data) => heard.push((data as { a: number }).a))
    const quiet = connection.channel('quiet')
    void connection.connect()
    await platform.clock.advanceAsync(500)
    servers.handOver()
    for (let n = 0; n < 60; n++) {
      feed.publish('btc')
      await platform.clock.advanceAsync(20)
    }
    // One has moved, the other waits for something to be heard.
    expect(servers.snapshot()).toMatchObject({ handOvers: 0, sockets: [{ handingOver: true }] })
    const [first] = servers.snapshot().sockets
    feed.nodes.forEach((node, index) => node.network.cut((link) => link === (index === first?.server ? 2 : 1), 4403))
    await platform.clock.advanceAsync(1_000)
    const before = heard.length
    for (let n = 0; n < 20; n++) {
      feed.publish('btc')
      await platform.clock.advanceAsync(20)
    }
    await platform.clock.advanceAsync(500)
    expect(errors).toContain('UPLINK_HAND_OVER_FAILED')
    expect(heard.slice(before)).toHaveLength(20)
    expect(heard).toEqual([...new Set(heard)].toSorted((a, b) => a - b))
    expect(quiet.snapshot().status).toBe('live')
    expect(connection.snapshot().state).toBe('connected')
    connection.destroy()
    await platform.clock.advanceAsync(60_000)
    expect(platform.clock.pending()).toBe(0)
  })

  it('leaves a channel on every socket when it is released, also after stand-ins that broke off half-way', async () => {
    const platform = createFakePlatform()
    const feed = createFeed(platform, 2)
    const servers = pool(feed.urls, { keyOf })
    const connection = servers.connection({ platform, transport: feed.transport, channelGrace: 100 })
    const btc = connection.channel('btc')
    connection.channel('quiet')
    void connection.connect()
    await platform.clock.advanceAsync(500)
    servers.handOver()
    for (let n = 0; n < 60; n++) {
      feed.publish('btc')
      await platform.clock.advanceAsync(20)
    }
    const [first] = servers.snapshot().sockets
    expect(first).toMatchObject({ handingOver: true })
    feed.nodes.forEach((node, index) => node.network.cut((link) => link === (index === first?.server ? 2 : 1)))
    await platform.clock.advanceAsync(1_500)
    connection.reconnect()
    await platform.clock.advanceAsync(3_000)
    expect(connection.snapshot().state).toBe('connected')
    expect(btc.snapshot().status).toBe('live')
    btc.release()
    await platform.clock.advanceAsync(1_000)
    expect(feed.nodes.flatMap((node) => node.channels())).toEqual([1])
    connection.destroy()
  })
})
