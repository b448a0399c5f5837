import { describe, expect, it } from 'vitest'
import { json } from 'uplink/engine'
import { rig } from './support.ts'

const of = (server: ReturnType<typeof rig>['server'], type: string) => server.socket().messages().filter((message) => message['type'] === type)
const turn = () => Promise.resolve()

describe('channels', () => {
  it('of one turn are asked for in one frame, with their params', async () => {
    const { connection, server } = rig()
    void connection.connect()
    connection.channel('btc')
    connection.channel('trading', { symbol: 'BTCUSD' })
    connection.channel('btc')
    await turn()
    expect(of(server, 'subscribe')).toMatchObject([{ channels: [{ channel: 'btc' }, { channel: 'trading', params: { symbol: 'BTCUSD' } }] }])
  })

  it('are asked for again in one frame after a reconnect, before anything that was queued', async () => {
    const { connection, server, platform } = rig()
    void connection.connect()
    for (const name of ['a', 'b', 'c']) connection.channel(name)
    await turn()
    server.socket().end()
    connection.send({ type: 'queued' })
    platform.clock.advance(1_000)
    const types = server.socket().messages().map(({ type }) => type).filter((type) => type !== 'ping')
    expect(types).toEqual(['subscribe', 'queued'])
    expect(of(server, 'subscribe')[0]?.['channels']).toHaveLength(3)
  })

  it('are left a grace after their last user, and a remount within it causes no traffic', async () => {
    const { connection, server, platform } = rig()
    void connection.connect()
    const first = connection.channel('btc')
    const second = connection.channel('btc')
    await turn()
    first.release()
    first.release()
    platform.clock.advance(2_000)
    expect(of(server, 'unsubscribe')).toEqual([])
    second.release()
    platform.clock.advance(900)
    const third = connection.channel('btc')
    await turn()
    platform.clock.advance(5_000)
    expect(of(server, 'subscribe')).toHaveLength(1)
    third.release()
    platform.clock.advance(1_000)
    expect(of(server, 'unsubscribe')).toMatchObject([{ channels: [{ channel: 'btc' }] }])
  })

  it('hand every message to every user, and the last one to who asks later', async () => {
    const { connection, server } = rig()
    void connection.connect()
    const lease = connection.channel('btc')
    const heard: unknown[] = []
    lease.onMessage((data) => heard.push(data))
    await turn()
    for (let n = 0; n < 5; n++) server.socket().receive({ type: 'tick', channel: 'btc', data: n })
    server.socket().receive({ type: 'tick', channel: 'eth', data: 99 })
    expect(heard).toEqual([0, 1, 2, 3, 4])
    expect(lease.latest()?.data).toBe(4)
    lease.release()
    server.socket().receive({ type: 'tick', channel: 'btc', data: 5 })
    expect(heard).toHaveLength(5)
  })

  it('say how they are: waiting, subscribing, live, refused', async () => {
    const { connection, server } = rig()
    const lease = connection.channel('btc')
    const seen: string[] = [lease.snapshot().status]
    lease.onStatus(({ status }) => seen.push(status))
    void connection.connect()
    server.socket().receive({ type: 'subscription_confirmed', channel: 'btc' })
    server.socket().end()
    expect(seen).toEqual(['waiting', 'subscribing', 'live', 'waiting'])
  })

  it('that the server refuses are reported, and asked for again on a new connection', () => {
    const { connection, server, platform, log } = rig()
    const lease = connection.channel('secret')
    void connection.connect()
    server.socket().receive({ type: 'error', channel: 'secret', data: { code: 'forbidden', message: 'not for you' } })
    expect(lease.snapshot()).toMatchObject({ status: 'refused', error: { code: 'UPLINK_CHANNEL_REFUSED' } })
    expect(log).toContain('UPLINK_CHANNEL_REFUSED')
    server.socket().end()
    platform.clock.advance(1_000)
    expect(lease.snapshot().status).toBe('subscribing')
  })

  it.each([
    ['on the envelope, as uplink.v1 has it', { code: 'unknown_channel', message: 'there is no channel "bct"' }],
    ['in its data', { data: { code: 'unknown_channel', message: 'there is no channel "bct"' } }],
    ['in its payload', { payload: { code: 'unknown_channel', message: 'there is no channel "bct"' } }],
  ])('that the server refuses say why in its words: %s', (_, words) => {
    const { connection, server } = rig()
    const lease = connection.channel('bct')
    void connection.connect()
    server.socket().receive({ type: 'error', channel: 'bct', ...words })
    expect(lease.snapshot().error?.message).toBe('channel "bct": there is no channel "bct" (unknown_channel)')
  })

  it('without a name are refused at the door', () => {
    const { connection } = rig()
    for (const name of ['', undefined, 7]) expect(() => connection.channel(name as string)).toThrow(/the name of a channel is .*; allowed: a string that is not empty/)
  })

  it('that the server refuses by the thousand are all refused: answers are no flood', async () => {
    const { connection, server, log } = rig()
    void connection.connect()
    const leases = Array.from({ length: 1_500 }, (_, n) => connection.channel(`c${n}`))
    await turn()
    for (const { name } of leases) server.socket().receive({ type: 'error', channel: name, data: { code: 'forbidden' } })
    expect(new Set(leases.map((lease) => lease.snapshot().status))).toEqual(new Set(['refused']))
    expect(log).not.toContain('UPLINK_CONTROL_FLOOD')
  })

  it('that are refused again and again without being asked for are a flood', async () => {
    const { connection, server, log } = rig()
    void connection.connect()
    connection.channel('c')
    await turn()
    for (let n = 0; n < 5_000; n++) server.socket().receive({ type: 'error', channel: n % 2 === 0 ? 'c' : 'nobody', data: {} })
    expect(log).toContain('UPLINK_CONTROL_FLOOD')
    expect(log.filter((name) => name === 'UPLINK_CHANNEL_REFUSED').length).toBeLessThanOrEqual(1_001)
  })

  it('with other params on the same name are a conflict, unless nobody uses the old ones any more', async () => {
    const { connection, server } = rig()
    void connection.connect()
    const lease = connection.channel('trading', { symbol: 'A', depth: 1 })
    connection.channel('trading', { depth: 1, symbol: 'A' }).release()
    expect(() => connection.channel('trading', { symbol: 'B' })).toThrow(/in use with other params/)
    await turn()
    lease.release()
    connection.channel('trading', { symbol: 'B' })
    await turn()
    expect(of(server, 'unsubscribe')).toHaveLength(1)
    expect(of(server, 'subscribe').at(-1)).toMatchObject({ channels: [{ channel: 'trading', params: { symbol: 'B' } }] })
  })

  it('of a server without subscriptions are live as soon as the connection is', () => {
    const { connection, server } = rig({ protocol: json({ subscriptions: false }) })
    const lease = connection.channel('btc')
    void connection.connect()
    expect(lease.snapshot().status).toBe('live')
    expect(of(server, 'subscribe')).toEqual([])
  })
})
