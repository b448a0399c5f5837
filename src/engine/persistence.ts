/**
 * Keeps the outbox in a storage, off the hot path: changes of one task are written together. Decides nothing
 * about messages; it knows which of them are durable, and hands over what earlier pages left.
 */
import { UplinkError, messageOf } from '../core/errors.ts'
import type { OutboxMessage } from '../core/outbox.ts'
import { frameSize } from '../protocol/message.ts'
import type { Platform, TimerHandle } from './platform.ts'
import type { MessageStorage, StorageSession, StoredMessage } from './storage.ts'

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
   * so that after a crash nobody takes them for unsent. If not, they are being marked, and `resume` is called.
   */
  isMarked(messages: Iterable<OutboxMessage>, resultsEpoch: string | null, resume: () => void): boolean
  /** The message has its outcome. Unknown ids are ignored. */
  release(id: string): void
  /** Messages that would survive the page now. */
  count(): number
  /** Opens the storage, once; does nothing when it is open. */
  open(): void
  /** The page is hidden for good, or comes back. */
  hide(): void
  show(): void
  /** When it next wants to look for messages that closed pages left. */
  deadline(): number
  tick(): void
  /** Deletes all messages of the scope. */
  wipe(): Promise<void>
  destroy(): void
}

/** Closed pages are looked for this often. */
export const ADOPT_EVERY_MS = 15_000

/** A storage that takes longer than this to write is not waited for. */
const PATIENCE_MS = 2_000

/** Messages that are marked as attempted with one write. */
const MARK_MOST = 256

/** After a failed write the next try waits this long, unless there is something new to write. */
const RETRY_MS = 5_000

interface Row {
  readonly message: OutboxMessage
  readonly order: number
  state: 'new' | 'writing' | 'durable'
}

