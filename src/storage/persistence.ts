/**
 * Keeps the outbox in a storage, off the hot path: changes of one task are written together. Decides nothing
 * about messages; it knows which of them are durable, and hands over what earlier pages left.
 */
import { UplinkError, messageOf } from '../core/errors.ts'
import type { OutboxMessage } from '../core/outbox.ts'
import type { Persistence, PersistenceHost } from '../engine/persistence-interface.ts'
import type { TimerHandle } from '../engine/platform.ts'
import type { MessageStorage, StorageSession, StoredMessage } from '../engine/storage.ts'
import { createAsk } from './patience.ts'
import { type Kept, fromStored, toStored } from './stored-message.ts'

/** Closed pages are looked for this often. */
const ADOPT_EVERY_MS = 15_000

/** A storage that takes longer than this is reported, and not waited for; what it does later counts all the same. */
const PATIENCE_MS = 2_000

/** Messages that are marked as attempted with one write. */
const MARK_MOST = 256

/** After a failed write the next try waits this long, unless there is something new to write. */
const RETRY_MS = 5_000

/**
 * Makes the persistence of one connection: when to write, what to take over, what to do when the storage fails.
 * Every storage brings it along, so that connections which keep nothing do not carry it.
 *
 * @example
 * const mine: MessageStorage = { name: 'mine', persistence, open: async (scope, host) => openSession(scope, host) }
 */
