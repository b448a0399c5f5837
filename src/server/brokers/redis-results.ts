/**
 * Results of messages in Redis. A running message holds the name of its node, and a node lives as long as its
 * lease does: what a node began whose lease is gone has an outcome nobody knows, and that becomes its answer.
 */
import { type Answer, LOST } from '../results.ts'
import type { Notice, SharedResults } from './broker.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'
import { answerValue, readKept, runningValue } from './redis-payload.ts'
import { BEGIN, SETTLE } from './redis-scripts.ts'

/** What results are made of. */
export interface RedisResultsOptions {
  readonly link: RedisLink
  readonly keys: RedisKeys
  /** This life of this node: a node that starts again under its name is not the one that began. */
  readonly owner: string
  /** How long an answer is remembered, ms. */
  readonly resultsTtlMs: number
  /** How long a node is believed to live after its last sign, ms. */
  readonly leaseMs: number
  /** Longest notice of an answer, characters. */
  readonly longest: number
  /** Draws an epoch. */
  epoch(): string
}

/** Results in Redis, and the node's lease. */
export interface RedisResults extends SharedResults {
  /** Renews the lease, and looks whether the memory is still the same. */
  renew(): Promise<void>
  /** A connection has begun: others are given the time of a lease to renew theirs. */
  connected(): void
  /** Gives the lease back. */
  release(): Promise<void>
}

/** Something else took the place of what was looked at. */
type Judgement = 'running' | 'changed' | Answer

/** Makes results. */
export function createRedisResults({ link, keys, owner, resultsTtlMs, leaseMs, longest, epoch: draw }: RedisResultsOptions): RedisResults {
  let epoch = ''
  let judgesFrom = Infinity

  const notice = (identity: string, id: string, answer: Answer): string =>
    JSON.stringify({ type: 'result', identity, id, answer } satisfies Notice)

  async function settle(expected: string, identity: string, id: string, answer: Answer): Promise<boolean> {
    const text = notice(identity, id, answer)
    if (text.length > longest) throw new Error(`an answer of ${text.length} characters is too long for Redis: ${longest} are allowed (maxMessageSize)`)
    const value = !answer.ok && answer.retryable ? '' : answerValue(answer)
    return await link.run(SETTLE, [keys.result(identity, id)], [expected, value, String(resultsTtlMs), keys.notices, text]) === 1
  }

  /** What this node really runs: a begin whose answer was lost left its name, and nobody at work. */
  const begun = new Set<string>()

  const lives = async (other: string): Promise<boolean> => await link.send(keys.lease(other), ['GET', keys.lease(other)]) !== null

  /** What a value means now: a message that runs on a node which is gone is lost, once and for all. */
  async function judge(identity: string, id: string, value: unknown, isAlive: (owner: string) => Promise<boolean>): Promise<Judgement> {
    const kept = readKept(String(value))
    if (kept.type === 'answer') return kept.answer
    // Right after an outage nobody's lease is renewed yet.
    if (kept.owner === owner || performance.now() < judgesFrom || await isAlive(kept.owner)) return 'running'
    return await settle(runningValue(kept.owner), identity, id, LOST) ? LOST : 'changed'
  }

  async function lookAt(identity: string, id: string, isAlive: (owner: string) => Promise<boolean>): Promise<'unseen' | 'running' | Answer> {
    const key = keys.result(identity, id)
    for (;;) {
      const value = await link.send(key, ['GET', key])
      if (value === null) return 'unseen'
      const judgement = await judge(identity, id, value, isAlive)
      if (judgement !== 'changed') return judgement
    }
  }

  return {
    epoch: () => epoch,
    async begin(identity, id) {
      // Twice the time: a copy that was sent while an answer would still be remembered may arrive later.
      const values = [runningValue(owner), String(resultsTtlMs * 2)]
      for (;;) {
        const value = await link.run(BEGIN, [keys.result(identity, id)], values)
        const key = keys.result(identity, id)
        const isOrphan = value !== null && String(value) === runningValue(owner) && !begun.has(key)
        if (value === null || isOrphan) {
          begun.add(key)
          return 'new'
        }
        const judgement = await judge(identity, id, value, lives)
        if (judgement !== 'changed') return judgement
      }
    },
    look(identity, ids) {
      const alive = new Map<string, Promise<boolean>>()
      const isAlive = (other: string): Promise<boolean> => {
        const known = alive.get(other) ?? lives(other)
        alive.set(other, known)
        return known
      }
      // Commands of one moment leave together.
      return Promise.all(ids.map((id) => lookAt(identity, id, isAlive)))
    },
    async finish(identity, id, answer) {
      await settle('', identity, id, answer)
      begun.delete(keys.result(identity, id))
    },
    async renew() {
      const [, , known] = await Promise.all([
        link.send(keys.lease(owner), ['SET', keys.lease(owner), '1', 'PX', String(leaseMs)]),
        link.send(keys.resultsEpoch, ['SET', keys.resultsEpoch, draw(), 'NX']),
        link.send(keys.resultsEpoch, ['GET', keys.resultsEpoch]),
      ])
      if (typeof known !== 'string' || known === '') throw new Error('Redis does not keep the epoch of results')
      epoch = known
    },
    connected() {
      judgesFrom = performance.now() + leaseMs
    },
    async release() {
      await link.send(keys.lease(owner), ['DEL', keys.lease(owner)])
    },
  }
}
