/**
 * A local order book: a snapshot, and every update after it, in order. It shows nothing that it is not sure of: what
 * is missing, contradictory or unreadable empties it until the next snapshot, and is named by a fault.
 *
 * While it waits for a snapshot it keeps updates; `load` discards those that the snapshot holds and applies the rest.
 * It reads no clock and fetches nothing: whoever feeds it does (see `service/book-feed.ts`).
 */
import { type Direction, type ReadLevels, applyLevels, createReadLevels, readLevels } from './levels.ts'
import { type BookRules, type UpdateIds, idFault, sequenceOf } from './sequence.ts'
import { type Level, type Side, countFrom, createSide, setLevel, topOf } from './side.ts'

/** A `depthUpdate`, as Binance sends it. What it holds is checked, not trusted. */
export interface DepthUpdate extends UpdateIds {
  /** Symbol, upper case. */
  readonly s?: string
  /** Event time, epoch ms. */
  readonly E?: number
  /** Bids that changed; a quantity of zero removes. */
  readonly b: readonly Level[]
  /** Asks that changed. */
  readonly a: readonly Level[]
}

/** A depth snapshot, as REST answers it. */
export interface DepthSnapshot {
  readonly lastUpdateId: number
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

/**
 * Why a book is not sure any more:
 *
 * - `invalid`: an update or snapshot is not what the venue documents.
 * - `gap`: updates are missing.
 * - `crossed`: the best bid is not below the best ask.
 * - `stale`: a snapshot ends before the first update that was kept, or before a live book; a newer one is needed.
 * - `overflow`: too many updates waited for a snapshot; waiting began anew.
 */
export type BookFault = 'invalid' | 'gap' | 'crossed' | 'stale' | 'overflow'

/**
 * What became of an update or snapshot: `applied` (the book has changed), `synced` (a snapshot joined), `kept` (waits
 * for a snapshot), `seen` (the snapshot holds it), `repeated` (came twice; nothing changed), or a fault.
 */
export type BookVerdict = 'applied' | 'synced' | 'kept' | 'seen' | 'repeated' | BookFault

/** The best levels of both sides, best first. */
export interface BookView {
  readonly lastUpdateId: number
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

/** Options of {@link createOrderBook}. */
export interface OrderBookOptions {
  /** @default 'spot' */
  readonly rules?: BookRules
  /** Upper case; an update of another symbol is `invalid`. @default any */
  readonly symbol?: string
  /** Most updates that wait for a snapshot. @default 5_000 */
  readonly keepMost?: number
}

/** A local order book. */
export interface OrderBook {
  /** Takes an update. */
  update(update: DepthUpdate): BookVerdict
  /** Takes a snapshot; `limit` is how many levels a side were asked for. One that cannot be used changes nothing. */
  load(snapshot: DepthSnapshot, limit?: number): BookVerdict
  /** Keeps updates from now on, so that a snapshot that is on its way can replace a book that is live. */
  expectSnapshot(): void
  /** Forgets everything; waits for a snapshot. */
  clear(): void
  isLive(): boolean
  /** Why the last fault happened. */
  reason(): string
  /** The id that the book stands at; -1 while it is not live. */
  lastUpdateId(): number
  /**
   * The best levels, `depth` a side at most; null while the book is not live. A snapshot that was cut off knows nothing
   * of what lies deeper, and neither does the book, so those levels are left out.
   */
  view(depth: number): BookView | null
  /** Whether fewer than `depth` levels of a side are known for sure, though there may be more. */
  isThin(depth: number): boolean
  /** Every level of a side that the book holds, best first; below a cut-off only those that changed since. */
  levels(direction: Direction): readonly Level[]
}

/**
 * Makes a book.
 *
 * @example
 * const book = createOrderBook({ rules: 'spot', symbol: 'BTCUSDT' })
 * stream.on((update) => book.update(update))
 * book.load(await fetchDepth('BTCUSDT', 1_000), 1_000) // 'synced'
 * book.view(10)?.bids[0] // ['61234.50', '0.8']
 */
export function createOrderBook({ rules = 'spot', symbol, keepMost = 5_000 }: OrderBookOptions = {}): OrderBook {
  let bids = createSide()
  let asks = createSide()
  let floors: Readonly<Record<Direction, number>> = { bids: -Infinity, asks: -Infinity }
  let last = -1
  let isJoined = false
  let isExpecting = true
  let kept: DepthUpdate[] = []
  let why = ''
  const readBids = createReadLevels()
  const readAsks = createReadLevels()

  function forget(fault: BookFault, reason: string): BookFault {
    clear()
    why = reason
    return fault
  }

  function clear(): void {
    bids = createSide()
    asks = createSide()
    last = -1
    isJoined = false
    isExpecting = true
    kept = []
  }

  function check(update: DepthUpdate): string | null {
    if (typeof update !== 'object' || update === null) return 'it is no object'
    if (symbol !== undefined && update.s !== undefined && update.s !== symbol) return `it is of ${String(update.s)}`
    return idFault(rules, update) ?? readLevels(update.b, 'bids', readBids) ?? readLevels(update.a, 'asks', readAsks)
  }

  /** Keeps an update for the snapshot. What is kept has no hole: what lies before one can join nothing. */
  function keep(update: DepthUpdate): BookVerdict {
    const newest = kept.at(-1)
    const sequence = newest === undefined ? 'next' : sequenceOf(rules, newest.u, true, update)
    if (sequence === 'seen') return 'repeated'
    if (sequence === 'gap') kept = []
    if (kept.length >= keepMost) {
      kept = [update]
      why = `more than ${keepMost} updates waited for a snapshot`
      return 'overflow'
    }
    kept.push(update)
    if (sequence === 'next') return 'kept'
    why = `updates after ${newest?.u} are missing`
    return 'gap'
  }

  function isCrossed(bids: Side, asks: Side): boolean {
    const bid = bids.keys.at(-1)
    const ask = asks.keys.at(-1)
    return bid !== undefined && ask !== undefined && bid >= -ask
  }

  const crossing = (bids: Side, asks: Side): string => `bid ${bids.levels.at(-1)?.[0]} is not below ask ${asks.levels.at(-1)?.[0]}`

  function update(next: DepthUpdate): BookVerdict {
    const wrong = check(next)
    if (wrong !== null) return forget('invalid', `an update cannot be used: ${wrong}`)
    if (last < 0) return keep(next)
    const sequence = sequenceOf(rules, last, isJoined, next)
    if (sequence === 'seen') return isJoined ? 'repeated' : 'seen'
    if (sequence === 'gap') {
      const reason = `updates after ${last} are missing`
      clear()
      kept.push(next)
      why = reason
      return 'gap'
    }
    if (isExpecting) keep(next)
    applyLevels(bids, readBids)
    applyLevels(asks, readAsks)
    last = next.u
    isJoined = true
    return isCrossed(bids, asks) ? forget('crossed', crossing(bids, asks)) : 'applied'
  }

  function sideOf(levels: unknown, direction: Direction, room: ReadLevels): Side | string {
    const wrong = readLevels(levels, direction, room)
    if (wrong !== null) return wrong
    if (room.gone.includes(true)) return `${direction} have a quantity of zero`
    const side = createSide()
    // Venues list the best first; from the worst on, each level goes to the end.
    for (let index = room.keys.length - 1; index >= 0; index--) setLevel(side, room.keys[index] as number, room.levels[index] as Level)
    return side.keys.length === room.keys.length ? side : `${direction} have a price twice`
  }

  /** A snapshot that cannot be used changes nothing: what waits still waits, and a live book is as right as before. */
  function decline(fault: BookFault, reason: string): BookFault {
    why = reason
    return fault
  }

  function load(snapshot: DepthSnapshot, limit = Infinity): BookVerdict {
    const unusable = (what: string): BookFault => decline('invalid', `a snapshot cannot be used: ${what}`)
    if (typeof snapshot !== 'object' || snapshot === null) return unusable('it is no object')
    const { lastUpdateId } = snapshot
    if (!Number.isSafeInteger(lastUpdateId) || lastUpdateId < 0) return unusable('it has no lastUpdateId')
    const nextBids = sideOf(snapshot.bids, 'bids', readBids)
    const nextAsks = sideOf(snapshot.asks, 'asks', readAsks)
    if (typeof nextBids === 'string') return unusable(nextBids)
    if (typeof nextAsks === 'string') return unusable(nextAsks)
    if (isCrossed(nextBids, nextAsks)) return decline('crossed', crossing(nextBids, nextAsks))
    const first = kept.find(({ u }) => u > lastUpdateId)
    const joins = first === undefined ? lastUpdateId >= last : sequenceOf(rules, lastUpdateId, false, first) === 'next'
    if (!joins) return decline('stale', `the snapshot ends at ${lastUpdateId}, before what came after it`)
    const updates = kept
    clear()
    bids = nextBids
    asks = nextAsks
    const floorOf = ({ keys }: Side): number => (keys.length < limit ? -Infinity : (keys[0] ?? -Infinity))
    floors = { bids: floorOf(bids), asks: floorOf(asks) }
    last = lastUpdateId
    isExpecting = false
    for (const one of updates) if (update(one) === 'crossed') return 'crossed'
    return 'synced'
  }

  return {
    update,
    load,
    expectSnapshot() {
      if (isExpecting) return
      isExpecting = true
      kept = []
    },
    clear,
    isLive: () => last >= 0,
    reason: () => why,
    lastUpdateId: () => last,
    view: (depth) => (last < 0 ? null : { lastUpdateId: last, bids: topOf(bids, depth, floors.bids), asks: topOf(asks, depth, floors.asks) }),
    isThin: (depth) => [[bids, floors.bids], [asks, floors.asks]].some(([side, floor]) => floor !== -Infinity && countFrom(side as Side, floor as number) < depth),
    levels: (direction) => topOf(direction === 'bids' ? bids : asks, Infinity),
  }
}
