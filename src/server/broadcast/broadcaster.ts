/** The broadcasts of a trading system, as typed functions over `publish`: channel, type and key are decided here. */
import { UplinkError } from '../../core/errors.ts'
import type { Position } from '../../protocol/message.ts'
import { TEXT_LENGTH_MOST, type Pattern, compilePattern } from '../access/pattern.ts'
import type { PublishingOptions, UplinkServer } from '../runtime/server-interface.ts'
import type { ServerStats } from '../runtime/stats.ts'
import { badField, checkFields } from './checks.ts'
import { createLatest } from './latest.ts'
import type { Alert, GridUpdate, MarketDataUpdate, PerformanceMetrics, PositionUpdate, PriceUpdate, SystemStatus, TradeExecution, TradingSignal } from './payloads.ts'

/** What a broadcaster is doing. */
export interface BroadcastStats {
  /** Streams that clients of this node follow and whose channel has a `throttleMs`. */
  readonly activeThrottlers: number
  /** Newest values that `latest` has, of all channels together; 10,000 at most. */
  readonly cachedDataEntries: number
  readonly wsServerStats: ServerStats
}

/** Channels whose newest values are kept, and what those are. */
export interface LatestByChannel {
  readonly market_data: MarketDataUpdate
  readonly price_updates: PriceUpdate
  readonly system_status: SystemStatus
  readonly system_metrics: PerformanceMetrics
}

/**
 * Broadcasts of a trading system, on the channels of `tradingChannels()`. Each resolves with the positions of its
 * messages, in order, once the broker has them; it publishes nothing and rejects with `UPLINK_OPTION_INVALID` where
 * a field is missing or a channel is not defined. Payloads may have more fields; they are sent as they are.
 */
export interface Broadcaster {
  /** To `market_data`, one message a symbol. Of a list, nothing is sent where one is wrong. */
  broadcastMarketData<Update extends MarketDataUpdate>(updates: Update | readonly Update[]): Promise<readonly Position[]>
  /** To `price_updates`. */
  broadcastPriceUpdate<Update extends PriceUpdate>(update: Update): Promise<readonly Position[]>
  /** To `trading_signals`. */
  broadcastTradingSignal<Signal extends TradingSignal>(signal: Signal): Promise<readonly Position[]>
  /** To the user's `user_{userId}_trades`, and with the `userId` in it to `all_trades`, for administrators. */
  broadcastTradeExecution<Trade extends TradeExecution>(userId: string, trade: Trade): Promise<readonly Position[]>
  /** To the user's `user_{userId}_positions`. */
  broadcastPositionUpdate<Update extends PositionUpdate>(userId: string, position: Update): Promise<readonly Position[]>
  /** To `system_status`, which everybody may follow. */
  broadcastSystemStatus<Status extends SystemStatus>(status: Status): Promise<readonly Position[]>
  /** To the user's `user_{userId}_alerts`. */
  broadcastUserAlert<One extends Alert>(userId: string, alert: One): Promise<readonly Position[]>
  /** To `risk_alerts`, for administrators. */
  broadcastRiskAlert<One extends Alert>(alert: One): Promise<readonly Position[]>
  /** To the user's `user_{userId}_grids`. */
  broadcastGridUpdate<Update extends GridUpdate>(userId: string, grid: Update): Promise<readonly Position[]>
  /** To `system_metrics`, for administrators. */
  broadcastPerformanceMetrics<Metrics extends object>(metrics: Metrics & PerformanceMetrics): Promise<readonly Position[]>
  /** To `admin_alerts`, for administrators. */
  broadcastAdminAlert<One extends Alert>(alert: One): Promise<readonly Position[]>
  /** The newest value of every key that this node has broadcast there; made for the `snapshot` of a channel of one node. */
  latest<Channel extends keyof LatestByChannel>(channel: Channel): ReadonlyArray<LatestByChannel[Channel]>
  getStats(): BroadcastStats
}

/** One message on its way. */
interface Message {
  readonly channel: string
  readonly data: object
  readonly how: PublishingOptions
  /** Whether `latest` keeps it. */
  readonly isKept?: boolean
}

const LATEST_MOST = 10_000

const TRADES = compilePattern('user_{userId}_trades')
const POSITIONS = compilePattern('user_{userId}_positions')
const ALERTS = compilePattern('user_{userId}_alerts')
const GRIDS = compilePattern('user_{userId}_grids')

/** Only the newest matters; without a key, of all of them. */
const state = (type: string, key: string | undefined): PublishingOptions => ({ type, ...(key === undefined ? {} : { key }) })

function filled({ fill }: Pattern, userId: string): string {
  try {
    return fill({ userId })
  } catch {
    throw badField('userId', `text of 1 to ${TEXT_LENGTH_MOST} characters, without control characters and without ?`, userId)
  }
}

/** The same id within ten minutes is published once. */
const once = (type: string, id: string | undefined): PublishingOptions => ({ type, ...(id === undefined ? {} : { idempotencyKey: id }) })

/**
 * Makes the broadcaster of a server.
 *
 * @example
 * const broadcaster = createBroadcaster(server)
 * await broadcaster.broadcastMarketData({ symbol: 'BTCUSDT', price: 50_000, change24h: 2.5 })
 * await broadcaster.broadcastTradeExecution('42', { id: 't-1', symbol: 'BTCUSDT', side: 'buy', quantity: 1, price: 50_000 })
 */
