/** The service over the stand-in while the network does everything to payloads that it can: nothing wrong is ever told. */
import { afterEach, expect, it } from 'vitest'
import { createUplink } from 'uplink'
import { type Level, binance, createMarketData, toNumber } from 'uplink/market'
import { binanceRest } from 'uplink/market/rest'
import { seededRandom } from 'uplink/testing'
import { ws } from 'uplink/transports/ws'
import { simulate } from '../../../examples/market-dashboard/server/simulator.ts'
import { venues } from '../support.ts'

const { start, close } = venues()
afterEach(close)

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']
const DEPTH = 10

/** What becomes of a text on its way: lost, twice, late, cut off, or with other characters in it. */
function createNetwork(seed: number): (stream: string, text: string) => readonly string[] {
  const random = seededRandom(seed)
  let late: string[] = []
  return (_, text) => {
    const waiting = late
    late = []
    const luck = random()
    const at = Math.floor(random() * text.length)
    if (luck < 0.03) return waiting
    if (luck < 0.06) return [text, ...waiting, text]
    if (luck < 0.1) late = [...waiting, text]
    else if (luck < 0.12) return [text.slice(0, at), ...waiting]
    else if (luck < 0.14) return [text.replace(/"(\d+\.\d+)"/, '"-$1"'), ...waiting]
    else if (luck < 0.16) return [text.replace(/"[ua]":/, '"z":'), ...waiting]
    else return [text, ...waiting]
    return []
  }
}

it.each([1, 2])('tells no price, trade or book that the venue did not have, and ends with all of them right (seed %i)', async (seed) => {
  const source = simulate({ venue: 'spot', symbols: 3, updatesPerSecond: 0, seed })
  const standIn = await start({ venue: 'spot', source, rules: { arrayIntervalMs: 20, weightMost: 1_000_000 } })
  const uplink = createUplink({ url: `${standIn.wsUrl}/stream`, protocol: binance(), transport: ws(), reconnectInterval: 20, maxReconnectDelay: 50 })
  const rest = binanceRest({ url: `${standIn.restUrl}/api/v3`, weightLimit: Infinity })
  const market = createMarketData({ uplink, rest, tickers: 'all', alerts: { errorsPerMinute: Infinity } })
  const errors = new Map<string, number>()
  uplink.on('error', ({ code }) => errors.set(code, (errors.get(code) ?? 0) + 1))

  /** Every state that the venue was in: books by symbol and id, prices by symbol, trades by symbol and id. */
  const truth = new Map<string, string>()
  const prices = new Set<string>()
  function note(): void {
    for (const symbol of SYMBOLS) {
      const { book, trades, last } = standIn.market.of(symbol)
      const { bids, asks } = book.depth(DEPTH)
      truth.set(`${symbol} ${book.lastUpdateId}`, JSON.stringify([bids, asks]))
      prices.add(`${symbol} ${last}`)
      for (const { a, p, q } of trades.slice(-5)) truth.set(`${symbol} trade ${a}`, `${p} ${q}`)
    }
  }
  note()

  const wrong: unknown[] = []
  const last = new Map<string, { id: number; source: string }>()
  const trades = new Map<string, number[]>(SYMBOLS.map((symbol) => [symbol, []]))
  for (const symbol of SYMBOLS) {
    market.subscribeToOrderBook(symbol, ({ data, source: from }) => {
      if (data === null) return
      last.set(symbol, { id: data.lastUpdateId, source: from })
      const crossed = (bid: Level | undefined, ask: Level | undefined): boolean => bid !== undefined && ask !== undefined && toNumber(bid[0]) >= toNumber(ask[0])
      if (crossed(data.bids[0], data.asks[0]) || truth.get(`${symbol} ${data.lastUpdateId}`) !== JSON.stringify([data.bids, data.asks])) wrong.push([symbol, from, data])
    }, { depth: DEPTH })
    market.subscribeToPrice(symbol, ({ data }) => { if (data !== null && !prices.has(`${symbol} ${data}`)) wrong.push([symbol, data]) })
    market.subscribeToTrades(symbol, ({ data }) => {
      for (const { id, price, quantity } of data ?? []) {
        trades.get(symbol)?.push(id)
        if (truth.get(`${symbol} trade ${id}`) !== `${price} ${quantity}`) wrong.push([symbol, id, price, quantity])
      }
    })
  }
  await expect.poll(() => SYMBOLS.every((symbol) => standIn.sockets.isFollowed(`${symbol.toLowerCase()}@aggTrade`)), { timeout: 10_000 }).toBe(true)

  standIn.sockets.tamper(createNetwork(seed))
  for (let turn = 0; turn < 250; turn++) {
    // One at a time: the venue's state after each is noted.
    for (let update = 0; update < 6; update++) {
      source.step(1)
      note()
    }
    if (turn % 100 === 99) standIn.sockets.drop()
    await new Promise((resolve) => { setTimeout(resolve, 5) })
  }
  standIn.sockets.tamper(null)
  expect(wrong).toEqual([])
  const kinds = [...errors.keys()]
  expect(kinds).toEqual(expect.arrayContaining(['UPLINK_MESSAGE_MALFORMED', 'UPLINK_BOOK_GAP', 'UPLINK_BOOK_INVALID', 'UPLINK_MESSAGE_INVALID']))

  // The network is well again: everything comes right, without anybody's help.
  await expect.poll(() => {
    source.step(3)
    note()
    return SYMBOLS.map((symbol) => last.get(symbol)?.source).join()
  }, { timeout: 20_000, interval: 50 }).toBe('live,live,live')
  await expect.poll(() => SYMBOLS.map((symbol) => last.get(symbol)?.id)).toEqual(SYMBOLS.map((symbol) => standIn.market.of(symbol).book.lastUpdateId))
  for (const symbol of SYMBOLS) {
    const heard = trades.get(symbol) ?? []
    expect(heard.length).toBeGreaterThan(50)
    expect(heard).toEqual(heard.map((_, index) => (heard[0] ?? 0) + index))
  }
  expect(wrong).toEqual([])
  market.destroy()
  uplink.destroy()
})
