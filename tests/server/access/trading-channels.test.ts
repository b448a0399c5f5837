/** Who may follow which channel of a trading system. */
import { describe, expect, it } from 'vitest'
import { type Decision, createChannels } from '../../../src/server/access/channels.ts'
import { tradingChannels } from '../../../src/server/access/trading-channels.ts'
import type { User } from '../../../src/server/user.ts'

const users: Readonly<Record<string, User>> = {
  somebody: { identity: null, roles: [] },
  ann: { identity: 'ann', roles: ['user'] },
  admin: { identity: 'adam', roles: ['admin'] },
  superAdmin: { identity: 'sue', roles: ['super_admin'] },
}

const everyone = ['somebody', 'ann', 'admin', 'superAdmin']
const named = ['ann', 'admin', 'superAdmin']
const admins = ['admin', 'superAdmin']

describe('trading channels', () => {
  const channels = createChannels(tradingChannels())
  const may = (right: 'subscribe' | 'publish' | 'history', channel: string): string[] =>
    Object.entries(users).flatMap(([name, user]) => ((channels.permit(user, right, channel) as Decision).allowed ? [name] : []))

  it.each<[channel: string, who: readonly string[]]>([
    ['system_status', everyone],
    ['market_data', named],
    ['price_updates', named],
    ['trading_signals', named],
    ['user_ann_trades', ['ann']],
    ['user_ann_positions', ['ann']],
    ['user_ann_alerts', ['ann']],
    ['user_ann_x_trades', []],
    ['user_null_trades', []],
    ['admin_alerts', admins],
    ['system_metrics', admins],
    ['all_trades', admins],
    ['risk_alerts', admins],
    ['admin_anything', []],
    ['user_ann_anything', []],
  ])('%s is followed by %j, and nobody sends to it', (channel, who) => {
    expect(may('subscribe', channel)).toEqual(who)
    expect(may('history', channel)).toEqual(who)
    expect(may('publish', channel)).toEqual([])
  })

  it('leave out states for slow clients, and never events', () => {
    const conflated = tradingChannels().flatMap(({ slow, pattern }) => (slow === 'conflate' ? [pattern.source] : []))
    expect(conflated).toEqual(['system_status', 'market_data', 'price_updates', 'user_{userId}_positions', 'user_{userId}_grids', 'system_metrics'])
    for (const { slow, throttleMs } of tradingChannels()) expect(throttleMs === undefined || slow === 'conflate').toBe(true)
  })
})
