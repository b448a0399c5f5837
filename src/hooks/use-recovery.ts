'use client'
/** What the last outage cost. */
import { useStore } from 'zustand'
import type { Recovery } from '../core/recovery.ts'
import { recoveryStoreOf } from '../store/recovery-store.ts'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

/**
 * The receipt of the last outage that was shown: when it began and ended, what was sent, received and dropped over
 * it. `null` before the first one, while one is shown, and after `disconnect()`. Outages are watched while a
 * component uses it.
 *
 * @example
 * const recovery = useRecovery()
 * if (recovery !== null) log(`back after ${recovery.until - recovery.since} ms, ${recovery.dropped} dropped`)
 */
export function useRecovery(target?: UplinkTarget): Recovery | null {
  return useStore(recoveryStoreOf(useUplink(target)))
}
