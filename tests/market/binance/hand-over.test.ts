/**
 * The recordings, over sockets that live ten seconds in place of a day: whatever is handed over, every message arrives
 * once and in its order, and no limit is exceeded on the way.
 */
import { type Message, type Uplink, createUplink } from 'uplink'
import { pool } from 'uplink/pool'
import { BINANCE_VENUES, binance } from 'uplink/market'
import { ws } from 'uplink/transports/ws'
import { type ExpectStatic, afterAll, describe, it } from 'vitest'
import { simulate } from '../../../examples/market-dashboard/server/simulator.ts'
import type { VenueName } from '../../../examples/market-dashboard/server/venue.ts'
import { HAS_TAPES, tape, venues } from '../support.ts'

const standIns = venues()

afterAll(standIns.close)

const LIFETIME_MS = 10_000

/** By stream: what is in order within a stream need not be so between two of them. */
function byStream(messages: readonly { readonly stream: string; readonly data: unknown }[]): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>()
  for (const { stream, data } of messages) found.set(stream, [...(found.get(stream) ?? []), data])
  return found
}

interface Heard {
  readonly uplink: Uplink
  readonly servers: ReturnType<typeof pool>
  readonly messages: { readonly stream: string; readonly data: unknown }[]
  readonly gaps: string[]
}

async function follow(expect: ExpectStatic, venue: VenueName, wsUrl: string, streams: Iterable<string>, limits: object): Promise<Heard> {
  const servers = pool([`${wsUrl}/stream`], { ...BINANCE_VENUES[venue].pool, ...limits })
  const uplink = createUplink({ servers, protocol: binance({ venue }), transport: ws(), reconnectInterval: 0 })
  const messages: Heard['messages'] = []
  const gaps: string[] = []
  uplink.on('message', ({ channel, data }: Message) => messages.push({ stream: channel ?? '', data }))
  uplink.on('gap', ({ channel }) => gaps.push(channel))
  const leases = [...streams].map((stream) => uplink.channel(stream))
  void uplink.connect()
  await expect.poll(() => leases.every((lease) => lease.snapshot().status === 'live')).toBe(true)
  return { uplink, servers, messages, gaps }
}

describe.skipIf(!HAS_TAPES)('a recording over sockets that are handed over', () => {
  it.concurrent.for([['spot', 2.2], ['us', 3.5], ['futures', 3]] as const)('of %s arrives message by message', { timeout: 60_000 }, async ([venue, speed], { expect }) => {
    const source = tape(venue, speed)
    const standIn = await standIns.start({ venue, source, rules: { lifetimeMs: LIFETIME_MS }, paused: true })
    const { uplink, messages, gaps } = await follow(expect, venue, standIn.wsUrl, source.streams, { lifetime: LIFETIME_MS, overlap: 1_000 })
    standIn.play()
    await expect.poll(() => source.position(), { timeout: 40_000 }).toBe(source.events.length)
    await expect.poll(() => messages.length).toBe(source.events.length)
    expect(byStream(messages)).toEqual(byStream(source.events as readonly { stream: string; data: unknown }[]))
    expect(standIn.sockets.accepted()).toBeGreaterThan(1)
    expect(standIn.sockets.violations()).toEqual([])
    expect(gaps).toEqual([])
    uplink.destroy()
  })
})

describe('a venue that shuts down', () => {
  it('is left for another socket before it closes, without a hole', async ({ expect }) => {
    const source = simulate({ venue: 'spot', symbols: 40, updatesPerSecond: 20, minutes: 1 })
    const standIn = await standIns.start({ venue: 'spot', source, paused: true })
    const emitted: { stream: string; data: unknown }[] = []
    const { uplink, messages, gaps } = await follow(expect, 'spot', standIn.wsUrl, source.streams, {})
    standIn.listen(({ stream, data }) => emitted.push({ stream, data: JSON.parse(JSON.stringify(data)) as unknown }))
    standIn.play()
    await expect.poll(() => messages.length).toBeGreaterThan(200)
    standIn.shutdown(6_000)
    await expect.poll(() => standIn.sockets.accepted()).toBe(2)
    // The old socket goes by itself, well before the venue ends it.
    await expect.poll(() => standIn.sockets.count(), { timeout: 15_000 }).toBe(1)
    source.stop()
    await expect.poll(() => messages.length).toBe(emitted.length)
    expect(byStream(messages)).toEqual(byStream(emitted))
    expect(gaps).toEqual([])
    expect(standIn.sockets.violations()).toEqual([])
    uplink.destroy()
  })
})

describe('more streams than one socket takes', () => {
  it('are spread over several, each within the limits of the venue', async ({ expect }) => {
    const source = simulate({ venue: 'futures', symbols: 125, updatesPerSecond: 0, minutes: 1 })
    const standIn = await standIns.start({ venue: 'futures', source, rules: { streamsMost: 200 } })
    const { uplink, messages } = await follow(expect, 'futures', standIn.wsUrl, source.streams, { maxChannels: 200 })
    expect(source.streams.size).toBe(500)
    source.step(250)
    await expect.poll(() => new Set(messages.map(({ stream }) => stream.split('@')[0])).size).toBe(125)
    expect([standIn.sockets.count(), standIn.sockets.fullest(), standIn.sockets.violations()]).toEqual([3, 200, []])
    expect(standIn.sockets.busiest()).toBeLessThan(10)
    uplink.destroy()
  })
})
