import { describe, expect, it } from 'vitest'
import type { Message } from 'uplink/engine'
import { pool } from 'uplink/pool'
import { createFakePlatform } from 'uplink/testing'
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
})
