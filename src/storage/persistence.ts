/**
 * Keeps the outbox in a storage, off the hot path. Decides nothing about messages; it knows when the storage is
 * this page's to use, hands over what earlier pages left, and lets go when the connection is not wanted.
 */
import { UplinkError, messageOf } from '../core/errors.ts'
import type { Persistence, PersistenceHost } from '../engine/persistence-interface.ts'
import type { MessageStorage, StorageSession, StoredMessage } from '../engine/storage.ts'
import { createLedger } from './ledger.ts'
import { createAsk } from './patience.ts'

/** Closed pages are looked for this often. */
const ADOPT_EVERY_MS = 15_000

/** A storage that takes longer than this is reported, and not waited for; what it does later counts all the same. */
const PATIENCE_MS = 2_000

/** What failed is tried again after this time. */
const RETRY_MS = 5_000

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: UplinkError) => void
}

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
  let session: StorageSession | undefined
  /** Whether the connection is wanted, and what this page keeps should be its own. */
  let wanted = false
  /** Whether it is: not before the storage is open, and not after it was let go of. */
  let claimed = false
  let mustWipe = false
  let wipers: Waiter[] = []
  /** What was adopted for an earlier one has been forgotten since. */
  let era = 0
  let asking = false
  /** Answers to questions that were asked before this page let go are nobody's. */
  let turn = 0
  /** There may be something to write before this page lets go. */
  let parting = false
  let lookAt = -Infinity
  let failing = false
  let ended = false

  const ledger = createLedger({
    platform, ask,
    target: () => (claimed && !mustWipe ? session : undefined),
    isFailing: () => failing,
    persisted: host.persisted,
    disowned: host.disowned,
    worked: () => { failing = false },
    failed: (thrown) => void fail('write', thrown),
    settled: proceed,
  })

  function fail(what: string, thrown: unknown): UplinkError {
    const error = new UplinkError('UPLINK_STORAGE_FAILED', `storage ${storage.name} could not ${what}: ${messageOf(thrown)}`, { cause: thrown, severity: 'warning' })
    if (!failing && !ended) host.report(error)
    failing = true
    // A storage may cost safety, never messages.
    ledger.goOn()
    return error
  }

  /** Asks the storage for one thing at a time. `answered` says what comes of an answer in time, `late` of one that nobody waits for any more. */
  function question<Value>(what: string, call: () => Promise<Value>, answered: (value: Value) => void, late: (value: Value) => void, retryMs: number): void {
    const mine = ++turn
    asking = true
    ask(
      call,
      (value) => {
        if (mine === turn && asking) {
          asking = false
          answered(value)
        } else late(value)
        proceed()
      },
      (thrown) => {
        if (mine !== turn) return
        asking = false
        const error = fail(what, thrown)
        if (session === undefined || what === 'be wiped') giveUpWiping(error)
        lookAt = platform.now() + retryMs
        host.rearm()
        if (mustWipe && session !== undefined && what !== 'be wiped') proceed()
        if (!wanted) letGo()
      },
    )
  }

  function giveUpWiping(error: UplinkError): void {
    wipers.splice(0).forEach(({ reject }) => reject(error))
    if (ended) mustWipe = false
  }

  function release(target: StorageSession): void {
    try {
      target.release()
    } catch (thrown) {
      fail('be released', thrown)
    }
  }

  function letGo(): void {
    if (!claimed || session === undefined || mustWipe || ledger.isWriting()) return
    if (ledger.isDirty()) {
      if (parting) {
        parting = false
        return ledger.write()
      }
      // What is not written down, for example that messages were sent, nobody else would know. The ledger tries again.
      if (!ended) return
    }
    claimed = false
    release(session)
  }

  function opened(fresh: StorageSession): void {
    if (session !== undefined || (ended && !mustWipe)) return release(fresh)
    session = fresh
    claimed = true
    ledger.later(0)
  }

  function adopt(from: StorageSession): void {
    const before = era
    const take = (left: readonly StoredMessage[]): void => {
      // What was taken over before it was forgotten, and comes after, is deleted and not sent.
      if (before !== era || ended) return
      const messages = ledger.take(left)
      if (messages.length > 0) host.adopted(messages)
    }
    question('look for messages of closed pages', () => from.adopt(), (left) => {
      lookAt = platform.now() + ADOPT_EVERY_MS
      take(left)
      host.rearm()
    }, take, ADOPT_EVERY_MS)
  }

  function wipeNow(target: StorageSession): void {
    question('be wiped', () => target.wipe(), () => {
      mustWipe = false
      failing = false
      wipers.splice(0).forEach(({ resolve }) => resolve())
      ledger.later(0)
    }, () => undefined, RETRY_MS)
  }

  /** Does the next thing that has to be done with the storage. Forgetting comes before everything else. */
  function proceed(): void {
    if (asking) return
    const target = session
    if (mustWipe && target !== undefined) {
      // What is being written now must not come after it.
      if (!ledger.isWriting()) wipeNow(target)
    } else if (target === undefined) {
      if (mustWipe || wanted) question('be opened', () => storage.open(scope, { platform, report: host.report }), opened, opened, ADOPT_EVERY_MS)
    } else if (!wanted) letGo()
    else if (!claimed) {
      question('be claimed again', () => target.reclaim(), (ids) => {
        claimed = true
        ledger.claimed(ids)
        ledger.later(0)
      }, () => { if (!wanted) release(target) }, RETRY_MS)
    } else if (platform.now() >= lookAt) adopt(target)
  }

  return {
    keep: ledger.keep,
    note: ledger.note,
    release: ledger.release,
    leave: ledger.leave,
    count: ledger.count,
    isLetGo: () => session !== undefined && !claimed,
    isMarked(messages, resultsEpoch, most, resume) {
      // One that does not work is not waited for, nor one that nobody is going to claim.
      const waits = wanted && !(failing && (mustWipe || !claimed))
      return ledger.isMarked(messages, resultsEpoch, most, waits, resume)
    },
    show() {
      if (wanted || ended) return
      wanted = true
      parting = false
      lookAt = -Infinity
      proceed()
    },
    rest() {
      if (!wanted) return
      wanted = false
      parting = true
      ledger.goOn()
      if (claimed) ledger.later(0)
      else proceed()
    },
    hide() {
      wanted = false
      parting = false
      claimed = false
      asking = false
      turn++
      ledger.goOn()
      if (session !== undefined) release(session)
    },
    deadline: () => (asking || ended || !(wanted || mustWipe) || (mustWipe && ledger.isWriting()) ? Infinity : lookAt),
    tick() {
      if (!asking && !ended && platform.now() >= lookAt) proceed()
    },
    wipe() {
      const promise = new Promise<void>((resolve, reject) => { wipers.push({ resolve, reject }) })
      promise.catch(() => undefined)
      ledger.clear()
      mustWipe = true
      era++
      proceed()
      return promise
    },
    destroy() {
      ended = true
      wanted = false
      parting = true
      ledger.end()
      // With nothing left to write it lets go at once, whatever the storage is asked in this moment.
      letGo()
    },
  }
}
