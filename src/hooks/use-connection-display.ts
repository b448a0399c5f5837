'use client'
/** What to show of the connection. */
import { useStore } from 'zustand'
import type { Display } from '../core/display.ts'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

/**
 * The state to show: short outages are left out, passing states stay long enough to be read, and cause
 * and remedy come along. Build status UI on this, and logic on {@link useConnection}.
 *
 * @example
 * const { state, cause, remedy, retryAt } = useConnectionDisplay()
 */
export function useConnectionDisplay(target?: UplinkTarget): Display {
  return useStore(useUplink(target).display)
}
