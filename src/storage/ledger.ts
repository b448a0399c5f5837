/**
 * What of this page's messages is in the storage, and what of that has to be changed: changes of one task are
 * written together, one write at a time. Decides nothing about messages, and does not know whose turn it is.
 */
import type { OutboxMessage } from '../core/outbox.ts'
import type { Platform, TimerHandle } from '../engine/platform.ts'
import type { StorageSession, StoredMessage } from '../engine/storage.ts'
import type { Ask } from './patience.ts'
import { type Kept, fromStored, toStored } from './stored-message.ts'

/** What a ledger needs. */
export interface LedgerHost {
  readonly platform: Platform
  readonly ask: Ask
  /** Where to write; `undefined` while nothing may be written. */
  target(): StorageSession | undefined
  isFailing(): boolean
  persisted(ids: readonly string[]): void
  /** These belong to another page. */
  disowned(ids: readonly string[]): void
  worked(): void
  failed(thrown: unknown): void
  /** A write is over, or there was nothing to write. */
  settled(): void
}

/** The ledger of one connection. */
export interface Ledger {
  keep(message: OutboxMessage): void
  note(message: OutboxMessage): void
  release(id: string): void
  leave(id: string): boolean
  /** See `Persistence.isMarked`. `waits`: whether the storage can be waited for. */
  isMarked(messages: Iterable<OutboxMessage>, resultsEpoch: string | null, most: number, waits: boolean, resume: () => void): boolean
  /** Enters what closed pages left. Returns what is new to this one. */
  take(left: readonly StoredMessage[]): OutboxMessage[]
  /** This page's rows are its own again, as far as `ids` names them; the others are not. */
  claimed(ids: readonly string[]): void
  /** Writes after so long, if there is something to write then. */
  later(delayMs: number): void
  write(): void
  isDirty(): boolean
  isWriting(): boolean
  count(): number
  /** Whoever waits for something to be durable goes on without. */
  goOn(): void
  /** Everything of the scope is to be deleted. */
  clear(): void
  /** Keeps nothing more, and forgets what was never written. */
  end(): void
}

/** Messages that are marked as attempted with one write. */
const MARK_MOST = 256

/** After a failed write the next try waits this long, unless there is something new to write. */
const RETRY_MS = 5_000

