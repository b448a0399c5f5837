/** The protocol, spoken by the engine over real sockets with a stand-in that keeps the venues' rules. */
import { afterEach, describe, expect, it } from 'vitest'
import { simulate } from '../../../examples/market-dashboard/server/simulator.ts'
import { HAS_TAPES, tape, venues } from '../support.ts'
import { clients } from './support.ts'

const standIns = venues()
const all = clients()

afterEach(async () => {
  all.close()
  await standIns.close()
})

const simulated = (symbols = 3, venue: 'spot' | 'futures' = 'spot'): ReturnType<typeof simulate> =>
  simulate({ venue, symbols, updatesPerSecond: 0, minutes: 1, time: () => 1_700_000_000_000 })

describe('channels', () => {
  it('are streams: confirmed by their ids, in one request, with payloads as the venue sends them', async () => {
    const source = simulated()
    const venue = await standIns.start({ venue: 'spot', source })
    const { connection, messages } = await all.open(`${venue.wsUrl}/stream`)
    const names = ['btcusdt@aggTrade', 'btcusdt@bookTicker', 'btcusdt@depth@100ms', 'ethusdt@kline_1m']
    const leases = names.map((name) => connection.channel(name))
    await expect.poll(() => leases.map((lease) => lease.snapshot().status)).toEqual(['live', 'live', 'live', 'live'])
    expect(venue.sockets.requests().filter((text) => text.includes('SUBSCRIBE'))).toEqual([JSON.stringify({ method: 'SUBSCRIBE', params: names, id: 2 })])
    source.step(30)
    await expect.poll(() => new Set(messages.map(({ type }) => type))).toEqual(new Set(['aggTrade', 'bookTicker', 'depth', 'kline']))
    const depth = messages.find(({ type }) => type === 'depth')
    expect(depth).toMatchObject({ channel: 'btcusdt@depth@100ms', timestamp: 1_700_000_000_000, data: { e: 'depthUpdate', s: 'BTCUSDT' } })
    expect(leases[2]?.latest()?.channel).toBe('btcusdt@depth@100ms')
    // Spot says neither what a best price is nor of when.
    expect(messages.find(({ type }) => type === 'bookTicker')?.data).not.toHaveProperty('e')
  })

  it('that the venue does not know are refused, each by itself, and cost the others of their batch nothing', async () => {
    const venue = await standIns.start({ venue: 'futures', source: simulated(3, 'futures') })
    const { connection, errors } = await all.open(`${venue.wsUrl}/stream`, { venue: 'futures' })
    const good = ['btcusdt@aggTrade', 'ethusdt@aggTrade', 'solusdt@aggTrade', 'btcusdt@bookTicker', 'ethusdt@bookTicker'].map((name) => connection.channel(name))
    const bad = connection.channel('nothing@aggTrade')
    await expect.poll(() => [...good, bad].map((lease) => lease.snapshot().status)).toEqual(['live', 'live', 'live', 'live', 'live', 'refused'])
    expect(bad.snapshot().error).toMatchObject({ code: 'UPLINK_CHANNEL_REFUSED', channel: 'nothing@aggTrade', message: 'channel "nothing@aggTrade": Invalid request: unknown stream `nothing@aggTrade` (2)' })
    expect(errors.map(({ code }) => code)).toEqual(['UPLINK_CHANNEL_REFUSED'])
  })

  it('beyond what one socket takes are refused without being asked for', async () => {
    const venue = await standIns.start({ venue: 'spot', source: simulated(), rules: { streamsMost: 2 } })
    const { connection } = await all.open(`${venue.wsUrl}/stream`, { maxChannels: 2 })
    const leases = ['btcusdt@aggTrade', 'ethusdt@aggTrade', 'solusdt@aggTrade'].map((name) => connection.channel(name))
    await expect.poll(() => leases.map((lease) => lease.snapshot().status)).toEqual(['live', 'live', 'refused'])
    expect(leases[2]?.snapshot().error?.message).toContain('one socket takes 2 streams; use uplink/pool for more (not_asked)')
    expect(venue.sockets.violations()).toEqual([])
  })

  it('that stand in the address are live without a request, and stay when their last user has gone', async () => {
    const source = simulated(1)
    const venue = await standIns.start({ venue: 'spot', source })
    const { connection, messages } = await all.open(`${venue.wsUrl}/stream?streams=btcusdt@depth@100ms`, { ping: false }, { channelGrace: 0 })
    const lease = connection.channel('btcusdt@depth@100ms')
    await expect.poll(() => lease.snapshot().status).toBe('live')
    lease.release()
    source.step(1)
    await expect.poll(() => messages.length).toBe(1)
    expect(venue.sockets.requests()).toEqual([])
  })

  it('of all symbols carry arrays', async () => {
    const source = simulated(3)
    const venue = await standIns.start({ venue: 'spot', source, rules: { arrayIntervalMs: 20 } })
    const { connection } = await all.open(`${venue.wsUrl}/stream`)
    const heard: unknown[] = []
    connection.channel('!miniTicker@arr').onMessage((data) => heard.push(data))
    connection.subscribe('!ticker@arr', (data) => heard.push(data))
    connection.channel('!ticker@arr')
    await expect.poll(() => venue.sockets.isFollowed('!ticker@arr')).toBe(true)
    source.step(60)
    await expect.poll(() => heard.length).toBeGreaterThan(1)
    for (const list of heard) expect(list).toEqual([expect.objectContaining({ s: 'BTCUSDT' }), expect.objectContaining({ s: 'ETHUSDT' }), expect.objectContaining({ s: 'SOLUSDT' })])
  })
})

