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
   * so that after a crash nobody takes them for unsent. If not, up to `most` are being marked, and `resume` is
   * called. To be asked only when they could really go: what is marked and not sent may end as unknown.
   */
  isMarked(messages: Iterable<OutboxMessage>, resultsEpoch: string | null, most: number, resume: () => void): boolean
  /** The message has its outcome. Unknown ids are ignored. */
  release(id: string): void
  /** Forgets a message and leaves it where it is kept; false where it is not, or not yet. */
  leave(id: string): boolean
  /** Whether other pages may have taken what this one keeps. */
  isLetGo(): boolean
  /** Messages that would survive the page now. */
  count(): number
  /** The connection is wanted: opens the storage, or claims anew what is this page's. */
  show(): void
  /** The connection is not wanted: writes what is to be written, and lets go, so that other pages can send it. */
  rest(): void
  /** The page is hidden for good: lets go, synchronously. */
  hide(): void
  /** When it next wants to look for messages that closed pages left. */
  deadline(): number
  tick(): void
  /**
   * Deletes all messages of the scope, before anything else is done with the storage; it is opened for that if need
   * be. Rejects with what was reported when it could not be done yet: then it is tried again. A rejection nobody
   * handles is no accident.
   */
  wipe(): Promise<void>
  destroy(): void
}
