/** `uplink/storage/local-storage`: keeps messages beyond the page, where there is no IndexedDB. */
import type { MessageStorage, StorageHost, StorageSession, StoredMessage } from '../engine/storage.ts'
import type { Platform } from '../engine/platform.ts'
import { holdLease } from './leases.ts'
import { type Hold, forEachGone, holdLock, lockManager } from './locks.ts'
import { persistence } from './persistence.ts'
import { inOrder, readMessage, reportCorrupt } from './row.ts'

/** Options of {@link webStorage}. All pages of an origin must use the same. */
export interface WebStorageOptions {
  /** What all keys begin with. @default 'uplink' */
  readonly prefix?: string
  /** `false`: leases even where there are Web Locks. @default whether this page has them */
  readonly locks?: boolean
  /** How long a page without Web Locks is believed to live after its last sign, ms. @default 180_000 */
  readonly leaseMs?: number
}

const NAME = 'localStorage'

/** Without transactions a claim stands once nobody has overwritten it for so long. */
const CLAIM_STANDS_MS = 200

/**
 * Keeps messages in `localStorage`, one key each: for pages that have no IndexedDB. It holds a few megabytes for
 * the whole origin, and every write blocks the page; prefer {@link indexedDb}.
 *
 * `localStorage` has no transactions. With Web Locks messages are taken over by exactly one page all the same;
 * without, a page writes its claim down, waits, and looks whether it still stands. A browser that shows one
 * page's writes to another later than 200 ms could then let two take over; the server still handles each
 * message once.
 *
 * @example
 * createUplink({ url, protocol: uplink(), identity: user.id, storage: webStorage() })
 */
export function webStorage({ prefix = 'uplink', locks: wantsLocks = true, leaseMs = 180_000 }: WebStorageOptions = {}): MessageStorage {
  async function open(scope: string, host: StorageHost): Promise<StorageSession> {
    const { platform } = host
    const area = globalThis.localStorage
    if (area === undefined) throw new Error('there is no localStorage here')
    const owner = platform.uuid()
    const shelf = createShelf(area, prefix, scope)
    const locks = wantsLocks ? lockManager() : undefined
    const hold: Hold = locks === undefined ? leaseOn(shelf, owner, platform, leaseMs) : holdLock(locks, scope, owner)
    await hold.take()

    function take(from: string): StoredMessage[] {
      const mine = shelf.rows().filter((row) => row.owner === from)
      for (const { message } of mine) shelf.put(owner, message)
      shelf.erase('lease', from)
      return mine.map(({ message }) => message)
    }

    const isGone = (other: string): boolean => Number(shelf.read('lease', other) ?? 0) <= platform.time()

    async function claimed(owners: readonly string[]): Promise<string[]> {
      const gone = owners.filter(isGone)
      // A page that crashed with nothing on the shelf has left its lease all the same.
      for (const other of shelf.leases()) if (other !== owner && !gone.includes(other) && isGone(other)) shelf.erase('lease', other)
      if (gone.length === 0) return []
      for (const other of gone) shelf.write('claim', other, owner)
      await new Promise<void>((resolve) => { platform.setTimer(resolve, CLAIM_STANDS_MS) })
      const standing = gone.filter((other) => shelf.read('claim', other) === owner)
      for (const other of standing) shelf.erase('claim', other)
      // A page that only slept may have renewed its lease meanwhile.
      return standing.filter(isGone)
    }

    return {
      async adopt() {
        reportCorrupt(host, NAME, shelf.clean())
        const others = [...new Set(shelf.rows().map((row) => row.owner))].filter((other) => other !== owner)
        const taken = locks === undefined
          ? (await claimed(others)).map(take)
          : await forEachGone(locks, scope, others, async (other) => take(other))
        return inOrder(taken.flat())
      },
      async write({ insert, update, remove }) {
        // Room is made first: what is too much fails before anything of it is written.
        const undo: Array<() => void> = []
        try {
          for (const id of remove) undo.push(shelf.drop(id))
          for (const message of insert) undo.push(shelf.put(owner, message))
          const isMine = ({ id }: StoredMessage): boolean => shelf.get(id)?.owner === owner
          const lost = update.filter((message) => !isMine(message)).map(({ id }) => id)
          for (const message of update) if (isMine(message)) undo.push(shelf.put(owner, message))
          return lost
        } catch (thrown) {
          for (const back of undo.reverse()) back()
          throw thrown
        }
      },
      release: () => hold.release(),
      async reclaim() {
        await hold.take()
        return shelf.rows().flatMap((row) => (row.owner === owner ? [row.message.id] : []))
      },
      async wipe() {
        shelf.clear()
      },
    }
  }

  return { name: NAME, persistence, open }
}

