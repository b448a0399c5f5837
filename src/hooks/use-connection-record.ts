'use client'
/** The connection's last hour. */
import { useStore } from 'zustand'
import type { ConnectionRecord } from '../core/record.ts'
import { connectionRecord } from '../store/connection-record.ts'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

/**
 * What was shown in the last hour, and how long round trips took; new every ten seconds, after a round trip and after
 * a change of state. It is kept from its first use on, or from `connectionRecord(uplink).begin()`.
 *
 * @example
 * const { availability, p95, spans } = useConnectionRecord()
 */
export function useConnectionRecord(target?: UplinkTarget): ConnectionRecord {
  return useStore(connectionRecord(useUplink(target)))
}
