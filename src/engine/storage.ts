/** The seam to what keeps messages beyond the life of a page. Implementations lie in `uplink/storage/*`. */
import type { UplinkError } from '../core/errors.ts'
import type { Priority } from '../core/outbox.ts'
import type { Persistence, PersistenceHost } from './persistence-interface.ts'
import type { Platform } from './platform.ts'

/** A message as it is kept. All times are epoch ms, because pages share them. */
export interface StoredMessage {
  readonly id: string
  /** The encoded message. Binary frames are not kept. */
  readonly frame: string
  readonly priority: Priority
  readonly key: string | null
  /** Its place among the messages of one page; messages are sent in this order within a priority. */
  readonly order: number
  readonly createdAt: number
  /** `null`: it waits for ever. */
  readonly expiresAt: number | null
  /** Whether an answer of the server is waited for. */
  readonly tracked: boolean
  readonly idempotent: boolean
  /** When it was first handed to a socket, and under which `resultsEpoch` of the server; `null` if never. */
  readonly attempted: { readonly at: number; readonly resultsEpoch: string | null } | null
}

/** Changes that are made together, or not at all. */
export interface StorageChanges {
  /** One that was inserted before is replaced: a write that seemed to fail is made again. */
  readonly insert: readonly StoredMessage[]
  /** Messages that were inserted before. */
  readonly update: readonly StoredMessage[]
  /** Ids of messages that have their outcome, whoever owns them by now. Unknown ones are ignored. */
  readonly remove: readonly string[]
}

/** What a storage gets from the connection. */
export interface StorageHost {
  readonly platform: Platform
  /** Hears of what was survived, for example a row that could not be read (`UPLINK_STORAGE_CORRUPT`). */
  report(error: UplinkError): void
}

/**
 * One page's claim on the messages of one scope. Every message belongs to one session at a time; what a
 * closed or crashed page leaves behind is adopted by exactly one other.
 */
export interface StorageSession {
  /** Takes over all messages of the scope whose owner is gone, in their order. Called at the start and from time to time. */
  adopt(): Promise<readonly StoredMessage[]>
  /**
   * Makes changes durable. Resolves with the ids among `update` that are not this session's any more: another
   * page has adopted them (this one was frozen, or in the back/forward cache), so they must not be sent here.
   * Rejects when nothing was written (full, broken).
   */
  write(changes: StorageChanges): Promise<readonly string[]>
  /** Lets go of the claim, synchronously; the messages stay for others. On `pagehide` and at the end. */
  release(): void
  /** Claims again after `release`; before that, `adopt` and `write` are not called. Resolves with the ids that still belong to this session. */
  reclaim(): Promise<readonly string[]>
  /** Deletes every message of the scope, whoever owns it; also after `release`. */
  wipe(): Promise<void>
}

/** Makes what works with a storage, for one connection. */
export type CreatePersistence = (storage: MessageStorage, scope: string, host: PersistenceHost) => Persistence

/**
 * Keeps messages beyond the life of a page.
 *
 * @example
 * createUplink({ url, protocol: uplink(), identity: user.id, storage: indexedDb() })
 */
export interface MessageStorage {
  /** Shown in errors. */
  readonly name: string
  /** What works with it: `persistence` from `uplink/storage`. */
  readonly persistence: CreatePersistence
  /**
   * Opens what is kept under a scope (application and identity). Touches nothing before it is called.
   * Rejects when there is no such storage here; the connection then goes on without.
   */
  open(scope: string, host: StorageHost): Promise<StorageSession>
}
