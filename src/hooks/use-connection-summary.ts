'use client'
/** Several connections at a glance. */
import { useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { Summary } from '../core/summary.ts'
import { type NamedConnection, createSummaryStore, sameConnections } from '../store/summary-store.ts'

/**
 * What several connections amount to, the worst of them first. Renders when the level, the worst, or the number of
 * those in trouble changes. All of them are kept connected while the component is mounted.
 *
 * @example
 * const { level, worst } = useConnectionSummary([
 *   { name: 'Orders', uplink: orders },
 *   { name: 'News', uplink: news, impact: 'background' },
 * ])
 */
export function useConnectionSummary(connections: readonly NamedConnection[]): Summary {
  // The list may be made anew at every render; what matters is whom it names.
  const [known, setKnown] = useState(connections)
  if (known !== connections && !sameConnections(known, connections)) setKnown(connections)
  const store = useMemo(() => createSummaryStore(known), [known])
  useEffect(() => {
    const releases = known.map(({ uplink }) => uplink.lease())
    return () => { for (const release of releases) release() }
  }, [known])
  return useStore(store)
}
