/** What keeps the outbox beyond the page, for those who use it. */
import type { UplinkError } from '../core/errors.ts'
import type { OutboxMessage } from '../core/outbox.ts'
import type { Platform } from './platform.ts'

/** What persistence tells. */
export interface PersistenceHost {
  readonly platform: Platform
  report(error: UplinkError): void
  /** These survive the page from now on. */
  persisted(ids: readonly string[]): void
  /** Messages that a page which is gone has left. */
  adopted(messages: readonly OutboxMessage[]): void
  /** Another page has these now. */
  disowned(ids: readonly string[]): void
  /** The deadline may have become earlier. */
  rearm(): void
}

/** Keeps messages beyond the page. All methods return at once. */
export interface Persistence {
  /** Begins to keep a message. */
  keep(message: OutboxMessage): void
  /** A kept message has changed. */
  note(message: OutboxMessage): void
  /**
   * Whether the first of these may be sent: kept messages are marked as attempted, durably, before they are,
   * so that after a crash nobody takes them for unsent. If not, they are being marked, and `resume` is called.
   */
  isMarked(messages: Iterable<OutboxMessage>, resultsEpoch: string | null, resume: () => void): boolean
  /** The message has its outcome. Unknown ids are ignored. */
  release(id: string): void
  /** Messages that would survive the page now. */
  count(): number
  /** Begins, or begins again after `hide`: opens the storage, or claims anew what is this page's. */
  show(): void
  /** The page is hidden for good: lets go, synchronously. */
  hide(): void
  /** When it next wants to look for messages that closed pages left. */
  deadline(): number
  tick(): void
  /** Deletes all messages of the scope. */
  wipe(): Promise<void>
  destroy(): void
}
