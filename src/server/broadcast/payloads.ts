/** What a trading system tells its clients. Each may have more fields than these: they are sent as they are. */

/** The market of a symbol. */
export interface MarketDataUpdate {
  readonly symbol: string
  readonly price: number
  readonly volume?: number
  /** Percent. */
  readonly change24h?: number
  /** Epoch ms. */
  readonly timestamp?: number
}

/** The price of a symbol, without the rest of its market. */
export interface PriceUpdate {
  readonly symbol: string
  readonly price: number
  /** Epoch ms. */
  readonly timestamp?: number
}

/** What to do, and how sure that is. */
export interface TradingSignal {
  /** A second signal with the same id within ten minutes is not sent. */
  readonly id: string
  readonly symbol: string
  /** Such as `'long'` or `'short'`. */
  readonly direction: string
  /** From 0 to 1. */
  readonly confidence: number
  readonly entryPrice?: number
  readonly stopLoss?: number
  readonly takeProfit?: readonly number[]
  /** Epoch ms. */
  readonly timestamp?: number
}

/** One execution; a trade that fills in three parts is three of them, with three ids. */
export interface TradeExecution {
  /** A second execution with the same id within ten minutes is not sent. */
  readonly id: string
  readonly symbol: string
  /** Such as `'buy'` or `'sell'`. */
  readonly side: string
  readonly quantity: number
  readonly price: number
  /** Epoch ms. */
  readonly timestamp?: number
}

/** What a user holds of a symbol now. */
export interface PositionUpdate {
  /** Names the position, where a user may have several of a symbol. It is not the id of the update. @default the symbol */
  readonly id?: string
  readonly symbol: string
  readonly quantity: number
  readonly entryPrice?: number
  readonly unrealizedPnl?: number
  /** Epoch ms. */
  readonly timestamp?: number
}

/** How the system, or a part of it, is. */
export interface SystemStatus {
  /** Such as `'operational'` or `'degraded'`. */
  readonly status: string
  /** Which part; each has a status of its own. @default the whole system */
  readonly component?: string
  readonly message?: string
  /** Epoch ms. */
  readonly timestamp?: number
}

/** Something that somebody should see. */
export interface Alert {
  /** A second alert with the same id on the same channel within ten minutes is not sent. */
  readonly id?: string
  readonly message: string
  readonly severity?: string
  /** Epoch ms. */
  readonly timestamp?: number
}

/** Where a user's grid stands now. */
export interface GridUpdate {
  /** Names the grid. It is not the id of the update. */
  readonly id: string
  readonly symbol: string
  readonly status?: string
  /** Epoch ms. */
  readonly timestamp?: number
}

/** Figures of the system, under names of your own. */
export interface PerformanceMetrics {
  /** What was measured, such as the name of a strategy; each has figures of its own. @default the whole system */
  readonly source?: string
}
