/** Any market, any accident on the way: the book is either exactly right, or shows nothing and says why. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type BookVerdict, type DepthSnapshot, type DepthUpdate, createOrderBook } from '../../../src/market/book/order-book.ts'
import type { BookRules } from '../../../src/market/book/sequence.ts'
import type { Level } from '../../../src/market/book/side.ts'
import { SimpleBook } from '../simple-book.ts'

/** Prices around 100.00, so that many updates meet the same level; bids and asks never meet. */
const level = (low: number, high: number): fc.Arbitrary<Level> =>
  fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: 0, max: 4 })).map(([cents, quantity]) => [(cents / 100).toFixed(2), `${quantity}.50`.replace('0.50', '0.00')] as const)

interface Market {
  readonly rules: BookRules
  readonly snapshot: DepthSnapshot
  readonly updates: readonly DepthUpdate[]
}

/** Updates that follow one another by the rules, with a snapshot taken after some of them. */
const market: fc.Arbitrary<Market> = fc
  .record({
    rules: fc.constantFrom<BookRules>('spot', 'futures'),
    changes: fc.array(
      fc.record({ b: fc.array(level(9_950, 9_999), { maxLength: 4 }), a: fc.array(level(10_000, 10_050), { maxLength: 4 }), span: fc.integer({ min: 1, max: 5 }), hole: fc.integer({ min: 0, max: 3 }) }),
      { minLength: 4, maxLength: 40 },
    ),
    share: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
  })
  .map(({ rules, changes, share }) => {
    let last = 1_000
    const updates = changes.map(({ b, a, span, hole }): DepthUpdate => {
      const pu = last
      const U = last + 1 + (rules === 'futures' ? hole : 0)
      last = U + span - 1
      return { U, u: last, ...(rules === 'futures' ? { pu } : {}), b, a }
    })
    const taken = Math.max(1, Math.floor(share * updates.length))
    const simple = new SimpleBook({ lastUpdateId: 1_000, bids: [], asks: [] })
    for (const update of updates.slice(0, taken)) simple.apply(update)
    return { rules, updates, snapshot: { lastUpdateId: updates[taken - 1]?.u ?? 0, ...simple.levels() } }
  })

/** The right state after every update, by its last id. */
function truthOf({ snapshot, updates }: Market): Map<number, object> {
  const simple = new SimpleBook(snapshot)
  const truth = new Map([[snapshot.lastUpdateId, simple.levels()]])
  for (const update of updates.filter(({ u }) => u > snapshot.lastUpdateId)) {
    simple.apply(update)
    truth.set(update.u, simple.levels())
  }
  return truth
}

const FAULTS: ReadonlySet<BookVerdict> = new Set(['invalid', 'gap', 'crossed', 'stale', 'overflow'])

/** Feeds what arrives, with the snapshot in between. Whatever is shown has to be the truth at its id. */
function feed(one: Market, arriving: readonly unknown[], at: number): { faults: BookVerdict[]; last: number } {
  const truth = truthOf(one)
  const book = createOrderBook({ rules: one.rules })
  const faults: BookVerdict[] = []
  const look = (verdict: BookVerdict): void => {
    if (FAULTS.has(verdict)) faults.push(verdict)
    if (book.isLive()) expect({ bids: book.levels('bids'), asks: book.levels('asks') }).toEqual(truth.get(book.lastUpdateId()))
    else expect(book.view(1)).toBeNull()
  }
  for (const [index, update] of [...arriving, undefined].entries()) {
    if (index === Math.min(at, arriving.length)) look(book.load(one.snapshot))
    if (update !== undefined) look(book.update(update as DepthUpdate))
  }
  return { faults, last: book.lastUpdateId() }
}

const RUNS = { numRuns: 200 }

it('is right after every update, wherever the snapshot comes in between', () => {
  fc.assert(fc.property(market, fc.nat(40), (one, at) => {
    const early = one.updates.findIndex(({ u }) => u > one.snapshot.lastUpdateId)
    const start = early < 0 ? one.updates.length : Math.min(early, at)
    const { faults, last } = feed(one, one.updates.slice(start), at)
    expect(faults).toEqual([])
    expect(last).toBe(Math.max(one.snapshot.lastUpdateId, one.updates.at(-1)?.u ?? 0))
  }), RUNS)
})

