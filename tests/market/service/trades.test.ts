import { describe, expect, it } from 'vitest'
import type { AggTrade, MarketResult } from 'uplink/market'
import { createRig, settle } from './rig.ts'

const STREAM = 'btcusdt@aggTrade'
const trade = (a: number): object => ({ e: 'aggTrade', E: a, s: 'BTCUSDT', a, p: `${a}.5`, q: '1', f: a, l: a, T: a, m: a % 2 === 0, M: true })
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** A venue that has made trades 1 to `newest`. */
function createVenue(newest: number, limit = 5) {
  const rig = createRig()
  const made = { newest }
  rig.answers['aggTrades'] = (query) => {
    const count = Number(query.get('limit'))
    const from = query.has('fromId') ? Number(query.get('fromId')) : made.newest - count + 1
    return range(Math.max(1, from), Math.min(made.newest, from + count - 1)).map(trade)
  }
  const heard: number[] = []
  const results: Array<MarketResult<readonly AggTrade[]>> = []
  rig.market.subscribeToTrades('BTCUSDT', (result) => {
    results.push(result)
    heard.push(...(result.data ?? []).map(({ id }) => id))
  }, { limit })
  return { ...rig, made, heard, results, last: () => results.at(-1) as MarketResult<readonly AggTrade[]> }
}

