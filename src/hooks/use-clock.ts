'use client'
/** The time, for text that counts. */
import { useSyncExternalStore } from 'react'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

const still = (): (() => void) => () => undefined

/**
 * Epoch ms, new once a second while `active`; 0 before it is known, and on servers. Use it in the
 * component that shows the number and nowhere above: it renders every second.
 *
 * @example
 * const now = useClock(retryAt !== null)
 */
export function useClock(active: boolean, target?: UplinkTarget): number {
  const { clock } = useUplink(target)
  return useSyncExternalStore(active ? clock.subscribe : still, clock.getState, clock.getInitialState)
}
