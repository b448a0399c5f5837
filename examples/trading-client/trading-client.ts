/** A client for trade signals: every signal has an outcome, survives outages, and goes out before anything else. */
import { type Connection, type ConnectionOptions, type ConnectionState, type Outcome, createConnection } from 'uplink/engine'
import { uplink } from 'uplink/protocols/uplink'

/** An order to trade. */
export interface TradeSignal {
  readonly symbol: string
  readonly action: 'BUY' | 'SELL' | 'CLOSE'
  /** Lots, more than 0. */
  readonly volume: number
  readonly stopLoss?: number
  readonly takeProfit?: number
}

/** What became of a signal. */
export interface SignalResult {
  /** Whether the server has taken it. */
  readonly acknowledged: boolean
  readonly outcome: Outcome
  /** The signal's name, for logs of both ends. */
  readonly id: string
  /** The server's number of the order. */
  readonly orderId?: string
  /** Why not, for the trader. */
  readonly problem?: string
  readonly latencyMs: number
}

/** The client's numbers. */
export interface TradingStats {
  readonly state: ConnectionState
  /** Round trip of the last heartbeat; `null` before the first. */
  readonly latencyMs: number | null
  readonly reconnections: number
  readonly waiting: number
  readonly delivered: number
  /** Signals that did not reach the market, for whatever reason. */
  readonly failed: number
  /** Share of the time that the connection was open, 0 to 1; `null` before `connect()`. */
  readonly availability: number | null
}

/** A signal that has not left after this time is worth nothing any more. */
const SIGNAL_TTL_MS = 5_000

/** The client. */
export interface TradingClient {
  /** Resolves when the connection is open. */
  connect(): Promise<void>
  /** Never rejects, and always settles. */
  sendTradeSignal(signal: TradeSignal): Promise<SignalResult>
  getStats(): TradingStats
  /** Hears prices of a symbol; returns how to stop. */
  onPrice(symbol: string, listener: (price: number) => void): () => void
  disconnect(): void
}

/**
 * Makes a client.
 *
 * @example
 * const client = createTradingClient('wss://trade.example', 'my-api-key')
 * await client.connect()
 * const { acknowledged, problem } = await client.sendTradeSignal({ symbol: 'EURUSD', action: 'BUY', volume: 0.1 })
 */
export function createTradingClient(url: string, apiKey: string, options: Partial<ConnectionOptions> = {}): TradingClient {
  const connection: Connection = createConnection({
    url, protocol: uplink(), credentials: () => apiKey, maxReconnectAttempts: Infinity, messageTimeout: 2_000, ...options,
  })

  return {
    connect: () => connection.connect(),
    disconnect: () => connection.disconnect(),
    async sendTradeSignal(signal) {
      const { acknowledged, outcome, id, data, error, latencyMs } = await connection.sendWithAck(
        { type: 'TRADE_SIGNAL', data: signal }, { priority: 'critical', ttl: SIGNAL_TTL_MS },
      )
      const orderId = (data as { orderId?: string } | undefined)?.orderId
      return { acknowledged, outcome, id, latencyMs, ...(orderId === undefined ? {} : { orderId }), ...(error === undefined ? {} : { problem: error.message }) }
    },
    getStats() {
      const { queued, inFlight, delivered, rejected, expired, dropped, unknown } = connection.outbox()
      const { reconnections, availability } = connection.stats()
      return {
        state: connection.snapshot().state, latencyMs: connection.latency().current, reconnections, availability,
        waiting: queued + inFlight, delivered, failed: rejected + expired + dropped + unknown,
      }
    },
    onPrice(symbol, listener) {
      const lease = connection.channel('prices', { symbol })
      lease.onMessage((data) => listener(data as number))
      return lease.release
    },
  }
}
