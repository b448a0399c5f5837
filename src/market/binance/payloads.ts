/**
 * What Binance's market streams carry, field by field as the venue names them. Prices and quantities are decimal
 * strings, times epoch ms. Fields that only one venue has are optional.
 */
import type { KlineInterval } from '../values.ts'

/** A price and the quantity at it. */
export type BinanceLevel = readonly [price: string, quantity: string]

/** `<symbol>@aggTrade`: fills of one taker order at one price. */
export interface AggTradeEvent {
  readonly e: 'aggTrade'
  readonly E: number
  readonly s: string
  /** Id: one more with every event of the symbol. */
  readonly a: number
  readonly p: string
  readonly q: string
  /** First and last trade it is made of. */
  readonly f: number
  readonly l: number
  readonly T: number
  /** Whether the buyer was the maker: a sale, then. */
  readonly m: boolean
}

/** `<symbol>@trade`. */
export interface TradeEvent {
  readonly e: 'trade'
  readonly E: number
  readonly s: string
  readonly t: number
  readonly p: string
  readonly q: string
  readonly T: number
  readonly m: boolean
}

/** `<symbol>@depth`, `@depth@100ms` and the like: what changed in the book. */
export interface DepthUpdateEvent {
  readonly e: 'depthUpdate'
  readonly E: number
  /** Transaction time; futures. */
  readonly T?: number
  readonly s: string
  /** First and last update it covers. */
  readonly U: number
  readonly u: number
  /** The `u` of the event before; futures. */
  readonly pu?: number
  readonly b: readonly BinanceLevel[]
  readonly a: readonly BinanceLevel[]
}

/** `<symbol>@depth5`, `10`, `20`: the best levels. Spot sends the first form, futures the second. */
export type PartialDepthEvent =
  | { readonly lastUpdateId: number; readonly bids: readonly BinanceLevel[]; readonly asks: readonly BinanceLevel[] }
  | DepthUpdateEvent

/** `<symbol>@bookTicker`: best bid and ask. Spot sends neither `e` nor times. */
export interface BookTickerEvent {
  readonly e?: 'bookTicker'
  readonly u: number
  readonly s: string
  readonly b: string
  readonly B: string
  readonly a: string
  readonly A: string
  readonly T?: number
  readonly E?: number
}

/** A candle; `x` says whether it is closed. */
export interface KlineEvent {
  readonly e: 'kline'
  readonly E: number
  readonly s: string
  readonly k: {
    readonly t: number
    readonly T: number
    readonly s: string
    readonly i: KlineInterval
    readonly f: number
    readonly L: number
    readonly o: string
    readonly c: string
    readonly h: string
    readonly l: string
    readonly v: string
    readonly n: number
    readonly x: boolean
    readonly q: string
    readonly V: string
    readonly Q: string
  }
}

/** `<symbol>@miniTicker`: a day in short. */
export interface MiniTickerEvent {
  readonly e: '24hrMiniTicker'
  readonly E: number
  readonly s: string
  readonly c: string
  readonly o: string
  readonly h: string
  readonly l: string
  readonly v: string
  readonly q: string
}

/** `<symbol>@ticker`: a day. Best prices are in it on spot. */
export interface TickerEvent extends Omit<MiniTickerEvent, 'e'> {
  readonly e: '24hrTicker'
  readonly p: string
  readonly P: string
  readonly w: string
  readonly x?: string
  readonly Q: string
  readonly b?: string
  readonly B?: string
  readonly a?: string
  readonly A?: string
  readonly O: number
  readonly C: number
  readonly F: number
  readonly L: number
  readonly n: number
}

/** `<symbol>@markPrice` of futures: mark price, index price, funding. */
export interface MarkPriceEvent {
  readonly e: 'markPriceUpdate'
  readonly E: number
  readonly s: string
  readonly p: string
  readonly i: string
  readonly P: string
  readonly r: string
  readonly T: number
}

/** `<symbol>@forceOrder` of futures: a liquidation. */
export interface ForceOrderEvent {
  readonly e: 'forceOrder'
  readonly E: number
  readonly o: {
    readonly s: string
    readonly S: 'BUY' | 'SELL'
    readonly o: string
    readonly f: string
    readonly q: string
    readonly p: string
    readonly ap: string
    readonly X: string
    readonly l: string
    readonly z: string
    readonly T: number
  }
}

/** `<symbol>@avgPrice` of spot: the average price of a window. */
export interface AvgPriceEvent {
  readonly e: 'avgPrice'
  readonly E: number
  readonly s: string
  readonly i: string
  readonly w: string
  readonly T: number
}
