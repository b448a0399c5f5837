/** Who is allowed by which rule, and that whatever fails denies. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Answer, type Rule, allOf, anyOf, ask, authenticated, everyone, nobody, role, rule, self } from '../../../src/server/access/rules.ts'
import type { User } from '../../../src/server/user.ts'

const ann: User = { identity: 'ann', roles: ['user'] }
const root: User = { identity: 'root', roles: ['super_admin', 'user'] }
const somebody: User = { identity: null, roles: [] }

const allows = async <Params>(one: Rule<Params>, user: User, params: Params): Promise<boolean> => (await ask(one, user, params)).allowed

describe('a rule', () => {
  it.each<[rule: Rule, allowed: readonly User[]]>([
    [everyone, [ann, root, somebody]],
    [nobody, []],
    [authenticated, [ann, root]],
    [role('admin', 'super_admin'), [root]],
    [role('user'), [ann, root]],
  ])('%o allows exactly its users', async (one, allowed) => {
    for (const user of [ann, root, somebody]) expect(await allows(one, user, {})).toBe(allowed.includes(user))
  })

  it('answers at once where it can', () => {
    expect(ask(everyone, ann, {})).toEqual({ allowed: true })
    expect(ask(anyOf(nobody, self('id')), ann, { id: 'ann' })).toEqual({ allowed: true })
    expect(ask(allOf(everyone, self('id')), ann, { id: 'ann' })).toEqual({ allowed: true })
  })

  it('says its name', () => {
    expect(anyOf(self('userId'), allOf(authenticated, role('admin', 'super_admin'))).name).toBe('anyOf(self(userId), allOf(authenticated, role(admin, super_admin)))')
  })

  it('allows with true only', async () => {
    for (const odd of [1, 'yes', {}, [], undefined, null]) {
      expect(await allows(rule('odd', () => odd as boolean), ann, {})).toBe(false)
      expect(await allows(rule('odd', async () => odd as boolean), ann, {})).toBe(false)
      expect(await allows(allOf(everyone, rule('odd', () => odd as boolean)), ann, {})).toBe(false)
    }
  })

  it('that throws or rejects denies, and says so', async () => {
    const failure = new Error('no database')
    const throwing = rule('throwing', () => { throw failure })
    const rejecting = rule('rejecting', async () => { throw failure })
    for (const one of [throwing, rejecting, allOf(everyone, throwing), allOf(everyone, rejecting), anyOf(nobody, throwing, nobody), anyOf(rejecting, nobody)]) {
      expect(await ask(one, ann, {})).toEqual({ allowed: false, failure })
    }
  })

  it('that fails does not stop the others of anyOf, and is not asked behind a no of allOf', async () => {
    const throwing = rule('throwing', () => { throw new Error('no database') })
    expect(await ask(anyOf(throwing, everyone), ann, {})).toEqual({ allowed: true })
    expect(await ask(allOf(nobody, throwing), ann, {})).toEqual({ allowed: false })
  })

  it('of no rules allows nobody', async () => {
    expect(await allows(anyOf(), ann, undefined as never)).toBe(false)
    expect(await allows(allOf(), ann, undefined as never)).toBe(false)
  })

  it('needs a name', () => {
    for (const run of [() => rule('', () => true), () => rule('a', 1 as never), () => role(...([] as unknown as [string])), () => role('')]) {
      expect(run).toThrow(expect.objectContaining({ code: 'UPLINK_OPTION_INVALID' }) as Error)
    }
  })
})

describe('self', () => {
  it('allows exactly the user that is named', () => {
    fc.assert(fc.property(fc.option(fc.string()), fc.string(), (identity, userId) => {
      expect((ask(self('userId'), { identity, roles: [] }, { userId }) as Answer).allowed).toBe(identity === userId)
    }))
  })

  it('denies where the parameter is not there', async () => {
    expect(await allows(self('toString'), { identity: String(Object.prototype.toString), roles: [] }, {} as never)).toBe(false)
    expect(await allows(self('userId'), { identity: undefined as unknown as string, roles: [] }, {} as never)).toBe(false)
  })
})

describe('anyOf and allOf', () => {
  it('are or and and, at once or later', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 6 }), async (answers) => {
      const rules = answers.map(([allowed, isLater]) => rule('one', () => (isLater ? Promise.resolve(allowed) : allowed)))
      expect(await allows(anyOf(...rules), ann, {})).toBe(answers.some(([allowed]) => allowed))
      expect(await allows(allOf(...rules), ann, {})).toBe(answers.every(([allowed]) => allowed))
    }))
  })
})