describe('raw sockets', () => {
  it.each(['spot', 'futures'] as const)('of %s are told apart by what is in their payloads', async (name) => {
    const source = simulated(2, name)
    const venue = await standIns.start({ venue: name, source })
    const { connection, messages, errors } = await all.open(`${venue.wsUrl}/ws/btcusdt@aggTrade`, { venue: name })
    const names = ['btcusdt@aggTrade', 'btcusdt@depth@100ms', 'ethusdt@depth@100ms', 'btcusdt@bookTicker', 'btcusdt@kline_1m', 'ethusdt@kline_5m', 'btcusdt@trade']
    const leases = names.map((channel) => connection.channel(channel))
    await expect.poll(() => leases.every((lease) => lease.snapshot().status === 'live')).toBe(true)
    source.step(40)
    await expect.poll(() => new Set(messages.map(({ channel }) => channel))).toEqual(new Set(names))
    for (const { channel, data } of messages) expect((data as { s: string }).s.toLowerCase()).toBe(channel?.split('@')[0])
    expect(errors).toEqual([])
  })

  it('refuse a stream whose payloads look like those of another', async () => {
    const venue = await standIns.start({ venue: 'spot', source: simulated(1) })
    const { connection } = await all.open(`${venue.wsUrl}/ws`)
    const [ten, five] = [connection.channel('btcusdt@depth10'), connection.channel('btcusdt@depth5')]
    await expect.poll(() => [ten.snapshot().status, five.snapshot().status]).toEqual(['live', 'refused'])
    expect(five.snapshot().error?.message).toContain('cannot be told from those of another stream')
  })
})

describe('requests', () => {
  it('measure latency, and ask what the venue sends', async () => {
    const venue = await standIns.start({ venue: 'spot', source: simulated() })
    const { connection } = await all.open(`${venue.wsUrl}/stream`)
    await expect.poll(() => connection.latency().current).not.toBeNull()
    expect(venue.sockets.requests()[0]).toBe('{"method":"PING","id":1}')
    const lease = connection.channel('btcusdt@trade')
    await expect.poll(() => lease.snapshot().status).toBe('live')
    const listed = new Promise((resolve) => { connection.subscribe('LIST_SUBSCRIPTIONS', resolve) })
    connection.send({ type: 'LIST_SUBSCRIPTIONS' })
    expect(await listed).toEqual(['btcusdt@trade'])
    expect(() => connection.send({ type: 'ORDER' })).not.toThrow()
  })

  it('that fail in the venue are reported by its code and its words', async () => {
    const venue = await standIns.start({ venue: 'spot', source: simulated() })
    const { connection, errors } = await all.open(`${venue.wsUrl}/stream`)
    connection.send({ type: 'GET_PROPERTY', data: ['speed'] })
    await expect.poll(() => errors.map(({ code, message }) => [code, message])).toEqual([['UPLINK_SERVER_FAULT', 'Unknown property (0)']])
  })

  it('never exceed the limits, while 1,000 streams come and go in bursts', async () => {
    const source = simulated(250)
    const venue = await standIns.start({ venue: 'spot', source })
    const { connection, errors } = await all.open(`${venue.wsUrl}/stream`, {}, { heartbeatInterval: 1_000, channelGrace: 0 })
    const names = [...source.streams]
    expect(names).toHaveLength(1_000)
    const claim = (list: readonly string[]): Array<() => void> => list.map((name) => connection.channel(name).release)
    const first = claim(names)
    for (let burst = 0; burst < 20; burst++) {
      for (const release of claim(names.slice(burst * 10, burst * 10 + 300))) release()
      for (const release of first.splice(0, 20)) release()
      await new Promise((resolve) => { setTimeout(resolve, 50) })
    }
    const kept = names.slice(400)
    const followed = (): number => names.filter((name) => venue.sockets.isFollowed(name)).length
    await expect.poll(followed, { timeout: 20_000 }).toBe(kept.length)
    expect(kept.every((name) => venue.sockets.isFollowed(name))).toBe(true)
    await expect.poll(() => kept.every((name) => connection.channel(name).snapshot().status === 'live')).toBe(true)
    expect(venue.sockets.violations()).toEqual([])
    expect(venue.sockets.accepted()).toBe(1)
    expect(venue.sockets.busiest()).toBeLessThanOrEqual(4)
    expect(venue.sockets.fullest()).toBeLessThanOrEqual(1_024)
    expect(errors).toEqual([])
  })
})

