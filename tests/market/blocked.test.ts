/** A network that lets REST through and no socket: streams go on by REST, and come back without a repeat or an unsaid hole. */
import { createUplink } from 'uplink'
import { poll } from 'uplink/fallback'
import { binance, createMarketData, pollStreams } from 'uplink/market'
import { binanceRest } from 'uplink/market/rest'
import { ws } from 'uplink/transports/ws'
import { afterEach, expect, it } from 'vitest'
import { simulate } from '../../examples/market-dashboard/server/simulator.ts'
import { venues } from './support.ts'

const standIns = venues()

afterEach(standIns.close)

it('trades go on by REST, each once and in order, and none is missing when the socket is there again', async () => {
  const source = simulate({ venue: 'spot', symbols: 2, updatesPerSecond: 30, minutes: 5 })
  const standIn = await standIns.start({ venue: 'spot', source })
  standIn.refuseSockets('reset')
  const rest = binanceRest({ url: standIn.restUrl + standIn.venue.restBase })
  const uplink = createUplink({
    url: `${standIn.wsUrl}/stream`, protocol: binance(), transport: ws(), fallback: poll({ ...pollStreams(rest), interval: 500 }),
  })
  const market = createMarketData({ uplink, rest })
  const channel = uplink.channel('btcusdt@aggTrade')
  const ids: number[] = []
  const gaps: unknown[] = []
  channel.onMessage((data) => ids.push((data as { a: number }).a))
  uplink.on('gap', (gap) => gaps.push(gap))
  const sourceOf = (): string => channel.snapshot().source ?? 'live'
  let price: { readonly source: string; readonly data: string | null } | undefined
  market.subscribeToPrice('BTCUSDT', (result) => { price = result })
  void uplink.connect()

  const begun = performance.now()
  await expect.poll(() => ids.length).toBeGreaterThan(0)
  await expect.poll(() => price?.data ?? null).not.toBeNull()
  expect(performance.now() - begun).toBeLessThan(3_000)
  expect([sourceOf(), price?.source]).toEqual(['fallback', 'fallback'])

  await expect.poll(() => ids.length).toBeGreaterThan(15)
  standIn.refuseSockets(null)
  const unblocked = performance.now()
  await expect.poll(sourceOf, { timeout: 5_000 }).toBe('live')
  expect(performance.now() - unblocked).toBeLessThan(5_000)
  const before = ids.length
  await expect.poll(() => ids.length).toBeGreaterThan(before + 5)

  standIn.sockets.drop()
  standIn.refuseSockets('reset')
  await expect.poll(sourceOf).toBe('fallback')
  standIn.refuseSockets(null)
  await expect.poll(sourceOf).toBe('live')
  const back = ids.length
  await expect.poll(() => ids.length).toBeGreaterThan(back + 5)
  source.stop()
  const last = standIn.market.of('BTCUSDT').trades.at(-1)?.a
  await expect.poll(() => ids.at(-1)).toBe(last)
  expect(ids).toEqual(Array.from(ids, (_, index) => (ids[0] as number) + index))
  expect(gaps.filter((gap) => (gap as { channel: string }).channel.endsWith('@aggTrade'))).toEqual([])
  market.destroy()
  uplink.destroy()
})
