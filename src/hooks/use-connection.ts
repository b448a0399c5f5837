'use client'
/** A part of the connection's state. */
import { useSyncExternalStore } from 'react'
import type { ConnectionSnapshot } from '../engine/snapshot.ts'
import { useStoreSelector } from './use-store-selector.ts'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

/**
 * What `selector` picks from the connection's state; renders only when that changes (compared field by field).
 *
 * @example
 * const attempt = useConnection((connection) => connection.attempt)
 */
export function useConnection<Selected>(selector: (connection: ConnectionSnapshot) => Selected, target?: UplinkTarget): Selected {
  return useStoreSelector(useUplink(target), selector)
}

/** The whole state, for hooks that need all of it. */
export function useConnectionSnapshot(target?: UplinkTarget): ConnectionSnapshot {
  const uplink = useUplink(target)
  return useSyncExternalStore(uplink.subscribe, uplink.getState, uplink.getInitialState)
}
