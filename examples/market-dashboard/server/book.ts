/** The order book of the stand-in: written for being plainly right, since others are measured against it. */

/** A price and its quantity; quantity 0 takes the price out. */
export type Level = readonly [price: string, quantity: string]

/** A book, best prices first. */
export interface Depth {
  readonly lastUpdateId: number
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

/** A change of a book. `pu` is the `u` of the change before; futures only. */
export interface DepthEvent {
  readonly U: number
  readonly u: number
  readonly pu?: number
  readonly b: readonly Level[]
  readonly a: readonly Level[]
}

/** One book. */
export interface Book {
  readonly lastUpdateId: number
  /** What it was before anything was known of it may be made from the first change: nothing, just before it. */
  apply(event: DepthEvent): void
  reset(depth: Depth): void
  /** The best levels. */
  depth(limit: number): Depth
}

/** Makes an empty book. */
export function createBook(): Book {
  const bids = new Map<string, string>()
  const asks = new Map<string, string>()
  let lastUpdateId = 0

  function set(side: Map<string, string>, levels: readonly Level[]): void {
    for (const [price, quantity] of levels) {
      if (Number(quantity) === 0) side.delete(price)
      else side.set(price, quantity)
    }
  }

  /** Numbers are parsed once: comparing texts would parse them again for every comparison. */
  const sorted = (side: Map<string, string>, sign: 1 | -1, limit: number): Level[] =>
    [...side].map((level) => ({ level, price: Number(level[0]) })).sort((a, b) => sign * (a.price - b.price)).slice(0, limit).map(({ level }) => level)

  return {
    get lastUpdateId() {
      return lastUpdateId
    },
    apply(event) {
      if (event.u <= lastUpdateId) return
      set(bids, event.b)
      set(asks, event.a)
      lastUpdateId = event.u
    },
    reset(depth) {
      bids.clear()
      asks.clear()
      set(bids, depth.bids)
      set(asks, depth.asks)
      lastUpdateId = depth.lastUpdateId
    },
    depth: (limit) => ({ lastUpdateId, bids: sorted(bids, -1, limit), asks: sorted(asks, 1, limit) }),
  }
}
