/**
 * The simplest book there is, written apart from the one it checks: a map a side, sorted when looked at by comparing
 * the digits themselves, so that it does not share the other's idea of a number.
 */
import type { DepthSnapshot, DepthUpdate } from '../../src/market/book/order-book.ts'

type Pair = readonly [string, string]

const PLACES = 20

/** A decimal as a whole number of 10^-20. */
function units(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.')
  return BigInt(whole + fraction.padEnd(PLACES, '0'))
}

const ascending = ([a]: readonly [bigint, Pair], [b]: readonly [bigint, Pair]): number => (a < b ? -1 : a > b ? 1 : 0)

/** A book that believes everything it is told. */
export class SimpleBook {
  readonly sides: { readonly bids: Map<bigint, Pair>; readonly asks: Map<bigint, Pair> } = { bids: new Map(), asks: new Map() }

  constructor(snapshot: DepthSnapshot) {
    this.#set('bids', snapshot.bids)
    this.#set('asks', snapshot.asks)
  }

  #set(side: 'bids' | 'asks', pairs: readonly Pair[]): void {
    for (const pair of pairs) {
      if (units(pair[1]) === 0n) this.sides[side].delete(units(pair[0]))
      else this.sides[side].set(units(pair[0]), pair)
    }
  }

  apply(update: DepthUpdate): void {
    this.#set('bids', update.b)
    this.#set('asks', update.a)
  }

  /** Both sides, best first. */
  levels(): { bids: Pair[]; asks: Pair[] } {
    const [bids, asks] = [this.sides.bids, this.sides.asks].map((side) => [...side].sort(ascending).map(([, pair]) => pair)) as [Pair[], Pair[]]
    return { bids: bids.reverse(), asks }
  }

  isCrossed(): boolean {
    const { bids: [bid], asks: [ask] } = this.levels()
    return bid !== undefined && ask !== undefined && units(bid[0]) >= units(ask[0])
  }
}
