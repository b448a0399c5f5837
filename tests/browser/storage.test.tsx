/** The storages of a browser, in a real one. */
import { deleteDB, openDB } from 'idb'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { MessageStorage } from 'uplink/engine'
import { indexedDb } from 'uplink/storage/indexed-db'
import { webStorage } from 'uplink/storage/local-storage'
import { type FakePlatform, createFakePlatform } from 'uplink/testing'
import { type Page, message, openPage, storageContract } from '../storage/contract.ts'

let names = 0
const fresh = (): string => `uplink-test-${++names}`

/** What is fired and forgotten has to reach the disk. */
const settled = async (): Promise<void> => { await new Promise((resolve) => { setTimeout(resolve, 5) }) }

storageContract('indexedDb() with Web Locks', { make: () => indexedDb({ databaseName: fresh() }), believedMs: 0, settle: settled })
storageContract('indexedDb() with leases', { make: () => indexedDb({ databaseName: fresh(), locks: false }), believedMs: 180_000, settle: settled })
storageContract('webStorage() with Web Locks', { make: () => webStorage({ prefix: fresh() }), believedMs: 0, settle: settled })
storageContract('webStorage() with leases', {
  make: () => webStorage({ prefix: fresh(), locks: false }), believedMs: 180_000,
  async settle(platform: FakePlatform) {
    await settled()
    platform.clock.advance(200)
  },
})

const insert = (...messages: Array<ReturnType<typeof message>>): Parameters<Page['write']>[0] => ({ insert: messages, update: [], remove: [] })

describe('a lease', () => {
  const databaseName = 'uplink-leases'
  const leasesOf: ReadonlyArray<readonly [string, () => MessageStorage, () => Promise<unknown[]>]> = [
    ['indexedDb()', () => indexedDb({ databaseName, locks: false }), async () => {
      const raw = await openDB(databaseName)
      const keys = await raw.getAllKeys('leases')
      raw.close()
      return keys.map((key) => (key as string[])[1])
    }],
    ['webStorage()', () => webStorage({ prefix: 'leases', locks: false }), async () => Object.keys(localStorage).flatMap((key) => key.split(':lease:')[1] ?? [])],
  ]

  it.each(leasesOf)('of a page that crashed with nothing left to send does not stay in %s for ever', async (_, storage, leases) => {
    const shared = storage()
    for (let page = 0; page < 5; page++) await openPage(shared, 's', createFakePlatform({ seed: ++names }))
    const platform = createFakePlatform({ seed: ++names })
    const last = await openPage(shared, 's', platform)
    expect(await leases()).toHaveLength(6)
    await last.adopt()
    expect(await leases()).toHaveLength(6)
    platform.clock.advance(181_000)
    await last.reclaim()
    await last.adopt()
    await settled()
    expect(await leases()).toHaveLength(1)
    last.release()
    await settled()
    await deleteDB(databaseName)
    localStorage.clear()
  })
})

describe('indexedDb()', () => {
  const databaseName = 'uplink-own'
  const open = (): Promise<Page> => openPage(indexedDb({ databaseName }), 's', createFakePlatform({ seed: ++names }))

  afterEach(async () => { await deleteDB(databaseName) })

  it('removes rows that are no messages, says so once, shows nothing of them, and keeps the others', async () => {
    const page = await open()
    await page.write(insert(message('a'), message('b'), message('c')))
    const raw = await openDB(databaseName)
    await raw.put('messages', { scope: 's', id: 'b', owner: 'gone', message: { secret: 'password' } })
    await raw.put('messages', { scope: 's', id: 'd', owner: 'gone', message: null })
    raw.close()
    page.release()
    const other = await open()
    await vi.waitFor(async () => expect((await other.adopt()).map(({ id }) => id)).toEqual(['a', 'c']))
    expect(other.reports).toMatchObject([{ code: 'UPLINK_STORAGE_CORRUPT', message: 'storage indexedDB: 2 rows that are no messages were removed' }])
    expect(JSON.stringify(other.reports)).not.toContain('password')
    other.release()
  })

  it('says when somebody deletes its database, and opens it anew', async () => {
    const page = await open()
    await page.write(insert(message('a')))
    await deleteDB(databaseName)
    expect(page.reports).toMatchObject([{ code: 'UPLINK_STORAGE_FAILED', message: expect.stringContaining('another page upgrades or deletes it') as string }])
    await page.write(insert(message('b')))
    page.release()
    const other = await open()
    await vi.waitFor(async () => expect((await other.adopt()).map(({ id }) => id)).toEqual(['b']))
    other.release()
  })

  it('refuses to open where there is no IndexedDB', async () => {
    vi.stubGlobal('indexedDB', undefined)
    await expect(open()).rejects.toThrow('there is no IndexedDB here')
    vi.unstubAllGlobals()
  })

  it('writes all of its changes or none', async () => {
    const page = await open()
    await page.write(insert(message('a')))
    // A function cannot be stored: the second message fails, and takes the first with it.
    await expect(page.write({ insert: [message('b'), { ...message('c'), frame: (() => undefined) as unknown as string }], update: [], remove: ['a'] })).rejects.toThrow()
    page.release()
    const other = await open()
    await vi.waitFor(async () => expect((await other.adopt()).map(({ id }) => id)).toEqual(['a']))
    other.release()
  })
})

