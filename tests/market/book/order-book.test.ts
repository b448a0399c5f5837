import { describe, expect, it } from 'vitest'
import { readDecimal, readQuantity, toNumber } from '../../../src/market/book/decimal.ts'
import { type DepthSnapshot, type DepthUpdate, type OrderBookOptions, createOrderBook } from '../../../src/market/book/order-book.ts'
import type { Level } from '../../../src/market/book/side.ts'

const SNAPSHOT: DepthSnapshot = { lastUpdateId: 100, bids: [['9.9', '1'], ['9.8', '2'], ['9.7', '3']], asks: [['10.1', '1'], ['10.2', '2'], ['10.3', '3']] }
const spot = (U: number, u: number, b: readonly Level[] = [], a: readonly Level[] = []): DepthUpdate => ({ U, u, b, a })
const futures = (pu: number, U: number, u: number, b: readonly Level[] = []): DepthUpdate => ({ pu, U, u, b, a: [] })

function live(options: OrderBookOptions = {}) {
  const book = createOrderBook(options)
  expect(book.load(SNAPSHOT)).toBe('synced')
  return book
}

describe('the sequence on spot', () => {
  it('takes an update that begins at the next id, and one that overlaps what is held', () => {
    const book = live()
    expect([book.update(spot(101, 102)), book.update(spot(100, 105)), book.update(spot(106, 106))]).toEqual(['applied', 'applied', 'applied'])
    expect(book.lastUpdateId()).toBe(106)
  })

  it('calls an update that the snapshot holds seen, and one that came twice repeated; neither changes anything', () => {
    const book = live()
    expect(book.update(spot(90, 100, [['9.9', '7']]))).toBe('seen')
    book.update(spot(101, 103, [['9.9', '5']]))
    expect(book.update(spot(101, 103, [['9.9', '8']]))).toBe('repeated')
    expect(book.view(1)?.bids).toEqual([['9.9', '5']])
  })

  it('shows nothing after a hole until a snapshot covers it, and keeps the update that revealed it', () => {
    const book = live()
    expect(book.update(spot(103, 104, [['9.9', '5']]))).toBe('gap')
    expect([book.isLive(), book.view(5), book.lastUpdateId(), book.reason()]).toEqual([false, null, -1, 'updates after 100 are missing'])
    expect(book.load({ ...SNAPSHOT, lastUpdateId: 102 })).toBe('synced')
    expect([book.lastUpdateId(), book.view(1)?.bids]).toEqual([104, [['9.9', '5']]])
  })

  it('declines a snapshot that ends before what was kept, and takes the next', () => {
    const book = createOrderBook()
    book.update(spot(110, 112))
    expect(book.load(SNAPSHOT)).toBe('stale')
    expect(book.update(spot(113, 113))).toBe('kept')
    expect(book.load({ ...SNAPSHOT, lastUpdateId: 111 })).toBe('synced')
    expect(book.lastUpdateId()).toBe(113)
  })

  it('notices a hole among what waits, and joins only what lies behind it', () => {
    const book = createOrderBook()
    expect([spot(101, 101), spot(105, 106), spot(107, 107)].map(book.update)).toEqual(['kept', 'gap', 'kept'])
    expect(book.load(SNAPSHOT)).toBe('stale')
    expect(book.load({ ...SNAPSHOT, lastUpdateId: 104 })).toBe('synced')
    expect(book.lastUpdateId()).toBe(107)
  })
})

describe('the sequence on futures', () => {
  const rules = { rules: 'futures' } as const

  it('follows pu, not the ids, which have holes by design', () => {
    const book = live(rules)
    expect(book.update(futures(95, 98, 104))).toBe('applied')
    expect(book.update(futures(104, 150, 160))).toBe('applied')
    expect(book.update(futures(159, 170, 180))).toBe('gap')
  })

  it('takes as the first after a snapshot the one that the snapshot lies before the end of', () => {
    expect(live(rules).update(futures(100, 140, 150))).toBe('applied')
    expect(live(rules).update(futures(90, 92, 100))).toBe('seen')
    expect(live(rules).update(futures(101, 140, 150))).toBe('gap')
  })

  it('needs pu', () => {
    expect(live(rules).update(spot(101, 102))).toBe('invalid')
  })
})