export function persistence(storage: MessageStorage, scope: string, host: PersistenceHost): Persistence {
  const { platform } = host
  const ask = createAsk(platform, PATIENCE_MS)
  const rows = new Map<string, Kept>()
  let updated = new Set<string>()
  /** Messages that have their outcome and may still be kept: to be removed, and on their way. */
  let removed = new Set<string>()
  let removing = new Set<string>()
  let waiting: Array<() => void> = []
  let session: StorageSession | undefined
  /** Whether what this page keeps is its own: not before the storage is open, and not in the back/forward cache. */
  let claimed = false
  let away = false
  let asking = false
  let writing = false
  let marking = false
  let timer: TimerHandle | undefined
  let lookAt = Infinity
  let order = 0
  let durable = 0
  let failing = false
  let ended = false

  function fail(what: string, thrown: unknown): void {
    if (ended) return
    if (!failing) host.report(new UplinkError('UPLINK_STORAGE_FAILED', `storage ${storage.name} could not ${what}: ${messageOf(thrown)}`, { cause: thrown, severity: 'warning' }))
    failing = true
    // Who waits for something to be durable goes on without: a storage may cost safety, never messages.
    waiting.splice(0).forEach((done) => done())
  }

  function later(delayMs: number): void {
    if (ended || !claimed || writing) return
    if (timer !== undefined) platform.clearTimer(timer)
    timer = platform.setTimer(() => {
      timer = undefined
      write()
    }, delayMs)
  }

  const isDirty = (): boolean =>
    updated.size + removed.size + waiting.length > 0 || [...rows.values()].some(({ state }) => state === 'new')

  function write(): void {
    const target = session
    if (target === undefined || !claimed || writing || ended || !isDirty()) return
    writing = true
    const inserted = [...rows.values()].filter(({ state }) => state === 'new')
    const changed = [...updated].flatMap((id) => (rows.get(id)?.state === 'durable' ? [rows.get(id) as Kept] : []))
    const gone = removed
    removing = gone
    const done = waiting
    updated = new Set()
    removed = new Set()
    waiting = []
    for (const row of inserted) row.state = 'writing'
    const stored = ({ message, order: place }: Kept): StoredMessage => toStored(message, place, platform)
    let late = false
    const finish = (): void => {
      writing = false
      removing = new Set()
      for (const each of done) each()
      if (isDirty()) later(failing ? RETRY_MS : 0)
    }
    ask(
      () => target.write({ insert: inserted.map(stored), update: changed.map(stored), remove: [...gone] }),
      (lost) => {
        // Given up already, and written anew since: what has happened to it meanwhile counts.
        if (late) return
        failing = false
        wrote(inserted)
        disown(lost)
        finish()
      },
      (thrown) => {
        late = true
        for (const row of inserted) {
          Object.assign(row, { state: 'new', doubtful: true })
          if (rows.get(row.message.id) !== row) removed.add(row.message.id)
        }
        for (const row of changed) updated.add(row.message.id)
        for (const id of gone) removed.add(id)
        fail('write', thrown)
        finish()
      },
    )
  }

  function wrote(inserted: readonly Kept[]): void {
    for (const row of inserted) {
      row.state = 'durable'
      if (rows.get(row.message.id) === row) durable++
      else removed.add(row.message.id)
    }
    if (inserted.length > 0) host.persisted(inserted.map(({ message }) => message.id))
  }

  function disown(ids: readonly string[]): void {
    for (const id of ids) {
      if (rows.get(id)?.state === 'durable') durable--
      rows.delete(id)
    }
    if (ids.length > 0) host.disowned(ids)
  }

  function lookAgain(delayMs: number): void {
    asking = false
    lookAt = platform.now() + delayMs
    host.rearm()
  }

  function take(left: readonly StoredMessage[]): void {
    const messages: OutboxMessage[] = []
    for (const row of left) {
      const { id } = row
      // This page's own, come back from the back/forward cache: in hand already, or done with.
      if (rows.has(id)) continue
      if (removed.has(id) || removing.has(id)) {
        removed.add(id)
        continue
      }
      const message = fromStored(row, platform)
      rows.set(id, { message, order: row.order, state: 'durable', doubtful: false })
      durable++
      messages.push(message)
    }
    if (messages.length > 0) host.adopted(messages)
  }

  /** Asks for what closed pages have left. */
  function adopt(from: StorageSession): void {
    asking = true
    ask(
      () => from.adopt(),
      (left) => {
        if (ended) return
        take(left)
        lookAgain(ADOPT_EVERY_MS)
      },
      (thrown) => {
        fail('look for messages of closed pages', thrown)
        lookAgain(ADOPT_EVERY_MS)
      },
    )
  }

  function begin(from: StorageSession): void {
    claimed = true
    adopt(from)
    later(0)
  }

  /** Opens the storage, or claims again what is this page's; tried again until it works. */
  function claim(): void {
    if (claimed || away || asking || ended) return
    asking = true
    const back = session
    if (back === undefined) {
      ask(
        () => storage.open(scope, { platform, report: host.report }),
        (opened) => {
          if (session !== undefined || ended || away) return opened.release()
          session = opened
          begin(opened)
        },
        (thrown) => {
          fail('be opened', thrown)
          lookAgain(ADOPT_EVERY_MS)
        },
      )
      return
    }
    ask(
      () => back.reclaim(),
      (ids) => {
        if (claimed || away || ended) return
        const ours = new Set(ids)
        disown([...rows.values()].filter(({ message, state }) => state === 'durable' && !ours.has(message.id)).map(({ message }) => message.id))
        begin(back)
      },
      (thrown) => {
        fail('be claimed again', thrown)
        lookAgain(RETRY_MS)
      },
    )
  }

  return {
    keep(message) {
      if (ended) return
      order = Math.max(order + 1, platform.time())
      rows.set(message.id, { message, order, state: 'new', doubtful: false })
      later(0)
    },
    note(message) {
      updated.add(message.id)
      later(0)
    },
    isMarked(messages, resultsEpoch, resume) {
      if (marking) return false
      const batch: OutboxMessage[] = []
      for (const message of messages) {
        if (batch.length >= MARK_MOST) break
        // Idempotent ones too, which need it least: an adopting page keeps the order of what was marked and what was not.
        if (message.stored && message.attempted === null) batch.push(message)
        else if (batch.length === 0) return true
      }
      if (batch.length === 0 || ended) return true
      const attempt = { at: platform.time(), resultsEpoch }
      for (const message of batch) {
        message.attempted = attempt
        updated.add(message.id)
      }
      // A storage that does not work is not waited for.
      if (!claimed && failing) return true
      marking = true
      waiting.push(() => {
        marking = false
        resume()
      })
      later(0)
      return false
    },
    release(id) {
      const row = rows.get(id)
      if (row === undefined) return
      rows.delete(id)
      if (row.state === 'durable') durable--
      if (row.state !== 'durable' && !row.doubtful) return
      removed.add(id)
      later(0)
    },
    count: () => durable,
    show() {
      away = false
      claim()
    },
    hide() {
      away = true
      claimed = false
      asking = false
      session?.release()
    },
    deadline: () => (asking || away || ended ? Infinity : lookAt),
    tick() {
      if (asking || ended || platform.now() < lookAt) return
      if (claimed && session !== undefined) adopt(session)
      else claim()
    },
    async wipe() {
      rows.clear()
      removed.clear()
      updated.clear()
      durable = 0
      await session?.wipe()
    },
    destroy() {
      ended = true
      if (timer !== undefined) platform.clearTimer(timer)
      session?.release()
      waiting.splice(0).forEach((done) => done())
    },
  }
}
