/** The stand-in keeps the rules of the venues: what clients are tested against is tested itself. */
import { afterEach, describe, expect, it } from 'vitest'
import { createBook } from '../../examples/market-dashboard/server/book.ts'
import { simulate } from '../../examples/market-dashboard/server/simulator.ts'
import type { StandIn } from '../../examples/market-dashboard/server/stand-in.ts'
import type { DepthEvent } from '../../examples/market-dashboard/server/book.ts'
import { HAS_TAPES, tape, venues } from './support.ts'

const all = venues()

afterEach(all.close)

interface Row {
  readonly [field: string]: unknown
}

async function get(standIn: StandIn, path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: Row & readonly Row[]; headers: Headers }> {
  const response = await fetch(standIn.restUrl + standIn.venue.restBase + path, { headers })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as Row & readonly Row[] }
}

const simulated = (symbols = 3): ReturnType<typeof simulate> => simulate({ venue: 'spot', symbols, updatesPerSecond: 0, minutes: 30, time: () => 1_700_000_000_000 })

describe('sockets of the stand-in', () => {
  it('answer requests by their ids, and errors in the form of the venue', async () => {
    const spot = await all.start({ venue: 'spot', source: simulated() })
    const one = await all.bare(`${spot.wsUrl}/stream`)
    one.send({ method: 'SUBSCRIBE', params: ['btcusdt@aggTrade', 'ethusdt@bookTicker'], id: 1 })
    one.send({ method: 'LIST_SUBSCRIPTIONS', id: 'list' })
    one.send({ method: 'SUBSCRIBE', params: ['nothing@aggTrade'], id: 3 })
    one.send('{"method":')
    await expect.poll(() => one.heard).toEqual([
      '{"result":null,"id":1}',
      '{"result":["btcusdt@aggTrade","ethusdt@bookTicker"],"id":"list"}',
      '{"error":{"code":2,"msg":"Invalid request: unknown stream `nothing@aggTrade`"},"id":3}',
      '{"error":{"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"},"id":null}',
    ])
    const futures = await all.start({ venue: 'futures', source: simulated() })
    const two = await all.bare(`${futures.wsUrl}/ws`)
    two.send({ method: 'PING', id: 7 })
    two.send({ method: 'FLY', id: 8 })
    two.send({ method: 'PING', id: 'text' })
    await expect.poll(() => two.heard).toHaveLength(3)
    expect(two.heard[0]).toBe('{"result":null,"id":7}')
    expect(JSON.parse(two.heard[1] ?? '')).toMatchObject({ code: 2, id: 8 })
    expect(JSON.parse(two.heard[2] ?? '')).toMatchObject({ code: 2, msg: 'Invalid request: request ID must be an unsigned integer', id: null })
  })

  it('close on the message too many of a second, ping frames included', async () => {
    const { wsUrl, sockets } = await all.start({ venue: 'spot', source: simulated() })
    const polite = await all.bare(`${wsUrl}/ws`)
    for (let id = 1; id <= 5; id++) polite.send({ method: 'PING', id })
    await expect.poll(() => polite.heard).toHaveLength(5)
    const hasty = await all.bare(`${wsUrl}/ws`)
    for (let id = 1; id <= 5; id++) hasty.send({ method: 'PING', id })
    hasty.socket.ping()
    expect(await hasty.closed).toEqual({ code: 1_008, reason: 'too many messages' })
    expect(polite.socket.readyState).toBe(polite.socket.OPEN)
    expect(sockets.violations()).toEqual(['too many messages'])
  })

  it('close on the stream too many, and when their life is over', async () => {
    const { wsUrl } = await all.start({ venue: 'spot', source: simulated(), rules: { streamsMost: 3, lifetimeMs: 60 } })
    const greedy = await all.bare(`${wsUrl}/ws/btcusdt@aggTrade/ethusdt@aggTrade`)
    greedy.send({ method: 'SUBSCRIBE', params: ['btcusdt@bookTicker', 'ethusdt@bookTicker'], id: 1 })
    expect(await greedy.closed).toMatchObject({ code: 1_008, reason: 'too many streams' })
    const old = await all.bare(`${wsUrl}/ws`)
    expect(await old.closed).toMatchObject({ code: 1_001 })
  })

  it('wrap payloads only where they were asked to, and say that the server shuts down in either way', async () => {
    const source = simulated(1)
    const standIn = await all.start({ venue: 'spot', source })
    const raw = await all.bare(`${standIn.wsUrl}/ws/btcusdt@depth@100ms`)
    const combined = await all.bare(`${standIn.wsUrl}/stream?streams=btcusdt@depth@100ms`)
    await expect.poll(() => standIn.sockets.count()).toBe(2)
    source.step(1)
    standIn.shutdown(10)
    expect(await raw.closed).toMatchObject({ code: 1_001 })
    await combined.closed
    expect(JSON.parse(combined.heard[0] ?? '')).toEqual({ stream: 'btcusdt@depth@100ms', data: JSON.parse(raw.heard[0] ?? '') })
    expect(JSON.parse(combined.heard[1] ?? '')).toMatchObject({ stream: '!serverShutdown', data: { e: 'serverShutdown' } })
    expect(JSON.parse(raw.heard[1] ?? '')).toMatchObject({ e: 'serverShutdown' })
  })

  it('tell all symbols in one array, and trades and books that are made of others', async () => {
    const source = simulated(3)
    const { wsUrl, sockets } = await all.start({ venue: 'spot', source, rules: { arrayIntervalMs: 20, partialIntervalMs: 20 } })
    const streams = ['!ticker@arr', '!miniTicker@arr', 'btcusdt@trade', 'btcusdt@depth5@100ms', 'btcusdt@ticker']
    const { heard } = await all.bare(`${wsUrl}/stream?streams=${streams.join('/')}`)
    await expect.poll(() => sockets.isFollowed('!ticker@arr')).toBe(true)
    source.step(60)
    const messages = (): { stream: string; data: Row }[] => heard.map((text) => JSON.parse(text) as { stream: string; data: Row })
    await expect.poll(() => new Set(messages().map(({ stream }) => stream))).toEqual(new Set(streams))
    const tickers = messages().find(({ stream }) => stream === '!ticker@arr')?.data as unknown as Row[]
    expect(tickers.map(({ s }) => s)).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT'])
    expect(messages().find(({ stream }) => stream === 'btcusdt@depth5@100ms')?.data['bids']).toHaveLength(5)
  })
})

