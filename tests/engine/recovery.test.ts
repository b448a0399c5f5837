import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChannelLease, Gap } from 'uplink/engine'
import { advance, createPlace, stand } from '../../src/core/position.ts'
import { type UplinkRig, settle, uplinkRig } from './uplink-rig.ts'

interface Followed {
  readonly rigged: UplinkRig
  readonly lease: ChannelLease
  readonly seen: number[]
  readonly gaps: Gap[]
  readonly statuses: string[]
  say(frame: object): void
  tick(offset: number, from?: number): void
  confirm(standing: object): void
}

/** A channel `c` that is leased, asked for, and confirmed at `offset`. */
async function following(offset = 0, options: Parameters<typeof uplinkRig>[0] = {}): Promise<Followed> {
  const rigged = uplinkRig(options)
  const lease = rigged.connection.channel('c')
  const seen: number[] = []
  const gaps: Gap[] = []
  const statuses: string[] = []
  lease.onMessage((data) => seen.push(data as number))
  lease.onGap((gap) => gaps.push(gap))
  lease.onStatus(({ status }) => statuses.push(status))
  void rigged.connection.connect()
  await settle()
  const say = (frame: object): void => rigged.server.socket().receive(frame)
  const confirm = (standing: object): void => say({ type: 'subscription_confirmed', channel: 'c', stream: 'c', epoch: 'e', offset: 0, top: 0, recovered: false, ...standing })
  const tick = (at: number, from?: number): void => say({ type: 't', channel: 'c', offset: at, ...(from === undefined ? {} : { from }), data: at })
  confirm({ offset, top: offset })
  return { rigged, lease, seen, gaps, statuses, say, confirm, tick }
}

const message = (offset: number): object => ({ type: 't', channel: 'c', offset, data: offset })
const lastRequest = ({ rigged }: Followed): unknown => rigged.subscriptions().at(-1)

