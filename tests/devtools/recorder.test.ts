/** The recorder against a real server's logic, in virtual time. */
import { describe, expect, it } from 'vitest'
import { createUplink } from 'uplink'
import { poll } from 'uplink/fallback'
import { pool } from 'uplink/pool'
import { uplink as uplinkProtocol } from 'uplink/protocols/uplink'
import { createFakePlatform, createSimulatedServer, reject, scriptedTransport } from 'uplink/testing'
import { createRecorder } from '../../src/devtools/recorder/recorder.ts'
import { acquireRecorder, recorderOf } from '../../src/devtools/recorder/shared.ts'
import { friendly } from '../engine/support.ts'

async function recorded() {
  const platform = createFakePlatform({ seed: 4 })
  const server = createSimulatedServer(platform, { permit: (_, channel) => channel !== 'secret' })
  server.handle('order', ({ data }) => { if (data === 0) throw reject('empty'); return { done: true } })
  const uplink = createUplink({ url: 'wss://test.example/ws', platform, transport: server.network.transport, protocol: uplinkProtocol(), jitter: 'none' })
  const recorder = createRecorder(uplink)
  const pass = (ms: number): Promise<void> => platform.clock.advanceAsync(ms)
  uplink.channel('prices')
  uplink.channel('secret')
  void uplink.connect()
  await pass(1_500)
  return { platform, server, uplink, recorder, pass, rows: () => recorder.log.after(-1) }
}

function flooded(options: Parameters<typeof createRecorder>[1] = {}) {
  const platform = createFakePlatform()
  const server = scriptedTransport(friendly)
  const uplink = createUplink({ url: 'wss://test.example/ws', platform, transport: server.transport })
  const recorder = createRecorder(uplink, options)
  void uplink.connect()
  return { platform, server, uplink, recorder }
}

