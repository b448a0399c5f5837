/** What every broker promises, as tests: `brokerContract('memory', open)`. */
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Position, StreamMode } from '../../../src/protocol/message.ts'
import type { Broker, BrokerEvents } from '../../../src/server/brokers/broker.ts'
import { type Page, readPage } from '../../../src/server/paging.ts'
import type { Answer } from '../../../src/server/results.ts'
import { readPage as readPageOf } from '../../../src/server/runtime/pages.ts'
import { type History, type HistoryLimits, type Publication, append, createStreamLog, readHistory } from '../../../src/server/stream.ts'
import { type Recorder, recorder } from './recorder.ts'

/** Nodes that share what lies behind them. */
export interface BrokerWorld {
  /** Makes and opens the broker of another node. */
  node(events: BrokerEvents): Promise<Broker>
  /** Forgets everything, and closes the brokers. */
  close(): Promise<void>
}

const HISTORY: HistoryLimits = { count: 1_000, size: 1e6, ageMs: 60_000 }
const RECOVERY = { count: 1_000, size: 1e6 }
const ROOMY = { history: HISTORY }

/** What can be compared: epochs are random, and so are times. */
function plain({ top, recovered, reason, entries }: History): unknown {
  return { top, recovered, reason, entries: entries.map(({ from, offset, text, key }) => ({ from, offset, text, key })) }
}