describe('outages', () => {
  it('announce the hole in every stream that numbers its messages, once for each of two forced drops', async () => {
    const source = simulated(1, 'futures')
    const venue = await standIns.start({ venue: 'futures', source })
    const { connection, messages, gaps } = await all.open(`${venue.wsUrl}/stream`, { venue: 'futures' })
    const names = ['btcusdt@depth@100ms', 'btcusdt@aggTrade', 'btcusdt@bookTicker']
    const leases = names.map((name) => connection.channel(name))
    const isLive = (): boolean => leases.every((lease) => lease.snapshot().status === 'live')
    for (let drop = 1; drop <= 2; drop++) {
      await expect.poll(isLive).toBe(true)
      source.step(40)
      const last = (): number => messages.findLast(({ type }) => type === 'depth')?.offset ?? 0
      const before = venue.market.of('BTCUSDT').book.lastUpdateId
      await expect.poll(last).toBe(before)
      venue.sockets.drop()
      source.step(40)
      const missed = venue.market.of('BTCUSDT').book.lastUpdateId
      await expect.poll(() => venue.sockets.accepted()).toBe(drop + 1)
      await expect.poll(isLive).toBe(true)
      source.step(40)
      await expect.poll(() => gaps.length).toBe(drop * 2)
      expect(gaps.slice(-2).find(({ channel }) => channel === 'btcusdt@depth@100ms')).toMatchObject({ from: before + 1, to: missed })
      expect(leases[0]?.snapshot().gap).toMatchObject({ reason: 'hole', from: before + 1 })
    }
    expect(gaps.filter(({ channel }) => channel === 'btcusdt@aggTrade')).toHaveLength(2)
  })

  it('that the venue announces are read as a goodbye, and the connection comes back', async () => {
    const venue = await standIns.start({ venue: 'spot', source: simulated() })
    const { connection, errors } = await all.open(`${venue.wsUrl}/stream`)
    const closes: number[] = []
    connection.on('close', ({ code }) => closes.push(code))
    venue.shutdown(30)
    await expect.poll(() => venue.sockets.accepted()).toBe(2)
    await expect.poll(() => connection.snapshot().state).toBe('connected')
    expect(closes).toEqual([1_001])
    expect(errors.map(({ code }) => code)).toEqual(['UPLINK_CONNECTION_LOST'])
  })
})

describe.skipIf(!HAS_TAPES)('the recordings', () => {
  it.each(['spot', 'us', 'futures'] as const)('of %s arrive message by message, as they were sent', async (name) => {
    const source = tape(name)
    const venue = await standIns.start({ venue: name, source })
    const { connection, messages, errors, gaps } = await all.open(`${venue.wsUrl}/stream`, { venue: name })
    const leases = [...source.streams].map((stream) => connection.channel(stream))
    await expect.poll(() => leases.every((lease) => lease.snapshot().status === 'live')).toBe(true)
    source.step(Infinity)
    await expect.poll(() => messages.length).toBe(source.events.length)
    expect(messages.map(({ channel, data }) => ({ stream: channel, data }))).toEqual(source.events)
    expect(errors).toEqual([])
    expect(gaps).toEqual([])
  })
})
