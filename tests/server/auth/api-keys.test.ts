/** Which API keys sign in, and what is held of them. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ApiKey, type ApiKeysOptions, apiKeys, createApiKey, hashApiKey } from '../../../src/server/auth/api-keys.ts'
import { show } from './support.ts'

const bot = createApiKey('bot')
const feed = createApiKey()
const keys: readonly ApiKey[] = [
  { id: bot.id, hash: bot.hash, identity: 'the bot', roles: ['admin'] },
  { id: feed.id, hash: feed.hash.toUpperCase(), identity: 'feed' },
]

describe('a new key', () => {
  it('is an id and 32 random bytes, of which only the hash is kept', () => {
    expect(bot.key).toMatch(/^bot\.[\w-]{43}$/)
    expect(feed.id).toMatch(/^[0-9a-f]{16}$/)
    expect(bot.hash).toBe(createHash('sha256').update(bot.key.slice(4)).digest('hex'))
    expect(hashApiKey(bot.key)).toBe(bot.hash)
    expect(new Set(Array.from({ length: 100 }, () => createApiKey().key.split('.')[1])).size).toBe(100)
  })

  it.each(['', 'a.b', 'a b', 'x'.repeat(65)])('cannot have the id %j', (id) => expect(() => createApiKey(id)).toThrow(/an id is/))

  it.each(['', 'hunter2', 'id.hunter2', '.hunter2', 'a.b.hunter2', `id.${'a'.repeat(129)}`, 7 as unknown as string])('has no hash where it is %j, and is not shown', (key) => {
    expect(() => hashApiKey(key)).toThrow(expect.objectContaining({ code: 'UPLINK_OPTION_INVALID' }) as Error)
    expect(() => hashApiKey(key)).not.toThrow(/hunter2/)
  })
})

describe.each<[how: string, options: ApiKeysOptions]>([
  ['a list', { keys }],
  ['a function', { lookup: (id) => keys.find((key) => key.id === id) }],
  ['a promise', { lookup: async (id) => keys.find((key) => key.id === id) ?? null }],
])('keys of %s', (_, options) => {
  const authenticate = apiKeys(options)

  it('sign in as whom they stand for', async () => {
    expect(await show(authenticate, bot.key)).toEqual({ identity: 'the bot', roles: ['admin'], sessionId: 'bot' })
    expect(await show(authenticate, `Bearer ${feed.key}`)).toEqual({ identity: 'feed', roles: [], sessionId: feed.id })
  })

  it('do not sign in with the secret of another, an unknown id, or the hash', async () => {
    const secret = bot.key.slice(4)
    for (const key of [`${feed.id}.${secret}`, `nobody.${secret}`, `bot.${bot.hash}`, `bot.${'0'.repeat(64)}`, `nobody.${'0'.repeat(64)}`, `__proto__.${secret}`, `constructor.${secret}`]) {
      expect(await show(authenticate, key)).toBeNull()
    }
  })

  it('are refused with one letter changed, and for garbage of every type', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(bot.key.length - 1), fc.constantFrom('A', 'b', '7', '_', '.', ' '), async (index, letter) => {
      const changed = bot.key.slice(0, index) + letter + bot.key.slice(index + 1)
      expect(await show(authenticate, changed) === null).toBe(changed !== bot.key)
    }))
    for (const odd of [undefined, null, '', '.', 'bot.', `.${bot.key}`, 1, {}, [bot.key], Buffer.from(bot.key)]) expect(await show(authenticate, odd)).toBeNull()
  })
})

describe('a lookup', () => {
  it('that fails rejects, so that it is logged', async () => {
    await expect(show(apiKeys({ lookup: async () => { throw new Error('no database') } }), bot.key)).rejects.toThrow('no database')
  })

  it('that finds something else signs nobody in', async () => {
    expect(await show(apiKeys({ lookup: () => ({ id: 'other', hash: bot.hash, identity: 'x' }) }), bot.key)).toBeNull()
    await expect(show(apiKeys({ lookup: () => ({ id: 'bot', hash: '', identity: 'x' }) }), bot.key)).rejects.toThrow(/64 hex digits/)
  })

  it('is not asked about what has not the form of a key', async () => {
    const asked: string[] = []
    const authenticate = apiKeys({ lookup: (id) => (asked.push(id), null) })
    for (const key of ['a.b', `a b.${'x'.repeat(43)}`, `${'x'.repeat(65)}.${'x'.repeat(43)}`, 'eyJ.eyJ.sig']) await show(authenticate, key)
    expect(asked).toEqual([])
  })
})

describe('options', () => {
  it.each<[options: object, what: RegExp]>([
    [{}, /either keys or a lookup/],
    [{ keys, lookup: () => null }, /either keys or a lookup/],
    [{ lookup: 'x' }, /either keys or a lookup/],
    [{ keys: [...keys, keys[0]] }, /an id of its own/],
    [{ keys: [{ id: 'a.b', hash: bot.hash, identity: 'x' }] }, /an id is/],
    [{ keys: [{ id: 'a', hash: bot.key, identity: 'x' }] }, /hash of a must be/],
    [{ keys: [{ id: 'a', hash: bot.hash, identity: '' }] }, /identity of a/],
  ])('are refused at the start: %#', (options, what) => {
    expect(() => apiKeys(options as ApiKeysOptions)).toThrow(what)
    expect(() => apiKeys(options as ApiKeysOptions)).not.toThrow(new RegExp(bot.key.slice(4)))
  })
})
