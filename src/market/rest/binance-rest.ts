/** Reads of Binance's REST interface: called off, limited in time, kept within the allowance, and checked. */
import * as v from 'valibot'
import { UplinkError, messageOf } from '../../core/errors.ts'
import { readNumber } from '../../core/policy.ts'
import { type Platform, browserPlatform } from '../../engine/platform.ts'
import type { MarketRest } from '../service/rest-interface.ts'
import { createAllowance } from './allowance.ts'
import { aggTradesSchema, depthSchema, klinesSchema, tickersSchema } from './schemas.ts'

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: { readonly signal: AbortSignal }) => Promise<Response>

/** Options of {@link binanceRest}. */
export interface BinanceRestOptions {
  /**
   * With the path of its interface: `https://api.binance.com/api/v3` is spot, `https://api.binance.us/api/v3` the US
   * venue, `https://fapi.binance.com/fapi/v1` futures. Browsers need a venue or proxy that allows their origin.
   */
  readonly url: string
  /** How long an answer may take, in ms, 1 to 120,000. @default 10_000 */
  readonly timeout?: number
  /** Weight that the venue allows in a minute: 6,000 on spot, 2,400 on futures; Infinity does not watch it. @default 6_000 */
  readonly weightLimit?: number
  /** @default the global one */
  readonly fetch?: Fetch
  /** Clock and timers. @default the browser's */
  readonly platform?: Platform
}

/** More symbols than this in one request are asked for as all, which weighs as much. */
const SYMBOLS_MOST = 100

type Query = Readonly<Record<string, string | number | undefined>>

function addressOf(base: string, path: string, query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]))
  return `${base.replace(/\/+$/, '')}/${path}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`
}

/** What a venue says of an error: `{"code": -1121, "msg": "Invalid symbol."}`. */
async function complaintOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null)
  const { code, msg } = (typeof body === 'object' && body !== null ? body : {}) as { code?: unknown; msg?: unknown }
  return typeof msg === 'string' ? `: ${msg.slice(0, 200)}${typeof code === 'number' ? ` (${code})` : ''}` : ''
}

/**
 * A client for Binance's REST interface and those shaped like it. Needs the package `valibot`.
 *
 * Every method rejects with `UPLINK_REST_FAILED`, `_TIMEOUT`, `_ABORTED`, `_REFUSED`, `_RATE_LIMITED` or `_INVALID`.
 * After a `429` or `418` nothing goes out for as long as `Retry-After` says.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` for a number that is not allowed.
 * @example
 * const rest = binanceRest({ url: 'https://api.binance.com/api/v3' })
 * const candles = await rest.klines({ symbol: 'BTCUSDT', interval: '1m', limit: 500 })
 */
export function binanceRest(options: BinanceRestOptions): MarketRest {
  const { url, platform = browserPlatform() } = options
  const fetcher: Fetch = options.fetch ?? ((address, init) => globalThis.fetch(address, init))
  const timeout = readNumber('timeout', options.timeout, 10_000, 1, 120_000)
  const allowance = createAllowance(() => platform.time(), readNumber('weightLimit', options.weightLimit, 6_000, 1, Infinity))

  async function ask(path: string, query: Query, signal: AbortSignal): Promise<unknown> {
    const response = await fetcher(addressOf(url, path, query), { signal })
    allowance.note(response.status, response.headers)
    if (response.ok) return response.json()
    allowance.failed()
    const limited = response.status === 429 || response.status === 418
    throw new UplinkError(limited ? 'UPLINK_REST_RATE_LIMITED' : 'UPLINK_REST_REFUSED', `GET ${path}: ${response.status}${await complaintOf(response)}`, { severity: 'warning' })
  }

  async function get<T>(path: string, query: Query, schema: v.GenericSchema<unknown, T>, signal?: AbortSignal): Promise<T> {
    const controller = new AbortController()
    let code: 'UPLINK_REST_FAILED' | 'UPLINK_REST_TIMEOUT' | 'UPLINK_REST_ABORTED' = 'UPLINK_REST_FAILED'
    const callOff = (why: typeof code) => (): void => {
      code = why
      controller.abort()
    }
    const onAbort = callOff('UPLINK_REST_ABORTED')
    const failed = (thrown: unknown): UplinkError => {
      if (thrown instanceof UplinkError) return thrown
      // A body that is no JSON is an answer, if a wrong one.
      const is = thrown instanceof SyntaxError ? 'UPLINK_REST_INVALID' : code
      const what = is === 'UPLINK_REST_TIMEOUT' ? `no answer within ${timeout} ms` : is === 'UPLINK_REST_ABORTED' ? 'called off' : messageOf(thrown)
      if (is !== 'UPLINK_REST_ABORTED') allowance.failed()
      return new UplinkError(is, `GET ${path}: ${what}`, { severity: 'warning', cause: thrown })
    }
    if (signal?.aborted === true) {
      code = 'UPLINK_REST_ABORTED'
      throw failed(signal.reason)
    }
    allowance.take()
    signal?.addEventListener('abort', onAbort, { once: true })
    const timer = platform.setTimer(callOff('UPLINK_REST_TIMEOUT'), timeout)
    let body: unknown
    try {
      body = await ask(path, query, controller.signal)
    } catch (thrown) {
      throw failed(thrown)
    } finally {
      platform.clearTimer(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const checked = v.safeParse(schema, body, { abortEarly: true })
    if (checked.success) return checked.output
    allowance.failed()
    const [issue] = checked.issues
    throw new UplinkError('UPLINK_REST_INVALID', `GET ${path}: ${v.getDotPath(issue) ?? 'the answer'}: ${issue.message}`, { severity: 'warning' })
  }

  return {
    tickers(symbols, signal) {
      const some = symbols.length > 1 && symbols.length <= SYMBOLS_MOST
      // Futures know `symbol` only, and answer with all where they do not understand.
      return get('ticker/24hr', symbols.length === 1 ? { symbol: symbols[0] } : { symbols: some ? JSON.stringify(symbols) : undefined }, tickersSchema, signal)
    },
    klines: ({ symbol, interval, limit, startTime }, signal) => get('klines', { symbol, interval, limit, startTime }, klinesSchema, signal),
    aggTrades: ({ symbol, limit, fromId }, signal) => get('aggTrades', { symbol, limit, fromId }, aggTradesSchema, signal),
    depth: (symbol, limit, signal) => get('depth', { symbol, limit }, depthSchema, signal),
    usage: allowance.usage,
  }
}
