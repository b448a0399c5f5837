import { describe, expect, it } from 'vitest'
import type { MarketResult, OrderBookData } from 'uplink/market'
import { createRig, settle } from './rig.ts'

type Pair = readonly [string, string]

const STREAM = 'btcusdt@depth@100ms'
const update = (U: number, u: number, b: readonly Pair[] = [], a: readonly Pair[] = []): object => ({ e: 'depthUpdate', E: 1, s: 'BTCUSDT', U, u, b, a })
const snapshot = (lastUpdateId: number, bid = '1'): object => ({ lastUpdateId, bids: [['9.9', bid], ['9.8', '2'], ['9.7', '3']], asks: [['10.1', '1'], ['10.2', '2'], ['10.3', '3']] })

async function follow(options: Parameters<typeof createRig>[0] = {}) {
  const rig = createRig(options)
  const seen: Array<MarketResult<OrderBookData>> = []
  rig.market.subscribeToOrderBook('BTCUSDT', (result) => seen.push(result), { depth: 2 })
  await settle()
  return { ...rig, seen, last: () => seen.at(-1) as MarketResult<OrderBookData> }
}

describe('an order book', () => {
  it('asks for its snapshot once updates come, joins them, and tells every change', async () => {
    const venue = await follow()
    expect(venue.asked).toEqual([])
    venue.answers['depth'] = () => snapshot(100)
    venue.say(STREAM, update(99, 101, [['9.9', '4']]))
    venue.say(STREAM, update(102, 103, [], [['10.1', '0']]))
    await settle()
    expect(venue.asked).toEqual(['depth?symbol=BTCUSDT&limit=1000'])
    expect(venue.last()).toMatchObject({ source: 'live', error: null, data: { lastUpdateId: 103, bids: [['9.9', '4'], ['9.8', '2']], asks: [['10.2', '2'], ['10.3', '3']] } })
    venue.say(STREAM, update(104, 104, [['9.95', '8']]))
    expect(venue.last().data?.bids[0]).toEqual(['9.95', '8'])
  })

  it.each<[string, object, string]>([
    ['a hole', update(150, 151), 'UPLINK_BOOK_GAP'],
    ['a level that cannot be read', update(101, 101, [['9.9', 'x']]), 'UPLINK_BOOK_INVALID'],
    ['a bid above the asks', update(101, 101, [['11', '1']]), 'UPLINK_BOOK_CROSSED'],
    ['no update at all', { e: 'depthUpdate' }, 'UPLINK_BOOK_INVALID'],
  ])('shows the last book that was right after %s, as cache with a code, and is live again after a new snapshot', async (_, wrong, code) => {
    const venue = await follow()
    venue.answers['depth'] = () => snapshot(100)
    venue.say(STREAM, update(100, 100))
    await settle()
    const before = venue.last().data
    venue.answers['depth'] = () => snapshot(152, '7')
    await venue.pass(10_000)
    venue.say(STREAM, wrong)
    expect(venue.last()).toMatchObject({ source: 'cache', data: before, error: { code }, age: 10_000 })
    expect(venue.errors).toEqual([code])
    venue.say(STREAM, update(152, 152))
    await venue.pass(1_000)
    expect(venue.last()).toMatchObject({ source: 'live', error: null, data: { bids: [['9.9', '7'], ['9.8', '2']] } })
  })

  it('reports an update that came twice, and is as right as before', async () => {
    const venue = await follow()
    venue.answers['depth'] = () => snapshot(100)
    venue.say(STREAM, update(100, 100))
    await settle()
    for (let twice = 0; twice < 2; twice++) venue.say(STREAM, update(101, 101, [['9.9', '5']]))
    expect([venue.errors, venue.last().error, venue.last().data?.bids[0]]).toEqual([['UPLINK_BOOK_REPEATED'], null, ['9.9', '5']])
  })

  it('asks again where a snapshot was overtaken, cannot be read or does not come, and not faster and faster', async () => {
    const venue = await follow()
    const answers = [snapshot(90), { lastUpdateId: 'x' }, new Response('busy', { status: 503 }), { ...snapshot(120), bids: [['10.1', '1']] }, snapshot(120)]
    venue.answers['depth'] = () => answers.shift()
    venue.say(STREAM, update(100, 101))
    await venue.pass(1)
    expect(venue.last().error?.code).toBe('UPLINK_BOOK_STALE')
    await venue.pass(8_000)
    expect(venue.errors).toEqual(['UPLINK_BOOK_STALE', 'UPLINK_REST_INVALID', 'UPLINK_REST_REFUSED', 'UPLINK_BOOK_CROSSED'])
    expect(venue.last()).toMatchObject({ source: 'live', error: null })
    expect(venue.asked).toHaveLength(5)
  })

  it('does not ask for snapshots without end at a venue whose books always cross', async () => {
    const venue = await follow()
    let id = 100
    venue.answers['depth'] = () => snapshot(id)
    for (let turn = 0; turn < 600; turn++) {
      id++
      venue.say(STREAM, update(id, id, [['11', '1']]))
      await venue.pass(100)
    }
    expect(venue.asked.length).toBeGreaterThan(3)
    expect(venue.asked.length).toBeLessThan(15)
  })

  it('is what it was, dimmed by its source, through an outage, and is synchronised anew after it', async () => {
    const venue = await follow()
    venue.answers['depth'] = () => snapshot(100)
    venue.say(STREAM, update(100, 100))
    await settle()
    venue.cut(false)
    expect(venue.last()).toMatchObject({ source: 'cache', data: { lastUpdateId: 100 } })
    venue.answers['depth'] = () => snapshot(500, '6')
    venue.venue.isUp = true
    await venue.pass(6_000)
    expect(venue.last()).toMatchObject({ source: 'live', data: { lastUpdateId: 500 } })
    venue.say(STREAM, update(501, 501))
    expect(venue.last()).toMatchObject({ source: 'live', data: { lastUpdateId: 501, bids: [['9.9', '6'], ['9.8', '2']] } })
    expect(venue.errors.filter((code) => code.startsWith('UPLINK_BOOK'))).toEqual([])
  })

  it('is fetched anew, while it stays live, before it grows thinner than what is shown', async () => {
    const venue = await follow({ bookLimit: 10 })
    const deep = (lastUpdateId: number, first: number): object => ({
      lastUpdateId, bids: Array.from({ length: 10 }, (_, index) => [`${first - index}`, '1']), asks: Array.from({ length: 10 }, (_, index) => [`${200 + index}`, '1']),
    })
    venue.answers['depth'] = () => deep(100, 100)
    venue.say(STREAM, update(100, 100))
    await settle()
    venue.answers['depth'] = () => deep(101, 91)
    venue.say(STREAM, update(101, 101, Array.from({ length: 9 }, (_, index) => [`${100 - index}`, '0'] as const)))
    expect(venue.last()).toMatchObject({ source: 'live', data: { bids: [['91', '1']] } })
    await venue.pass(6_000)
    expect(venue.last()).toMatchObject({ source: 'live', data: { bids: [['91', '1'], ['90', '1']] } })
  })

  it('comes from REST alone where no stream flows', async () => {
    const venue = await follow()
    venue.cut(false)
    venue.answers['depth'] = () => snapshot(100)
    await venue.pass(2_000)
    expect(venue.last()).toMatchObject({ source: 'fallback', data: { lastUpdateId: 100 } })
  })

  it('follows the rules of futures where it is told to', async () => {
    const venue = await follow({ rules: 'futures' })
    venue.answers['depth'] = () => snapshot(100)
    venue.say(STREAM, { ...update(98, 104), pu: 95 })
    await settle()
    venue.say(STREAM, { ...update(150, 160, [['9.9', '3']]), pu: 104 })
    expect(venue.last()).toMatchObject({ source: 'live', data: { lastUpdateId: 160, bids: [['9.9', '3'], ['9.8', '2']] } })
    venue.say(STREAM, { ...update(170, 180), pu: 161 })
    expect(venue.last().error?.code).toBe('UPLINK_BOOK_GAP')
  })

  it('says that it needs REST where there is none', async () => {
    const venue = await follow({ rest: false })
    venue.say(STREAM, update(100, 100))
    await settle()
    expect(venue.last()).toMatchObject({ data: null, source: 'cache', age: null, error: { code: 'UPLINK_REST_MISSING' } })
  })
})
