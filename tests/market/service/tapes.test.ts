/** The service on the recorded streams, over the stand-in and real sockets, with two forced drops on the way. */
import { afterEach, describe, expect, it } from 'vitest'
import { createUplink } from 'uplink'
import { type AggTrade, type Kline, type Level, type MarketResult, binance, createMarketData } from 'uplink/market'
import { binanceRest } from 'uplink/market/rest'
import { ws } from 'uplink/transports/ws'
import type { VenueName } from '../../../examples/market-dashboard/server/venue.ts'
import type { DepthUpdate } from '../../../src/market/book/order-book.ts'
import { SimpleBook } from '../simple-book.ts'
import { HAS_TAPES, tape, venues } from '../support.ts'

const { start, close } = venues()
afterEach(close)

const DEPTH = 20
const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })

/** The best levels after every update of a tape, computed apart: symbol and id -> levels. */
function truthOf(source: ReturnType<typeof tape>): Map<string, { bids: readonly Level[]; asks: readonly Level[] }> {
  const truth = new Map<string, { bids: readonly Level[]; asks: readonly Level[] }>()
  for (const [symbol, snapshot] of source.books) {
    const book = new SimpleBook(snapshot)
    const note = (id: number): void => {
      const { bids, asks } = book.levels()
      truth.set(`${symbol} ${id}`, { bids: bids.slice(0, DEPTH), asks: asks.slice(0, DEPTH) })
    }
    note(snapshot.lastUpdateId)
    for (const { stream, data } of source.events) {
      const update = data as unknown as DepthUpdate
      if (!stream.includes('@depth') || update.s !== symbol || update.u <= snapshot.lastUpdateId) continue
      book.apply(update)
      note(update.u)
    }
  }
  return truth
}

describe.skipIf(!HAS_TAPES)('the service on a tape', () => {
  it.each<[VenueName, 'spot' | 'futures']>([['spot', 'spot'], ['us', 'spot'], ['futures', 'futures']])(
    'of %s shows every book as it was computed apart, every trade once, and whole candles, through two drops',
    async (venue, rules) => {
      const source = tape(venue)
      const truth = truthOf(source)
      const standIn = await start({ venue, source })
      const uplink = createUplink({ url: `${standIn.wsUrl}/stream`, protocol: binance({ venue }), transport: ws(), reconnectInterval: 20, maxReconnectDelay: 50 })
      const market = createMarketData({ uplink, rest: binanceRest({ url: `${standIn.restUrl}${standIn.venue.restBase}` }), rules })
      const compared = { right: 0, wrong: [] as unknown[], last: new Map<string, number>() }
      const trades = new Map<string, number[]>()
      const candles = new Map<string, readonly Kline[]>()
      const gaps: string[] = []
      uplink.on('gap', ({ channel }) => gaps.push(channel))
      for (const symbol of source.symbols) {
        market.subscribeToOrderBook(symbol, ({ data, source: from }) => {
          if (data === null || from !== 'live') return
          const { lastUpdateId, bids, asks } = data
          compared.last.set(symbol, lastUpdateId)
          if (JSON.stringify({ bids, asks }) === JSON.stringify(truth.get(`${symbol} ${lastUpdateId}`))) compared.right++
          else compared.wrong.push([symbol, data, truth.get(`${symbol} ${lastUpdateId}`)])
        }, { depth: DEPTH })
        trades.set(symbol, [])
        market.subscribeToTrades(symbol, ({ data }: MarketResult<readonly AggTrade[]>) => trades.get(symbol)?.push(...(data ?? []).map(({ id }) => id)))
        market.subscribeToKlines(symbol, '1m', ({ data }) => { if (data !== null) candles.set(symbol, data) })
      }
      const followed = () => source.symbols.every((symbol) => standIn.sockets.isFollowed(`${symbol.toLowerCase()}@depth@100ms`))
      await expect.poll(followed, { timeout: 10_000, interval: 10 }).toBe(true)

      const drops = [0.35, 0.7].map((share) => Math.floor(share * source.events.length))
      while (source.step(3) > 0) {
        await pause(4)
        if (source.position() < (drops[0] ?? Infinity)) continue
        drops.shift()
        standIn.sockets.drop()
        // The venue does not wait for those who are away.
        source.step(Math.floor(source.events.length / 20))
        await expect.poll(followed, { timeout: 10_000, interval: 10 }).toBe(true)
      }
      const newest = Object.fromEntries(source.symbols.map((symbol) => [symbol, standIn.market.of(symbol).book.lastUpdateId]))
      await expect.poll(() => Object.fromEntries(source.symbols.map((symbol) => [symbol, compared.last.get(symbol)])), { timeout: 15_000 }).toEqual(newest)
      expect(compared.wrong).toEqual([])
      expect(compared.right).toBeGreaterThan(40)
      expect(gaps.length).toBeGreaterThan(0)
      for (const symbol of source.symbols) {
        const told = standIn.market.of(symbol).trades.map(({ a }) => a)
        await expect.poll(() => trades.get(symbol), { timeout: 10_000 }).toEqual(told)
        const closes = standIn.market.of(symbol).candles.list('1m').map(({ t, c }) => [t, c])
        await expect.poll(() => (candles.get(symbol) ?? []).map(({ openTime, close }) => [openTime, close]), { timeout: 10_000 }).toEqual(closes)
      }
      expect(standIn.sockets.violations()).toEqual([])
      market.destroy()
      uplink.destroy()
    },
  )
})
