'use client'
/** Whether a time has come, for what appears and goes. */
import { useSyncExternalStore } from 'react'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

const still = (): (() => void) => () => undefined

/**
 * Whether `at` (epoch ms) has passed; false for `null`. Looked at once a second, and renders once: when it has.
 *
 * @example
 * const isLong = useHasPassed(outageSince === null ? null : outageSince + 60_000)
 */
export function useHasPassed(at: number | null, target?: UplinkTarget): boolean {
  const { clock } = useUplink(target)
  return useSyncExternalStore(at === null ? still : clock.subscribe, () => at !== null && clock.getState() >= at, () => false)
}
