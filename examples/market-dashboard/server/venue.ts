/** The rules of each venue, as its documentation states them. Everything a test wants shorter is a number here. */

/** The venues whose rules the stand-in keeps. */
export type VenueName = 'spot' | 'us' | 'futures'

/** What a venue allows, and when it does what. */
export interface Venue {
  readonly name: VenueName
  /** Before every path of its REST interface. */
  readonly restBase: string
  /** Messages a second it takes on one socket, ping and pong frames included; one more, and the socket is closed. */
  readonly messagesPerSecond: number
  /** Streams of one socket. */
  readonly streamsMost: number
  /** How often it sends a ping frame, in ms, and how long it waits for the pong. */
  readonly pingIntervalMs: number
  readonly pongTimeoutMs: number
  /** How long a socket may live, in ms. */
  readonly lifetimeMs: number
  /** Sockets that one address may open in `attemptWindowMs`. */
  readonly attemptsMost: number
  readonly attemptWindowMs: number
  /** REST weight that one address may use in `weightWindowMs`. */
  readonly weightMost: number
  readonly weightWindowMs: number
  /** How often streams of all symbols, tickers and best prices are told, in ms. */
  readonly arrayIntervalMs: number
  /** How often partial books are told, in ms. */
  readonly partialIntervalMs: number
}

const MINUTE_MS = 60_000

const SPOT: Venue = {
  name: 'spot',
  restBase: '/api/v3',
  messagesPerSecond: 5,
  streamsMost: 1_024,
  pingIntervalMs: 20_000,
  pongTimeoutMs: MINUTE_MS,
  lifetimeMs: 24 * 60 * MINUTE_MS,
  attemptsMost: 300,
  attemptWindowMs: 5 * MINUTE_MS,
  weightMost: 6_000,
  weightWindowMs: MINUTE_MS,
  arrayIntervalMs: 1_000,
  partialIntervalMs: 100,
}

/** The venues by name. */
export const VENUES: Readonly<Record<VenueName, Venue>> = {
  spot: SPOT,
  us: { ...SPOT, name: 'us' },
  futures: {
    ...SPOT, name: 'futures', restBase: '/fapi/v1', messagesPerSecond: 10, pingIntervalMs: 3 * MINUTE_MS, pongTimeoutMs: 10 * MINUTE_MS, weightMost: 2_400,
  },
}