describe('REST of the stand-in', () => {
  it('answers from what its streams have said, and not again what has not changed', async () => {
    const source = simulated(2)
    const standIn = await all.start({ venue: 'spot', source })
    source.step(400)
    const trades = await get(standIn, '/aggTrades?symbol=BTCUSDT&limit=5')
    expect(trades.body).toHaveLength(5)
    const next = await get(standIn, `/aggTrades?symbol=BTCUSDT&fromId=${String(trades.body[2]?.['a'])}`)
    expect(next.body).toEqual(trades.body.slice(2))
    const candles = await get(standIn, '/klines?symbol=BTCUSDT&interval=5m&limit=3')
    expect(candles.body).toHaveLength(3)
    const ticker = await get(standIn, '/ticker/24hr?symbol=BTCUSDT')
    expect(ticker.body).toMatchObject({ symbol: 'BTCUSDT', lastPrice: trades.body[4]?.['p'] })
    const again = await get(standIn, '/ticker/24hr?symbol=BTCUSDT', { 'if-none-match': ticker.headers.get('etag') ?? '' })
    expect(again.status).toBe(304)
    expect(standIn.rest.unchanged()).toBe(1)
    expect((await get(standIn, '/depth?symbol=NOTHING')).body).toEqual({ code: -1_121, msg: 'Invalid symbol.' })
    expect((await get(standIn, '/klines?symbol=BTCUSDT&interval=7m')).status).toBe(400)
  })

  it('weighs requests, and says when to come again', async () => {
    const standIn = await all.start({ venue: 'spot', source: simulated(1), rules: { weightMost: 100, weightWindowMs: 2_000 } })
    expect((await get(standIn, '/ticker/24hr')).headers.get('x-mbx-used-weight-1m')).toBe('80')
    const refused = await get(standIn, '/depth?symbol=BTCUSDT&limit=500')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await get(standIn, '/depth?symbol=BTCUSDT&limit=5')).status).toBe(200)
    standIn.rest.setDown(true)
    expect((await get(standIn, '/ping')).status).toBe(503)
  })
})

describe('the simulated market', () => {
  it.each(['spot', 'futures'] as const)('has %s books that never cross, and changes that follow each other without a hole', async (venue) => {
    const source = simulate({ venue, symbols: 2, updatesPerSecond: 0, minutes: 1 })
    const book = createBook()
    const depth = source.books.get('BTCUSDT')
    if (depth === undefined) throw new Error('no book')
    book.reset(depth)
    let before = book.lastUpdateId
    let changes = 0
    const standIn = await all.start({ venue, source })
    source.stop()
    source.start({
      isFollowed: () => true,
      emit(event) {
        standIn.market.apply(event)
        if (event.stream !== 'btcusdt@depth@100ms') return
        const change = event.data as unknown as DepthEvent
        expect(change.pu ?? change.U - 1).toBe(before)
        before = change.u
        book.apply(change)
        changes++
        const { bids: [bid], asks: [ask] } = book.depth(1)
        expect(Number(bid?.[0])).toBeLessThan(Number(ask?.[0]))
      },
    })
    source.step(1_000)
    expect(changes).toBe(500)
    expect(standIn.market.of('BTCUSDT').book.depth(1_000)).toEqual(book.depth(1_000))
  })
})

describe.skipIf(!HAS_TAPES)('the recordings', () => {
  it.each([['spot', 265], ['us', 480], ['futures', 1_535]] as const)('of %s are sent as they were received', async (venue, count) => {
    const source = tape(venue)
    expect(source.skipped).toBe(0)
    expect(source.events.length).toBe(count)
    const standIn = await all.start({ venue, source })
    const { heard } = await all.bare(`${standIn.wsUrl}/stream?streams=${[...source.streams].join('/')}`)
    await expect.poll(() => standIn.sockets.count()).toBe(1)
    source.step(Infinity)
    await expect.poll(() => heard.length).toBe(count)
    expect(heard.map((text) => JSON.parse(text))).toEqual(source.events)
  })
})