describe('trades', () => {
  it('are the last ones from REST, then each as it comes, none twice', async () => {
    const venue = createVenue(100)
    await settle()
    expect([venue.heard, venue.last().source]).toEqual([[96, 97, 98, 99, 100], 'fallback'])
    for (const id of [101, 102, 102, 101, 103]) venue.say(STREAM, trade(id))
    expect(venue.heard).toEqual(range(96, 103))
    expect(venue.last()).toMatchObject({ source: 'live', error: null, data: [{ id: 103, price: '103.5', quantity: '1', time: 103, isBuyerMaker: false }] })
  })

  it('that come while history is fetched wait for it', async () => {
    const venue = createVenue(100)
    await Promise.resolve()
    venue.say(STREAM, trade(100))
    venue.say(STREAM, trade(101))
    expect(venue.heard).toEqual([])
    await settle()
    expect(venue.heard).toEqual(range(96, 101))
  })

  it('that are missing before one that comes are fetched, however many pages, and told in order before it', async () => {
    const venue = createVenue(100)
    await settle()
    venue.say(STREAM, trade(101))
    venue.made.newest = 2_600
    venue.say(STREAM, trade(2_601))
    venue.say(STREAM, trade(2_602))
    expect(venue.heard.at(-1)).toBe(101)
    await settle()
    await settle()
    expect(venue.heard).toEqual(range(96, 2_602))
    expect(venue.last().error).toBeNull()
    expect(venue.asked.slice(1).map((question) => /fromId=(\d+)/.exec(question)?.[1])).toEqual(['102', '1102', '2102'])
  })

  it('that were made in an outage are there after it, also where none is made any more', async () => {
    const venue = createVenue(100)
    await settle()
    venue.cut(false)
    expect(venue.last().source).toBe('cache')
    venue.made.newest = 103
    venue.venue.isUp = true
    await venue.pass(6_000)
    expect([venue.heard, venue.last().error]).toEqual([range(96, 103), null])
  })

  it('that come twice, or in another order, while others are fetched are told once and in order; what was lost meanwhile is fetched too', async () => {
    const venue = createVenue(100)
    await settle()
    venue.made.newest = 104
    for (const id of [105, 107, 106, 107, 105, 110]) venue.say(STREAM, trade(id))
    venue.made.newest = 110
    await settle()
    expect([venue.heard, venue.last().error]).toEqual([range(96, 110), null])
  })

  it('that REST has not heard of yet are asked for again, before they are called missing', async () => {
    const venue = createVenue(100)
    await settle()
    venue.say(STREAM, trade(103))
    await settle()
    venue.made.newest = 103
    await venue.pass(500)
    expect([venue.heard, venue.errors]).toEqual([range(96, 103), []])
    venue.say(STREAM, trade(110))
    await venue.pass(3_000)
    expect([venue.heard.at(-1), venue.errors]).toEqual([110, ['UPLINK_CHANNEL_GAP']])
    expect(venue.asked).toHaveLength(7)
  })

  it('that the venue itself has lost are said to be missing, once', async () => {
    const venue = createVenue(100)
    await settle()
    venue.answers['aggTrades'] = (query) => range(Math.max(105, Number(query.get('fromId'))), 106).map(trade)
    venue.say(STREAM, trade(107))
    await settle()
    expect(venue.heard).toEqual([...range(96, 100), 105, 106, 107])
    expect(venue.errors).toEqual(['UPLINK_CHANNEL_GAP'])
    expect(venue.last().error?.message).toContain('trades 101 to 104 are missing')
  })

  it('that REST cannot bring are said to be missing, as long as the place is shown', async () => {
    const venue = createVenue(100)
    await settle()
    venue.venue.restIsUp = false
    venue.say(STREAM, trade(110))
    await settle()
    expect(venue.last().error).toMatchObject({ code: 'UPLINK_CHANNEL_GAP', message: expect.stringContaining('trades 101 to 109 are missing') })
    expect(venue.heard).toEqual([...range(96, 100), 110])
    for (const id of range(111, 113)) venue.say(STREAM, trade(id))
    expect(venue.last().error?.code).toBe('UPLINK_CHANNEL_GAP')
    venue.say(STREAM, trade(114))
    expect([venue.last().error, venue.heard]).toEqual([null, [...range(96, 100), ...range(110, 114)]])
  })

  it('that REST fails to bring at first are asked for again after 0.25 s, and the failure is told until then', async () => {
    const venue = createVenue(100)
    venue.venue.restIsUp = false
    await settle()
    expect([venue.asked.length, venue.errors, venue.last().error?.code]).toEqual([1, ['UPLINK_REST_FAILED'], 'UPLINK_REST_FAILED'])
    await venue.pass(750)
    expect(venue.asked.length).toBeGreaterThan(1)
    expect(venue.asked.length).toBeLessThan(4)
    venue.venue.restIsUp = true
    await venue.pass(2_000)
    expect([venue.heard, venue.last().error]).toEqual([range(96, 100), null])
    const { length } = venue.asked
    await venue.pass(30_000)
    expect(venue.asked).toHaveLength(length)
  })

  it('that follow each other on the stream are told at once though REST fails, which is then left alone', async () => {
    const venue = createVenue(100)
    venue.venue.restIsUp = false
    await settle()
    venue.say(STREAM, trade(101))
    venue.say(STREAM, trade(102))
    expect([venue.heard, venue.last().error]).toEqual([[101, 102], null])
    await venue.pass(30_000)
    expect(venue.asked).toHaveLength(1)
  })

  it('that cannot be read are errors; what is missing for it is fetched', async () => {
    const venue = createVenue(100)
    await settle()
    for (const wrong of [{ a: '101' }, { p: 'x' }, { q: '-1' }, { m: 1 }, { T: 1.5 }]) venue.say(STREAM, { ...trade(101), ...wrong })
    expect(venue.heard.at(-1)).toBe(100)
    expect(venue.errors).toEqual(Array.from({ length: 5 }, () => 'UPLINK_MESSAGE_INVALID'))
    venue.made.newest = 102
    venue.say(STREAM, trade(102))
    await settle()
    expect(venue.heard).toEqual(range(96, 102))
  })

  it('are kept in a list of bounded length for those who render', async () => {
    const venue = createVenue(100)
    const store = venue.market.stores.trades('BTCUSDT', 5)
    store.subscribe(() => undefined)
    await settle()
    venue.say(STREAM, trade(101))
    venue.platform.paint()
    expect(store.getState().data?.map(({ id }) => id)).toEqual(range(97, 101))
  })
})
