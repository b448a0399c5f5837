'use client'
/** The link's round-trip time. */
import { useStore } from 'zustand'
import type { LatencySnapshot } from '../core/latency.ts'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

export { LATENCY_LEVELS } from '../core/latency.ts'

/**
 * Latency as measured by heartbeats, in ms; `null` and quality `unknown` while nothing is known. Renders
 * once per answered ping.
 *
 * @example
 * const { current, p95, quality } = useLatency()
 */
export function useLatency(target?: UplinkTarget): LatencySnapshot {
  return useStore(useUplink(target).latency)
}
