/**
 * What became of messages, remembered so that a message which arrives twice is handled once. Pure. The rules
 * are those of docs/PROTOCOL.md, section 7.
 */

/** What a handler answered: a yes with data, or a no. */
export type Answer =
  | { readonly ok: true; readonly data?: unknown }
  | { readonly ok: false; readonly code: string; readonly message?: string; readonly retryable: boolean; readonly retryAfterMs?: number }

/** How much is remembered. */
export interface ResultsLimits {
  /** How long a result is remembered at least, ms. */
  readonly ttlMs: number
  /** Most results at once; at it, new messages are answered `busy`, because nothing may be forgotten early. */
  readonly count: number
  /** Most of one user at once; the others go on. @default as many as there are */
  readonly perIdentity?: number
}

interface Result {
  readonly identity: string
  /** `null` while the handler runs. */
  answer: Answer | null
  /** Sessions that wait for the answer, and for how many copies of the message each. */
  readonly waiting: Map<number, number>
  endsAt: number
}

/** What is known of a message that arrives. */
export type Standing = 'new' | 'running' | 'full' | Answer

/** The memory of one server; it may outlive the process. */
export interface Results {
  /** Changes when the memory is lost. */
  readonly epoch: string
  readonly size: number
  /** Looks at a message that has arrived: `new` ones are begun by this. `session` hears the answer. */
  arrive(identity: string, id: string, session: number, now: number): Standing
  /** Whether the message is running or has an answer. */
  knows(identity: string, id: string): boolean
  /** A message that runs elsewhere: `session` hears the answer when it is finished here. False where there is one already. */
  wait(identity: string, id: string, session: number): boolean
  /** Looks at a message without beginning it. */
  look(identity: string, id: string, session: number): 'unseen' | 'running' | Answer
  /**
   * Notes an answer, and returns who waits for it: a session as often as the message came from it. What is no outcome,
   * because nothing was begun, is not remembered, nor is a retryable no: the message may be begun again.
   */
  finish(identity: string, id: string, answer: Answer, now: number, isOutcome?: boolean): readonly number[]
  /** The process that handled these is gone: whatever was running has an outcome nobody knows. */
  lose(now: number): void
}

/** A message that had begun in a process that is gone. */
export const LOST: Answer = Object.freeze({ ok: false, code: 'lost', message: 'it had begun, and nobody knows whether it finished', retryable: false })

const RUNNING_LOOKED_PAST = 8
/** One for all that have their answer: nobody waits for it any more. */
const NOBODY_WAITS: Map<number, number> = new Map()

/** An empty memory. */
export function createResults(epoch: string, limits: ResultsLimits): Results {
  const owned = new Map<string, number>()
  // Insertion order is order of ending, because every result lasts equally long.
  const results = new Map<string, Result>()
  const keyOf = (identity: string, id: string): string => JSON.stringify([identity, id])

  function put(key: string, result: Result): void {
    if (!results.has(key)) owned.set(result.identity, (owned.get(result.identity) ?? 0) + 1)
    results.delete(key)
    results.set(key, result)
  }

  function remove(key: string): void {
    const identity = results.get(key)?.identity
    if (identity === undefined) return
    results.delete(key)
    const left = (owned.get(identity) ?? 1) - 1
    if (left > 0) owned.set(identity, left)
    else owned.delete(identity)
  }

  function join(result: Result, session: number): void {
    result.waiting.set(session, (result.waiting.get(session) ?? 0) + 1)
  }

  function forget(now: number): void {
    let running = 0
    for (const [key, result] of results) {
      // What runs lies where it began; a few of it are looked past, so that it hides nothing that has ended.
      if (result.endsAt === Infinity) {
        if (++running > RUNNING_LOOKED_PAST) return
        continue
      }
      if (result.endsAt > now) return
      remove(key)
    }
  }

  function settle(key: string, { identity }: Result, answer: Answer, now: number): void {
    put(key, { identity, answer, waiting: NOBODY_WAITS, endsAt: now + limits.ttlMs })
  }

  return {
    epoch,
    get size() {
      return results.size
    },
    arrive(identity, id, session, now) {
      const key = keyOf(identity, id)
      const known = results.get(key)
      if (known !== undefined) {
        if (known.answer !== null) return known.answer
        join(known, session)
        return 'running'
      }
      forget(now)
      if (results.size >= limits.count || (owned.get(identity) ?? 0) >= (limits.perIdentity ?? Infinity)) return 'full'
      // What runs is never forgotten; its time begins when it ends.
      put(key, { identity, answer: null, waiting: new Map([[session, 1]]), endsAt: Infinity })
      return 'new'
    },
    knows: (identity, id) => results.has(keyOf(identity, id)),
    wait(identity, id, session) {
      const key = keyOf(identity, id)
      const known = results.get(key) ?? { identity, answer: null, waiting: new Map<number, number>(), endsAt: Infinity }
      if (!results.has(key)) put(key, known)
      if (known.answer === null) join(known, session)
      return known.answer === null
    },
    look(identity, id, session) {
      const known = results.get(keyOf(identity, id))
      if (known === undefined) return 'unseen'
      if (known.answer !== null) return known.answer
      join(known, session)
      return 'running'
    },
    finish(identity, id, answer, now, isOutcome = true) {
      const key = keyOf(identity, id)
      const known = results.get(key)
      if (known === undefined || known.answer !== null) return []
      if (!isOutcome || (!answer.ok && answer.retryable)) remove(key)
      else settle(key, known, answer, now)
      return [...known.waiting].flatMap(([session, copies]) => Array.from({ length: copies }, () => session))
    },
    lose(now) {
      for (const [key, result] of [...results]) if (result.answer === null) settle(key, result, LOST, now)
    },
  }
}
