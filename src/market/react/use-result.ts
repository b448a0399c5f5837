'use client'
/** A store of results in a component. Rows are many, so this does nothing that is not needed. */
import { useMemo, useSyncExternalStore } from 'react'
import type { ReadableStore } from '../../store/sampled-store.ts'
import type { MarketData, MarketStores } from '../service/market-data-interface.ts'
import type { MarketResult } from '../values.ts'
import { useMarketData } from './use-market-data.ts'

/** The result in the store that `pick` names, whose arguments are `key`. */
export function useResult<Data, Key extends readonly unknown[]>(market: MarketData | undefined, pick: (stores: MarketStores, ...key: Key) => ReadableStore<MarketResult<Data>>, ...key: Key): MarketResult<Data> {
  const { stores } = useMarketData(market)
  const [first, second, third] = key
  // Names are read and checked when they change, not at every price.
  const store = useMemo(() => pick(stores, ...([first, second, third].slice(0, key.length) as unknown as Key)), [stores, pick, key.length, first, second, third])
  return useSyncExternalStore(store.subscribe, store.getState, store.getInitialState)
}
