/** A message on its way out, as a storage keeps it: times of this page become times of all pages, and back. */
import type { OutboxMessage } from '../core/outbox.ts'
import { frameSize } from '../protocol/message.ts'
import type { Platform } from '../engine/platform.ts'
import type { StoredMessage } from '../engine/storage.ts'

/** A message that is kept, as its page knows it. */
export interface Kept {
  readonly message: OutboxMessage
  readonly order: number
  state: 'new' | 'writing' | 'durable'
  /** A write of it has failed, or seemed to: it may be there all the same. */
  doubtful: boolean
}

const offsetOf = (platform: Platform): number => platform.time() - platform.now()

/** What is kept of a message. */
export function toStored(message: OutboxMessage, order: number, platform: Platform): StoredMessage {
  const { id, frame, priority, key = null, queuedAt, expiresAt, tracked, idempotent, attempted } = message
  const offset = offsetOf(platform)
  return {
    id, frame: String(frame), priority, key, order, createdAt: Math.round(offset + queuedAt),
    expiresAt: expiresAt === Infinity ? null : Math.round(offset + expiresAt), tracked, idempotent, attempted,
  }
}

/** The message that was kept. */
export function fromStored(row: StoredMessage, platform: Platform): OutboxMessage {
  const { id, frame, priority, tracked, idempotent, attempted } = row
  const offset = offsetOf(platform)
  return {
    id, frame, size: frameSize(frame), priority, key: row.key ?? undefined, queuedAt: row.createdAt - offset,
    expiresAt: row.expiresAt === null ? Infinity : row.expiresAt - offset, tracked, idempotent, stored: true, attempted,
  }
}
