'use client'
/** The time, for text that counts. */
import { useSyncExternalStore } from 'react'
import { inertUplink } from '../store/inert.ts'
import { useProvidedUplink } from './provider.tsx'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

const still = (): (() => void) => () => undefined

/**
 * Epoch ms, new once a second while `active`; 0 before it is known, and on servers. Use it in the
 * component that shows the number and nowhere above: it renders every second. Needs no provider: time passes without a
 * connection as well.
 *
 * @example
 * const now = useClock(retryAt !== null)
 */
export function useClock(active: boolean, target?: UplinkTarget): number {
  const provided = useProvidedUplink()
  const { clock } = useUplink(target ?? provided ?? inertUplink())
  return useSyncExternalStore(active ? clock.subscribe : still, clock.getState, clock.getInitialState)
}
