/** Users without credentials, and several ways to sign in. */
import { describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/server/auth/anonymous.ts'
import { apiKeys, createApiKey } from '../../../src/server/auth/api-keys.ts'
import { firstOf } from '../../../src/server/auth/first-of.ts'
import { jwt } from '../../../src/server/auth/jwt.ts'
import type { Authenticator } from '../../../src/server/user.ts'
import { AUDIENCE, ISSUER, SECRET, START, show, sign } from './support.ts'

const nobody = { identity: null, roles: [] }

describe('anonymous', () => {
  it('accepts missing credentials, and refuses all others', async () => {
    expect(await show(anonymous())).toEqual(nobody)
    expect(await show(anonymous(), null)).toEqual(nobody)
    for (const shown of ['', 'x', 0, false, {}, []]) expect(await show(anonymous(), shown)).toBeNull()
  })
})

describe('firstOf', () => {
  const { id, key, hash } = createApiKey()
  const authenticate = firstOf(
    jwt({ secret: SECRET, issuer: ISSUER, audience: AUDIENCE, now: () => START }),
    apiKeys({ keys: [{ id, hash, identity: 'bot' }] }),
    anonymous(),
  )

  it('accepts whatever one of them accepts', async () => {
    expect(await show(authenticate, await sign())).toMatchObject({ identity: 'ann' })
    expect(await show(authenticate, key)).toMatchObject({ identity: 'bot' })
    expect(await show(authenticate)).toEqual(nobody)
  })

  it('never takes bad credentials for none', async () => {
    expect(await show(authenticate, await sign({ exp: 1 }))).toBeNull()
    expect(await show(authenticate, `${key}x`)).toBeNull()
  })

  it('passes over one that fails, and says so where nobody accepts', async () => {
    const failing: Authenticator = () => { throw new Error('no keys') }
    const rejecting: Authenticator = async () => { throw new Error('no database') }
    expect(await show(firstOf(failing, rejecting, anonymous()))).toEqual(nobody)
    await expect(show(firstOf(rejecting, failing, anonymous()), 'x')).rejects.toThrow('no database')
  })

  it('asks nobody behind the first that accepts', async () => {
    const asked: string[] = []
    const asking = (name: string, verdict: ReturnType<Authenticator>): Authenticator => () => {
      asked.push(name)
      return verdict
    }
    expect(await show(firstOf(asking('a', null), asking('b', nobody), asking('c', nobody)))).toEqual(nobody)
    expect(asked).toEqual(['a', 'b'])
  })

  it('needs somebody to ask', () => {
    expect(() => firstOf(...([] as unknown as [Authenticator]))).toThrow(/at least one/)
  })
})
