/**
 * The catalogue of messages that trading and operations dashboards exchange (seeds 0 and 1), ready
 * to be used as the type argument of `createUplink`, and open to be extended.
 */

/** A trade that was opened or closed. Prices and quantities are in the account's units. */
export interface Trade {
  readonly id: string
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly quantity: number
  readonly price: number
  readonly profit?: number
}

/** An open position. */
export interface Position {
  readonly symbol: string
  readonly quantity: number
  readonly averagePrice: number
  readonly unrealizedProfit: number
}

/** An order and what became of it. */
export interface Order {
  readonly id: string
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly qty: number
  readonly status: 'new' | 'partially_filled' | 'filled' | 'canceled' | 'rejected'
  readonly filled_at?: string
}

/** A last price with its change since the day began. */
export interface PriceUpdate {
  readonly symbol: string
  readonly price: number
  readonly volume?: number
  readonly change?: number
  readonly changePercent?: number
}

/** One candlestick; times are epoch ms. */
export interface Candle {
  readonly symbol: string
  readonly interval: string
  readonly openTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** The best levels of an order book, as `[price, quantity]` from the best on. */
export interface OrderBook {
  readonly symbol: string
  readonly bids: ReadonlyArray<readonly [price: number, quantity: number]>
  readonly asks: ReadonlyArray<readonly [price: number, quantity: number]>
}

/** The health of a system part. */
export interface Health {
  readonly component: string
  readonly status: 'healthy' | 'degraded' | 'down'
  readonly message?: string
}

/** Something that wants attention. */
export interface Alert {
  readonly id: string
  readonly level: 'info' | 'warning' | 'critical'
  readonly message: string
}

/** What an agent (a trading bot, a device) is doing. */
export interface AgentStatus {
  readonly agentId: string
  readonly status: 'idle' | 'running' | 'paused' | 'stopped' | 'error'
  readonly message?: string
}

/** A message for a person. */
export interface Notification {
  readonly id: string
  readonly title: string
  readonly body?: string
  readonly level?: 'info' | 'success' | 'warning' | 'error'
}

/** What a server says went wrong. */
export interface ServerError {
  readonly code: string
  readonly message: string
  readonly details?: unknown
}

/**
 * The catalogue: data by message type, and data by channel.
 *
 * @example
 * const uplink = createUplink<Catalogue>({ url: 'wss://example.com/ws/trading' })
 * uplink.subscribe('TRADE_OPENED', (trade) => trade.symbol)
 */
export interface Catalogue {
  readonly messages: {
    TRADE_OPENED: Trade
    TRADE_CLOSED: Trade
    POSITION_UPDATE: Position
    order: Order
    HEALTH_CHECK: Health
    METRICS_UPDATE: Readonly<Record<string, number>>
    SYSTEM_ALERT: Alert
    AGENT_STATUS: AgentStatus
    AGENT_CONFIG: Readonly<Record<string, unknown>>
    update: PriceUpdate
    PRICE_UPDATE: PriceUpdate
    CANDLE_UPDATE: Candle
    ORDER_BOOK_UPDATE: OrderBook
    NOTIFICATION: Notification
    error: ServerError
  }
  readonly channels: {
    trading: Trade | Position | Order
    system: Health | Alert | Readonly<Record<string, number>>
    agents: AgentStatus
    'market-data': PriceUpdate | Candle | OrderBook
    notifications: Notification
  }
}