it('is never wrong when updates are left out, and says gap for it', () => {
  fc.assert(fc.property(market, fc.nat(), fc.nat(40), (one, which, at) => {
    const after = one.updates.filter(({ u }) => u > one.snapshot.lastUpdateId)
    fc.pre(after.length > 1)
    const lost = after[which % (after.length - 1)]
    const { faults, last } = feed(one, one.updates.filter((update) => update !== lost), at)
    expect(faults.length).toBeGreaterThan(0)
    expect(['gap', 'stale']).toContain(faults[0])
    expect(last).toBeLessThan(lost?.U ?? 0)
  }), RUNS)
})

it('is never wrong when updates are repeated or come in another order', () => {
  fc.assert(fc.property(market, fc.nat(40), fc.infiniteStream(fc.nat(99)), (one, at, chance) => {
    const draws = chance[Symbol.iterator]()
    const draw = (): number => draws.next().value as number
    const arriving: DepthUpdate[] = []
    for (const update of one.updates) {
      if (draw() < 20) arriving.splice(Math.max(0, arriving.length - 1), 0, update)
      else arriving.push(update)
      if (draw() < 20) arriving.push(update)
    }
    feed(one, arriving, at)
  }), RUNS)
})

/** What a broken path or sender makes of an update. */
const corruption: fc.Arbitrary<(update: DepthUpdate) => unknown> = fc.constantFrom<Array<(update: DepthUpdate) => unknown>[number]>(
  (update) => ({ ...update, u: update.U - 1 }),
  (update) => ({ ...update, U: String(update.U) }),
  (update) => ({ ...update, b: [...update.b, ['99.9x', '1']] }),
  (update) => ({ ...update, a: [...update.a, ['100.00']] }),
  (update) => ({ ...update, a: [['NaN', '1'], ...update.a] }),
  (update) => ({ ...update, b: [['99.99', '-2.5'], ...update.b] }),
  (update) => ({ ...update, b: [['9e9', '1']] }),
  (update) => ({ ...update, b: null }),
  ({ U, u, pu, b }) => ({ U, u, pu, b }),
  () => [],
  () => 'depthUpdate',
)

it('names what is corrupted invalid, takes nothing of it, and shows nothing after it', () => {
  fc.assert(fc.property(market, corruption, fc.nat(), (one, corrupt, which) => {
    const after = one.updates.filter(({ u }) => u > one.snapshot.lastUpdateId)
    fc.pre(after.length > 0)
    const broken = after[which % after.length]
    const { faults, last } = feed(one, after.map((update) => (update === broken ? corrupt(update) : update)), 0)
    expect(faults[0]).toBe('invalid')
    expect(last).toBe(-1)
  }), RUNS)
})

it('takes a payload cut off anywhere for no update, or for invalid', () => {
  fc.assert(fc.property(market, fc.nat(), fc.nat(), (one, which, where) => {
    const text = JSON.stringify(one.updates[which % one.updates.length])
    const cut = text.slice(0, where % text.length)
    const book = createOrderBook({ rules: one.rules })
    let update: unknown
    try {
      update = JSON.parse(cut)
    } catch {
      return
    }
    expect(book.update(update as DepthUpdate)).toBe('invalid')
  }), RUNS)
})

it('is emptied by a bid that meets the asks, and named crossed', () => {
  fc.assert(fc.property(market, fc.integer({ min: 10_051, max: 11_000 }), (one, cents) => {
    const book = createOrderBook({ rules: one.rules })
    fc.pre(one.snapshot.asks.length > 0)
    book.load(one.snapshot)
    const { lastUpdateId } = one.snapshot
    expect(book.update({ U: lastUpdateId + 1, u: lastUpdateId + 1, pu: lastUpdateId, b: [[(cents / 100).toFixed(2), '1']], a: [] })).toBe('crossed')
    expect([book.isLive(), book.view(1)]).toEqual([false, null])
  }), RUNS)
})
