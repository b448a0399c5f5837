'use client'
/** The connection's statistics. */
import { useStore } from 'zustand'
import type { ConnectionStats } from '../core/stats.ts'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

/**
 * Counters, rates, uptime and availability; looked at four times a second at most, and only while used.
 *
 * @example
 * const { messagesReceived, receivedPerSecond } = useConnectionStats()
 */
export function useConnectionStats(target?: UplinkTarget): ConnectionStats {
  return useStore(useUplink(target).stats)
}
