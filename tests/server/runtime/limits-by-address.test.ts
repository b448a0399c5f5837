/** What counts as one address, and that nothing about addresses is remembered for longer than it matters. */
import type { Server } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createBans } from '../../../src/server/runtime/bans.ts'
import { systemClock } from '../../../src/server/runtime/clock.ts'
import { createGuests } from '../../../src/server/runtime/guests.ts'
import { createKnocks } from '../../../src/server/runtime/knocks.ts'
import { networkOf } from '../../../src/server/runtime/networks.ts'
import { anonymous, wsDoor } from '../../../src/server/index.ts'
import { GENEROUS, type Running, bare, startServer } from './support.ts'

const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address })
const limited = (guests: object): Promise<Running> => startServer({
  doorsOf: (http: Server) => [wsDoor({ server: http, trustedProxies: 1 })], limits: { ...GENEROUS, guests: { ...GENEROUS.guests, ...guests } },
})

describe('one address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'], ['::FFFF:c000:207', '192.0.2.7'], ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'], ['64:ff9b::192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'], ['2001:DB8:0001:0002::1', '2001:db8:1:2::/64'], ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2::192.0.2.7', '2001:db8:1:2::/64'], ['2001:db8:1:3::1', '2001:db8:1:3::/64'], ['::1', '0:0:0:0::/64'], ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''], ['unknown', 'unknown'], ['::ffff', '0:0:0:0::/64'], ['1::2::3', '1::2::3'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it('is a whole /64 of IPv6: whoever takes another address of it is the same', async () => {
    const { server, url } = await limited({ connectionsPerAddress: 2 })
    await bare(url, [], from('2001:db8:1:2::1'))
    await bare(url, [], from('2001:db8:1:2:ffff::2'))
    await expect(bare(url, [], from('2001:db8:1:2::3'))).rejects.toThrow('HTTP 429')
    await bare(url, [], from('2001:db8:1:3::3'))
    expect(server.stats().counters.turnedAway).toEqual({ connections_per_address: 1 })
  })

  it('of IPv4 is the same in every way that proxies and sockets write it', async () => {
    const { url } = await limited({ connectionsPerAddress: 1 })
    await bare(url, [], from('192.0.2.7'))
    for (const other of ['::ffff:192.0.2.7', '192.0.2.7:50123', '[::ffff:c000:207]:50123']) {
      await expect(bare(url, [], from(other))).rejects.toThrow('HTTP 429')
    }
    await bare(url, [], from('192.0.2.8:50123'))
  })

  it('is what bans and handshakes are counted by, too', async () => {
    const { url } = await limited({ handshakes: { max: 1e6, perAddress: 2, windowMs: 60_000 } })
    await bare(url, [], from('2001:db8::1'))
    await bare(url, [], from('2001:db8::2'))
    await expect(bare(url, [], from('2001:db8::3'))).rejects.toThrow('HTTP 429')
    const banned = await startServer({
      doorsOf: (http: Server) => [wsDoor({ server: http, trustedProxies: 1 })],
      limits: { ...GENEROUS, rates: { messages: { max: 1, windowMs: 60_000 }, refusals: { max: 1, windowMs: 60_000 }, banMs: 60_000 } },
    })
    const wild = await bare(banned.url, [], from('2001:db8::1'))
    for (let message = 0; message < 9; message++) wild.say({ type: 'order' })
    expect((await wild.closed)[0]).toBe(4429)
    await expect(bare(banned.url, [], from('2001:db8::ffff'))).rejects.toThrow('HTTP 429')
    await bare(banned.url, [], from('2001:db8:0:1::1'))
  })

  it('is told to authenticators without what stands around it', async () => {
    const seen: string[] = []
    const { url } = await startServer({
      doorsOf: (http: Server) => [wsDoor({ server: http, trustedProxies: 1 })],
      authenticate: ({ address }) => { seen.push(address); return { identity: null } },
    })
    for (const address of ['::ffff:192.0.2.7', '192.0.2.7:80', '[2001:db8::1]:80', '2001:db8::1']) await bare(url, [], from(address))
    await expect.poll(() => seen).toEqual(['192.0.2.7', '192.0.2.7', '2001:db8::1', '2001:db8::1'])
  })
})

describe('what is remembered of addresses', () => {
  let now = 0
  const clock = { ...systemClock, now: () => now }
  const addresses = (count: number): string[] => Array.from({ length: count }, (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`)

  it('ends with the window, also of those who never came again while others went on', () => {
    const knocks = createKnocks(clock, { max: 1e6, perAddress: 5, windowMs: 1_000 })
    for (let round = 0; round < 10; round++) {
      knocks.knock('10.0.0.0')
      for (const address of addresses(20_000)) knocks.knock(`${round} ${address}`)
      now += 1_000
    }
    knocks.knock('10.0.0.0')
    expect(knocks.size).toBe(1)
  })

  it('has the bound of all handshakes of a window, however many knock', () => {
    const guests = createGuests({
      clock, limits: { connectionsPerUser: 1, connectionsPerAddress: 10, handshakes: { max: 100, perAddress: 2, windowMs: 1_000 } },
      authenticate: anonymous(), sharedLimiter: null, isAllowedOrigin: () => true, isReturning: () => false, turnedAway: () => undefined, failed: () => undefined,
    })
    const statuses = addresses(10_000).map((address) => guests.admit({ address, origin: undefined, headers: {} })?.status)
    expect(statuses.filter((status) => status === undefined)).toHaveLength(100)
    expect(new Set(statuses.slice(100))).toEqual(new Set([503]))
    const knocks = createKnocks(clock, { max: 100, perAddress: 2, windowMs: 1_000 })
    for (const address of addresses(10_000)) if (knocks.knock(address) === null) knocks.pass()
    expect(knocks.size).toBe(100)
  })

  it('is a ban only until it ends, and bans have a bound', () => {
    const bans = createBans(clock, 1_000)
    bans.ban('long ago', 500)
    now += 501
    expect(bans.left('somebody else')).toBe(0)
    expect(bans.size).toBe(0)
    for (const address of addresses(5_000)) bans.ban(address, 60_000)
    expect(bans.size).toBe(1_000)
    expect(bans.left(addresses(5_000).at(-1) as string)).toBe(60_000)
    now += 60_000
    expect(bans.left('somebody else')).toBe(0)
    expect(bans.size).toBe(0)
  })

  it('begins anew for who is banned again', () => {
    const bans = createBans(clock)
    bans.ban('a', 1_000)
    bans.ban('b', 1_000)
    now += 900
    bans.ban('a', 1_000)
    now += 900
    expect([bans.left('a'), bans.left('b'), bans.size]).toEqual([100, 0, 1])
  })
})
