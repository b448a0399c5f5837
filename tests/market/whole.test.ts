/**
 * The whole over real sockets and real REST: the recordings, two forced drops in the middle of each, and a service that
 * has to end with every trade and a book that equals one computed by somebody else, after every message.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { createUplink } from 'uplink'
import { BINANCE_VENUES, type AggTrade, type MarketResult, type OrderBookData, binance, createMarketData } from 'uplink/market'
import { binanceRest } from 'uplink/market/rest'
import { ws } from 'uplink/transports/ws'
import { afterEach, describe, expect, it } from 'vitest'
import type { VenueName } from '../../examples/market-dashboard/server/venue.ts'
import { HAS_TAPES, tape, venues } from './support.ts'

const standIns = venues()

afterEach(standIns.close)

const DEPTH = 20

async function run(venue: VenueName) {
  const source = tape(venue)
  const standIn = await standIns.start({ venue, source })
  const uplink = createUplink({ url: `${standIn.wsUrl}/stream`, protocol: binance({ venue }), transport: ws(), reconnectInterval: 0 })
  const market = createMarketData({
    uplink, rest: binanceRest({ url: standIn.restUrl + standIn.venue.restBase }), rules: venue === 'futures' ? 'futures' : 'spot',
  })
  /** The book of each symbol after each of its messages, by somebody who keeps it another way. */
  const right = new Map<string, string>()
  const note = (symbol: string): void => {
    const { lastUpdateId, bids, asks } = standIn.market.of(symbol).book.depth(DEPTH)
    right.set(`${symbol} ${lastUpdateId}`, JSON.stringify([bids, asks]))
  }
  standIn.listen(({ data }) => note(String((data as { s: string }).s)))
  const wrong: string[] = []
  const books = new Map<string, MarketResult<OrderBookData>>()
  const trades = new Map<string, AggTrade[]>()
  /** What the numbers of the messages that came leave out, and what was said of it. */
  const holes: string[] = []
  const gaps: string[] = []
  const heldTo = new Map<string, number>()
  const errors = new Set<string>()
  let compared = 0
  uplink.on('gap', ({ channel, gap: { from, to } }) => gaps.push(`${channel} ${from}-${String(to)}`))
  uplink.on('message', ({ channel = '', from = 0, offset }) => {
    if (offset === undefined) return
    const held = heldTo.get(channel)
    if (held !== undefined && from > held + 1) holes.push(`${channel} ${held + 1}-${from - 1}`)
    heldTo.set(channel, offset)
  })
  uplink.on('error', ({ code }) => errors.add(code))
  for (const symbol of source.symbols) {
    note(symbol)
    market.subscribeToOrderBook(symbol, (result) => {
      books.set(symbol, result)
      if (result.source !== 'live' || result.data === null) return
      const { lastUpdateId, bids, asks } = result.data
      compared++
      if (right.get(`${symbol} ${lastUpdateId}`) !== JSON.stringify([bids, asks])) wrong.push(`${symbol} ${lastUpdateId}`)
    }, { depth: DEPTH })
    market.subscribeToTrades(symbol, ({ data }) => trades.set(symbol, [...(trades.get(symbol) ?? []), ...(data ?? [])]), { limit: 1_000 })
  }

  const isFollowed = (): boolean => source.symbols.every((symbol) => standIn.sockets.isFollowed(`${symbol.toLowerCase()}@depth@100ms`))

  /** Slowly enough for REST to be asked in between. */
  async function play(until: number): Promise<void> {
    for (const end = Math.round(source.events.length * until); source.position() < end;) {
      source.step(Math.min(Math.ceil(source.events.length / 500), end - source.position()))
      await wait(4)
    }
  }

  await expect.poll(isFollowed).toBe(true)
  for (const [down, up] of [[0.25, 0.4], [0.55, 0.7]] as const) {
    await play(down)
    // What is told now, and until it is there again, is on no socket.
    standIn.sockets.drop()
    await play(up)
    await expect.poll(isFollowed).toBe(true)
  }
  await play(1)
  return { source, standIn, uplink, market, wrong, books, trades, holes, gaps, errors, compared: () => compared }
}

describe.skipIf(!HAS_TAPES)('a recording with two forced drops', () => {
  it.each(['spot', 'us', 'futures'] as const)('of %s ends with every trade and the right books, and says what it missed', async (venue) => {
    const { source, standIn, uplink, market, wrong, books, trades, holes, gaps, errors, compared } = await run(venue)
    const symbols = source.symbols.filter((symbol) => standIn.market.of(symbol).book.lastUpdateId > 0)
    expect(symbols).toHaveLength(4)
    for (const symbol of symbols) {
      const { lastUpdateId, bids, asks } = standIn.market.of(symbol).book.depth(DEPTH)
      await expect.poll(() => books.get(symbol)?.data?.lastUpdateId).toBe(lastUpdateId)
      expect([books.get(symbol)?.data?.bids, books.get(symbol)?.data?.asks]).toEqual([bids, asks])
      expect(books.get(symbol)?.error).toBeNull()
    }
    expect(compared()).toBeGreaterThan(source.events.filter(({ stream }) => stream.includes('@depth')).length / 4)
    expect(wrong).toEqual([])
    const told = source.events.filter(({ stream }) => stream.endsWith('@aggTrade')).map(({ data }) => data as { s: string; a: number })
    for (const symbol of symbols) {
      const ids = told.filter(({ s }) => s === symbol).map(({ a }) => a)
      await expect.poll(() => trades.get(symbol)?.map(({ id }) => id) ?? []).toEqual(ids)
    }
    expect(gaps).toEqual(holes)
    // Of each drop some stream has a hole to tell; REST has filled those of the trades.
    expect(holes.length).toBeGreaterThanOrEqual(2)
    expect([...errors].filter((code) => !['UPLINK_CONNECTION_LOST', 'UPLINK_BOOK_GAP', 'UPLINK_BOOK_STALE', 'UPLINK_CHANNEL_GAP'].includes(code))).toEqual([])
    expect(standIn.sockets.violations()).toEqual([])
    market.destroy()
    uplink.destroy()
  })
})

describe('the venues', () => {
  it('are where REST and sockets have been documented', () => {
    for (const { url, restUrl } of Object.values(BINANCE_VENUES)) {
      expect(new URL(url)).toMatchObject({ protocol: 'wss:', pathname: '/stream' })
      expect(new URL(restUrl).pathname).toMatch(/^\/(api\/v3|fapi\/v1)$/)
    }
  })
})
