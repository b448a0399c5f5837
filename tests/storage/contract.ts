/** What every storage promises, whatever lies behind it. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MessageStorage, StorageSession, StoredMessage, UplinkError } from 'uplink/engine'
import { type FakePlatform, createFakePlatform } from 'uplink/testing'

/** How a storage is put to the test. */
export interface Contract {
  /** An empty storage. */
  make(): MessageStorage
  /** How long a page that is gone without a word is believed to live; 0 where that is known at once. */
  readonly believedMs: number
  /** Lets real time pass where a storage waits in it. */
  settle?(platform: FakePlatform): Promise<void>
}

let serial = 0

/** A message; `more` overrides. */
export function message(id: string, more: Partial<StoredMessage> = {}): StoredMessage {
  return {
    id, frame: `{"type":"t","id":"${id}"}`, priority: 'normal', key: null, order: ++serial, createdAt: 1_000, expiresAt: null, tracked: true, idempotent: false,
    attempted: null, ...more,
  }
}

const ids = (messages: readonly StoredMessage[]): string[] => messages.map(({ id }) => id)
const inserting = (...insert: StoredMessage[]): { insert: StoredMessage[]; update: StoredMessage[]; remove: string[] } => ({ insert, update: [], remove: [] })

/** A page that has opened a storage. */
export interface Page extends StorageSession {
  readonly platform: FakePlatform
  readonly reports: UplinkError[]
}

/** Opens a storage as a page of its own does. */
export async function openPage(storage: MessageStorage, scope: string, platform: FakePlatform): Promise<Page> {
  const reports: UplinkError[] = []
  const session = await storage.open(scope, { platform, report: (error) => reports.push(error) })
  return { ...session, platform, reports }
}

