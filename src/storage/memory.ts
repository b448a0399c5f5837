/** `uplink/storage/memory`: keeps messages as long as the value lives. */
import type { MessageStorage, StorageSession } from '../engine/storage.ts'
import { persistence } from './persistence.ts'
import { type Row, inOrder } from './row.ts'

/**
 * Keeps messages in memory: beyond a connection, not beyond the page. For tests, for servers, and for several
 * connections of one page that take over from each other.
 *
 * @example
 * const storage = memory()
 * createConnection({ url, protocol: uplink(), identity: 'ann', storage })
 */
export function memory(): MessageStorage {
  const rows = new Map<string, Row>()
  /** Sessions that have not let go of their messages. */
  const holding = new Set<string>()
  const keyOf = (scope: string, id: string): string => JSON.stringify([scope, id])
  let sessions = 0

  function open(scope: string): StorageSession {
    const owner = `session-${++sessions}`
    holding.add(owner)
    const ofScope = (): Row[] => [...rows.values()].filter((row) => row.scope === scope)
    const put = (row: Row): void => void rows.set(keyOf(scope, row.id), structuredClone(row))

    return {
      async adopt() {
        const left = ofScope().filter((row) => !holding.has(row.owner))
        for (const row of left) put({ ...row, owner })
        return inOrder(left.map(({ message }) => structuredClone(message)))
      },
      async write({ insert, update, remove }) {
        for (const message of insert) put({ scope, id: message.id, owner, message })
        const isMine = (id: string): boolean => rows.get(keyOf(scope, id))?.owner === owner
        const lost = update.filter(({ id }) => !isMine(id)).map(({ id }) => id)
        for (const message of update) if (isMine(message.id)) put({ scope, id: message.id, owner, message })
        for (const id of remove) rows.delete(keyOf(scope, id))
        return lost
      },
      release: () => void holding.delete(owner),
      async reclaim() {
        holding.add(owner)
        return ofScope().flatMap((row) => (row.owner === owner ? [row.id] : []))
      },
      async wipe() {
        for (const { id } of ofScope()) rows.delete(keyOf(scope, id))
      },
    }
  }

  return { name: 'memory', persistence, open: async (scope) => open(scope) }
}
