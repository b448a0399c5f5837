/** The book on every recorded stream: after every message it equals one that was computed independently. */
import { describe, expect, it } from 'vitest'
import { type DepthSnapshot, type DepthUpdate, type OrderBook, createOrderBook } from '../../../src/market/book/order-book.ts'
import { SimpleBook } from '../simple-book.ts'
import { HAS_TAPES, TAPES, type Tape, depthOf, recordedSnapshots } from '../tapes.ts'

const both = (book: OrderBook): object => ({ bids: book.levels('bids'), asks: book.levels('asks') })

/** Binance US and futures were recorded without snapshots: the state after the first updates is one. */
function madeSnapshot(updates: readonly DepthUpdate[], count: number): DepthSnapshot {
  const simple = new SimpleBook({ lastUpdateId: 0, bids: [], asks: [] })
  for (const update of updates.slice(0, count)) simple.apply(update)
  return { lastUpdateId: updates[count - 1]?.u ?? 0, ...simple.levels() }
}

/** Feeds one symbol with a snapshot that comes after `early` updates; returns how many were compared. */
function follow(rules: Tape['rules'], symbol: string, updates: readonly DepthUpdate[], snapshot: DepthSnapshot, early: number): number {
  const book = createOrderBook({ rules, symbol })
  for (const update of updates.slice(0, early)) expect(book.update(update)).toBe('kept')
  expect([book.load(snapshot, 1_000), book.reason()]).toEqual(['synced', ''])
  const simple = new SimpleBook(snapshot)
  for (const update of updates.slice(0, early)) if (update.u > snapshot.lastUpdateId) simple.apply(update)
  expect(both(book)).toEqual(simple.levels())
  let applied = 0
  for (const update of updates.slice(early)) {
    const verdict = book.update(update)
    if (update.u > snapshot.lastUpdateId) simple.apply(update)
    expect(verdict).toBe(update.u > snapshot.lastUpdateId ? 'applied' : 'seen')
    expect(both(book)).toEqual(simple.levels())
    expect(simple.isCrossed()).toBe(false)
    if (verdict === 'applied') {
      expect(book.lastUpdateId()).toBe(update.u)
      applied++
    }
  }
  return applied
}

describe.skipIf(!HAS_TAPES)('the order book on the tapes', () => {
  it('joins every recorded spot snapshot without a hole, at the moment it came', () => {
    const snapshots = recordedSnapshots()
    expect([...snapshots.keys()]).toEqual(['NKNUSDT', 'BLZETH', 'LRCBTC', 'RUNEEUR'])
    let applied = 0
    for (const [symbol, all] of depthOf(TAPES[0] as Tape)) {
      const { at, snapshot } = snapshots.get(symbol) ?? { at: 0, snapshot: { lastUpdateId: 0, bids: [], asks: [] } }
      expect(snapshot.bids.length).toBeGreaterThan(100)
      applied += follow('spot', symbol, all.map(({ update }) => update), snapshot, all.filter((one) => one.at < at).length)
    }
    expect(applied).toBeGreaterThan(150)
  })

  it.each(TAPES.slice(1))('equals the simple book after every message of $name, wherever its snapshot is taken', (tape) => {
    let applied = 0
    for (const [symbol, all] of depthOf(tape)) {
      const updates = all.map(({ update }) => update)
      for (const [taken, early] of [[1, 1], [10, 3], [10, 20]] as const) {
        applied += follow(tape.rules, symbol, updates, madeSnapshot(updates, taken), Math.min(early, updates.length))
      }
    }
    expect(applied).toBeGreaterThan(800)
  })

  it('has the best bid and ask that the venue itself named, whenever both speak of one moment', () => {
    let compared = 0
    const tape = TAPES[0] as Tape
    for (const [symbol, { snapshot }] of recordedSnapshots()) {
      const book = createOrderBook({ symbol })
      book.load(snapshot)
      // A ticker may come before the update that holds its id, so it is kept until the book is there.
      const tickers = new Map<number, Readonly<Record<string, unknown>>>()
      for (const { stream, data } of tape.frames) {
        if (stream === `${symbol.toLowerCase()}@bookTicker`) tickers.set(data['u'] as number, data)
        if (stream !== `${symbol.toLowerCase()}@depth@100ms`) continue
        book.update(data as unknown as DepthUpdate)
        const ticker = tickers.get(book.lastUpdateId())
        if (ticker === undefined) continue
        const view = book.view(1)
        expect([view?.bids[0], view?.asks[0]]).toEqual([[ticker['b'], ticker['B']], [ticker['a'], ticker['A']]])
        compared++
      }
    }
    expect(compared).toBeGreaterThan(20)
  })
})