function leaseOn(shelf: Shelf, owner: string, platform: Platform, leaseMs: number): Hold {
  return holdLease(platform, leaseMs, {
    write: async (expiresAt) => shelf.write('lease', owner, String(expiresAt)),
    erase: async () => shelf.erase('lease', owner),
  })
}

interface Kept {
  readonly scope: string
  readonly owner: string
  readonly message: StoredMessage
}

/** The keys of one scope. What changes something returns what undoes it. */
interface Shelf {
  rows(): Kept[]
  get(id: string): Kept | null
  put(owner: string, message: StoredMessage): () => void
  drop(id: string): () => void
  /** Owners of all leases. */
  leases(): string[]
  /** Removes rows that are none, and counts them. */
  clean(): number
  clear(): void
  read(kind: 'lease' | 'claim', owner: string): string | null
  write(kind: 'lease' | 'claim', owner: string, value: string): void
  erase(kind: 'lease' | 'claim', owner: string): void
}

/** A part of a key that ends where it seems to: what one scope is called must not look like the keys of another. */
const part = (text: string): string => text.replaceAll('%', '%25').replaceAll(':', '%3A')

function createShelf(area: Storage, prefix: string, scope: string): Shelf {
  const keyOf = (kind: 'message' | 'lease' | 'claim', name: string): string => `${part(prefix)}:${part(scope)}:${kind}:${name}`
  const keysOf = (kind: 'message' | 'lease'): string[] => Object.keys(area).filter((key) => key.startsWith(keyOf(kind, '')))
  const keys = (): string[] => keysOf('message')

  function read(key: string): Kept | null {
    try {
      const { scope: whose, owner, message } = JSON.parse(area.getItem(key) ?? 'null') as Partial<Kept>
      const found = readMessage(message)
      return whose === scope && typeof owner === 'string' && found !== null && key === keyOf('message', found.id) ? { scope, owner, message: found } : null
    } catch {
      return null
    }
  }

  function change(key: string, text: string | null): () => void {
    const before = area.getItem(key)
    const set = (value: string | null): void => (value === null ? area.removeItem(key) : area.setItem(key, value))
    set(text)
    return () => set(before)
  }

  return {
    get: (id) => read(keyOf('message', id)),
    rows: () => keys().flatMap((key) => read(key) ?? []),
    put: (owner, message) => change(keyOf('message', message.id), JSON.stringify({ scope, owner, message })),
    drop: (id) => change(keyOf('message', id), null),
    clean() {
      const bad = keys().filter((key) => read(key) === null)
      for (const key of bad) area.removeItem(key)
      return bad.length
    },
    clear() {
      for (const key of keys()) area.removeItem(key)
    },
    leases: () => keysOf('lease').map((key) => key.slice(keyOf('lease', '').length)),
    read: (kind, owner) => area.getItem(keyOf(kind, owner)),
    write: (kind, owner, value) => area.setItem(keyOf(kind, owner), value),
    erase: (kind, owner) => area.removeItem(keyOf(kind, owner)),
  }
}
