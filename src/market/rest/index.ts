/** `uplink/market/rest`: reads of a venue's REST interface, validated. Needs the package `valibot`. */
export { binanceRest } from './binance-rest.ts'
export type { BinanceRestOptions, Fetch } from './binance-rest.ts'
