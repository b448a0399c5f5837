'use client'
/** Which market data a hook is about: what it is given, or the service of the provider's uplink. */
import { UplinkError } from '../../core/errors.ts'
import { useProvidedUplink } from '../../hooks/provider.tsx'
import { marketDataOf } from '../service/create-market-data.ts'
import type { MarketData } from '../service/market-data-interface.ts'

/** Where a hook of market data looks. */
export interface MarketHookOptions {
  /** @default the service of the provider's uplink */
  readonly market?: MarketData
}

/**
 * The market data service of the provider's uplink.
 *
 * @throws UplinkError `UPLINK_NO_PROVIDER` where there is none: `createMarketData({ uplink })` makes it.
 * @example
 * const { getStatus, forceReconnect } = useMarketData()
 */
export function useMarketData(given?: MarketData): MarketData {
  const uplink = useProvidedUplink()
  const found = given ?? (uplink === null ? undefined : marketDataOf(uplink))
  if (found !== undefined) return found
  throw new UplinkError(
    'UPLINK_NO_PROVIDER',
    'no market data here: call createMarketData({ uplink, rest }) once, and wrap the tree in <UplinkProvider uplink={uplink}>; or give the hook a market',
  )
}
