/** A message as it lies in a storage: with who owns it. */
import { UplinkError } from '../core/errors.ts'
import type { StorageHost, StoredMessage } from '../engine/storage.ts'

/** What identifies a kept message, and the session it belongs to. */
export interface Row {
  readonly scope: string
  readonly id: string
  readonly owner: string
  readonly message: StoredMessage
}

const PRIORITIES: readonly unknown[] = ['low', 'normal', 'high', 'critical']

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)

function isAttempt(value: unknown): boolean {
  if (value === null) return true
  if (typeof value !== 'object') return false
  const { at, resultsEpoch } = value as Readonly<Record<string, unknown>>
  return isNumber(at) && (resultsEpoch === null || typeof resultsEpoch === 'string')
}

/** The message of a row that anybody may have written; `null` where it is none. */
export function readMessage(value: unknown): StoredMessage | null {
  if (typeof value !== 'object' || value === null) return null
  const { id, frame, priority, key, order, createdAt, expiresAt, tracked, idempotent, attempted } = value as Readonly<Record<string, unknown>>
  const isWhole = typeof id === 'string' && typeof frame === 'string' && PRIORITIES.includes(priority) && (key === null || typeof key === 'string')
    && isNumber(order) && isNumber(createdAt) && (expiresAt === null || isNumber(expiresAt))
    && typeof tracked === 'boolean' && typeof idempotent === 'boolean' && isAttempt(attempted)
  return isWhole ? (value as StoredMessage) : null
}

/** The order in which messages are sent: that of their pages, one page after the other as they began. */
export function inOrder(messages: readonly StoredMessage[]): StoredMessage[] {
  return [...messages].sort((a, b) => a.order - b.order || a.createdAt - b.createdAt)
}

/** Tells of rows that could not be read. What they held is not shown: it may be anybody's. */
export function reportCorrupt(host: StorageHost, storage: string, count: number): void {
  if (count === 0) return
  const rows = count === 1 ? 'one row that is no message was' : `${count} rows that are no messages were`
  host.report(new UplinkError('UPLINK_STORAGE_CORRUPT', `storage ${storage}: ${rows} removed`, { severity: 'warning' }))
}
