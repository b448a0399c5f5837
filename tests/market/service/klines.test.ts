import { describe, expect, it } from 'vitest'
import type { Kline, MarketResult } from 'uplink/market'
import { createRig, settle } from './rig.ts'

const MINUTE = 60_000
const raw = (minute: number, close: string, n: number): unknown[] => [minute * MINUTE, '1', '9', '1', close, '10', (minute + 1) * MINUTE - 1, '20', n, '0', '0', '0']
const event = (minute: number, c: string, n: number, x = false): object => ({
  e: 'kline', E: 1, s: 'BTCUSDT', k: { t: minute * MINUTE, T: (minute + 1) * MINUTE - 1, s: 'BTCUSDT', i: '1m', o: '1', c, h: '9', l: '1', v: '10', n, x, q: '20' },
})
const STREAM = 'btcusdt@kline_1m'

/** What a series shows: minute, close. */
const short = (list: readonly Kline[] | null | undefined): Array<[number, string]> => (list ?? []).map(({ openTime, close }) => [openTime / MINUTE, close])

function follow(rig: ReturnType<typeof createRig>) {
  const seen: Array<MarketResult<readonly Kline[]>> = []
  rig.market.subscribeToKlines('BTCUSDT', '1m', (result) => seen.push(result), { limit: 5 })
  return { seen, last: () => seen.at(-1) as MarketResult<readonly Kline[]> }
}