/** Describes the contract. */
export function storageContract(name: string, { make, believedMs, settle = async () => undefined }: Contract): void {
  describe(name, () => {
    let storage: MessageStorage
    let pages: Page[]
    let seeds = 0

    beforeEach(() => {
      storage = make()
      pages = []
    })

    afterEach(async () => {
      for (const page of pages) {
        await page.wipe()
        page.release()
      }
      await settle(createFakePlatform())
    })

    async function open(scope: string): Promise<Page> {
      const page = await openPage(storage, scope, createFakePlatform({ seed: ++seeds }))
      pages.push(page)
      return page
    }

    /** Asks for what is left, with whatever time that needs. */
    async function adopt(page: Page): Promise<readonly StoredMessage[]> {
      const asked = page.adopt()
      await settle(page.platform)
      return asked
    }

    it('keeps messages as they are, and gives them, once, in their order, to the next page when this one lets go', async () => {
      const first = await open('app/ann')
      const kept = [
        message('b', { order: 2, priority: 'critical', key: 'k', expiresAt: 9_000, attempted: { at: 5, resultsEpoch: 'e' } }),
        message('a', { order: 1, idempotent: true, tracked: false, attempted: { at: 5, resultsEpoch: null } }),
        message('c', { order: 3, frame: JSON.stringify({ text: 'grüß dich 👋 \u0000' }) }),
      ]
      await first.write(inserting(...kept))
      const second = await open('app/ann')
      expect(await adopt(second)).toEqual([])
      first.release()
      await settle(first.platform)
      expect(await adopt(second)).toEqual([kept[1], kept[0], kept[2]])
      expect(await adopt(second)).toEqual([])
      expect(await adopt(await open('app/ann'))).toEqual([])
    })

    it('updates and removes what is this page\'s, and says which updates are another\'s by now', async () => {
      const first = await open('s')
      const a = message('a')
      await first.write(inserting(a, message('b'), message('c')))
      const attempted = { at: 7, resultsEpoch: 'e' }
      expect(await first.write({ insert: [], update: [{ ...a, attempted }], remove: ['b', 'never'] })).toEqual([])
      first.release()
      await settle(first.platform)
      const second = await open('s')
      expect(await adopt(second)).toMatchObject([{ id: 'a', attempted }, { id: 'c' }])
      expect(await first.reclaim()).toEqual([])
      expect(await first.write({ insert: [], update: [a, message('gone')], remove: [] })).toEqual(['a', 'gone'])
      second.release()
      await settle(second.platform)
      expect(await adopt(first)).toMatchObject([{ id: 'a', attempted }, { id: 'c' }])
    })

    it('removes what has its outcome, whoever owns it', async () => {
      const first = await open('s')
      await first.write(inserting(message('a'), message('b')))
      first.release()
      await settle(first.platform)
      const second = await open('s')
      await adopt(second)
      await first.reclaim()
      await first.write({ insert: [], update: [], remove: ['a'] })
      second.release()
      await settle(second.platform)
      expect(ids(await adopt(first))).toEqual(['b'])
    })

    it('takes the same message twice for one', async () => {
      const page = await open('s')
      const one = message('a')
      await page.write(inserting(one))
      await page.write(inserting({ ...one, expiresAt: 5_000 }))
      page.release()
      await settle(page.platform)
      expect(await adopt(await open('s'))).toMatchObject([{ id: 'a', expiresAt: 5_000 }])
    })

    it('tells a page that comes back what is still its own', async () => {
      const page = await open('s')
      await page.write(inserting(message('a'), message('b')))
      page.release()
      await settle(page.platform)
      expect([...await page.reclaim()].toSorted()).toEqual(['a', 'b'])
      expect(await adopt(await open('s'))).toEqual([])
      expect(await page.write({ insert: [], update: [message('a')], remove: [] })).toEqual([])
    })

    it('never shows one scope what is another\'s, and wipes only its own', async () => {
      const scopes = ['app/ann', 'app/ann:x', 'app', 'app/bob']
      for (const scope of scopes) {
        const page = await open(scope)
        await page.write(inserting(message(`of ${scope}`), message('shared')))
        page.release()
        await settle(page.platform)
      }
      const wiper = await open('app/ann')
      await wiper.wipe()
      expect(await adopt(wiper)).toEqual([])
      for (const scope of scopes.slice(1)) expect(ids(await adopt(await open(scope)))).toEqual([`of ${scope}`, 'shared'])
    })

    it('wipes also what lives pages own', async () => {
      const owner = await open('s')
      await owner.write(inserting(message('a')))
      await (await open('s')).wipe()
      owner.release()
      await settle(owner.platform)
      expect(await adopt(await open('s'))).toEqual([])
    })

    it('gives what is left to one page only, when several ask at once', async () => {
      const gone = await open('s')
      await gone.write(inserting(...Array.from({ length: 50 }, (_, index) => message(`m${index}`))))
      gone.release()
      await settle(gone.platform)
      const others = [await open('s'), await open('s'), await open('s')]
      const asked = others.map((page) => page.adopt())
      for (const page of others) await settle(page.platform)
      const taken = (await Promise.all(asked)).flatMap(ids)
      expect(taken).toHaveLength(50)
      expect(new Set(taken).size).toBe(50)
    })

    if (believedMs > 0) it('believes a page that is gone without a word to live for its lease, and no longer', async () => {
      const gone = await open('s')
      await gone.write(inserting(message('a')))
      // Its timers never run again, as those of a page that was killed.
      const other = await open('s')
      other.platform.clock.advance(believedMs - 1_000)
      expect(await adopt(other)).toEqual([])
      other.platform.clock.advance(1_001)
      expect(ids(await adopt(other))).toEqual(['a'])
    })

    if (believedMs > 0) it('believes a page that renews its lease to live for ever', async () => {
      const alive = await open('s')
      await alive.write(inserting(message('a')))
      const other = await open('s')
      for (let elapsed = 0; elapsed < 5 * believedMs; elapsed += 60_000) {
        for (const { platform } of [alive, other]) await platform.clock.advanceAsync(60_000)
        await settle(alive.platform)
        expect(await adopt(other)).toEqual([])
      }
    })

    it('lets every message have one owner, whatever three pages do in whatever order', async () => {
      const act = fc.tuple(fc.constantFrom('write', 'adopt', 'release', 'reclaim', 'remove') as fc.Arbitrary<'write' | 'adopt' | 'release' | 'reclaim' | 'remove'>, fc.nat(2))
      await fc.assert(fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
        storage = make()
        const scope = `property-${++serial}`
        const three = [await open(scope), await open(scope), await open(scope)] as const
        const held = three.map(() => new Set<string>())
        const holds = three.map(() => true)
        const living = new Set<string>()
        for (const [what, who] of acts) {
          const [page, mine] = [three[who] as Page, held[who] as Set<string>]
          if (what === 'write' && holds[who] === true) {
            const one = message(`${scope}-${++serial}`)
            await page.write(inserting(one))
            mine.add(one.id)
            living.add(one.id)
          }
          if (what === 'remove' && holds[who] === true) {
            const [id] = mine
            if (id === undefined) continue
            await page.write({ insert: [], update: [], remove: [id] })
            mine.delete(id)
            living.delete(id)
          }
          if (what === 'adopt' && holds[who] === true) {
            for (const { id } of await adopt(page)) {
              held.forEach((others, index) => {
                // Only what its owner has let go of.
                if (index !== who && others.has(id)) expect(holds[index]).toBe(false)
              })
              expect(living.has(id)).toBe(true)
              mine.add(id)
            }
          }
          if (what === 'release' && holds[who] === true) {
            holds[who] = false
            page.release()
            await settle(page.platform)
          }
          if (what === 'reclaim' && holds[who] === false) {
            holds[who] = true
            const still = new Set(await page.reclaim())
            held[who] = new Set([...mine].filter((id) => still.has(id)))
            expect([...still].every((id) => mine.has(id))).toBe(true)
          }
        }
        three.forEach((page, who) => { if (holds[who] === true) page.release() })
        for (const page of three) await settle(page.platform)
        const last = await open(scope)
        expect(ids(await adopt(last)).toSorted()).toEqual([...living].toSorted())
      }), { numRuns: 25 })
    }, 60_000)
  })
}
