/** What each venue documents: where it is, and what it allows. Plain data, which the protocol keeps and a pool spreads channels by. */

import type { Message } from '../../protocol/message.ts'
import { binanceKey } from './key.ts'

/** The venues that speak the protocol: spot, Binance US, and USD-M futures. */
export type BinanceVenue = 'spot' | 'us' | 'futures'

/** The documented limits of a socket. */
export interface BinanceLimits {
  /** Combined streams; a stream in the URL is not needed. */
  readonly url: string
  /** Its REST interface, as `binanceRest` of `uplink/market/rest` takes it. */
  readonly restUrl: string
  /** What `pool` of `uplink/pool` takes: how long a socket may live (ms), how many streams it may have, what names a message. */
  readonly pool: { readonly lifetime: number; readonly maxChannels: number; readonly keyOf: (message: Message) => string | undefined }
  /** Messages that the venue takes in a second, on one socket: requests, pings and pongs together. */
  readonly messagesPerSecond: number
}

const pool: BinanceLimits['pool'] = { lifetime: 86_400_000, maxChannels: 1_024, keyOf: binanceKey }

/**
 * The venues by name.
 *
 * @example
 * const { url, pool: limits } = BINANCE_VENUES.spot
 * createUplink({ servers: pool([url], limits), protocol: binance({ venue: 'spot' }) })
 */
export const BINANCE_VENUES: Readonly<Record<BinanceVenue, BinanceLimits>> = {
  spot: { url: 'wss://stream.binance.com:9443/stream', restUrl: 'https://api.binance.com/api/v3', pool, messagesPerSecond: 5 },
  us: { url: 'wss://stream.binance.us:9443/stream', restUrl: 'https://api.binance.us/api/v3', pool, messagesPerSecond: 5 },
  futures: { url: 'wss://fstream.binance.com/stream', restUrl: 'https://fapi.binance.com/fapi/v1', pool, messagesPerSecond: 10 },
}
