/** How symbols are written: upper case in REST and in payloads, lower case in the names of streams. */
import { UplinkError } from '../core/errors.ts'
import type { KlineInterval } from './values.ts'

/**
 * A symbol in upper case.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` for an empty one, and for what would end the name of a stream or a query.
 */
export function readSymbol(symbol: string): string {
  if (typeof symbol !== 'string' || !/^[^\s@/?&#!]{1,40}$/.test(symbol)) {
    throw new UplinkError('UPLINK_OPTION_INVALID', `symbol is ${JSON.stringify(symbol)}; allowed: a name such as "BTCUSDT"`)
  }
  return symbol.toUpperCase()
}

/** The length of each interval, in ms; a month has none. */
export const INTERVAL_MS: Readonly<Record<KlineInterval, number | null>> = {
  '1s': 1_000, '1m': 60_000, '3m': 180_000, '5m': 300_000, '15m': 900_000, '30m': 1_800_000, '1h': 3_600_000, '2h': 7_200_000, '4h': 14_400_000,
  '6h': 21_600_000, '8h': 28_800_000, '12h': 43_200_000, '1d': 86_400_000, '3d': 259_200_000, '1w': 604_800_000, '1M': null,
}

/**
 * An interval that exists.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` for another.
 */
export function readInterval(interval: KlineInterval): KlineInterval {
  if (!Object.hasOwn(INTERVAL_MS, interval)) {
    throw new UplinkError('UPLINK_OPTION_INVALID', `interval is ${JSON.stringify(interval)}; allowed: ${Object.keys(INTERVAL_MS).join(', ')}`)
  }
  return interval
}
