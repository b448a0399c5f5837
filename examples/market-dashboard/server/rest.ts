/** The REST side of the stand-in: answers from the market as it stands, with the venue's weights, limits and errors. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { INTERVALS } from './candles.ts'
import { type AggregateTrade, type Market, type SymbolState, candleRow, tickerOf } from './market.ts'
import type { Venue } from './venue.ts'

/** What REST needs. */
export interface RestHost {
  readonly venue: Venue
  readonly market: Market
}

/** The REST side. */
export interface Rest {
  handle(request: IncomingMessage, response: ServerResponse): void
  /** While down, every request is answered by 503. */
  setDown(isDown: boolean): void
  /** While set, every request waits so long before it is answered, in ms. */
  setDelay(delayMs: number): void
  /** Requests by path, those that were refused included. */
  requests(): Readonly<Record<string, number>>
  /** Answers 304, since the client had them. */
  unchanged(): number
}

/** What a request failed by: HTTP status, the venue's own code, and what it says. */
class Refused extends Error {
  readonly status: number
  readonly code: number

  constructor(status: number, code: number, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

type Query = URLSearchParams

function whole(query: Query, name: string, fallback: number, most: number): number {
  const text = query.get(name)
  if (text === null || text === '') return fallback
  if (!/^\d+$/.test(text)) throw new Refused(400, -1_100, `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`)
  return Math.min(Number(text), most)
}

/** REST writes trades of the tape with one field more than streams do. */
const tradeRow = ({ l, p, q, T, m }: AggregateTrade): object =>
  ({ id: l, price: p, qty: q, quoteQty: (Number(p) * Number(q)).toFixed(8), time: T, isBuyerMaker: m, isBestMatch: true })

/** The weights of the documentation, simplified to what depends on `limit`. */
function weightOf(path: string, query: Query, { name }: Venue): number {
  const limit = Number(query.get('limit') ?? 0)
  if (path === 'depth') return name === 'futures' ? (limit > 500 ? 20 : limit > 100 ? 10 : 5) : limit > 1_000 ? 250 : limit > 500 ? 50 : limit > 100 ? 25 : 5
  if (path === 'ticker/24hr') return query.has('symbol') ? 2 : 80
  if (path === 'trades') return name === 'futures' ? 5 : 25
  if (path === 'aggTrades') return name === 'futures' ? 20 : 4
  return path === 'ping' || path === 'time' ? 1 : 2
}

/** Makes the REST side of a venue. */
export function createRest({ venue, market }: RestHost): Rest {
  const counts: Record<string, number> = {}
  let used: { readonly at: number; readonly weight: number }[] = []
  let isDown = false
  let delayMs = 0
  let unchanged = 0

  function known(query: Query): SymbolState {
    const symbol = query.get('symbol')
    if (symbol === null) throw new Refused(400, -1_102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
    const state = market.symbols.get(symbol)
    if (state === undefined) throw new Refused(400, -1_121, 'Invalid symbol.')
    return state
  }

  const answers: Readonly<Record<string, (query: Query) => unknown>> = {
    ping: () => ({}),
    time: () => ({ serverTime: Date.now() }),
    exchangeInfo: () => ({ timezone: 'UTC', serverTime: Date.now(), symbols: [...market.symbols.keys()].map((symbol) => ({ symbol, status: 'TRADING' })) }),
    depth(query) {
      const state = known(query)
      const depth = state.book.depth(whole(query, 'limit', venue.name === 'futures' ? 500 : 100, 5_000))
      return venue.name === 'futures' ? { ...depth, E: state.at, T: state.at } : depth
    },
    'ticker/24hr': (query) => (query.has('symbol') ? tickerOf(known(query)) : [...market.symbols.values()].filter(({ since }) => since > 0).map(tickerOf)),
    'ticker/price': (query) => {
      const row = ({ symbol, last }: SymbolState): object => ({ symbol, price: last })
      return query.has('symbol') ? row(known(query)) : [...market.symbols.values()].filter(({ since }) => since > 0).map(row)
    },
    klines(query) {
      const state = known(query)
      const interval = query.get('interval') ?? ''
      if (INTERVALS[interval] === undefined) throw new Refused(400, -1_120, 'Invalid interval.')
      const from = whole(query, 'startTime', 0, Number.MAX_SAFE_INTEGER)
      const to = whole(query, 'endTime', Infinity, Number.MAX_SAFE_INTEGER)
      const limit = whole(query, 'limit', 500, 1_500)
      const rows = state.candles.list(interval).filter(({ t }) => t >= from && t <= to)
      // Asked for a beginning, REST gives what follows it; otherwise the newest.
      return (query.has('startTime') ? rows.slice(0, limit) : rows.slice(-limit)).map(candleRow)
    },
    trades: (query) => known(query).trades.slice(-whole(query, 'limit', 500, 1_000)).map(tradeRow),
    aggTrades(query) {
      const { trades } = known(query)
      const limit = whole(query, 'limit', 500, 1_000)
      if (query.has('fromId')) {
        const fromId = whole(query, 'fromId', 0, Number.MAX_SAFE_INTEGER)
        return trades.filter(({ a }) => a >= fromId).slice(0, limit)
      }
      const from = whole(query, 'startTime', 0, Number.MAX_SAFE_INTEGER)
      const to = whole(query, 'endTime', Infinity, Number.MAX_SAFE_INTEGER)
      const within = trades.filter(({ T }) => T >= from && T <= to)
      return query.has('startTime') ? within.slice(0, limit) : within.slice(-limit)
    },
  }

  /** Throws where the address has used up its weight; says in headers how much it has used. */
  function weigh(path: string, query: Query, response: ServerResponse): void {
    const now = performance.now()
    used = used.filter(({ at }) => now - at < venue.weightWindowMs)
    const before = used.reduce((sum, { weight }) => sum + weight, 0)
    const weight = weightOf(path, query, venue)
    response.setHeader('x-mbx-used-weight-1m', before + weight)
    if (before + weight > venue.weightMost) {
      const waitMs = venue.weightWindowMs - (now - (used[0]?.at ?? now))
      response.setHeader('retry-after', Math.max(1, Math.ceil(waitMs / 1_000)))
      throw new Refused(429, -1_003, `Too much request weight used; current limit is ${venue.weightMost} request weight per ${venue.weightWindowMs} ms.`)
    }
    used.push({ at: now, weight })
  }

  function respond(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://venue')
    const path = pathname.startsWith(`${venue.restBase}/`) ? pathname.slice(venue.restBase.length + 1) : ''
    counts[path] = (counts[path] ?? 0) + 1
    const headers = { 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-cache' }
    try {
      if (isDown) throw new Refused(503, -1_000, 'Service Unavailable.')
      const answer = Object.hasOwn(answers, path) ? answers[path] : undefined
      if (answer === undefined) throw new Refused(404, -1_000, 'Path not found.')
      weigh(path, searchParams, response)
      const body = JSON.stringify(answer(searchParams))
      const etag = `"${createHash('sha1').update(body).digest('base64url')}"`
      if (request.headers['if-none-match'] === etag) {
        unchanged++
        response.writeHead(304, { etag }).end()
      } else response.writeHead(200, { ...headers, etag }).end(body)
    } catch (thrown) {
      const { status, code, message } = thrown instanceof Refused ? thrown : new Refused(500, -1_000, String(thrown))
      response.writeHead(status, headers).end(JSON.stringify({ code, msg: message }))
    }
  }

  return {
    handle(request, response) {
      // A page of another origin, such as one that a test serves, reads it too.
      response.setHeader('access-control-allow-origin', '*')
      response.setHeader('access-control-allow-headers', 'if-none-match')
      response.setHeader('access-control-expose-headers', 'etag, retry-after, x-mbx-used-weight-1m')
      if (request.method === 'OPTIONS') response.writeHead(204).end()
      else if (delayMs > 0) setTimeout(() => respond(request, response), delayMs)
      else respond(request, response)
    },
    setDown(value) {
      isDown = value
    },
    setDelay(ms) {
      delayMs = ms
    },
    requests: () => counts,
    unchanged: () => unchanged,
  }
}
