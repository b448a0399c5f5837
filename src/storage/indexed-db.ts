/** `uplink/storage/indexed-db`: keeps messages beyond the page, shared safely by all pages of an origin. */
import { UplinkError } from '../core/errors.ts'
import type { MessageStorage, StorageHost, StorageSession } from '../engine/storage.ts'
import { type DatabaseSource, createDatabaseSource } from './database.ts'
import { holdLease } from './leases.ts'
import { type Hold, forEachGone, holdLock, lockManager } from './locks.ts'
import { persistence } from './persistence.ts'
import { inOrder, reportCorrupt } from './row.ts'
import { type Taken, deleteAll, deleteLease, idsOf, ownersOf, putLease, takeOver, writeChanges } from './transactions.ts'

/** Options of {@link indexedDb}. All pages of an origin must use the same. */
export interface IndexedDbOptions {
  /** Name of the database. @default 'uplink' */
  readonly databaseName?: string
  /** `false`: leases even where there are Web Locks. @default whether this page has them */
  readonly locks?: boolean
  /** How long a page without Web Locks is believed to live after its last sign, ms; hidden pages give one a minute. @default 180_000 */
  readonly leaseMs?: number
}

const NAME = 'indexedDB'

/**
 * Keeps messages in IndexedDB: beyond reloads and crashes of the page. What a closed page left is taken over by
 * exactly one other; Web Locks say who is alive, or leases where a page has none (plain http). Contents lie on
 * the disk unencrypted, until they are sent or `forget()` is called.
 *
 * Needs the package `idb`. Where there is no IndexedDB (some private windows), the connection says
 * `UPLINK_STORAGE_FAILED` and goes on without.
 *
 * @example
 * createUplink({ url, protocol: uplink(), identity: user.id, storage: indexedDb() })
 */
export function indexedDb({ databaseName = 'uplink', locks: wantsLocks = true, leaseMs = 180_000 }: IndexedDbOptions = {}): MessageStorage {
  async function open(scope: string, host: StorageHost): Promise<StorageSession> {
    const owner = host.platform.uuid()
    const source = createDatabaseSource(databaseName, (why) =>
      host.report(new UplinkError('UPLINK_STORAGE_FAILED', `storage ${NAME}: database "${databaseName}" was closed: ${why}`, { severity: 'warning' })))
    const locks = wantsLocks ? lockManager() : undefined
    const hold: Hold = locks === undefined ? leaseOn(source, scope, owner, host, leaseMs) : holdLock(locks, scope, owner)
    // Touches the database, so that whoever has none hears of it now.
    await source.use(async () => undefined)
    await hold.take()

    function left(): Promise<readonly Taken[]> {
      return source.use(async (database) => {
        if (locks === undefined) return [await takeOver(database, scope, owner, { expiredAt: host.platform.time() })]
        const others = (await ownersOf(database, scope)).filter((other) => other !== owner)
        return forEachGone(locks, scope, others, (other) => takeOver(database, scope, owner, [other]))
      })
    }

    return {
      async adopt() {
        const taken = await left()
        reportCorrupt(host, NAME, taken.reduce((sum, { corrupt }) => sum + corrupt, 0))
        return inOrder(taken.flatMap(({ messages }) => messages))
      },
      write: (changes) => source.use((database) => writeChanges(database, scope, owner, changes)),
      release: () => hold.release(),
      async reclaim() {
        await hold.take()
        return source.use((database) => idsOf(database, scope, owner))
      },
      wipe: () => source.use((database) => deleteAll(database, scope)),
    }
  }

  return { name: NAME, persistence, open }
}

function leaseOn(source: DatabaseSource, scope: string, owner: string, { platform }: StorageHost, leaseMs: number): Hold {
  return holdLease(platform, leaseMs, {
    write: (expiresAt) => source.use((database) => putLease(database, scope, owner, expiresAt)),
    erase: () => source.use((database) => deleteLease(database, scope, owner)),
  })
}
