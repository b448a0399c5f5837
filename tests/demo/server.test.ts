import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { startFaultProxy } from 'uplink/testing/node'
import { play } from '../../examples/dashboard/server/feed.ts'
import { createMarket } from '../../examples/dashboard/server/market.ts'
import { type MarketServer, startMarketServer } from '../../examples/dashboard/server/market-server.ts'
import { readTape } from '../../examples/dashboard/server/tape.ts'

it('a market server gives up peers that are gone without a word, and keeps those that answer', async () => {
  const server = await startMarketServer(() => ({ rows: new Map(), symbols: new Set(), source: { kind: 'simulated', label: 'x', skipped: 0 } }), 50)
  const path = await startFaultProxy({ target: { port: server.port } })
  const [gone, there] = [path.port, server.port].map((port) => new WebSocket(`ws://127.0.0.1:${port}`)) as [WebSocket, WebSocket]
  let pings = 0
  there.on('ping', () => { pings++ })
  await vi.waitFor(() => expect(server.clients()).toBe(2))
  path.halfOpen()
  await vi.waitFor(() => expect(server.clients()).toBe(1), 5_000)
  gone.terminate()
  await vi.waitFor(() => expect(path.connections()).toBe(0))
  const before = pings
  await vi.waitFor(() => expect(pings).toBeGreaterThan(before + 2), 5_000)
  expect(there.readyState).toBe(WebSocket.OPEN)
  there.terminate()
  await path.close()
  await server.close()
})

it('a tape can be followed symbol by symbol, also before the first frame of a symbol', async () => {
  const quote = (symbol: string) => `{"data":{"s":"${symbol}","b":"1","B":"1","a":"2","A":"1"}}`
  let publish: MarketServer['publish'] = () => undefined
  const feed = play(readTape(`1.0: ${quote('AAA')}\n9.0: ${quote('BBB')}`), 'x', 10_000, (rows) => publish(rows), 0.5)
  const server = await startMarketServer(() => feed)
  publish = server.publish
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}`)
  const heard: string[] = []
  socket.on('message', (raw) => heard.push((JSON.parse(String(raw)) as { type: string }).type))
  socket.on('open', () => socket.send('{"type":"subscribe","channels":["ticker.BBB","ticker.CCC"]}'))
  await vi.waitFor(() => expect(heard).toEqual(['subscription_confirmed', 'error']), 5_000)
  feed.holdAt(1)
  await vi.waitFor(() => expect(heard.slice(2)).toEqual(['ticker']), 5_000)
  feed.stop()
  socket.terminate()
  await server.close()
})

it('a market of one seed is the same twice, and another of another seed', () => {
  const run = (seed: number) => {
    const market = createMarket(seed)
    for (let at = 0; at < 50; at++) market.tick(at)
    return JSON.stringify([...market.rows.values()])
  }
  expect(run(7)).toBe(run(7))
  expect(run(7)).not.toBe(run(8))
  expect(createMarket(1).rows.size).toBe(240)
})

describe('the market server', () => {
  const market = createMarket(1)
  let server: MarketServer
  let socket: WebSocket
  let heard: Array<Record<string, unknown>>

  beforeEach(async () => {
    server = await startMarketServer(() => ({ rows: market.rows, symbols: new Set(market.rows.keys()), source: { kind: 'simulated', label: 'x', skipped: 0 } }))
    socket = new WebSocket(`ws://127.0.0.1:${server.port}`)
    heard = []
    socket.on('message', (raw) => heard.push(JSON.parse(String(raw)) as Record<string, unknown>))
    await new Promise((resolve) => socket.once('open', resolve))
  })
  afterEach(async () => {
    socket.terminate()
    await server.close()
  })
  const say = (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  const types = () => heard.map(({ type }) => type)

  it('answers pings', async () => {
    say({ type: 'ping' })
    await vi.waitFor(() => expect(types()).toEqual(['pong']))
  })

  it('confirms a subscription, sends the last value at once, and changes after it', async () => {
    say({ type: 'subscribe', channels: [{ channel: 'market' }, 'ticker.ALALUSD'] })
    await vi.waitFor(() => expect(types()).toEqual(['subscription_confirmed', 'market', 'subscription_confirmed', 'ticker']))
    expect(heard[1]?.['data']).toHaveLength(240)
    server.publish([...market.rows.values()].slice(0, 1))
    await vi.waitFor(() => expect(types().slice(4)).toEqual(['market', 'ticker']))
    say({ type: 'unsubscribe', channels: ['market', 'ticker.ALALUSD'] })
    await vi.waitFor(() => expect(types().slice(6)).toEqual(['unsubscription_confirmed', 'unsubscription_confirmed']))
    server.publish([...market.rows.values()])
    say({ type: 'ping' })
    await vi.waitFor(() => expect(types().slice(8)).toEqual(['pong']))
  })

  it('says what there is when it is asked for something else', async () => {
    say({ type: 'subscribe', channels: ['nothing', { channel: { toString: 1 } }, null, 7] })
    say('not json')
    say({ type: 'dance' })
    await vi.waitFor(() => expect(heard.map((message) => (message['data'] as { code: string }).code)).toEqual(['unknown_channel', 'malformed', 'unknown_type']))
  })

  it('tells those who follow it how many clients there are', async () => {
    say({ type: 'subscribe', channels: ['system'] })
    const counts = () => heard.filter(({ type }) => type === 'system').map(({ data }) => (data as { clients: number }).clients)
    await vi.waitFor(() => expect(counts()).toEqual([1]))
    const other = new WebSocket(`ws://127.0.0.1:${server.port}`)
    await vi.waitFor(() => expect(counts()).toEqual([1, 2]))
    other.terminate()
    await vi.waitFor(() => expect(counts()).toEqual([1, 2, 1]))
  })

  it('ends a socket that says more than it may', async () => {
    const closed = new Promise((resolve) => socket.once('close', resolve))
    say('x'.repeat(65_537))
    expect(await closed).toBe(1009)
  })

  it('sends away a reader that falls behind, holds no more for it than that, and serves the others', async () => {
    say({ type: 'subscribe', channels: ['market'] })
    await vi.waitFor(() => expect(types()).toContain('market'))
    socket.pause()
    const rows = [...market.rows.values()]
    const bytesEach = JSON.stringify(rows).length
    // What the system's own buffers take comes on top of the server's bound, hence so much.
    const count = Math.ceil((64 * 1_048_576) / bytesEach)
    for (let sent = 0; sent < count; sent++) {
      server.publish(rows)
      if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    const other = new WebSocket(`ws://127.0.0.1:${server.port}`)
    const answered = new Promise((resolve) => other.once('message', (raw) => resolve((JSON.parse(String(raw)) as { type: string }).type)))
    other.on('open', () => other.send('{"type":"ping"}'))
    expect(await answered).toBe('pong')
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.resume()
    expect(await closed).toBe(1013)
    expect(heard.length).toBeLessThan(count)
    other.terminate()
  })

  it('is silent when told to, and turns away with a code', async () => {
    server.setSilent(true)
    say({ type: 'ping' })
    server.setSilent(false)
    server.turnAway(4403)
    const other = new WebSocket(`ws://127.0.0.1:${server.port}`)
    expect(await new Promise((resolve) => other.once('close', resolve))).toBe(4403)
  })
})