describe('a recorder', () => {
  it('keeps every message both ways, and what belongs to the protocol', async () => {
    const { rows, server, uplink, pass } = await recorded()
    server.publish('prices', { bid: 1 }, { type: 'price' })
    void uplink.sendWithAck({ type: 'order', data: 1 })
    await pass(500)
    const seen = rows().map(({ direction, type, isControl }) => `${direction} ${type}${isControl ? '*' : ''}`)
    for (const expected of ['out hello*', 'in connection*', 'out subscribe*', 'in subscription_confirmed*', 'out ping*', 'in pong*', 'in price', 'out order', 'in ack*']) expect(seen).toContain(expected)
    expect(rows().map(({ serial }) => serial)).toEqual(rows().map((_, index) => index + 1))
  })

  it('knows channels: what was refused, where the others stand, what was recovered', async () => {
    const { recorder, server, pass } = await recorded()
    for (let n = 0; n < 5; n++) server.publish('prices', { bid: n })
    await pass(1_000)
    expect(recorder.meters.byName.get('secret')).toMatchObject({ standing: 'refused' })
    expect(recorder.meters.byName.get('prices')).toMatchObject({ standing: 'confirmed', messages: 5, offset: 5, source: 'live', behind: 0 })
    server.network.cut()
    expect(recorder.meters.byName.get('prices')?.standing).toBe('lost')
    for (let n = 0; n < 3; n++) server.publish('prices', { bid: n })
    await pass(5_000)
    expect(recorder.meters.byName.get('prices')).toMatchObject({ standing: 'confirmed', messages: 8, offset: 8, gaps: 0 })
    server.resetStream('prices')
    await pass(1_000)
    expect(recorder.meters.byName.get('prices')?.gaps).toBe(1)
    expect(recorder.timeline().some(({ kind, text }) => kind === 'gap' && text.includes('prices'))).toBe(true)
  })

  it('knows when the data of a channel comes another way', async () => {
    const platform = createFakePlatform({ seed: 4 })
    const server = createSimulatedServer(platform)
    const fallback = poll({ fetch: () => Promise.resolve({ data: { bid: 7 } }) })
    const uplink = createUplink({ url: 'wss://test.example/ws', platform, transport: server.network.transport, protocol: uplinkProtocol(), fallback })
    const recorder = createRecorder(uplink)
    uplink.channel('prices')
    void uplink.connect()
    await platform.clock.advanceAsync(2_000)
    server.publish('prices', { bid: 1 })
    await platform.clock.advanceAsync(500)
    expect(recorder.meters.byName.get('prices')?.source).toBe('live')
    server.stop()
    await platform.clock.advanceAsync(10_000)
    expect(recorder.meters.byName.get('prices')).toMatchObject({ source: 'fallback', standing: 'lost' })
    server.start()
    await platform.clock.advanceAsync(30_000)
    server.publish('prices', { bid: 2 })
    await platform.clock.advanceAsync(500)
    expect(recorder.meters.byName.get('prices')).toMatchObject({ source: 'live', standing: 'confirmed' })
  })

  it('knows what became of each message', async () => {
    const { recorder, uplink, pass, server } = await recorded()
    const fates = (): string[] => [...recorder.sends.values()].map(({ type, fate, why }) => [type, fate, why].filter(Boolean).join(' '))
    void uplink.sendWithAck({ type: 'order', data: 1 })
    void uplink.sendWithAck({ type: 'order', data: 0 })
    await pass(200)
    expect(fates()).toEqual(['order delivered', 'order rejected empty'])
    expect([...recorder.sends.values()][0]?.latencyMs).toBeGreaterThan(0)
    server.stop()
    await pass(1_000)
    uplink.send({ type: 'order', data: 2 }, { ttl: 1_000 })
    expect(fates().at(-1)).toBe('queued')
    await pass(2_000)
    expect(fates().at(-1)).toBe('dropped expired')
  })

  it('keeps a timeline: transitions with their cause, closes, retries', async () => {
    const { recorder, server, pass } = await recorded()
    server.dropAll(1012, 'restarting')
    await pass(3_000)
    const lines = recorder.timeline().map(({ kind, to, code }) => [kind, to, code].filter((part) => part !== null).join(' '))
    expect(lines).toEqual(expect.arrayContaining(['transition open', 'transition waiting UPLINK_CONNECTION_LOST', 'close 1012', 'retry']))
    expect(recorder.timeline().map(({ serial }) => serial)).toEqual(recorder.timeline().map((_, index) => index + 1))
  })

  it('samples the connection once a second: rates, latency, and whether it was there', async () => {
    const { recorder, server, pass } = await recorded()
    await pass(10_000)
    server.stop()
    await pass(3_000)
    const series = recorder.series()
    expect(series).toHaveLength(14)
    expect(series.some(({ latencyMs }) => latencyMs !== null && latencyMs > 0)).toBe(true)
    expect(series.at(-1)?.isConnected).toBe(false)
  })

  it('hears the frames of every socket of a pool', async () => {
    const platform = createFakePlatform({ seed: 4 })
    const server = createSimulatedServer(platform)
    const uplink = createUplink({ servers: pool(['wss://a.test.example/ws', 'wss://b.test.example/ws'], { maxChannels: 1, maxSockets: 2 }), platform, transport: server.network.transport, protocol: uplinkProtocol() })
    const recorder = createRecorder(uplink)
    for (const name of ['a', 'b']) uplink.channel(name)
    void uplink.connect()
    await platform.clock.advanceAsync(5_000)
    for (const name of ['a', 'b']) server.publish(name, 1, { type: `of ${name}` })
    await platform.clock.advanceAsync(1_000)
    const types = recorder.log.after(-1).map(({ type }) => type)
    expect(types.filter((type) => type === 'hello')).toHaveLength(2)
    expect(types).toEqual(expect.arrayContaining(['of a', 'of b']))
    expect(['a', 'b'].map((name) => recorder.meters.byName.get(name)?.messages)).toEqual([1, 1])
  })

  it('samples a flood, says so, and counts all of it all the same', () => {
    const { platform, server, recorder } = flooded()
    for (let second = 0; second < 4; second++) {
      for (let n = 0; n < 5_000; n++) {
        server.socket().receive(`{"type":"tick","channel":"c${n % 5}","data":${n}}`)
        if (n % 50 === 49) platform.clock.advance(10)
      }
    }
    expect(recorder.sampler.every).toBe(5)
    const rows = recorder.log.after(-1)
    expect(rows.length).toBeLessThan(6_000)
    expect(rows.at(-1)?.serial).toBeGreaterThan(19_990)
    expect([...recorder.meters.byName.values()].map(({ messages }) => messages)).toEqual([4_000, 4_000, 4_000, 4_000, 4_000])
    platform.clock.advance(5_000)
    expect(recorder.sampler.every).toBe(1)
  })

  it('is bounded by count and by weight', () => {
    const { server, recorder } = flooded({ maxMessages: 500, maxBytes: 100_000, maxPerSecond: Infinity })
    for (let n = 0; n < 3_000; n++) server.socket().receive(`{"type":"tick","data":"${'x'.repeat(n % 7 === 0 ? 2_000 : 10)}"}`)
    expect(recorder.log.length).toBeLessThanOrEqual(500)
    expect(recorder.log.size).toBeLessThanOrEqual(100_000)
    for (let n = 0; n < 1_000; n++) server.socket().receive({ type: `t${n}` })
    expect(recorder.types.size).toBeLessThanOrEqual(200)
    recorder.clear()
    expect([recorder.log.length, recorder.log.size]).toEqual([0, 0])
  })

  it('tells those who look five times a second at most, and works for nobody while nobody looks', () => {
    const { platform, server, recorder } = flooded()
    let told = 0
    const before = platform.clock.pending()
    server.socket().receive({ type: 'tick' })
    expect(platform.clock.pending()).toBe(before)
    const forget = recorder.subscribe(() => { told++ })
    for (let n = 0; n < 100; n++) {
      server.socket().receive({ type: 'tick' })
      platform.clock.advance(10)
    }
    expect(told).toBeGreaterThanOrEqual(4)
    expect(told).toBeLessThanOrEqual(5)
    forget()
    platform.clock.advance(1_000)
    expect(told).toBeLessThanOrEqual(5)
  })

  it('does not hold the connection open, and leaves nothing behind', () => {
    const { platform, server, uplink, recorder } = flooded()
    const timers = platform.clock.pending()
    recorder.destroy()
    expect(platform.clock.pending()).toBe(timers - 1)
    server.socket().receive({ type: 'tick' })
    expect(recorder.log.after(-1).some(({ type }) => type === 'tick')).toBe(false)
    uplink.disconnect()
    expect(platform.clock.pending()).toBe(0)
  })

  it('is one for all monitors of a connection, as long as there is one', () => {
    const { uplink } = flooded()
    const first = acquireRecorder(uplink, {})
    const second = acquireRecorder(uplink, {})
    const recorder = recorderOf(uplink)
    first()
    first()
    expect(recorderOf(uplink)).toBe(recorder)
    second()
    expect(recorderOf(uplink)).toBeNull()
  })
})
