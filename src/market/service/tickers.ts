/**
 * Prices of many symbols: by a stream a symbol, or by the one array stream of all. A row costs a check and an
 * assignment a message; its value is made when somebody reads it. What the streams do not say soon, REST does, for
 * many symbols in one request.
 */
import type { ChannelLease } from '../../engine/channel-lease.ts'
import type { TimerHandle } from '../../engine/platform.ts'
import { readQuantity } from '../book/decimal.ts'
import type { MarketSource, Ticker } from '../values.ts'
import { createAttempts } from './attempts.ts'
import { type Feed, type FeedWriter, createFeed } from './feed.ts'
import { type FeedHost, invalidMessage, isRecord, onFlow, sourceOf } from './host.ts'

/** A `24hrMiniTicker`, as Binance sends it. */
interface MiniTicker {
  readonly s: string
  readonly E: number
  readonly c: string
  readonly o: string
  readonly h: string
  readonly l: string
  readonly v: string
  readonly q: string
}

/** Where prices come from: a stream for each symbol that is followed, or the array stream of all. */
export type TickerStreams = 'each' | 'all'

/** The array stream. */
export const ALL_TICKERS = '!miniTicker@arr'

/** What a stream does not say within this time after a start, REST is asked for. */
const QUIET_MS = 1_500

interface Row {
  readonly symbol: string
  readonly feed: Feed<Ticker>
  writer: FeedWriter | undefined
  raw: MiniTicker | null
  ticker: Ticker | null
  /** It was heard of since the stream was last there. */
  isFresh: boolean
}

const DECIMALS = ['c', 'o', 'h', 'l', 'v', 'q'] as const

function faultOf(raw: unknown): string | null {
  if (!isRecord(raw) || typeof raw['s'] !== 'string') return 'no symbol'
  if (typeof raw['E'] !== 'number') return `${raw['s']} has no time`
  for (const field of DECIMALS) if (Number.isNaN(readQuantity(raw[field]))) return `${raw['s']}: "${field}" is no decimal`
  return null
}

const tickerOf = ({ s, E, c, o, h, l, v, q }: MiniTicker): Ticker => ({
  symbol: s, lastPrice: c, openPrice: o, highPrice: h, lowPrice: l, volume: v, quoteVolume: q, time: E,
})

/** Prices by symbol. */
export interface Tickers {
  /** `symbol` is upper case. */
  feed(symbol: string): Feed<Ticker>
}

/** Makes the prices of a service. */
export function createTickers(host: FeedHost, streams: TickerStreams): Tickers {
  const { uplink, platform } = host
  const rows = new Map<string, Row>()
  const open = new Set<Row>()
  let shared: ChannelLease | undefined
  let quiet: TimerHandle | undefined

  /** One request brings all rows that nobody has heard of. */
  const filling = createAttempts(platform, async (signal) => {
    const missing = [...open].filter(({ isFresh }) => !isFresh)
    if (missing.length === 0 || host.rest === undefined) return true
    const found = new Map((await host.rest.tickers(missing.map(({ symbol }) => symbol), signal)).map((ticker) => [ticker.symbol, ticker]))
    for (const row of missing) {
      const ticker = found.get(row.symbol)
      if (ticker === undefined || row.isFresh) continue
      row.raw = null
      row.ticker = ticker
      row.isFresh = true
      row.writer?.touch('fallback')
    }
    // Who came meanwhile was not asked for.
    return [...open].every((row) => row.isFresh || missing.includes(row))
  })

  function fillSoon(): void {
    if (host.rest === undefined || quiet !== undefined) return
    quiet = platform.setTimer(() => {
      quiet = undefined
      filling.start()
    }, QUIET_MS)
  }

  /** Takes one of many: what is the same for all of them is looked up once. */
  function take(stream: string, raw: unknown, source: MarketSource, now: number): void {
    const row = rows.get((raw as MiniTicker | null)?.s as string)
    if (row !== undefined && row.writer === undefined) return
    const fault = faultOf(raw)
    if (fault !== null) return host.fault(invalidMessage(stream, fault))
    if (row === undefined) return
    const next = raw as MiniTicker
    // Polls and streams overlap where one takes over from the other; time does not go back.
    const before = row.raw?.E ?? row.ticker?.time ?? 0
    if (next.E < before) return
    row.raw = next
    row.ticker = null
    row.isFresh = true
    row.writer?.touch(source, now)
  }

  /** Follows a stream for rows; the returned function stops. */
  function follow(stream: string, mine: () => Iterable<Row>): { readonly lease: ChannelLease; readonly stop: () => void } {
    const lease = uplink.channel(stream)
    onFlow(lease, (flows) => {
      for (const row of mine()) {
        row.isFresh = false
        if (!flows) row.writer?.demote()
      }
      fillSoon()
    })
    lease.onMessage((data) => {
      host.heard()
      const [source, now] = [sourceOf(lease), platform.now()]
      for (const one of Array.isArray(data) ? data : [data]) take(stream, one, source, now)
    })
    fillSoon()
    return { lease, stop: () => lease.release() }
  }

  function openShared(): void {
    shared ??= follow(ALL_TICKERS, () => open).lease
    fillSoon()
  }

  function close(row: Row): void {
    row.writer = undefined
    row.isFresh = false
    open.delete(row)
    if (open.size > 0) return
    shared?.release()
    shared = undefined
    filling.stop()
    if (quiet !== undefined) platform.clearTimer(quiet)
    quiet = undefined
  }

  function makeRow(symbol: string): Row {
    const row: Row = {
      symbol, writer: undefined, raw: null, ticker: null, isFresh: false,
      feed: createFeed<Ticker>(host, {
        read: () => {
          if (row.raw !== null) row.ticker ??= tickerOf(row.raw)
          return row.ticker
        },
        open(writer) {
          row.writer = writer
          open.add(row)
          const own = streams === 'each' ? follow(`${symbol.toLowerCase()}@miniTicker`, () => [row]) : undefined
          if (own === undefined) openShared()
          return () => {
            own?.stop()
            close(row)
          }
        },
      }),
    }
    rows.set(symbol, row)
    return row
  }

  return { feed: (symbol) => (rows.get(symbol) ?? makeRow(symbol)).feed }
}