export function createBroadcaster(server: Pick<UplinkServer, 'publish' | 'stats' | 'channels'>): Broadcaster {
  const latest = createLatest(LATEST_MOST)

  /** The channel of a user, and of nobody else. */
  function channelOf(pattern: Pattern, userId: string): string {
    const channel = filled(pattern, userId)
    const found = server.channels.find(channel)
    // An exact name, such as a public `user_all_trades`, comes before the pattern: what is one user's must not go there.
    if (found !== null && !Object.values(found.params).includes(userId)) {
      throw badField('userId', `another one: ${channel} is the channel ${found.definition.pattern.source}, which is not that of one user`, userId)
    }
    return channel
  }

  async function send(messages: readonly Message[]): Promise<readonly Position[]> {
    // All before the first: a trade must not reach its user and then fail for administrators because of a setting.
    for (const { channel } of messages) {
      if (server.channels.find(channel) === null) {
        throw new UplinkError('UPLINK_OPTION_INVALID', `channel ${JSON.stringify(channel)} is not defined; define it in the option "channels" of the server`)
      }
    }
    return Promise.all(messages.map(async ({ channel, data, how, isKept = false }) => {
      const position = await server.publish(channel, data, how)
      if (isKept) latest.note(channel, how.key ?? '', data, position)
      return position
    }))
  }

  function alert(channel: string, type: string, place: string, data: Alert): Promise<readonly Position[]> {
    checkFields(place, data, { message: 'text', id: 'text?' })
    return send([{ channel, data, how: once(type, data.id) }])
  }

  return {
    async broadcastMarketData(updates) {
      const list = Array.isArray(updates) ? updates as readonly MarketDataUpdate[] : [updates as MarketDataUpdate]
      list.forEach((update, index) => checkFields(Array.isArray(updates) ? `updates[${index}]` : 'update', update, { symbol: 'text', price: 'number' }))
      return send(list.map((data) => ({ channel: 'market_data', data, how: state('market_data_update', data.symbol), isKept: true })))
    },
    async broadcastPriceUpdate(update) {
      checkFields<PriceUpdate>('update', update, { symbol: 'text', price: 'number' })
      return send([{ channel: 'price_updates', data: update, how: state('price_update', update.symbol), isKept: true }])
    },
    async broadcastTradingSignal(signal) {
      checkFields<TradingSignal>('signal', signal, { id: 'text', symbol: 'text', direction: 'text', confidence: 'number' })
      return send([{ channel: 'trading_signals', data: signal, how: once('trading_signal', signal.id) }])
    },
    async broadcastTradeExecution(userId, trade) {
      checkFields<TradeExecution>('trade', trade, { id: 'text', symbol: 'text', side: 'text', quantity: 'number', price: 'number' })
      const channel = channelOf(TRADES, userId)
      return send([
        { channel, data: trade, how: once('trade_execution', trade.id) },
        // Ids need not differ among users, and `all_trades` has those of all.
        { channel: 'all_trades', data: { ...trade, userId }, how: once('trade_execution', JSON.stringify([userId, trade.id])) },
      ])
    },
    async broadcastPositionUpdate(userId, position) {
      checkFields<PositionUpdate>('position', position, { symbol: 'text', quantity: 'number', id: 'text?' })
      return send([{ channel: channelOf(POSITIONS, userId), data: position, how: state('position_update', position.id ?? position.symbol) }])
    },
    async broadcastSystemStatus(status) {
      checkFields<SystemStatus>('status', status, { status: 'text', component: 'text?' })
      return send([{ channel: 'system_status', data: status, how: state('system_status', status.component), isKept: true }])
    },
    broadcastUserAlert: async (userId, one) => alert(channelOf(ALERTS, userId), 'user_alert', 'alert', one),
    broadcastRiskAlert: async (one) => alert('risk_alerts', 'risk_alert', 'alert', one),
    async broadcastGridUpdate(userId, grid) {
      checkFields<GridUpdate>('grid', grid, { id: 'text', symbol: 'text' })
      return send([{ channel: channelOf(GRIDS, userId), data: grid, how: state('grid_update', grid.id) }])
    },
    async broadcastPerformanceMetrics(metrics) {
      checkFields<PerformanceMetrics>('metrics', metrics, { source: 'text?' })
      return send([{ channel: 'system_metrics', data: metrics, how: state('performance_metrics', metrics.source), isKept: true }])
    },
    broadcastAdminAlert: async (one) => alert('admin_alerts', 'admin_alert', 'alert', one),
    latest: <Channel extends keyof LatestByChannel>(channel: Channel) => latest.of(channel) as ReadonlyArray<LatestByChannel[Channel]>,
    getStats() {
      const wsServerStats = server.stats()
      const streams = Object.keys(wsServerStats.channelStats)
      const isThrottled = (stream: string): boolean => (server.channels.find(stream.split('?', 1)[0] ?? '')?.definition.throttleMs ?? 0) > 0
      return { activeThrottlers: streams.filter(isThrottled).length, cachedDataEntries: latest.size, wsServerStats }
    },
  }
}
