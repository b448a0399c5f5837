/** The broadcaster on a real server: what clients hear, and what is refused before anybody does. */
import { describe, expect, it } from 'vitest'
import { createBroadcaster } from '../../../src/server/broadcast/broadcaster.ts'
import { type ChannelDefinition, channel, everyone, self, tradingChannels } from '../../../src/server/index.ts'
import { type Bare, bare, startServer } from '../runtime/support.ts'

async function trading(more: readonly ChannelDefinition[] = []) {
  const { server, url } = await startServer({
    authenticate: ({ credentials }) => (typeof credentials === 'string' ? { identity: decodeURIComponent(credentials), roles: credentials === 'adam' ? ['admin'] : [] } : null),
    channels: [...tradingChannels(), ...more],
  })
  const listen = async (user: string, ...channels: string[]): Promise<Bare> => {
    const socket = await bare(url, [], { authorization: `Bearer ${encodeURIComponent(user)}` })
    socket.say({ type: 'subscribe', channels })
    await expect.poll(() => socket.frames.filter(({ type }) => type === 'subscription_confirmed').length).toBe(channels.length)
    return socket
  }
  return { server, listen, broadcaster: createBroadcaster(server) }
}

/** Messages that came on channels, in order; several of one frame as well. */
const heard = ({ frames }: Bare): unknown[] => frames
  .flatMap((frame) => (frame['type'] === 'batch' ? frame['messages'] as Array<Record<string, unknown>> : [frame]))
  .filter(({ offset, type }) => offset !== undefined && type !== 'subscription_confirmed')
  .map(({ channel: name, type, data }) => [name, type, data])

const SIGNAL = { id: 'signal-1', symbol: 'ETHUSDT', direction: 'long', confidence: 0.85, entryPrice: 3_000, stopLoss: 2_900, takeProfit: [3_100, 3_200] }
const TRADE = { id: 't-1', symbol: 'BTCUSDT', side: 'buy', quantity: 2, price: 50_000 }