describe('a channel with positions', () => {
  it('asks to be continued from where it is, and says that nothing was lost', async () => {
    const followed = await following(7)
    const { rigged, lease, seen, gaps, statuses, tick, confirm } = followed
    for (const offset of [8, 9]) tick(offset)
    rigged.server.socket().end()
    await rigged.platform.clock.advanceAsync(2_000)
    expect(lastRequest(followed)).toEqual({ channel: 'c', recover: { epoch: 'e', offset: 9 } })
    expect(lease.snapshot()).toMatchObject({ status: 'subscribing', recovered: null })
    confirm({ offset: 9, top: 12, recovered: true, messages: [message(10), message(11)] })
    expect(lease.snapshot()).toMatchObject({ status: 'catchingUp', recovered: true })
    expect(rigged.connection.snapshot().catchingUp).toBe(true)
    followed.say({ type: 'batch', messages: [message(12)] })
    expect(lease.snapshot()).toMatchObject({ status: 'live', recovered: true, gap: null, asOf: null })
    expect(rigged.connection.snapshot().catchingUp).toBe(false)
    tick(13)
    expect(seen).toEqual([8, 9, 10, 11, 12, 13])
    expect(gaps).toEqual([])
    expect(statuses).toEqual(['subscribing', 'live', 'waiting', 'subscribing', 'catchingUp', 'live'])
  })

  it('knows as of when its data is while it is not current', async () => {
    const { rigged, lease, confirm } = await following()
    await rigged.platform.clock.advanceAsync(5_000)
    const lostAt = rigged.platform.time()
    rigged.server.socket().end()
    await rigged.platform.clock.advanceAsync(2_000)
    expect(lease.snapshot().asOf).toBe(lostAt)
    confirm({ recovered: true })
    expect(lease.snapshot().asOf).toBeNull()
  })

  it.each([
    ['trimmed', { offset: 40, top: 40, reason: 'trimmed' }, { reason: 'trimmed', from: 1, to: 40 }],
    ['epoch_changed', { epoch: 'f', offset: 3, top: 3, reason: 'epoch_changed' }, { reason: 'epoch_changed', from: 1, to: null }],
    ['too_many', { offset: 9_000, top: 9_000, reason: 'too_many' }, { reason: 'too_many', from: 1, to: 9_000 }],
  ])('announces what is lost for good, with the server\'s reason: %s', async (_, standing, gap) => {
    const { rigged, lease, gaps, seen, tick, confirm } = await following()
    const told: unknown[] = []
    rigged.connection.on('gap', (event) => told.push(event))
    rigged.server.socket().end()
    await rigged.platform.clock.advanceAsync(2_000)
    confirm(standing)
    expect(gaps).toEqual([gap])
    expect(told).toEqual([{ channel: 'c', params: undefined, gap }])
    expect(lease.snapshot()).toMatchObject({ status: 'live', recovered: false, gap })
    tick(standing.offset + 1)
    expect(seen).toEqual([standing.offset + 1])
  })

  it('asks once for a hole, drops what comes before the answer, and goes on without a repeat', async () => {
    const followed = await following()
    const { rigged, seen, gaps, tick, confirm } = followed
    tick(1)
    tick(4)
    tick(5)
    expect(rigged.asked('subscribe')).toHaveLength(2)
    expect(lastRequest(followed)).toEqual({ channel: 'c', recover: { epoch: 'e', offset: 1 } })
    confirm({ offset: 1, top: 5, recovered: true, messages: [2, 3, 4, 5].map(message) })
    tick(6)
    expect(seen).toEqual([1, 2, 3, 4, 5, 6])
    expect(gaps).toEqual([])
  })

  it('asks nobody for a hole while the connection closes', async () => {
    const { rigged, lease, gaps, tick } = await following()
    tick(1)
    rigged.connection.disconnect({ graceful: true })
    tick(4)
    tick(5)
    expect(gaps).toEqual([])
    expect(rigged.asked('subscribe')).toHaveLength(1)
    expect(lease.snapshot().status).toBe('waiting')
  })

  it('announces a hole that the answer left open, and goes on', async () => {
    const { rigged, seen, gaps, tick, confirm } = await following()
    tick(1)
    tick(4)
    confirm({ offset: 1, top: 4, recovered: true, messages: [message(4)] })
    expect(rigged.asked('subscribe')).toHaveLength(2)
    expect(gaps).toEqual([{ reason: 'hole', from: 2, to: 3 }])
    tick(5)
    expect(seen).toEqual([1, 4, 5])
  })

  it('takes messages that cover more than one offset for what they are', async () => {
    const { seen, gaps, tick } = await following()
    tick(3, 1)
    tick(5, 2)
    tick(4, 4)
    expect(seen).toEqual([3, 5])
    expect(gaps).toEqual([])
  })

  it('hands a replayed message to nobody, neither by channel nor by type', async () => {
    const { rigged, seen, tick } = await following()
    const byType: unknown[] = []
    rigged.connection.subscribe('t', (data) => byType.push(data))
    for (const offset of [1, 2, 1, 2, 3, 1]) tick(offset)
    expect([seen, byType]).toEqual([[1, 2, 3], [1, 2, 3]])
  })

  it('announces it when the server begins a stream anew while it is connected', async () => {
    const { gaps, seen, tick, confirm } = await following()
    tick(1)
    confirm({ epoch: 'f', offset: 0, top: 0, reason: 'epoch_changed' })
    tick(1)
    expect(gaps).toEqual([{ reason: 'epoch_changed', from: 2, to: null }])
    expect(seen).toEqual([1, 1])
  })

  it('tells streams of one channel apart by their params, and routes by the name the server gave', async () => {
    const rigged = uplinkRig()
    const seen: Record<string, unknown[]> = { BTC: [], ETH: [] }
    for (const symbol of ['BTC', 'ETH']) rigged.connection.channel('book', { symbol }).onMessage((data) => seen[symbol]?.push(data))
    void rigged.connection.connect()
    await settle()
    const asked = rigged.subscriptions() as Array<{ ref: string; params: { symbol: string } }>
    expect(new Set(asked.map(({ ref }) => ref)).size).toBe(2)
    for (const { ref, params } of asked) {
      rigged.server.socket().receive({ type: 'subscription_confirmed', channel: 'book', ref, stream: `book/${params.symbol}`, epoch: 'e', offset: 0, top: 0, recovered: false })
    }
    rigged.server.socket().receive({ type: 'b', channel: 'book', stream: 'book/ETH', offset: 1, data: 'eth' })
    rigged.server.socket().receive({ type: 'b', channel: 'book', stream: 'book/BTC', offset: 1, data: 'btc' })
    expect(seen).toEqual({ BTC: ['btc'], ETH: ['eth'] })
  })

  it('hands no channel what belongs to another that is called like its subscription', async () => {
    const rigged = uplinkRig()
    const seen: Record<string, unknown[]> = {}
    const follow = (name: string, params?: object): void => {
      const key = JSON.stringify([name, params])
      seen[key] = []
      rigged.connection.channel(name, params as never).onMessage((data) => seen[key]?.push(data))
    }
    follow('book', { s: 1 })
    for (const name of ['book', 'book#1', 'book#2', 'book#1#2']) follow(name)
    void rigged.connection.connect()
    await settle()
    const asked = rigged.subscriptions() as Array<{ channel: string; ref?: string; params?: object }>
    // A server knows a subscription by its ref, or by its channel where it has none.
    expect(new Set(asked.map(({ channel, ref = channel }) => ref)).size).toBe(5)
    for (const { channel, params, ...ref } of asked) {
      rigged.server.socket().receive({ type: 'subscription_confirmed', channel, ...ref, stream: JSON.stringify([channel, params]), epoch: 'e', offset: 0, top: 0, recovered: false })
    }
    for (const stream of Object.keys(seen)) rigged.server.socket().receive({ type: 'b', channel: 'x', stream, offset: 1, data: stream })
    expect(seen).toEqual(Object.fromEntries(Object.keys(seen).map((key) => [key, [key]])))
  })

  it('says what a server has lost that has less than the client, and takes what comes from there', async () => {
    const { rigged, lease, gaps, seen, tick, confirm } = await following(10)
    rigged.server.socket().end()
    await rigged.platform.clock.advanceAsync(2_000)
    confirm({ offset: 7, top: 7, reason: 'epoch_changed' })
    expect(gaps).toEqual([{ reason: 'epoch_changed', from: 11, to: null }])
    expect(lease.snapshot()).toMatchObject({ status: 'live', recovered: false })
    tick(8)
    expect(seen).toEqual([8])
  })

  it.each(['status', 'error', 'ack', 'ping', 'notice'])('brings messages of the type %s back, which are data by their place in the stream', async (type) => {
    const { rigged, lease, seen, gaps, say, confirm } = await following()
    const one = (offset: number): object => ({ type, channel: 'c', offset, data: offset })
    say(one(1))
    rigged.server.socket().end()
    await rigged.platform.clock.advanceAsync(2_000)
    confirm({ offset: 1, top: 4, recovered: true, messages: [one(2)] })
    say({ type: 'batch', messages: [one(3), one(4)] })
    expect(seen).toEqual([1, 2, 3, 4])
    expect(gaps).toEqual([])
    expect(lease.snapshot()).toMatchObject({ status: 'live', recovered: true })
  })

  it.each([
    ['of a reserved type', { type: 'error', message: 'x' }], ['without a type', { data: 1 }], ['that is nothing', null], ['with a wrong offset', { type: 't', offset: 0 }],
  ])('loses to a message %s only that message, and reports it', async (_, bad) => {
    const { rigged, lease, seen, say, confirm } = await following()
    rigged.server.socket().end()
    await rigged.platform.clock.advanceAsync(2_000)
    confirm({ offset: 0, top: 3, recovered: true, messages: [message(1), bad, message(2)] })
    say({ type: 'batch', messages: [bad, message(3), bad] })
    expect(seen).toEqual([1, 2, 3])
    expect(lease.snapshot().status).toBe('live')
    expect(rigged.log.filter((name) => name === 'UPLINK_MESSAGE_UNKNOWN')).toHaveLength(2)
  })

  it('asks for only the newest message where only that matters, and sees no hole in it', async () => {
    const rigged = uplinkRig()
    const lease = rigged.connection.channel('price', undefined, { mode: 'latest' })
    const seen: unknown[] = []
    lease.onMessage((data) => seen.push(data))
    void rigged.connection.connect()
    await settle()
    const [{ ref, mode } = { ref: '', mode: '' }] = rigged.subscriptions() as Array<{ ref: string; mode: string }>
    expect(mode).toBe('latest')
    rigged.server.socket().receive({
      type: 'subscription_confirmed', channel: 'price', ref, stream: 'price', epoch: 'e', offset: 0, top: 90, recovered: true,
      messages: [{ type: 'p', channel: 'price', from: 1, offset: 90, data: 90 }],
    })
    expect(seen).toEqual([90])
    expect(lease.snapshot()).toMatchObject({ status: 'live', gap: null })
  })

  it('asks again when the server owes an answer for connectTimeout', async () => {
    const rigged = uplinkRig({ connectTimeout: 3_000 })
    rigged.connection.channel('c')
    void rigged.connection.connect()
    await rigged.platform.clock.advanceAsync(7_000)
    expect(rigged.asked('subscribe')).toHaveLength(3)
    expect(rigged.log.filter((name) => name === 'UPLINK_CHANNEL_TIMEOUT')).toHaveLength(2)
  })

  it('is not waited for once the server has refused it', async () => {
    const { rigged, lease, say } = await following()
    rigged.server.socket().end()
    await rigged.platform.clock.advanceAsync(2_000)
    expect(rigged.connection.snapshot().catchingUp).toBe(true)
    say({ type: 'error', code: 'not_authorized', message: 'no longer', channel: 'c' })
    expect(lease.snapshot()).toMatchObject({ status: 'refused', error: { code: 'UPLINK_CHANNEL_REFUSED' } })
    expect(rigged.connection.snapshot().catchingUp).toBe(false)
  })

  it('stops handing on what a recovery brings once a listener has disconnected', async () => {
    const { rigged, lease, seen, confirm } = await following()
    rigged.server.socket().end()
    await rigged.platform.clock.advanceAsync(2_000)
    lease.onMessage(() => rigged.connection.disconnect())
    confirm({ offset: 0, top: 3, recovered: true, messages: [1, 2, 3].map(message) })
    expect(seen).toEqual([1])
    expect(rigged.connection.snapshot().state).toBe('disconnected')
  })
})

describe('a place in a stream', () => {
  it('is never moved back, and accounts for every offset: handed on, seen, or announced as lost', () => {
    const messages = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.nat(3)), { maxLength: 60 })
    fc.assert(fc.property(messages, (list) => {
      const place = createPlace()
      stand(place, { stream: 's', epoch: 'e', offset: 0, top: 0, recovered: false, reason: null, messages: [] })
      const covered = new Set<number>()
      for (const [offset, width] of list) {
        const from = Math.max(1, offset - width)
        const before = place.offset
        const verdict = advance(place, from, offset)
        expect(place.offset).toBeGreaterThanOrEqual(before)
        if (verdict === 'next' || verdict === 'gap') {
          expect(verdict === 'gap').toBe(from > before + 1)
          for (let each = before + 1; each <= offset; each++) expect(covered.has(each)).toBe(false)
          for (let each = before + 1; each <= offset; each++) covered.add(each)
        } else expect(place.offset).toBe(before)
      }
      expect(covered.size).toBe(place.offset)
    }))
  })
})
