/** The database behind `uplink/storage/indexed-db`: opened when it is needed, and again when it was closed. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { Row } from './row.ts'

/** Until when a session owns its messages; epoch ms. */
export interface Lease {
  readonly scope: string
  readonly owner: string
  readonly expiresAt: number
}

/** What lies in the database. */
export interface Schema extends DBSchema {
  messages: { readonly key: [scope: string, id: string]; readonly value: Row; readonly indexes: { owner: [scope: string, owner: string] } }
  leases: { readonly key: [scope: string, owner: string]; readonly value: Lease }
}

/** An open database. */
export type Database = IDBPDatabase<Schema>

/** Opens the database, and keeps it open. */
export interface DatabaseSource {
  /** Runs `work` on the open database; once more on a new connection if the old one was closed under it. */
  use<Value>(work: (database: Database) => Promise<Value>): Promise<Value>
}

const VERSION = 1

/** Whether a connection was closed from outside: another page upgrades or deletes the database, or the browser did. */
const isClosed = (thrown: unknown): boolean => thrown instanceof Error && (thrown.name === 'InvalidStateError' || thrown.name === 'AbortError')

/** Makes a source. `closed` hears when the database was closed by somebody else, and why. */
export function createDatabaseSource(name: string, closed: (why: string) => void): DatabaseSource {
  let opening: Promise<Database> | undefined

  function open(): Promise<Database> {
    if (globalThis.indexedDB === undefined) return Promise.reject(new Error('there is no IndexedDB here'))
    const database = openDB<Schema>(name, VERSION, {
      upgrade(fresh) {
        const messages = fresh.createObjectStore('messages', { keyPath: ['scope', 'id'] })
        messages.createIndex('owner', ['scope', 'owner'])
        fresh.createObjectStore('leases', { keyPath: ['scope', 'owner'] })
      },
      blocked: () => closed('an older version of it is open in another page'),
      blocking(_current, _wanted, event) {
        opening = undefined
        ;(event.target as IDBDatabase).close()
        closed('another page upgrades or deletes it')
      },
      terminated() {
        opening = undefined
        closed('the browser closed it')
      },
    })
    database.catch(() => { opening = undefined })
    return database
  }

  async function use<Value>(work: (database: Database) => Promise<Value>): Promise<Value> {
    const current = (opening ??= open())
    try {
      return await work(await current)
    } catch (thrown) {
      if (opening === current || !isClosed(thrown)) throw thrown
      return work(await (opening ??= open()))
    }
  }

  return { use }
}