/** Opens a ledger. */
export function createLedger(host: LedgerHost): Ledger {
  const { platform, ask } = host
  const rows = new Map<string, Kept>()
  /** Rows that are not in the storage yet, and rows that are and have changed. */
  let fresh = new Map<string, Kept>()
  let updated = new Map<string, Kept>()
  /** Messages that have their outcome and may still be kept: to be removed, and on their way. */
  let removed = new Set<string>()
  let removing = new Set<string>()
  /** Messages that were left in the storage, while they were this page's. */
  const left = new Set<string>()
  let waiting: Array<() => void> = []
  let writing = false
  let marking = false
  let timer: TimerHandle | undefined
  let timerAt = Infinity
  let order = 0
  let durable = 0
  let ended = false

  function stopTimer(): void {
    if (timer !== undefined) platform.clearTimer(timer)
    timer = undefined
    timerAt = Infinity
  }

  function later(delayMs: number): void {
    const at = platform.now() + delayMs
    // One timer for all changes of a task; one that is set anew with each of them would never come where they never stop.
    if (writing || at >= timerAt || host.target() === undefined) return
    stopTimer()
    timerAt = at
    timer = platform.setTimer(() => {
      timer = undefined
      timerAt = Infinity
      write()
    }, delayMs)
  }

  const isDirty = (): boolean => fresh.size + updated.size + removed.size + waiting.length > 0

  /** Whether a row is still this page's to write, or was when it was left. */
  const isOurs = (row: Kept): boolean => rows.get(row.message.id) === row || left.has(row.message.id)

  function write(): void {
    const target = host.target()
    if (writing || target === undefined) return
    if (!isDirty()) return host.settled()
    stopTimer()
    writing = true
    const inserted = [...fresh.values()]
    const changed = [...updated.values()].filter((row) => row.state === 'durable' && isOurs(row))
    const gone = removed
    const done = waiting
    removing = gone
    fresh = new Map()
    updated = new Map()
    removed = new Set()
    waiting = []
    for (const row of inserted) row.state = 'writing'
    const stored = ({ message, order: place }: Kept): StoredMessage => toStored(message, place, platform)
    let late = false
    const finish = (): void => {
      writing = false
      removing = new Set()
      for (const each of done) each()
      host.settled()
      if (isDirty()) later(host.isFailing() ? RETRY_MS : 0)
    }
    ask(
      () => target.write({ insert: inserted.map(stored), update: changed.map(stored), remove: [...gone] }),
      (lost) => {
        // Given up already, and written anew since: what has happened to it meanwhile counts.
        if (late) {
          for (const { message: { id } } of inserted) if (!rows.has(id)) removed.add(id)
          return later(0)
        }
        host.worked()
        wrote(inserted)
        disown(lost)
        finish()
      },
      (thrown) => {
        late = true
        for (const row of inserted) {
          const { id } = row.message
          Object.assign(row, { state: 'new', doubtful: true })
          if (rows.get(id) === row) fresh.set(id, row)
          else if (!rows.has(id)) removed.add(id)
        }
        for (const row of changed) if (isOurs(row) && !updated.has(row.message.id)) updated.set(row.message.id, row)
        for (const id of gone) if (!rows.has(id)) removed.add(id)
        host.failed(thrown)
        finish()
      },
    )
  }

  function wrote(inserted: readonly Kept[]): void {
    const persisted: string[] = []
    for (const row of inserted) {
      const { id } = row.message
      row.state = 'durable'
      if (rows.get(id) === row) {
        durable++
        persisted.push(id)
      } else if (!rows.has(id)) removed.add(id)
    }
    if (persisted.length > 0) host.persisted(persisted)
  }

  function drop(id: string): Kept | undefined {
    const row = rows.get(id)
    if (row?.state === 'durable') durable--
    rows.delete(id)
    fresh.delete(id)
    return row
  }

  function disown(ids: readonly string[]): void {
    for (const id of ids) {
      drop(id)
      updated.delete(id)
    }
    if (ids.length > 0) host.disowned(ids)
  }

  function note({ id }: OutboxMessage): void {
    const row = rows.get(id)
    // One that is not in the storage yet is written whole.
    if (row === undefined || row.state === 'new') return
    updated.set(id, row)
    later(0)
  }

  function goOn(): void {
    waiting.splice(0).forEach((done) => done())
  }

  return {
    later,
    write,
    note,
    isDirty,
    goOn,
    isWriting: () => writing,
    count: () => durable,
    keep(message) {
      if (ended) return
      const { id } = message
      if (rows.get(id)?.message === message) return note(message)
      order = Math.max(order + 1, platform.time())
      const row: Kept = { message, order, state: 'new', doubtful: removing.has(id) }
      rows.set(id, row)
      fresh.set(id, row)
      removed.delete(id)
      later(0)
    },
    release(id) {
      const row = drop(id)
      if (row === undefined) return
      updated.delete(id)
      if (row.state !== 'durable' && !row.doubtful) return
      removed.add(id)
      later(0)
    },
    leave(id) {
      if (rows.get(id)?.state !== 'durable') return false
      drop(id)
      left.add(id)
      return true
    },
    isMarked(messages, resultsEpoch, most, waits, resume) {
      if (marking) return false
      const batch: OutboxMessage[] = []
      for (const message of messages) {
        if (batch.length >= Math.min(most, MARK_MOST)) break
        // Idempotent ones too, which need it least: an adopting page keeps the order of what was marked and what was not.
        if (message.stored && message.attempted === null) batch.push(message)
        else if (batch.length === 0) return true
      }
      if (batch.length === 0 || ended) return true
      const attempt = { at: platform.time(), resultsEpoch }
      for (const message of batch) {
        message.attempted = attempt
        note(message)
      }
      if (!waits) return true
      marking = true
      waiting.push(() => {
        marking = false
        resume()
      })
      later(0)
      return false
    },
    take(found) {
      const messages: OutboxMessage[] = []
      for (const row of found) {
        const { id } = row
        // This page's own, come back from the back/forward cache: in hand already, or done with.
        if (rows.has(id)) continue
        if (removed.has(id) || removing.has(id)) {
          removed.add(id)
          continue
        }
        left.delete(id)
        const message = fromStored(row, platform)
        rows.set(id, { message, order: row.order, state: 'durable', doubtful: false })
        durable++
        messages.push(message)
      }
      return messages
    },
    claimed(ids) {
      const ours = new Set(ids)
      // Left here, and nobody has taken it: its sender has been told, and nobody else will ask for it.
      for (const id of ids) if (left.has(id)) removed.add(id)
      left.clear()
      disown([...rows.values()].filter(({ message, state }) => state === 'durable' && !ours.has(message.id)).map(({ message }) => message.id))
    },
    clear() {
      rows.clear()
      fresh.clear()
      updated.clear()
      removed.clear()
      left.clear()
      durable = 0
    },
    end() {
      ended = true
      stopTimer()
      fresh.clear()
      for (const [id, row] of rows) if (row.state === 'new') rows.delete(id)
      goOn()
    },
  }
}
