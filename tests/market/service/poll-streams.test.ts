import { describe, expect, it } from 'vitest'
import { pollStreams } from 'uplink/market'
import { createRig, restTicker } from './rig.ts'

const ask = (polling: ReturnType<typeof pollStreams>, stream: string, since: number | null = null) => polling.fetch(stream, { signal: new AbortController().signal, since })

describe('a stream asked of REST', () => {
  it('says what the stream itself would', async () => {
    const rig = createRig()
    const polling = pollStreams(rig.client)
    rig.answers['ticker/24hr'] = (query) => (query.has('symbol') ? restTicker('BTCUSDT', '5', 9) : [restTicker('BTCUSDT', '5', 9), restTicker('ETHUSDT', '6', 9)])
    rig.answers['klines'] = () => [[0, '1', '2', '0.5', '1.5', '10', 59_999, '15', 3], [60_000, '1', '2', '0.5', '1.7', '10', 119_999, '15', 4]]
    rig.answers['depth'] = () => ({ lastUpdateId: 7, bids: [['1', '1']], asks: [['2', '1']] })
    const ticker = { e: '24hrMiniTicker', E: 9, s: 'BTCUSDT', c: '5', o: '90', h: '120', l: '80', v: '5', q: '500' }
    expect(await ask(polling, 'btcusdt@miniTicker')).toEqual({ data: ticker })
    expect(await ask(polling, '!miniTicker@arr')).toEqual({ data: [ticker, { ...ticker, s: 'ETHUSDT', c: '6' }] })
    expect(await ask(polling, 'btcusdt@depth@100ms')).toEqual({ data: { lastUpdateId: 7, bids: [['1', '1']], asks: [['2', '1']] } })
    const candles = (await ask(polling, 'btcusdt@kline_1m')).messages?.map(({ data }) => (data as { k: { c: string; x: boolean; i: string } }).k)
    expect(candles?.map(({ c, x, i }) => [c, x, i])).toEqual([['1.5', true, '1m'], ['1.7', false, '1m']])
  })

  it('brings trades after the last that was heard, and knows when none lie between', async () => {
    const rig = createRig()
    const polling = pollStreams(rig.client)
    rig.answers['aggTrades'] = () => [{ a: 8, p: '1', q: '2', T: 5, m: true }]
    const [first, next] = [await ask(polling, 'btcusdt@aggTrade'), await ask(polling, 'btcusdt@aggTrade', 7)]
    expect([first.complete, next.complete]).toEqual([false, true])
    expect(next.messages?.map(({ data }) => polling.positionOf(data))).toEqual([8])
    expect(rig.asked).toEqual(['aggTrades?symbol=BTCUSDT&limit=50', 'aggTrades?symbol=BTCUSDT&limit=1000&fromId=8'])
    expect([polling.positionOf({ e: 'kline', a: 5 }), polling.positionOf(null)]).toEqual([undefined, undefined])
  })

  it('is one that REST knows', async () => {
    const polling = pollStreams(createRig().client)
    expect(['btcusdt@depth', 'btcusdt@depth@100ms', 'btcusdt@kline_1h', '!miniTicker@arr', 'btcusdt@aggTrade'].map(polling.channels)).toEqual([true, true, true, true, true])
    expect(['btcusdt@depth20', 'btcusdt@bookTicker', '!bookTicker', '!ticker@arr', 'news'].map(polling.channels)).toEqual([false, false, false, false, false])
    await expect(ask(polling, 'btcusdt@forceOrder')).rejects.toMatchObject({ code: 'UPLINK_REST_INVALID' })
  })

  it('fails with the code of its request', async () => {
    const rig = createRig()
    rig.venue.restIsUp = false
    await expect(ask(pollStreams(rig.client), '!miniTicker@arr')).rejects.toMatchObject({ code: 'UPLINK_REST_FAILED' })
  })
})
