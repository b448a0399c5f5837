/**
 * A series of candles: history by REST, the newest by the stream, in one list without a hole. A candle that was open
 * when the stream went away is fetched again: its last trades came while nobody listened.
 */
import type { UplinkError } from '../../core/errors.ts'
import { readQuantity } from '../book/decimal.ts'
import type { Kline, KlineInterval } from '../values.ts'
import { createAttempts } from './attempts.ts'
import { type Feed, createFeed } from './feed.ts'
import { type FeedHost, invalidMessage, isFlowing, isRecord, missing, onFlow, sourceOf } from './host.ts'

/** Most candles of a series, and of one request. */
export const KLINES_MOST = 1_000

const DECIMALS = ['o', 'h', 'l', 'c', 'v', 'q'] as const

/** The candle of a `kline` event; a text where it is none. */
function readKline(data: unknown, interval: KlineInterval): Kline | string {
  const k = isRecord(data) ? data['k'] : undefined
  if (!isRecord(k)) return 'no candle'
  const { t, T, n, x, i } = k
  if (i !== interval) return `a candle of ${String(i)}`
  if (!Number.isSafeInteger(t) || !Number.isSafeInteger(T) || !Number.isSafeInteger(n) || typeof x !== 'boolean') return 'a candle without times'
  for (const field of DECIMALS) if (Number.isNaN(readQuantity(k[field]))) return `"${field}" is no decimal`
  const { o, h, l, c, v, q } = k as Record<(typeof DECIMALS)[number], string>
  return { openTime: t as number, open: o, high: h, low: l, close: c, volume: v, closeTime: T as number, quoteVolume: q, trades: n as number, isClosed: x }
}

/** The newer of two states of one candle. */
function newer(a: Kline, b: Kline): Kline {
  if (a.trades !== b.trades) return a.trades > b.trades ? a : b
  return a.isClosed ? a : b
}

/** Whether candles are missing between two, or the end of the first is. */
function isHole(last: Kline | undefined, next: Kline): boolean {
  if (last === undefined || next.openTime <= last.openTime) return false
  return !last.isClosed || next.openTime !== last.closeTime + 1
}

/** Puts candles into a list by their time; those that are there already stay if they are newer. */
export function mergeKlines(list: readonly Kline[], more: readonly Kline[], most: number): Kline[] {
  const [only, last] = [more.length === 1 ? more[0] : undefined, list.at(-1)]
  // By far the most frequent: the newest candle has changed.
  if (only !== undefined && last?.openTime === only.openTime) return [...list.slice(0, -1), newer(only, last)]
  const byTime = new Map(list.map((one) => [one.openTime, one]))
  for (const one of more) {
    const known = byTime.get(one.openTime)
    byTime.set(one.openTime, known === undefined ? one : newer(one, known))
  }
  const all = [...byTime.values()].sort((a, b) => a.openTime - b.openTime)
  // What lies before the next one is closed, whoever told it.
  return all.map((one, index) => (one.isClosed || index === all.length - 1 ? one : { ...one, isClosed: true })).slice(-most)
}

/** Makes the feed of a series; `symbol` is upper case. */
export function createKlinesFeed(host: FeedHost, symbol: string, interval: KlineInterval, limit: number): Feed<readonly Kline[]> {
  const { uplink, platform, rest } = host
  const stream = `${symbol.toLowerCase()}@kline_${interval}`
  let list: readonly Kline[] = []
  /** From where on candles may be missing; `null` for the whole series. */
  let missingFrom: number | null | undefined = null

  /** What comes after the newest may be missing; what was missing before is so still. */
  function lose(): void {
    if (missingFrom === undefined) missingFrom = list.at(-1)?.openTime ?? null
  }

  return createFeed<readonly Kline[]>(host, {
    read: () => (list.length === 0 ? null : list),
    open(writer) {
      const lease = uplink.channel(stream)
      /** Candles were lost after the request: its answer may not hold them. */
      let isLate = false
      let said: Kline | undefined
      /** The first candle after a hole, which stays where there is no REST. */
      let holeBefore = 0

      const filling = createAttempts(platform, async (signal) => {
        if (missingFrom === undefined || rest === undefined) return true
        const from = missingFrom
        isLate = false
        try {
          const found = await rest.klines({ symbol, interval, ...(from === null ? { limit } : { limit: KLINES_MOST, startTime: from }) }, signal)
          list = mergeKlines(list, found, limit)
          if (isLate) return false
          // More are missing than one answer holds: the series begins anew with the newest.
          missingFrom = found.length === KLINES_MOST && from !== null ? null : undefined
          if (missingFrom === null) list = []
          if (said !== undefined && list.length > 0) list = mergeKlines(list, [said], limit)
          writer.fault(null)
          writer.touch(isFlowing(lease) && said !== undefined ? sourceOf(lease) : 'fallback')
          return missingFrom === undefined
        } catch (error) {
          host.fault(error as UplinkError)
          writer.fault(error as UplinkError)
          return false
        }
      })

      onFlow(lease, (flows) => {
        said = undefined
        lose()
        if (flows) return filling.start()
        isLate = true
        writer.demote()
      })
      lease.onMessage((data) => {
        host.heard()
        const next = readKline(data, interval)
        if (typeof next === 'string') return host.fault(invalidMessage(stream, next))
        const last = list.at(-1)
        if (last !== undefined && next.openTime < last.openTime && list.every(({ openTime }) => openTime !== next.openTime)) return
        said = next
        if (isHole(last, next)) {
          isLate = true
          lose()
          holeBefore = next.openTime
          writer.fault(missing(stream, `candles are missing${rest === undefined ? ': there is no REST to ask' : ''}`))
          filling.start()
        }
        list = mergeKlines(list, [next], limit)
        if (rest === undefined && (list[0]?.openTime ?? 0) >= holeBefore) writer.fault(null)
        writer.touch(sourceOf(lease))
      })
      lose()
      filling.start()
      return () => {
        filling.stop()
        lease.release()
      }
    },
  })
}