describe('what cannot be right', () => {
  it.each<[string, unknown]>([
    ['no object', null], ['no ids', { b: [], a: [] }], ['ids as text', { U: '101', u: '102', b: [], a: [] }], ['ids the wrong way round', spot(103, 101)],
    ['no asks', { U: 101, u: 101, b: [] }], ['a level that is no pair', spot(101, 101, ['9.9' as unknown as Level])], ['a price with an exponent', spot(101, 101, [['1e1', '1']])],
    ['a negative quantity', spot(101, 101, [['9.9', '-1']])], ['a price of zero', spot(101, 101, [['0.000', '1']])], ['a quantity cut off', spot(101, 101, [['9.9', '1.']])],
    ['a price of more digits than can be ordered', spot(101, 101, [['1.2345678901234567', '1']])], ['a number for a price', spot(101, 101, [[9.9 as unknown as string, '1']])],
    ['another symbol', { ...spot(101, 101), s: 'OTHER' }],
  ])('an update with %s empties the book, untouched by half of it', (_, update) => {
    const book = live({ symbol: 'BTCUSDT' })
    expect(book.update(update as DepthUpdate)).toBe('invalid')
    expect([book.isLive(), book.view(1)]).toEqual([false, null])
    expect(book.reason()).toMatch(/^an update cannot be used: /)
    expect(book.load({ ...SNAPSHOT, lastUpdateId: 101 })).toBe('synced')
  })

  it.each<[string, unknown]>([
    ['no object', undefined], ['no id', { bids: [], asks: [] }], ['a price twice', { ...SNAPSHOT, bids: [['9.9', '1'], ['9.90', '2']] }], ['a quantity of zero', { ...SNAPSHOT, asks: [['10', '0']] }],
    ['no asks', { lastUpdateId: 1, bids: [] }], ['half a price', { ...SNAPSHOT, bids: [['9.', '1']] }],
  ])('a snapshot with %s changes nothing', (_, snapshot) => {
    const book = live()
    expect(book.load(snapshot as DepthSnapshot)).toBe('invalid')
    expect(book.view(1)?.bids).toEqual([['9.9', '1']])
    expect(book.reason()).toMatch(/^a snapshot cannot be used: /)
  })

  it('a book that crosses is emptied, also when both prices are equal; a crossed snapshot is declined', () => {
    for (const price of ['10.1', '10.2', '10.10']) {
      const book = live()
      expect(book.update(spot(101, 101, [[price, '1']]))).toBe('crossed')
      expect([book.view(1), book.reason()]).toEqual([null, `bid ${price} is not below ask 10.1`])
    }
    expect(createOrderBook().load({ ...SNAPSHOT, bids: [['10.1', '1']] })).toBe('crossed')
  })

  it('a book that crosses while what waited is replayed is not shown for a moment', () => {
    const book = createOrderBook()
    book.update(spot(101, 101, [['10.5', '1']]))
    expect([book.load(SNAPSHOT), book.isLive()]).toEqual(['crossed', false])
  })

  it('keeps no more updates than allowed, says so, and begins anew', () => {
    const book = createOrderBook({ keepMost: 3 })
    const verdicts = [101, 102, 103, 104].map((id) => book.update(spot(id, id)))
    expect(verdicts).toEqual(['kept', 'kept', 'kept', 'overflow'])
    expect(book.load(SNAPSHOT)).toBe('stale')
    expect(book.load({ ...SNAPSHOT, lastUpdateId: 103 })).toBe('synced')
  })
})

describe('what a snapshot that was cut off knows', () => {
  it('leaves out what lies deeper, and says when it grows thin; a whole one hides nothing', () => {
    const [cut, whole] = [createOrderBook(), createOrderBook()]
    cut.load(SNAPSHOT, 3)
    whole.load(SNAPSHOT, 5)
    for (const book of [cut, whole]) book.update(spot(101, 101, [['9.5', '4'], ['9.8', '0']]))
    expect(cut.view(5)?.bids).toEqual([['9.9', '1'], ['9.7', '3']])
    expect(whole.view(5)?.bids).toEqual([['9.9', '1'], ['9.7', '3'], ['9.5', '4']])
    expect(cut.levels('bids')).toEqual(whole.levels('bids'))
    expect([cut.isThin(2), cut.isThin(3), whole.isThin(99)]).toEqual([false, true, false])
  })

  it('is exchanged for a newer one while the book stays live, and nothing in between is lost', () => {
    const book = live()
    book.expectSnapshot()
    book.update(spot(101, 101, [['9.9', '5']]))
    book.update(spot(102, 102, [['9.6', '6']]))
    expect(book.load({ ...SNAPSHOT, lastUpdateId: 99 })).toBe('stale')
    expect(book.isLive()).toBe(true)
    expect(book.load({ ...SNAPSHOT, lastUpdateId: 101, bids: [['9.9', '5']] })).toBe('synced')
    expect([book.lastUpdateId(), book.levels('bids')]).toEqual([102, [['9.9', '5'], ['9.6', '6']]])
    expect(book.load(SNAPSHOT)).toBe('stale')
    expect(book.lastUpdateId()).toBe(102)
  })
})

describe('decimals', () => {
  it('are ordered exactly, or not at all', () => {
    expect([readDecimal('0.35210000'), readDecimal('100'), readDecimal('0'), readDecimal('00012.50')]).toEqual([0.3521, 100, 0, 12.5])
    for (const wrong of ['', '.', '5.', '.5', '1e3', '-1', '+1', ' 1', '1 ', '1,5', '0x1', '1.2.3', 'NaN', 5, null, '1234567890123456']) expect(readDecimal(wrong)).toBeNaN()
    expect(readDecimal('123456789012345')).toBe(123456789012345)
    expect(readQuantity('3490128347812123.12345678')).toBeGreaterThan(3e15)
  })

  it('become numbers where asked, and only if they are some', () => {
    expect([toNumber('61234.50'), toNumber('-0.5')]).toEqual([61234.5, -0.5])
    expect(() => toNumber('12,5')).toThrow(RangeError)
  })
})
