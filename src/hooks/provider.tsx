'use client'
/** Hands an uplink to the components below. */
import { type ReactNode, createContext, useContext, useEffect } from 'react'
import { bad } from '../engine/options.ts'
import type { AnyUplink } from '../store/create-uplink.ts'

const UplinkContext = createContext<AnyUplink | null>(null)

/** Props of {@link UplinkProvider}. */
export interface UplinkProviderProps {
  readonly uplink: AnyUplink
  readonly children?: ReactNode
}

/**
 * Gives `uplink` to every hook and component below, and keeps it connected while it is mounted. Its
 * value never changes with the connection's state, so it renders nothing anew.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` for an `uplink` that `createUplink()` did not return.
 * @example
 * <UplinkProvider uplink={uplink}><App /></UplinkProvider>
 */
export function UplinkProvider({ uplink, children }: UplinkProviderProps): ReactNode {
  if (!uplink?.lease) throw bad('uplink has a wrong value; allowed: what createUplink() returns')
  useEffect(() => uplink.lease(), [uplink])
  return <UplinkContext.Provider value={uplink}>{children}</UplinkContext.Provider>
}

/** The provider's uplink, or null. */
export function useProvidedUplink(): AnyUplink | null {
  return useContext(UplinkContext)
}
