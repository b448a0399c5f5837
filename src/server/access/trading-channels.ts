/** Ready-made channels of a trading system: public, for users, for one user, and for administrators. */
import { type ChannelDefinition, channel } from './channel.ts'
import { authenticated, everyone, role, self } from './rules.ts'

/**
 * The channel groups of a trading dashboard. Clients only listen; your server publishes. A user's own channels are
 * for that user alone: administrators have `all_trades`.
 *
 * What is a state (prices, positions, metrics) is throttled, and conflated for slow clients: give such messages a
 * `key`, such as the symbol. What is an event (trades, signals, alerts) is never left out.
 *
 * @example
 * const channels = createChannels([...tradingChannels(), channel('chat', { subscribe: authenticated, publish: authenticated })])
 */
export function tradingChannels(): readonly ChannelDefinition[] {
  const admins = role('admin', 'super_admin')
  return [
    channel('system_status', { subscribe: everyone, slow: 'conflate' }),
    channel('market_data', { subscribe: authenticated, slow: 'conflate', throttleMs: 250 }),
    channel('price_updates', { subscribe: authenticated, slow: 'conflate', throttleMs: 100 }),
    channel('trading_signals', { subscribe: authenticated, slow: 'resume' }),
    channel('user_{userId}_trades', { subscribe: self('userId'), slow: 'resume' }),
    channel('user_{userId}_positions', { subscribe: self('userId'), slow: 'conflate', throttleMs: 250 }),
    channel('user_{userId}_alerts', { subscribe: self('userId'), slow: 'resume' }),
    channel('user_{userId}_grids', { subscribe: self('userId'), slow: 'conflate', throttleMs: 250 }),
    channel('admin_alerts', { subscribe: admins, slow: 'resume' }),
    channel('system_metrics', { subscribe: admins, slow: 'conflate', throttleMs: 1_000 }),
    channel('all_trades', { subscribe: admins, slow: 'resume' }),
    channel('risk_alerts', { subscribe: admins, slow: 'resume' }),
  ]
}