/** Makes the persistence of one connection. */
export function createPersistence(storage: MessageStorage, scope: string, host: PersistenceHost): Persistence {
  const { platform } = host
  const rows = new Map<string, Row>()
  let updated = new Set<string>()
  let removed = new Set<string>()
  let waiting: Array<() => void> = []
  let session: StorageSession | undefined
  let opening = false
  let writing = false
  let marking = false
  let timer: TimerHandle | undefined
  let adoptAt = Infinity
  let order = 0
  let durable = 0
  let failing = false
  let ended = false

  function fail(what: string, thrown: unknown): void {
    if (!failing) host.report(new UplinkError('UPLINK_STORAGE_FAILED', `storage ${storage.name} could not ${what}: ${messageOf(thrown)}`, { cause: thrown, severity: 'warning' }))
    failing = true
  }

  function rowOf({ message, order }: Row): StoredMessage {
    const { id, frame, priority, key = null, queuedAt, expiresAt, tracked, idempotent, attempted } = message
    const offset = platform.time() - platform.now()
    return {
      id, frame: String(frame), priority, key, order, createdAt: Math.round(offset + queuedAt),
      expiresAt: expiresAt === Infinity ? null : Math.round(offset + expiresAt), tracked, idempotent, attempted,
    }
  }

  function messageOfRow(row: StoredMessage): OutboxMessage {
    const offset = platform.time() - platform.now()
    return {
      id: row.id, frame: row.frame, size: frameSize(row.frame), priority: row.priority, key: row.key ?? undefined,
      queuedAt: row.createdAt - offset, expiresAt: row.expiresAt === null ? Infinity : row.expiresAt - offset,
      tracked: row.tracked, idempotent: row.idempotent, stored: true, attempted: row.attempted,
    }
  }

  function later(delayMs: number): void {
    if (ended || session === undefined || writing) return
    if (timer !== undefined) platform.clearTimer(timer)
    timer = platform.setTimer(() => {
      timer = undefined
      void write()
    }, delayMs)
  }

  /** A promise that a storage may never settle, given up after a while. */
  function patiently<Value>(promise: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const handle = platform.setTimer(() => reject(new Error(`it took longer than ${PATIENCE_MS} ms`)), PATIENCE_MS)
      const settle = <Result>(run: (result: Result) => void) => (result: Result): void => {
        platform.clearTimer(handle)
        run(result)
      }
      promise.then(settle(resolve), settle(reject))
    })
  }

  async function write(): Promise<void> {
    if (session === undefined || writing || ended || !isDirty()) return
    writing = true
    const inserted = [...rows.values()].filter(({ state }) => state === 'new')
    const changed = [...updated].flatMap((id) => (rows.get(id)?.state === 'durable' ? [rows.get(id) as Row] : []))
    const gone = removed
    const done = waiting
    updated = new Set()
    removed = new Set()
    waiting = []
    for (const row of inserted) row.state = 'writing'
    try {
      const lost = await patiently(session.write({ insert: inserted.map(rowOf), update: changed.map(rowOf), remove: [...gone] }))
      failing = false
      for (const row of inserted) {
        row.state = 'durable'
        if (rows.get(row.message.id) === row) durable++
        else removed.add(row.message.id)
      }
      if (inserted.length > 0) host.persisted(inserted.map(({ message }) => message.id))
      disown(lost)
    } catch (thrown) {
      for (const row of inserted) if (row.state === 'writing') row.state = 'new'
      for (const row of changed) updated.add(row.message.id)
      for (const id of gone) removed.add(id)
      fail('write', thrown)
    }
    writing = false
    for (const each of done) each()
    if (isDirty()) later(failing ? RETRY_MS : 0)
  }

  const isDirty = (): boolean =>
    updated.size + removed.size + waiting.length > 0 || [...rows.values()].some(({ state }) => state === 'new')

  function disown(ids: readonly string[]): void {
    for (const id of ids) {
      if (rows.get(id)?.state === 'durable') durable--
      rows.delete(id)
    }
    if (ids.length > 0) host.disowned(ids)
  }

  async function adopt(from: StorageSession): Promise<void> {
    adoptAt = Infinity
    try {
      const left = await patiently(from.adopt())
      if (ended) return
      const messages = left.map(messageOfRow)
      left.forEach(({ id, order: place }, index) => {
        rows.set(id, { message: messages[index] as OutboxMessage, order: place, state: 'durable' })
        durable++
      })
      if (messages.length > 0) host.adopted(messages)
    } catch (thrown) {
      fail('look for messages of closed pages', thrown)
    }
    adoptAt = platform.now() + ADOPT_EVERY_MS
    host.rearm()
  }

  async function open(): Promise<void> {
    opening = true
    try {
      session = await patiently(storage.open(scope, { platform, report: host.report }))
      if (ended) return session.release()
      await adopt(session)
      later(0)
    } catch (thrown) {
      fail('be opened', thrown)
      // Nothing will ever be durable here: whoever waits for it goes on without.
      waiting.splice(0).forEach((done) => done())
      ended = true
    }
  }

  return {
    keep(message) {
      if (ended) return
      order = Math.max(order + 1, platform.time())
      rows.set(message.id, { message, order, state: 'new' })
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
        if (message.stored && !message.idempotent && message.attempted === null) batch.push(message)
        else if (batch.length === 0) return true
      }
      if (batch.length === 0 || ended) return true
      const attempt = { at: platform.time(), resultsEpoch }
      for (const message of batch) {
        message.attempted = attempt
        updated.add(message.id)
      }
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
      if (row.state === 'durable') {
        durable--
        removed.add(id)
        later(0)
      }
    },
    count: () => durable,
    open() {
      if (!opening) void open()
    },
    hide: () => session?.release(),
    show() {
      const back = session
      if (back === undefined || ended) return
      patiently(back.reclaim()).then(
        (ids) => {
          const ours = new Set(ids)
          disown([...rows.values()].filter(({ message, state }) => state === 'durable' && !ours.has(message.id)).map(({ message }) => message.id))
          return adopt(back)
        },
        (thrown: unknown) => fail('be claimed again', thrown),
      )
    },
    deadline: () => adoptAt,
    tick() {
      if (session !== undefined && platform.now() >= adoptAt) void adopt(session)
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
