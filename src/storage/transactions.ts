/** What `uplink/storage/indexed-db` does in its database, one transaction each: all of it happens, or nothing. */
import type { IDBPIndex } from 'idb'
import type { StorageChanges, StoredMessage } from '../engine/storage.ts'
import type { Database, Schema } from './database.ts'
import { readMessage } from './row.ts'

/** What survives a crash of the browser or of the machine is what was called persisted: nothing less durable will do. */
const DURABLE = { durability: 'strict' } as const

/** All keys that begin with a scope. */
const allOf = (scope: string): IDBKeyRange => IDBKeyRange.bound([scope], [scope, []])

/** Messages that were taken over, and rows that were no messages. */
export interface Taken {
  readonly messages: readonly StoredMessage[]
  readonly corrupt: number
}

/** Writes changes. Returns the ids of updates whose row is not this owner's. */
export async function writeChanges(database: Database, scope: string, owner: string, { insert, update, remove }: StorageChanges): Promise<string[]> {
  const transaction = database.transaction('messages', 'readwrite', DURABLE)
  const { store, done } = transaction
  const put = async (message: StoredMessage): Promise<unknown> => store.put({ scope, id: message.id, owner, message })
  const lost: string[] = []
  const written = Promise.all([
    ...insert.map(put),
    ...update.map(async (message) => {
      const before = await store.get([scope, message.id])
      if (before?.owner === owner) await put(message)
      else lost.push(message.id)
    }),
    ...remove.map((id) => store.delete([scope, id])),
    done,
  ])
  // What cannot be stored fails without ending the transaction, which would then keep the rest.
  await written.catch((thrown: unknown) => {
    abort(transaction)
    throw thrown
  })
  return lost
}

/** Undoes a transaction, unless it has ended by itself. */
function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort()
  } catch {
    // It has: that is what was wanted.
  }
}

async function ownersIn(index: IDBPIndex<Schema, ArrayLike<'messages' | 'leases'>, 'messages', 'owner', 'readonly' | 'readwrite'>, scope: string): Promise<string[]> {
  const owners: string[] = []
  let cursor = await index.openKeyCursor(allOf(scope), 'nextunique')
  for (; cursor !== null; cursor = await cursor.continue()) owners.push(cursor.key[1])
  return owners
}

/** Owners that have messages in a scope. */
export function ownersOf(database: Database, scope: string): Promise<string[]> {
  return ownersIn(database.transaction('messages').store.index('owner'), scope)
}

/** Ids of an owner's messages. */
export async function idsOf(database: Database, scope: string, owner: string): Promise<string[]> {
  const keys = await database.getAllKeysFromIndex('messages', 'owner', [scope, owner])
  return keys.map(([, id]) => id)
}

/**
 * Gives messages to an owner: those of `from`, or of everybody whose lease has expired at `time`. Who looks at
 * the same time finds them either before, or not at all.
 */
export async function takeOver(database: Database, scope: string, owner: string, from: readonly string[] | { readonly expiredAt: number }): Promise<Taken> {
  const transaction = database.transaction(['messages', 'leases'], 'readwrite', DURABLE)
  const [rows, leases] = [transaction.objectStore('messages'), transaction.objectStore('leases')]
  const messages: StoredMessage[] = []
  let corrupt = 0

  async function gone(): Promise<readonly string[]> {
    if (!('expiredAt' in from)) return from
    const alive = new Set<string>()
    for (const lease of await leases.getAll(allOf(scope))) {
      if (lease.expiresAt > from.expiredAt) alive.add(lease.owner)
      // Also of those who have left no messages: nobody else would ever remove it.
      else if (lease.owner !== owner) await leases.delete([scope, lease.owner])
    }
    return (await ownersIn(rows.index('owner'), scope)).filter((other) => other !== owner && !alive.has(other))
  }

  for (const other of await gone()) {
    for (const row of await rows.index('owner').getAll([scope, other])) {
      const message = readMessage(row.message)
      if (message === null || message.id !== row.id) {
        corrupt++
        await rows.delete([scope, row.id])
      } else {
        messages.push(message)
        await rows.put({ ...row, owner })
      }
    }
    await leases.delete([scope, other])
  }
  await transaction.done
  return { messages, corrupt }
}

/** Notes that an owner is alive. */
export async function putLease(database: Database, scope: string, owner: string, expiresAt: number): Promise<void> {
  await database.put('leases', { scope, owner, expiresAt })
}

/** Notes that an owner is gone. */
export async function deleteLease(database: Database, scope: string, owner: string): Promise<void> {
  await database.delete('leases', [scope, owner])
}

/** Deletes every message of a scope. */
export async function deleteAll(database: Database, scope: string): Promise<void> {
  const { store, done } = database.transaction('messages', 'readwrite', DURABLE)
  await Promise.all([store.delete(allOf(scope)), done])
}
