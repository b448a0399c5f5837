'use client'
/** The connection's recent past. */
import { useStore } from 'zustand'
import type { Transition } from '../core/history.ts'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

/**
 * The last hundred transitions, oldest first.
 *
 * @example
 * const last = useConnectionHistory().at(-1)
 */
export function useConnectionHistory(target?: UplinkTarget): readonly Transition[] {
  return useStore(useUplink(target).history)
}