describe('webStorage()', () => {
  const open = (prefix: string): Promise<Page> => openPage(webStorage({ prefix }), 's', createFakePlatform({ seed: ++names }))

  afterEach(() => localStorage.clear())

  it('refuses what does not fit, whole, and loses nothing that it holds', async () => {
    const page = await open('full')
    await page.write(insert(message('a')))
    const huge = 'x'.repeat(6_000_000)
    await expect(page.write({ insert: [message('b'), message('c', { frame: huge })], update: [message('a', { order: 0 })], remove: ['a'] })).rejects.toThrow()
    page.release()
    const other = await open('full')
    await vi.waitFor(async () => expect((await other.adopt()).map(({ id }) => id)).toEqual(['a']))
    await other.write(insert(message('d')))
    other.release()
  })

  it('keeps scopes apart whose names look like keys of each other', async () => {
    const scopes = ['k|ann', 'k|ann:message', 'k|ann:message:a', 'k', 'k%3Aann', 'k:ann']
    const storage = webStorage({ prefix: 'apart', locks: false })
    const pages = await Promise.all(scopes.map((scope) => openPage(storage, scope, createFakePlatform({ seed: ++names }))))
    for (const [index, page] of pages.entries()) await page.write(insert(message('a', { frame: `of ${index}` })))
    for (const page of pages) page.release()
    await settled()
    for (const [index, scope] of scopes.entries()) {
      const platform = createFakePlatform({ seed: ++names })
      const heir = await openPage(storage, scope, platform)
      const taken = heir.adopt()
      platform.clock.advance(200)
      expect((await taken).map(({ frame }) => frame)).toEqual([`of ${index}`])
      expect(heir.reports).toEqual([])
      await heir.wipe()
      heir.release()
    }
  })

  it('believes no row that was put under a scope which it does not name', async () => {
    const page = await open('named')
    await page.write(insert(message('a')))
    const row = localStorage.getItem('named:s:message:a') ?? ''
    localStorage.setItem('named:other:message:a', row)
    const other = await openPage(webStorage({ prefix: 'named' }), 'other', createFakePlatform({ seed: ++names }))
    expect(await other.adopt()).toEqual([])
    expect(other.reports).toMatchObject([{ code: 'UPLINK_STORAGE_CORRUPT' }])
    other.release()
    page.release()
  })

  it('takes nothing from a page that has renewed its lease while the claim was waiting', async () => {
    const storage = webStorage({ prefix: 'asleep', locks: false })
    const [asleep, other] = [createFakePlatform({ seed: ++names }), createFakePlatform({ seed: ++names })]
    const sleeper = await openPage(storage, 's', asleep)
    await sleeper.write(insert(message('a')))
    other.clock.advance(181_000)
    const heir = await openPage(storage, 's', other)
    const taken = heir.adopt()
    await settled()
    asleep.clock.advance(181_000)
    await sleeper.reclaim()
    other.clock.advance(200)
    expect(await taken).toEqual([])
    expect(await sleeper.reclaim()).toEqual(['a'])
    heir.release()
    sleeper.release()
  })

  it('removes rows that are no messages, and says so', async () => {
    const page = await open('corrupt')
    await page.write(insert(message('a')))
    localStorage.setItem('corrupt:s:message:x', '{"owner":')
    localStorage.setItem('corrupt:s:message:y', '{"owner":"o","message":{"id":7}}')
    page.release()
    const other = await open('corrupt')
    await vi.waitFor(async () => expect((await other.adopt()).map(({ id }) => id)).toEqual(['a']))
    expect(other.reports).toMatchObject([{ code: 'UPLINK_STORAGE_CORRUPT' }])
    expect(Object.keys(localStorage).filter((key) => key.includes('message'))).toEqual(['corrupt:s:message:a'])
    other.release()
  })
})
