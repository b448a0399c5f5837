import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createConnection } from 'uplink/engine'
import { uplink } from 'uplink/protocols/uplink'
import { startFaultProxy } from 'uplink/testing/node'
import { ws } from 'uplink/transports/ws'
import { play } from '../../examples/dashboard/server/feed.ts'
import { createMarket } from '../../examples/dashboard/server/market.ts'
import { type MarketServer, startMarketServer } from '../../examples/dashboard/server/market-server.ts'
import { readTape } from '../../examples/dashboard/server/tape.ts'
import type { Row } from '../../examples/dashboard/shared.ts'

const urlOf = (port: number): string => `ws://127.0.0.1:${port}/ws/market`

it('a market server gives up peers that are gone without a word, and keeps those that answer', async () => {
  const server = await startMarketServer(() => ({ rows: new Map(), symbols: new Set(), source: { kind: 'simulated', label: 'x', skipped: 0 } }), 50)
  const path = await startFaultProxy({ target: { port: server.port } })
  const [gone, there] = [path.port, server.port].map((port) => new WebSocket(urlOf(port))) as [WebSocket, WebSocket]
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
  const socket = new WebSocket(urlOf(server.port))
  const heard: string[] = []
  socket.on('message', (raw) => heard.push((JSON.parse(String(raw)) as { type: string }).type))
  socket.on('open', () => socket.send('{"type":"subscribe","channels":["ticker.BBB","ticker.CCC"]}'))
  await vi.waitFor(() => expect(heard.toSorted()).toEqual(['connection', 'error', 'subscription_confirmed']), 5_000)
  feed.holdAt(1)
  await vi.waitFor(() => expect(heard.slice(3)).toEqual(['ticker']), 5_000)
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
    socket = new WebSocket(urlOf(server.port))
    heard = []
    socket.on('message', (raw) => heard.push(JSON.parse(String(raw)) as Record<string, unknown>))
    await vi.waitFor(() => expect(types()).toEqual(['connection']))
    heard.length = 0
  })
  afterEach(async () => {
    socket.terminate()
    await server.close()
  })
  const say = (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  const types = () => heard.map(({ type }) => type)

  it('confirms a subscription with the present state, and sends changes after it', async () => {
    say({ type: 'subscribe', channels: [{ channel: 'market' }, 'ticker.ALALUSD'] })
    await vi.waitFor(() => expect(types().filter((type) => type === 'subscription_confirmed')).toHaveLength(2))
    const stateOf = (name: string) => heard.find(({ type, channel }) => type === 'subscription_confirmed' && channel === name)?.['snapshot']
    expect(stateOf('market')).toHaveLength(240)
    expect(stateOf('ticker.ALALUSD')).toEqual(market.rows.get('ALALUSD'))
    const changed = { ...market.rows.get('ALALUSD'), last: 77 } as Row
    server.publish([changed])
    await vi.waitFor(() => expect(heard).toContainEqual(expect.objectContaining({ type: 'market', channel: 'market', data: [changed], offset: expect.any(Number) })))
    await vi.waitFor(() => expect(heard).toContainEqual(expect.objectContaining({ type: 'ticker', channel: 'ticker.ALALUSD', data: changed })))
  })

  it('refuses channels that are not there, and symbols that are not listed', async () => {
    say({ type: 'subscribe', channels: ['nothing', 'ticker.NONE'] })
    await vi.waitFor(() => expect(heard.map(({ code, channel }) => `${String(channel)}: ${String(code)}`).toSorted()).toEqual(['nothing: unknown_channel', 'ticker.NONE: not_authorized']))
  })

  it('tells those who follow it how many clients there are', async () => {
    say({ type: 'subscribe', channels: ['system'] })
    const count = () => (heard.findLast(({ type }) => type === 'system')?.['data'] as { clients: number } | undefined)?.clients
    await vi.waitFor(() => expect(types()).toContain('subscription_confirmed'))
    const other = new WebSocket(urlOf(server.port))
    await vi.waitFor(() => expect(count()).toBe(2))
    other.terminate()
    await vi.waitFor(() => expect(count()).toBe(1))
  })

  it('sends away a reader that falls behind, holds no more for it than that, and serves the others', async () => {
    say({ type: 'subscribe', channels: ['market'] })
    await vi.waitFor(() => expect(types()).toContain('subscription_confirmed'))
    const other = new WebSocket(urlOf(server.port))
    const answered = new Promise((resolve) => other.on('message', (raw) => {
      const { type } = JSON.parse(String(raw)) as { type: string }
      if (type === 'pong') resolve(type)
    }))
    await vi.waitFor(() => expect(other.readyState).toBe(WebSocket.OPEN))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.pause()
    // One row that weighs as much as all, of a symbol that cannot be the name of a channel.
    const row = { ...(market.rows.get('ALALUSD') as Row), symbol: 'X'.repeat(32_768) }
    // What the system's own buffers take comes on top of the server's bound, hence so much.
    const count = 1_024
    for (let sent = 0; sent < count; sent++) {
      server.publish([row])
      if (sent % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    other.send('{"type":"ping"}')
    // At once: who does not take the close either is cut off after 5 s.
    socket.resume()
    expect(await closed).toBe(4413)
    expect(heard.length).toBeLessThan(count)
    expect(await answered).toBe('pong')
    other.terminate()
  })

  it('is silent when told to, and turns away with a code', async () => {
    server.setSilent(true)
    say({ type: 'ping' })
    server.setSilent(false)
    server.turnAway(4403)
    const other = new WebSocket(urlOf(server.port))
    expect(await new Promise((resolve) => other.once('close', resolve))).toBe(4403)
    expect(server.clients()).toBe(1)
  })
})

describe('a page of the market server', () => {
  it('misses nothing and repeats nothing through an outage, and its order is handled once', async () => {
    const market = createMarket(1)
    const server = await startMarketServer(() => ({ rows: market.rows, symbols: new Set(market.rows.keys()), source: { kind: 'simulated', label: 'x', skipped: 0 } }))
    const path = await startFaultProxy({ target: { port: server.port } })
    const page = createConnection({ url: urlOf(path.port), protocol: uplink(), transport: ws(), reconnectInterval: 20 })
    const row = market.rows.get('ALALUSD') as Row
    const lasts: Array<number | null> = []
    const ticker = page.channel('ticker.ALALUSD')
    ticker.onMessage((data) => void lasts.push((data as Row).last))
    try {
      await page.connect()
      await vi.waitFor(() => expect(lasts).toEqual([row.last]))
      lasts.length = 0
      server.publish([{ ...row, last: 1 }])
      await vi.waitFor(() => expect(lasts).toEqual([1]))
      path.refuse()
      path.reset()
      await vi.waitFor(() => expect(page.snapshot().state).toBe('reconnecting'))
      server.publish([{ ...row, last: 2 }])
      server.publish([{ ...row, last: 3 }])
      const ordered = page.sendWithAck({ type: 'order', data: { quantity: 1 } })
      path.heal()
      expect(await ordered).toMatchObject({ outcome: 'delivered', data: { number: 1 } })
      await vi.waitFor(() => expect(lasts).toEqual([1, 2, 3]))
      expect(ticker.snapshot()).toMatchObject({ status: 'live', recovered: true, gap: null })
      expect(await page.sendWithAck({ type: 'order', data: null })).toMatchObject({ outcome: 'rejected' })
    } finally {
      page.destroy()
      await path.close()
      await server.close()
    }
  })
})