describe('a broadcaster', () => {
  it('sends each kind on its channel, with its type', async () => {
    const { broadcaster, listen } = await trading()
    const user = await listen('ann', 'price_updates', 'trading_signals', 'user_ann_trades', 'user_ann_positions', 'user_ann_alerts', 'user_ann_grids', 'system_status')
    const admin = await listen('adam', 'all_trades', 'risk_alerts', 'admin_alerts', 'system_metrics')
    const positions = [
      ...await broadcaster.broadcastPriceUpdate({ symbol: 'BTCUSDT', price: 1 }),
      ...await broadcaster.broadcastTradingSignal(SIGNAL),
      ...await broadcaster.broadcastTradeExecution('ann', TRADE),
      ...await broadcaster.broadcastPositionUpdate('ann', { symbol: 'BTCUSDT', quantity: 2 }),
      ...await broadcaster.broadcastUserAlert('ann', { message: 'margin' }),
      ...await broadcaster.broadcastGridUpdate('ann', { id: 'g-1', symbol: 'BTCUSDT', levels: 7 }),
      ...await broadcaster.broadcastSystemStatus({ status: 'degraded', component: 'orders' }),
      ...await broadcaster.broadcastRiskAlert({ message: 'exposure', severity: 'high' }),
      ...await broadcaster.broadcastAdminAlert({ message: 'disk' }),
      ...await broadcaster.broadcastPerformanceMetrics({ sharpe: 1.5 }),
    ]
    expect(positions).toHaveLength(11)
    for (const position of positions) expect(position).toEqual({ epoch: expect.any(String), offset: 1 })
    await expect.poll(() => heard(user)).toHaveLength(7)
    await expect.poll(() => heard(admin)).toHaveLength(4)
    expect(heard(user)).toEqual(expect.arrayContaining([
      ['price_updates', 'price_update', { symbol: 'BTCUSDT', price: 1 }],
      ['trading_signals', 'trading_signal', SIGNAL],
      ['user_ann_trades', 'trade_execution', TRADE],
      ['user_ann_positions', 'position_update', { symbol: 'BTCUSDT', quantity: 2 }],
      ['user_ann_alerts', 'user_alert', { message: 'margin' }],
      ['user_ann_grids', 'grid_update', { id: 'g-1', symbol: 'BTCUSDT', levels: 7 }],
      ['system_status', 'system_status', { status: 'degraded', component: 'orders' }],
    ]))
    expect(heard(admin)).toEqual(expect.arrayContaining([
      ['all_trades', 'trade_execution', { ...TRADE, userId: 'ann' }],
      ['risk_alerts', 'risk_alert', { message: 'exposure', severity: 'high' }],
      ['admin_alerts', 'admin_alert', { message: 'disk' }],
      ['system_metrics', 'performance_metrics', { sharpe: 1.5 }],
    ]))
  })

  it('sends the newest of every symbol within the time of the channel', async () => {
    const { broadcaster, listen } = await trading()
    const socket = await listen('ann', 'market_data')
    await broadcaster.broadcastMarketData({ symbol: 'BTC', price: 1 })
    await expect.poll(() => heard(socket)).toHaveLength(1)
    const positions = await broadcaster.broadcastMarketData([{ symbol: 'BTC', price: 2 }, { symbol: 'ETH', price: 3 }, { symbol: 'BTC', price: 4 }])
    expect(positions.map(({ offset }) => offset)).toEqual([2, 3, 4])
    await expect.poll(() => heard(socket)).toHaveLength(3)
    expect(heard(socket).slice(1)).toEqual([
      ['market_data', 'market_data_update', { symbol: 'ETH', price: 3 }], ['market_data', 'market_data_update', { symbol: 'BTC', price: 4 }],
    ])
  })

  it('keeps parts of a whole apart: positions by id, statuses by component, figures by source', async () => {
    const { broadcaster, listen } = await trading()
    const ann = await listen('ann', 'user_ann_positions')
    await broadcaster.broadcastPositionUpdate('ann', { symbol: 'BTC', quantity: 0 })
    await expect.poll(() => heard(ann)).toHaveLength(1)
    for (const quantity of [1, 2]) for (const id of ['long', 'short']) await broadcaster.broadcastPositionUpdate('ann', { id, symbol: 'BTC', quantity })
    await expect.poll(() => heard(ann)).toHaveLength(3)
    expect(heard(ann).slice(1).map((message) => (message as unknown[])[2])).toEqual([{ id: 'long', symbol: 'BTC', quantity: 2 }, { id: 'short', symbol: 'BTC', quantity: 2 }])
    for (const status of ['degraded', 'operational']) for (const component of ['orders', 'prices']) await broadcaster.broadcastSystemStatus({ status, component })
    expect(broadcaster.latest('system_status')).toEqual([{ status: 'operational', component: 'orders' }, { status: 'operational', component: 'prices' }])
  })

  it('sends what has an id once, however often it is told to', async () => {
    const { broadcaster } = await trading()
    const first = await broadcaster.broadcastTradeExecution('ann', TRADE)
    expect(await broadcaster.broadcastTradeExecution('ann', TRADE)).toEqual(first)
    expect(await broadcaster.broadcastTradingSignal(SIGNAL)).toEqual(await broadcaster.broadcastTradingSignal({ ...SIGNAL, confidence: 0 }))
    expect(await broadcaster.broadcastRiskAlert({ id: 'r', message: 'x' })).toEqual(await broadcaster.broadcastRiskAlert({ id: 'r', message: 'x' }))
    const [other, all] = await broadcaster.broadcastTradeExecution('bob', TRADE)
    expect([other?.offset, all?.offset]).toEqual([1, 2])
  })

  it('sends what has no id, and states under one id, every time', async () => {
    const { broadcaster } = await trading()
    for (const offset of [1, 2]) {
      expect(await broadcaster.broadcastUserAlert('ann', { message: 'again' })).toMatchObject([{ offset }])
      expect(await broadcaster.broadcastPositionUpdate('ann', { id: 'p', symbol: 'BTC', quantity: offset })).toMatchObject([{ offset }])
      expect(await broadcaster.broadcastGridUpdate('ann', { id: 'g', symbol: 'BTC' })).toMatchObject([{ offset }])
    }
  })

  const broken = (value: unknown): never => value as never
  type Call = (broadcaster: ReturnType<typeof createBroadcaster>) => Promise<unknown>

  it.each<[field: string, call: Call]>([
    ['update.symbol must be text', (it) => it.broadcastMarketData(broken({ price: 1 }))],
    ['update.price must be a finite number; it is NaN', (it) => it.broadcastMarketData({ symbol: 'BTC', price: NaN })],
    ['updates[1].symbol must be text that is not empty; it is ""', (it) => it.broadcastMarketData([{ symbol: 'BTC', price: 1 }, { symbol: '', price: 1 }])],
    ['update must be an object; it is null', (it) => it.broadcastPriceUpdate(broken(null))],
    ['update.price must be a finite number; it is "1"', (it) => it.broadcastPriceUpdate(broken({ symbol: 'BTC', price: '1' }))],
    ['signal.id', (it) => it.broadcastTradingSignal(broken({ ...SIGNAL, id: undefined }))],
    ['signal.confidence', (it) => it.broadcastTradingSignal(broken({ ...SIGNAL, confidence: null }))],
    ['signal.direction', (it) => it.broadcastTradingSignal(broken({ ...SIGNAL, direction: { secret: 'hunter2' } }))],
    ['trade.quantity', (it) => it.broadcastTradeExecution('ann', { ...TRADE, quantity: Infinity })],
    ['trade.id', (it) => it.broadcastTradeExecution('ann', broken({ ...TRADE, id: 7 }))],
    ['position.quantity', (it) => it.broadcastPositionUpdate('ann', broken({ symbol: 'BTC' }))],
    ['status.status', (it) => it.broadcastSystemStatus(broken({}))],
    ['alert.message', (it) => it.broadcastUserAlert('ann', broken({ id: 'a' }))],
    ['alert.id', (it) => it.broadcastRiskAlert(broken({ id: 1, message: 'x' }))],
    ['alert.message', (it) => it.broadcastAdminAlert({ message: '' })],
    ['grid.id', (it) => it.broadcastGridUpdate('ann', broken({ symbol: 'BTC' }))],
    ['metrics.source', (it) => it.broadcastPerformanceMetrics(broken({ source: 1 }))],
    ['metrics must be an object', (it) => it.broadcastPerformanceMetrics(broken([1]))],
  ])('refuses a payload and names what is wrong: %s', async (message, call) => {
    const { broadcaster, server } = await trading()
    const refused = expect(call(broadcaster)).rejects
    await refused.toMatchObject({ code: 'UPLINK_OPTION_INVALID', message: expect.stringContaining(message) })
    await refused.not.toMatchObject({ message: expect.stringContaining('hunter2') })
    expect(server.stats().counters.published).toBe(0)
  })

  it.each<[what: string, userId: unknown]>([
    ['nothing', ''], ['a number', 42], ['no id', undefined], ['a separator of streams', 'ann?x'], ['a line break', 'ann\n'], ['half a character', 'ann\ud800'], ['too much', 'a'.repeat(129)],
  ])('refuses a user id that is %s, on every channel of a user', async (_, userId) => {
    const { broadcaster, server } = await trading()
    const id = userId as string
    for (const call of [
      () => broadcaster.broadcastTradeExecution(id, TRADE), () => broadcaster.broadcastPositionUpdate(id, { symbol: 'BTC', quantity: 1 }),
      () => broadcaster.broadcastUserAlert(id, { message: 'x' }), () => broadcaster.broadcastGridUpdate(id, { id: 'g', symbol: 'BTC' }),
    ]) await expect(call()).rejects.toMatchObject({ code: 'UPLINK_OPTION_INVALID', message: expect.stringContaining('userId must be text of 1 to 128 characters') })
    expect(server.stats().counters.published).toBe(0)
  })

  it('sends what belongs to a user with a strange id to that user alone', async () => {
    const { broadcaster, listen } = await trading()
    const id = '1_trades.{x} é'
    const [theirs, stranger] = [await listen(id, `user_${id}_trades`), await listen('1', 'user_1_trades')]
    await broadcaster.broadcastTradeExecution(id, TRADE)
    await broadcaster.broadcastTradeExecution('1', { ...TRADE, id: 't-2' })
    await expect.poll(() => heard(stranger)).toEqual([['user_1_trades', 'trade_execution', { ...TRADE, id: 't-2' }]])
    await expect.poll(() => heard(theirs)).toEqual([[`user_${id}_trades`, 'trade_execution', TRADE]])
  })

  it('refuses a user whose channel is, under its exact name, one for others', async () => {
    const { broadcaster, server } = await trading([channel('user_all_trades', { subscribe: everyone })])
    await expect(broadcaster.broadcastTradeExecution('all', TRADE)).rejects.toMatchObject({ message: expect.stringContaining('user_all_trades') })
    expect(server.stats().counters.published).toBe(0)
  })

  it('publishes nothing where one of the channels is not defined', async () => {
    const { server } = await startServer({ channels: [channel('user_{userId}_trades', { subscribe: self('userId') })] })
    const broadcaster = createBroadcaster(server)
    await expect(broadcaster.broadcastTradeExecution('ann', TRADE)).rejects.toMatchObject({ code: 'UPLINK_OPTION_INVALID', message: expect.stringContaining('"all_trades" is not defined') })
    expect(server.stats().counters.published).toBe(0)
  })

  it('counts the throttled streams that are followed, and the newest values it keeps', async () => {
    const { broadcaster, listen, server } = await trading()
    expect(broadcaster.getStats()).toMatchObject({ activeThrottlers: 0, cachedDataEntries: 0 })
    await listen('ann', 'market_data', 'user_ann_positions', 'trading_signals')
    await listen('bob', 'market_data')
    for (const price of [1, 2]) await broadcaster.broadcastMarketData([{ symbol: 'BTC', price }, { symbol: 'ETH', price }])
    await broadcaster.broadcastPriceUpdate({ symbol: 'BTC', price: 3 })
    await broadcaster.broadcastTradingSignal(SIGNAL)
    expect(broadcaster.getStats()).toEqual({ activeThrottlers: 2, cachedDataEntries: 3, wsServerStats: server.stats() })
    expect(broadcaster.latest('market_data')).toEqual([{ symbol: 'BTC', price: 2 }, { symbol: 'ETH', price: 2 }])
    expect(broadcaster.latest('price_updates')).toEqual([{ symbol: 'BTC', price: 3 }])
  })
})
