import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Outbox, type OutboxMessage, PRIORITIES, type Priority, createOutbox, offer, putBack, take, takeExpired, takeWhere, waiting,
} from '../../src/core/outbox.ts'
import { resolvePolicy } from '../../src/core/policy.ts'
import { createTokenBucket, readyAt, takeToken } from '../../src/core/token-bucket.ts'

let serial = 0
const message = (changes: Partial<OutboxMessage> = {}): OutboxMessage => ({
  id: `m${++serial}`, frame: '', size: 10, priority: 'normal', key: undefined, queuedAt: 0, expiresAt: Infinity, tracked: true,
  idempotent: false, stored: false, attempted: null, ...changes,
})
const never = (): boolean => false
const drainAll = (outbox: Outbox): string[] => {
  const ids: string[] = []
  for (let next = take(outbox, never); next !== undefined; next = take(outbox, never)) ids.push(next.id)
  return ids
}

const anyMessage = fc.record({
  priority: fc.constantFrom(...PRIORITIES), size: fc.integer({ min: 1, max: 60 }), expiresAt: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 100 })),
  key: fc.oneof(fc.constant(undefined), fc.constantFrom('a', 'b', 'c')),
})
const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('offer' as const), message: anyMessage }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('take' as const), held: fc.subarray([...PRIORITIES]) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const), now: fc.integer({ min: 0, max: 100 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take and put back' as const) }) },
)

/** The same outbox, so simple that it is plainly right: one array a priority. */
function createModel(queueSize: number, queueMaxBytes: number) {
  const lanes: Record<Priority, OutboxMessage[]> = { critical: [], high: [], normal: [], low: [] }
  const all = (): OutboxMessage[] => PRIORITIES.flatMap((priority) => lanes[priority])
  const sizeOf = (messages: readonly OutboxMessage[]): number => messages.reduce((sum, { size }) => sum + size, 0)
  const fits = (messages: readonly OutboxMessage[]): boolean => messages.length <= queueSize && sizeOf(messages) <= queueMaxBytes
  return {
    lanes,
    all,
    /** Ids that gave way, or null when the message was turned away. */
    offer(one: OutboxMessage): string[] | null {
      if (queueSize === 0 || one.size > queueMaxBytes) return null
      const same = one.key === undefined ? undefined : all().find(({ key }) => key === one.key)
      const victims = PRIORITIES.slice(PRIORITIES.indexOf(one.priority)).reverse().flatMap((priority) => lanes[priority])
      const gone: OutboxMessage[] = []
      const left = (): OutboxMessage[] => all().filter((other) => !gone.includes(other) && other !== same)
      while (!fits([...left(), one])) {
        const victim = victims.find((other) => !gone.includes(other))
        if (victim === undefined) return null
        gone.push(victim)
      }
      const place = same !== undefined && !gone.includes(same) && same.priority === one.priority ? lanes[one.priority].indexOf(same) : -1
      for (const priority of PRIORITIES) lanes[priority] = lanes[priority].map((other) => (place >= 0 && other === same ? one : other)).filter((other) => !gone.includes(other) && other !== same)
      if (place < 0) lanes[one.priority].push(one)
      return [...gone.filter((other) => other !== same), ...(same === undefined ? [] : [same])].map(({ id }) => id)
    },
  }
}

describe('the outbox', () => {
  it('lets the most urgent out first, and keeps the order inside each priority', () => {
    const outbox = createOutbox()
    const policy = resolvePolicy({})
    const given = (['low', 'critical', 'normal', 'critical', 'high', 'normal'] as const).map((priority) => message({ priority }))
    for (const one of given) offer(outbox, one, policy)
    expect(drainAll(outbox)).toEqual([given[1], given[3], given[4], given[2], given[5], given[0]].map((one) => one?.id))
  })

  it('agrees with a plain model, whatever is offered, taken, put back or expires', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 20, max: 200 }), fc.array(anyStep, { maxLength: 80 }), (queueSize, queueMaxBytes, steps) => {
      const policy = resolvePolicy({ queueSize, queueMaxBytes })
      const outbox = createOutbox()
      const model = createModel(queueSize, queueMaxBytes)
      for (const step of steps) {
        if (step.do === 'offer') {
          const one = message(step.message)
          const { accepted, evicted, replaced } = offer(outbox, one, policy)
          const gone = model.offer(one)
          expect(accepted).toBe(gone !== null)
          expect([...evicted, ...(replaced === undefined ? [] : [replaced])].map(({ id }) => id)).toEqual(gone ?? [])
        } else if (step.do === 'take') {
          const priority = PRIORITIES.find((each) => !step.held.includes(each) && model.lanes[each].length > 0)
          expect(take(outbox, (each) => step.held.includes(each))?.id).toBe(priority === undefined ? undefined : model.lanes[priority].shift()?.id)
        } else if (step.do === 'expire') {
          const due = model.all().filter(({ expiresAt }) => step.now >= expiresAt)
          for (const priority of PRIORITIES) model.lanes[priority] = model.lanes[priority].filter((one) => !due.includes(one))
          expect(takeExpired(outbox, step.now).map(({ id }) => id)).toEqual(due.map(({ id }) => id))
        } else {
          const one = take(outbox, never)
          if (one !== undefined) putBack(outbox, one)
        }
        expect([...waiting(outbox)].map(({ id }) => id)).toEqual(model.all().map(({ id }) => id))
        expect([outbox.count, outbox.bytes]).toEqual([model.all().length, model.all().reduce((sum, { size }) => sum + size, 0)])
      }
      expect(drainAll(outbox).length + outbox.keys.size).toBe(model.all().length)
    }), { numRuns: 500 })
  })

  it('never pushes out what is more urgent than the newcomer', () => {
    const policy = resolvePolicy({ queueSize: 2 })
    const outbox = createOutbox()
    for (const priority of ['critical', 'high'] as const) offer(outbox, message({ priority }), policy)
    expect(offer(outbox, message({ priority: 'normal' }), policy)).toMatchObject({ accepted: false, reason: 'overflow' })
    expect(offer(outbox, message({ priority: 'high' }), policy).evicted.map(({ priority }) => priority)).toEqual(['high'])
  })

  it('gives the latest of a key the place of the one before it', () => {
    const policy = resolvePolicy({})
    const outbox = createOutbox()
    const [first, second, third] = [message({ key: 'cursor' }), message(), message({ key: 'cursor' })]
    for (const one of [first, second, third]) offer(outbox, one, policy)
    expect(drainAll(outbox)).toEqual([third.id, second.id])
  })

  it('lets a message take the place of a more urgent one of its key, where that is what makes room', () => {
    const policy = resolvePolicy({ queueMaxBytes: 20 })
    const outbox = createOutbox()
    const [urgent, low, usual] = [message({ key: 'cursor', priority: 'critical' }), message({ priority: 'low' }), message({ key: 'cursor', size: 15 })]
    for (const one of [urgent, low]) offer(outbox, one, policy)
    expect(offer(outbox, usual, policy)).toMatchObject({ accepted: true, replaced: urgent, evicted: [low] })
  })

  it('keeps only the newer of a key when one is put back, in the place of the one that waited', () => {
    const policy = resolvePolicy({})
    for (const [queuedAt, wins] of [[5, 'waiting'], [9, 'waiting'], [10, 'back']] as const) {
      const outbox = createOutbox()
      const [other, waits, back] = [message(), message({ key: 'cursor', queuedAt: 9 }), message({ key: 'cursor', queuedAt })]
      for (const one of [other, waits]) offer(outbox, one, policy)
      expect(putBack(outbox, back)).toBe(wins === 'back' ? waits : back)
      expect(drainAll(outbox)).toEqual([other.id, wins === 'back' ? back.id : waits.id])
    }
  })

  it('stays quick and small while many times its size passes through', () => {
    const policy = resolvePolicy({ queueSize: 1_000 })
    const outbox = createOutbox()
    for (let n = 0; n < 100_000; n++) offer(outbox, message({ priority: PRIORITIES[n % 4] as Priority }), policy)
    expect(outbox.count).toBe(1_000)
    expect(PRIORITIES.reduce((sum, priority) => sum + outbox.lanes[priority].slots.length, 0)).toBeLessThan(4_000)
    expect(takeWhere(outbox, () => true)).toHaveLength(1_000)
    expect([outbox.count, outbox.bytes]).toEqual([0, 0])
  })
})

describe('a token bucket', () => {
  it('never lets more through than its rate and one burst', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 5_000 }), fc.array(fc.nat(400), { maxLength: 200 }), (max, windowMs, waits) => {
      const bucket = createTokenBucket({ max, windowMs }, 0)
      let now = 0
      let taken = 0
      for (const wait of waits) {
        now += wait
        if (takeToken(bucket, now)) taken++
        expect(taken).toBeLessThanOrEqual(max + (now * max) / windowMs + 1e-6)
      }
    }))
  })

  it('says when the next token is there, and keeps its word', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 60_000 }), (max, windowMs) => {
      const bucket = createTokenBucket({ max, windowMs }, 0)
      while (takeToken(bucket, 0));
      const ready = readyAt(bucket)
      expect(ready).toBeLessThanOrEqual(Math.ceil(windowMs / max) + 1)
      expect(takeToken(bucket, ready)).toBe(true)
    }))
  })
})
