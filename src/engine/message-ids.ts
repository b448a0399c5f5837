/** Names of messages: unique for ever, so that a server can tell a message from one it has had. */
import type { Platform } from './platform.ts'

/** Gives ids, and knows which have been used, and which of an application's own have no outcome yet. */
export interface MessageIds {
  next(): string
  /** Remembers an id that came from elsewhere: the application's, or an earlier page's. */
  know(id: string): void
  /** Whether a message of this id may have been sent. */
  isKnown(id: string): boolean
  /** A message of this id waits, or is on its way. Ids that were made here for it need not be noted: they come once. */
  occupy(id: string): void
  /** It has its outcome. */
  free(id: string): void
  isOccupied(id: string): boolean
}

/** So many random characters: enough to be unique for ever. */
const PREFIX = 14

/** Ids from elsewhere that are remembered. */
const FOREIGN_MOST = 2_000

/**
 * Makes ids for one page. They do not begin with the client's id: one that an application sets would give the
 * same ids again after a reload.
 */
export function createMessageIds(platform: Platform): MessageIds {
  let prefix = ''
  let serial = 0
  let foreign = new Set<string>()
  const occupied = new Set<string>()
  const isOwn = (id: string): boolean =>
    prefix !== '' && id.startsWith(prefix) && Number(id.slice(prefix.length + 1)) <= serial

  return {
    next() {
      if (prefix === '') prefix = platform.uuid().replaceAll('-', '').slice(-PREFIX)
      return `${prefix}-${++serial}`
    },
    know(id) {
      if (isOwn(id)) return
      if (foreign.size >= FOREIGN_MOST) foreign = new Set([...foreign].slice(FOREIGN_MOST / 2))
      foreign.add(id)
    },
    isKnown: (id) => isOwn(id) || foreign.has(id),
    occupy: (id) => void occupied.add(id),
    free: (id) => void occupied.delete(id),
    isOccupied: (id) => occupied.has(id),
  }
}