/** Registers the tests. With `nodes: 1` those are left out that need two. */
export function brokerContract(name: string, open: () => Promise<BrokerWorld>, { nodes = 2 }: { readonly nodes?: 1 | 2 } = {}): void {
  describe(name, () => {
    let world: BrokerWorld | null = null

    afterEach(async () => {
      await world?.close()
      world = null
    })

    /** Two nodes, which are the same one where there is only one. */
    async function pair(): Promise<{ readonly one: Broker; readonly two: Broker; readonly ears: Recorder; readonly otherEars: Recorder }> {
      world = await open()
      const ears = recorder()
      const one = await world.node(ears)
      if (nodes === 1) return { one, two: one, ears, otherEars: ears }
      const otherEars = recorder()
      return { one, two: await world.node(otherEars), ears, otherEars }
    }

    it('numbers from 1 by 1, whoever publishes at the same time', async () => {
      const { one, two } = await pair()
      const positions = await Promise.all(Array.from({ length: 200 }, (_, data) => (data % 2 === 0 ? one : two).publish('s', 's', { type: 't', data }, ROOMY)))
      expect(positions.map(({ offset }) => offset).sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
      expect(new Set(positions.map(({ epoch }) => epoch)).size).toBe(1)
      const { entries } = await one.read('s', 's', { epoch: (positions[0] as Position).epoch, offset: 0 }, 'stream', RECOVERY)
      expect(entries.map(({ offset }) => offset)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
      expect(entries.map(({ text }) => (JSON.parse(text) as { offset: number }).offset)).toEqual(entries.map(({ offset }) => offset))
    })

    it('keeps the order in which a node publishes without waiting', async () => {
      const { one, otherEars, two } = await pair()
      await two.follow('s')
      const positions = await Promise.all(Array.from({ length: 100 }, (_, data) => one.publish('s', 's', { type: 't', data }, ROOMY)))
      expect(positions.map(({ offset }) => offset)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
      await expect.poll(() => otherEars.data('s')).toEqual(Array.from({ length: 100 }, (_, index) => index))
    })

    it('tells every node that follows everything in order, and nobody else', async () => {
      const { one, two, ears, otherEars } = await pair()
      const before = Date.now()
      await Promise.all([one.follow('s?a'), one.follow('s?a'), two.follow('s?a')])
      await one.publish('elsewhere', 'elsewhere', { type: 't' }, ROOMY)
      for (let data = 0; data < 20; data++) await (data % 2 === 0 ? one : two).publish('s?a', 's', { type: 't', data, key: `k${data}`, ttlMs: 60_000 }, ROOMY)
      const { epoch } = await one.publish('s?a', 's', { type: 't', data: 20, covers: 3 }, ROOMY)
      for (const { heard, data } of [ears, otherEars]) {
        await expect.poll(() => data('s?a')).toEqual(Array.from({ length: 21 }, (_, index) => index))
        expect(heard.every((one) => one.stream === 's?a' && one.epoch === epoch)).toBe(true)
        expect(heard[0]?.entry).toMatchObject({ from: 1, offset: 1, text: '{"offset":1,"type":"t","channel":"s","stream":"s?a","data":0}', key: 'k0' })
        expect(heard[0]?.entry.endsAt).toBeGreaterThan(0)
        expect(Math.abs((heard[0]?.publishedAt ?? 0) - before)).toBeLessThan(60_000)
        expect(heard[20]?.entry).toMatchObject({ from: 21, offset: 23, text: '{"from":21,"offset":23,"type":"t","channel":"s","stream":"s?a","data":20}' })
        expect(heard[20]?.entry).not.toHaveProperty('key')
        expect(heard[20]?.entry).not.toHaveProperty('endsAt')
      }
    })

    it('stops telling a node that has left, and begins again when it comes back', async () => {
      const { one, ears } = await pair()
      await one.follow('s')
      one.unfollow('s')
      one.unfollow('never')
      await one.publish('s', 's', { type: 't', data: 1 }, ROOMY)
      await one.follow('s')
      one.unfollow('s')
      await one.follow('s')
      await one.publish('s', 's', { type: 't', data: 2 }, ROOMY)
      await expect.poll(() => ears.data('s')).toEqual([2])
    })

    it('publishes once for an idempotency key, and tells where that was', async () => {
      const { one, two, ears } = await pair()
      await one.follow('s')
      const options = { ...ROOMY, idempotencyKey: 'order {7} %' }
      const first = await one.publish('s', 's', { type: 't', data: 1 }, options)
      await one.publish('s', 's', { type: 't', data: 2 }, ROOMY)
      expect(await two.publish('s', 's', { type: 't', data: 1 }, options)).toEqual(first)
      // Another stream's key is another key.
      expect(await two.publish('s2', 's2', { type: 't' }, options)).toMatchObject({ offset: 1 })
      expect(await one.tops(['s'])).toEqual([{ epoch: first.epoch, offset: 2 }])
      await one.publish('s', 's', { type: 't', data: 3 }, ROOMY)
      await expect.poll(() => ears.data('s')).toEqual([1, 2, 3])
    })

    it('does not recover over a message that has ended', async () => {
      const { one } = await pair()
      const { epoch } = await one.publish('s', 's', { type: 't', ttlMs: 40 }, ROOMY)
      await one.publish('s', 's', { type: 't' }, ROOMY)
      const read = (offset: number, mode: StreamMode = 'stream'): Promise<History> => one.read('s', 's', { epoch, offset }, mode, RECOVERY)
      await expect.poll(() => read(0)).toMatchObject({ recovered: false, reason: 'trimmed' })
      expect(await read(1)).toMatchObject({ recovered: true, entries: [{ offset: 2 }] })
      expect(await read(0, 'latest')).toMatchObject({ recovered: true, entries: [{ from: 1, offset: 2 }] })
    })

    it('forgets what is too old', async () => {
      const { one } = await pair()
      const { epoch } = await one.publish('s', 's', { type: 't' }, { history: { ...HISTORY, ageMs: 40 } })
      await expect.poll(() => one.read('s', 's', { epoch, offset: 0 }, 'stream', RECOVERY)).toMatchObject({ recovered: false, reason: 'no_history', top: 1 })
    })

    it('begins a stream by reading it, and knows nothing of others', async () => {
      const { one, two } = await pair()
      expect(await one.tops(['s'])).toEqual([null])
      const [first, second] = await Promise.all([one, two].map((broker) => broker.read('s', 's', null, 'stream', RECOVERY)))
      expect(first).toEqual({ epoch: second?.epoch, top: 0, recovered: false, entries: [] })
      expect(await two.tops(['other', 's'])).toEqual([null, { epoch: first?.epoch, offset: 0 }])
      expect(await one.publish('s', 's', { type: 't' }, ROOMY)).toEqual({ epoch: first?.epoch, offset: 1 })
    })

    it('begins a stream anew under another epoch, and what follows is told under it', async () => {
      const { one, two, ears, otherEars } = await pair()
      await Promise.all([one.follow('s'), two.follow('s')])
      const old = await one.publish('s', 's', { type: 't', data: 1 }, ROOMY)
      await two.reset('s', 's')
      const [begun] = await one.tops(['s'])
      expect(begun).toMatchObject({ offset: 0 })
      expect(begun?.epoch).not.toBe(old.epoch)
      expect(await one.publish('s', 's', { type: 't', data: 2 }, ROOMY)).toEqual({ epoch: begun?.epoch, offset: 1 })
      for (const { heard } of [ears, otherEars]) await expect.poll(() => heard.map(({ epoch }) => epoch)).toEqual([old.epoch, begun?.epoch])
      expect(await one.read('s', 's', old, 'stream', RECOVERY)).toMatchObject({ recovered: false, reason: 'epoch_changed' })
    })

    it('pages backwards through what is kept', async () => {
      const { one } = await pair()
      for (let data = 1; data <= 7; data++) await one.publish('s', 's', { type: 't', data }, { history: { ...HISTORY, count: 6 } })
      const offsets = async (before: number | undefined, limit: number): Promise<number[]> => (await one.page('s', before, limit)).entries.map(({ offset }) => offset)
      expect(await offsets(undefined, 3)).toEqual([5, 6, 7])
      expect(await offsets(5, 3)).toEqual([2, 3, 4])
      expect(await offsets(2, 3)).toEqual([])
      expect(await one.page('s', undefined, 1)).toMatchObject({ top: 7, epoch: (await one.tops(['s']))[0]?.epoch })
    })

    it('gives notices to every node, its own included', async () => {
      const { one, ears, otherEars } = await pair()
      const revoked = { type: 'revoked', userId: 'ann', sessionId: 's-1', issuedBefore: 1_790_000_000_000 } as const
      const roles = { type: 'roles', userId: 'ann', roles: ['admin', ''] } as const
      await one.tell(revoked)
      await one.tell(roles)
      for (const { notices } of [ears, otherEars]) await expect.poll(() => notices).toEqual([revoked, roles])
    })

    it('keeps names and texts apart and whole, whatever is in them', async () => {
      const { one, ears } = await pair()
      const names = ['a', 'a}', '{a}', '}', '{', '%7B', 'a:meta', 'a}:meta', 'ä 😀\n"', '__proto__']
      for (const stream of names) {
        await one.follow(stream)
        expect(await one.publish(stream, 'c', { type: 't', data: stream, key: '\ud800{}"' }, { ...ROOMY, idempotencyKey: '}:log' })).toMatchObject({ offset: 1 })
      }
      await expect.poll(() => ears.heard.map(({ stream }) => stream)).toEqual(names)
      for (const stream of names) {
        const { entries } = await one.page(stream, undefined, 10)
        expect(entries.map(({ text, key }) => [(JSON.parse(text) as { data: unknown }).data, key])).toEqual([[stream, '\ud800{}"']])
      }
    })

    it('can be probed', async () => {
      const { one } = await pair()
      await one.probe()
    })

    const publication = fc.record({
      data: fc.oneof(fc.string({ maxLength: 30, unit: 'grapheme' }), fc.constant('x'.repeat(120))),
      covers: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constant(3) }),
      ttlMs: fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(0, 1e6) }),
      key: fc.option(fc.constantFrom('k', 'l'), { nil: undefined }),
    })
    const history = fc.record({ count: fc.constantFrom(0, 1, 5, 50), size: fc.constantFrom(100, 400, 10_000), ageMs: fc.constantFrom(1e6, Infinity) })
    const limits = fc.record({ count: fc.constantFrom(0, 1, 4, 50), size: fc.constantFrom(0, 150, 10_000) })
    const act = fc.oneof(
      { weight: 12, arbitrary: fc.tuple(fc.constant('publish' as const), publication, fc.option(history, { nil: undefined })) },
      { weight: 12, arbitrary: fc.tuple(fc.constant('read' as const), fc.record({ back: fc.integer({ min: -1, max: 60 }), epochs: fc.constantFrom(0, 0, 0, 0, 1, 2), limits, mode: fc.constantFrom('stream' as const, 'stream' as const, 'latest' as const) })) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('reset' as const)) },
    )

    it('reads exactly as a log in memory is read', async () => {
      const { one, two } = await pair()
      let run = 0
      const told = new Map<string, number>()
      await fc.assert(fc.asyncProperty(history, fc.array(act, { minLength: 10, maxLength: 60 }), async (usual, acts) => {
        const stream = `s${run++}`
        let generation = 0
        let log = createStreamLog(stream, 'c', 'E0')
        const epochs = [(await one.read(stream, 'c', null, 'stream', RECOVERY)).epoch]
        for (const [index, [what, how, unusual]] of acts.entries()) {
          const broker = index % 2 === 0 ? one : two
          if (what === 'publish') {
            const { key, ttlMs, ...rest } = how
            const message: Publication = { type: 't', ...rest, ...(key === undefined ? {} : { key }), ...(ttlMs === undefined ? {} : { ttlMs }) }
            const kept = unusual ?? usual
            append(log, message, 0, kept)
            expect(await broker.publish(stream, 'c', message, { history: kept })).toEqual({ epoch: epochs[generation], offset: log.top })
          } else if (what === 'reset') {
            log = createStreamLog(stream, 'c', `E${++generation}`)
            await broker.reset(stream, 'c')
            epochs.push((await broker.tops([stream]))[0]?.epoch ?? '')
          } else {
            const { back, epochs: older, mode } = how
            const at = Math.max(0, generation - older)
            const offset = Math.max(0, log.top - back)
            const isKnown = older < 2 || at !== generation
            const answer = await broker.read(stream, 'c', isKnown ? { epoch: epochs[at] as string, offset } : null, mode, how.limits)
            const expected = readHistory(log, isKnown ? { epoch: `E${at}`, offset } : null, mode, how.limits, 0)
            expect(plain(answer)).toEqual(plain(expected))
            expect(answer.epoch).toBe(epochs[generation])
            const kind = expected.reason ?? (expected.entries.length > 0 ? `${mode} recovered` : 'nothing')
            told.set(kind, (told.get(kind) ?? 0) + 1)
          }
        }
      }), { numRuns: 60 })
      // The property said something of every kind.
      expect([...told.keys()].sort()).toEqual(['epoch_changed', 'latest recovered', 'no_history', 'nothing', 'stream recovered', 'too_many', 'trimmed'])
    })

    it('makes the pages of a history that a log in memory would make', async () => {
      const { one, two } = await pair()
      let run = 0
      const told = new Map<string, number>()
      const question = fc.record({
        back: fc.integer({ min: -2, max: 60 }), way: fc.constantFrom('before' as const, 'after' as const, 'after' as const, 'newest' as const), limit: fc.integer({ min: 1, max: 12 }),
        limits: fc.record({ count: fc.constantFrom(1, 5, 50), size: fc.constantFrom(100, 400, 10_000) }), isOld: fc.integer({ max: 0, min: -7 }).map((number) => number === -7),
      })
      const roomy = fc.oneof({ weight: 1, arbitrary: history }, { weight: 3, arbitrary: fc.constant(HISTORY) })
      const messages = fc.array(fc.tuple(publication, fc.option(history, { nil: undefined })), { minLength: 5, maxLength: 40 })
      await fc.assert(fc.asyncProperty(roomy, fc.boolean(), messages, fc.array(question, { minLength: 5, maxLength: 12 }), async (usual, isMixed, publications, questions) => {
        const stream = `p${run++}`
        const log = createStreamLog(stream, 'c', (await one.read(stream, 'c', null, 'stream', RECOVERY)).epoch)
        for (const [index, [{ key, ttlMs, covers, data }, unusual]] of publications.entries()) {
          // Some stand for more than any page holds.
          const message: Publication = { type: 't', data, covers: covers * (index % 11 === 7 ? 20 : 1), ...(key === undefined ? {} : { key }), ...(isMixed && ttlMs !== undefined ? { ttlMs } : {}) }
          const kept = isMixed ? (unusual ?? usual) : usual
          append(log, message, 0, kept)
          await (index % 2 === 0 ? one : two).publish(stream, 'c', message, { history: kept })
        }
        for (const [index, { back, way, limit, limits, isOld }] of questions.entries()) {
          const position = { epoch: isOld ? 'E0' : log.epoch, offset: Math.max(0, log.top - back) }
          const request = { channel: 'c', limit, isForward: way === 'after', ...(way === 'newest' ? {} : { recover: position }) }
          const page = await readPageOf({ broker: index % 2 === 0 ? one : two, stream, recovery: limits, kept: 50 }, request)
          const expected = readPage(log, request, limits, 0)
          const shown = ({ entries, ...rest }: Page): object => ({ ...rest, entries: entries.map(({ from, offset, text }) => ({ from, offset, text })) })
          expect(shown(page)).toEqual(shown(expected))
          const kind = expected.reason ?? `${way} ${expected.entries.length === 0 ? 'nothing' : expected.more ? 'more' : 'all'}`
          told.set(kind, (told.get(kind) ?? 0) + 1)
        }
      }), { numRuns: 60 })
      expect([...told.keys()]).toEqual(expect.arrayContaining(['epoch_changed', 'trimmed', 'no_history', 'before more', 'before all', 'after more', 'after all', 'after nothing', 'newest more', 'newest all']))
    })

    // A broker of one node shares results with nobody.
    if (nodes > 1) describe('results shared by nodes', () => {
      const yes: Answer = { ok: true, data: { order: 77 } }

      it('are begun by one', async () => {
        const { one, two } = await pair()
        const standings = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : two).results?.begin('ann', 'a')))
        expect(standings.toSorted()).toEqual(['new', ...Array.from({ length: 19 }, () => 'running')])
        expect(one.results?.epoch()).toBe(two.results?.epoch())
        expect(await two.results?.begin('bob', 'a')).toBe('new')
      })

      it('are told to every node, and are there for whoever asks', async () => {
        const { one, two, ears, otherEars } = await pair()
        await one.results?.begin('ann', 'a')
        await one.results?.begin('ann', 'b')
        expect(await two.results?.look('ann', ['a', 'b', 'c'])).toEqual(['running', 'running', 'unseen'])
        await one.results?.finish('ann', 'a', yes)
        const notice = { type: 'result', identity: 'ann', id: 'a', answer: yes }
        for (const { notices } of [ears, otherEars]) await expect.poll(() => notices).toEqual([notice])
        expect(await two.results?.look('ann', ['a', 'b', 'c'])).toEqual([yes, 'running', 'unseen'])
        expect(await two.results?.begin('ann', 'a')).toEqual(yes)
        expect(await two.results?.look('ann', [])).toEqual([])
      })

      it('are not remembered where it was a no that may become a yes', async () => {
        const { one, two, otherEars } = await pair()
        const later: Answer = { ok: false, code: 'busy', message: 'wait', retryable: true, retryAfterMs: 5 }
        const never: Answer = { ok: false, code: 'invalid', retryable: false }
        await one.results?.begin('ann', 'a')
        await one.results?.finish('ann', 'a', later)
        await expect.poll(() => otherEars.notices).toEqual([{ type: 'result', identity: 'ann', id: 'a', answer: later }])
        expect(await two.results?.begin('ann', 'a')).toBe('new')
        await two.results?.finish('ann', 'a', never)
        expect(await one.results?.begin('ann', 'a')).toEqual(never)
      })

      it('keep the first answer', async () => {
        const { one, two, ears } = await pair()
        await one.results?.begin('ann', 'a')
        await one.results?.finish('ann', 'a', yes)
        await two.results?.finish('ann', 'a', { ok: true, data: 'other' })
        await two.tell({ type: 'roles', userId: 'ann', roles: [] })
        await expect.poll(() => ears.notices.map(({ type }) => type)).toEqual(['result', 'roles'])
        expect(await one.results?.look('ann', ['a'])).toEqual([yes])
      })
    })
  })
}