describe('candles', () => {
  it('are history from REST and the newest from the stream, in one list of bounded length', async () => {
    const rig = createRig()
    rig.answers['klines'] = () => [1, 2, 3, 4, 5].map((minute) => raw(minute, `${minute}`, 3))
    const { last } = follow(rig)
    await settle()
    expect(rig.asked).toEqual(['klines?symbol=BTCUSDT&interval=1m&limit=5'])
    expect([short(last().data).length, last().source, last().data?.map(({ isClosed }) => isClosed)]).toEqual([5, 'fallback', [true, true, true, true, false]])
    rig.say(STREAM, event(5, '5.5', 4))
    rig.say(STREAM, event(5, '5.7', 5, true))
    rig.say(STREAM, event(6, '6.1', 1))
    expect(short(last().data)).toEqual([[2, '2'], [3, '3'], [4, '4'], [5, '5.7'], [6, '6.1']])
    expect(last().source).toBe('live')
    expect(rig.asked).toHaveLength(1)
  })

  it('keep the newer state of one candle, whichever way it came first', async () => {
    const rig = createRig()
    rig.answers['klines'] = () => [raw(1, '1', 3), raw(2, '2.0', 3)]
    const { last } = follow(rig)
    await Promise.resolve()
    rig.say(STREAM, event(2, '2.9', 8))
    await settle()
    expect(short(last().data)).toEqual([[1, '1'], [2, '2.9']])
    expect(last().source).toBe('live')
  })

  it('say when some are missing, and have them filled in from the last that was open', async () => {
    const rig = createRig()
    rig.answers['klines'] = () => [raw(1, '1', 3)]
    const { seen, last } = follow(rig)
    await settle()
    rig.answers['klines'] = (query) => [1, 2, 3].filter((minute) => minute * MINUTE >= Number(query.get('startTime'))).map((minute) => raw(minute, `${minute}.9`, 30))
    rig.say(STREAM, event(4, '4', 1))
    expect(last().error?.code).toBe('UPLINK_CHANNEL_GAP')
    await rig.pass(500)
    expect(rig.asked.at(-1)).toBe(`klines?symbol=BTCUSDT&interval=1m&limit=1000&startTime=${MINUTE}`)
    expect([short(last().data), last().error]).toEqual([[[1, '1.9'], [2, '2.9'], [3, '3.9'], [4, '4']], null])
    expect(seen.some(({ error }) => error !== null)).toBe(true)
  })

  it('are whole again after an outage, also the one that was open when it began', async () => {
    const rig = createRig()
    rig.answers['klines'] = () => [raw(1, '1', 3), raw(2, '2', 3)]
    const { last } = follow(rig)
    await settle()
    rig.say(STREAM, event(2, '2.2', 4))
    rig.cut(false)
    expect(last().source).toBe('cache')
    rig.answers['klines'] = () => [raw(2, '2.99', 40), raw(3, '3', 2)]
    rig.venue.isUp = true
    await rig.pass(6_000)
    expect(short(last().data)).toEqual([[1, '1'], [2, '2.99'], [3, '3']])
  })

  it('are kept, with the error, while REST is down; it is asked again, ever more rarely', async () => {
    const rig = createRig()
    rig.venue.restIsUp = false
    const { last } = follow(rig)
    rig.say(STREAM, event(2, '2.2', 4))
    await rig.pass(60_000)
    expect([short(last().data), last().error?.code]).toEqual([[[2, '2.2']], 'UPLINK_REST_FAILED'])
    expect(rig.asked.length).toBeGreaterThan(5)
    expect(rig.asked.length).toBeLessThan(16)
    rig.venue.restIsUp = true
    rig.answers['klines'] = () => [raw(1, '1', 3), raw(2, '2', 3)]
    await rig.pass(16_000)
    expect([short(last().data), last().error]).toEqual([[[1, '1'], [2, '2.2']], null])
  })

  it('are history still where its first request failed, a candle streamed, and the socket was lost', async () => {
    const rig = createRig()
    rig.venue.restIsUp = false
    const { last } = follow(rig)
    await settle()
    rig.say(STREAM, event(9, '9', 4))
    rig.cut()
    await rig.pass(6_000)
    rig.venue.restIsUp = true
    rig.answers['klines'] = (query) => [5, 6, 7, 8, 9].filter((minute) => minute * MINUTE >= Number(query.get('startTime') ?? 0)).map((minute) => raw(minute, `${minute}`, 4))
    await rig.pass(16_000)
    expect([short(last().data).map(([minute]) => minute), last().error]).toEqual([[5, 6, 7, 8, 9], null])
  })

  it('that were lost twice while REST was down are fetched from the first loss on', async () => {
    const rig = createRig()
    rig.answers['klines'] = () => [raw(1, '1', 3)]
    const { last } = follow(rig)
    await settle()
    rig.venue.restIsUp = false
    rig.say(STREAM, event(3, '3', 1))
    await settle()
    rig.cut()
    await rig.pass(6_000)
    rig.venue.restIsUp = true
    rig.answers['klines'] = (query) => [1, 2, 3].filter((minute) => minute * MINUTE >= Number(query.get('startTime'))).map((minute) => raw(minute, `${minute}.9`, 30))
    await rig.pass(16_000)
    expect([short(last().data), last().error]).toEqual([[[1, '1.9'], [2, '2.9'], [3, '3.9']], null])
  })

  it('that were lost while an answer was under way are asked for again', async () => {
    const rig = createRig()
    rig.answers['klines'] = () => [raw(1, '1.1', 3)]
    const { last } = follow(rig)
    // The request is on its way, and does not know what is lost from here on.
    await Promise.resolve()
    rig.say(STREAM, event(1, '1', 2))
    rig.say(STREAM, event(4, '4', 1))
    await settle()
    expect([rig.asked.length, last().error?.code]).toEqual([1, 'UPLINK_CHANNEL_GAP'])
    rig.answers['klines'] = () => [1, 2, 3, 4].map((minute) => raw(minute, `${minute}.9`, 30))
    await rig.pass(500)
    expect([short(last().data), last().error]).toEqual([[[1, '1.9'], [2, '2.9'], [3, '3.9'], [4, '4.9']], null])
    expect(rig.asked).toHaveLength(2)
  })

  it('that nobody can bring, for want of REST, are said to be missing as long as the place is shown', async () => {
    const rig = createRig({ rest: false })
    const { last } = follow(rig)
    await settle()
    rig.say(STREAM, event(1, '1', 1, true))
    for (const minute of [3, 4, 5, 6]) rig.say(STREAM, event(minute, `${minute}`, 1, true))
    expect(last().error).toMatchObject({ code: 'UPLINK_CHANNEL_GAP', message: expect.stringContaining('there is no REST to ask') })
    rig.say(STREAM, event(7, '7', 1, true))
    expect([short(last().data).map(([minute]) => minute), last().error]).toEqual([[3, 4, 5, 6, 7], null])
  })

  it('of another interval, or with half a price, are errors and not shown', async () => {
    const rig = createRig({ rest: false })
    const { seen } = follow(rig)
    await settle()
    for (const k of [{ i: '5m' }, { c: '5.' }, { t: null }, { x: 'yes' }]) {
      const good = event(1, '1', 1) as { k: object }
      rig.say(STREAM, { ...good, k: { ...good.k, ...k } })
    }
    rig.say(STREAM, 'kline')
    expect([seen.length, new Set(rig.errors), rig.errors.length]).toEqual([0, new Set(['UPLINK_MESSAGE_INVALID']), 5])
  })
})
