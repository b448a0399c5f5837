/** Which tokens sign in, and as whom. */
import { createHmac, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jwt } from '../../../src/server/auth/jwt.ts'
import type { JwtAlgorithm, JwtOptions } from '../../../src/server/auth/jwt-options.ts'
import { memoryUsedTokens } from '../../../src/server/auth/used-tokens.ts'
import type { Authenticator } from '../../../src/server/user.ts'
import { AUDIENCE, ISSUER, SECRET, START, byHand, claims, secretKey, show, sign } from './support.ts'

/** With the reasons of refusals, and a clock. */
function rig(options: Partial<JwtOptions> = {}): { readonly authenticate: Authenticator; readonly reasons: string[]; readonly clock: { now: number } } {
  const reasons: string[] = []
  const clock = { now: START + 1_000 }
  const authenticate = jwt({
    ...(options.publicKey === undefined ? { secret: SECRET } : {}), issuer: ISSUER, audience: AUDIENCE, now: () => clock.now,
    onRefused: (reason) => void reasons.push(reason), ...options,
  })
  return { authenticate, reasons, clock }
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string

describe('a good token', () => {
  it('signs in with what it says', async () => {
    const token = await sign({ roles: ['user', 'admin'], sid: 's1' })
    const verdict = { identity: 'ann', roles: ['user', 'admin'], sessionId: 's1', issuedAt: START, expiresInMs: 59_000 + 5_000 }
    expect(await show(rig().authenticate, token)).toEqual(verdict)
    expect(await show(rig().authenticate, `Bearer ${token}`)).toEqual(verdict)
    expect(await show(rig({ secret: secretKey() }).authenticate, token)).toEqual(verdict)
  })

  it('may leave out everything but the user and its end', async () => {
    expect(await show(rig().authenticate, await sign({ iat: undefined }))).toEqual({ identity: 'ann', roles: [], expiresInMs: 64_000 })
  })

  it.each<[claims: object, options: object, verdict: object]>([
    [{ sub: 42 }, {}, { identity: '42' }],
    [{ sub: undefined, email: 'a@b' }, { identityClaim: 'email' }, { identity: 'a@b' }],
    [{ role: 'admin' }, {}, { roles: ['admin'] }],
    [{ role: 'admin', roles: [] }, {}, { roles: [] }],
    [{ roles: ['admin', 7, null, ''] }, {}, { roles: ['admin'] }],
    [{ roles: { admin: true } }, {}, { roles: [] }],
    [{ role: 'admin' }, { rolesClaim: 'https://example.com/roles' }, { roles: [] }],
    [{ 'https://example.com/roles': ['admin'] }, { rolesClaim: 'https://example.com/roles' }, { roles: ['admin'] }],
    [{}, { rolesClaim: 'toString' }, { roles: [] }],
    [{ session: 7 }, { sessionClaim: 'session' }, { sessionId: '7' }],
    [{ iss: 'other' }, { issuer: false }, { identity: 'ann' }],
    [{ iss: 'other' }, { issuer: [ISSUER, 'other'] }, { identity: 'ann' }],
    [{ aud: undefined }, { audience: false }, { identity: 'ann' }],
    [{ aud: ['x', AUDIENCE] }, {}, { identity: 'ann' }],
  ])('with %j and %j says %j', async (changes, options, verdict) => {
    expect(await show(rig(options).authenticate, await sign(changes as Record<string, unknown>))).toMatchObject(verdict)
  })

  it('without an end lasts for ever where that is allowed', async () => {
    const verdict = await show(rig({ requireExpiry: false }).authenticate, await sign({ exp: undefined }))
    expect(verdict).toEqual({ identity: 'ann', roles: [], issuedAt: START })
  })

  it.each<[algorithm: JwtAlgorithm, pair: { publicKey: import('node:crypto').KeyObject; privateKey: import('node:crypto').KeyObject }]>([
    ['RS256', rsa],
    ['PS512', rsa],
    ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['ES512', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['EdDSA', generateKeyPairSync('ed25519')],
    ['Ed25519', generateKeyPairSync('ed25519')],
  ])('may be signed with a private key by %s', async (algorithm, { publicKey, privateKey }) => {
    const { authenticate } = rig({ publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string, algorithms: [algorithm] })
    expect(await show(authenticate, await sign({}, privateKey, { alg: algorithm }))).toMatchObject({ identity: 'ann' })
  })

  it('is verified by the key as it was given, whatever happens to the bytes later', async () => {
    const secret = secretKey()
    const { authenticate } = rig({ secret })
    secret.fill(0)
    expect(await show(authenticate, await sign())).not.toBeNull()
    expect(await show(authenticate, await sign({}, new Uint8Array(secret.length)))).toBeNull()
  })
})

describe('a token is refused', () => {
  it.each<[what: string, token: () => string | Promise<string>, reason: RegExp, options?: Partial<JwtOptions>]>([
    ['that expired', () => sign({ exp: START / 1_000 - 10 }), /"exp"/],
    ['that is not yet valid', () => sign({ nbf: START / 1_000 + 30 }), /"nbf"/],
    ['without an end', () => sign({ exp: undefined }), /"exp"/],
    ['whose end is no number', () => sign({ exp: 'tomorrow' }), /"exp"/],
    ['without a signature', () => byHand({ alg: 'none' }, claims()), /alg/],
    ['without a signature, in capitals', () => byHand({ alg: 'NONE' }, claims()), /alg/],
    ['of another algorithm', () => sign({}, secretKey('x'.repeat(64)), { alg: 'HS512' }), /alg/],
    ['of another algorithm with the same secret', () => sign({}, secretKey('x'.repeat(64)), { alg: 'HS512' }), /alg/, { secret: 'x'.repeat(64) }],
    ['with another secret', () => sign({}, secretKey('another secret that is long enough')), /signature/],
    ['of another issuer', () => sign({ iss: 'https://evil.example' }), /"iss"/],
    ['of no issuer', () => sign({ iss: undefined }), /"iss"/],
    ['for another audience', () => sign({ aud: 'shop' }), /"aud"/],
    ['for no audience', () => sign({ aud: undefined }), /"aud"/],
    ['without a user', () => sign({ sub: undefined }), /"sub"/],
    ['with an empty user', () => sign({ sub: '' }), /"sub"/],
    ['whose user is no name', () => sign({ sub: ['ann'] }), /"sub"/],
    ['whose user is a number that was rounded', () => sign({ sub: 2 ** 60 }), /"sub"/],
    ['that has no claim of that name of its own', () => sign({ sub: 'ann' }), /"toString"/, { identityClaim: 'toString' }],
  ])('%s', async (_, token, reason, options) => {
    const { authenticate, reasons } = rig(options)
    expect(await show(authenticate, await token())).toBeNull()
    expect(reasons).toEqual([expect.stringMatching(reason)])
  })

  it('signed with the text of the public key as if it were a secret', async () => {
    const { authenticate } = rig({ publicKey: publicPem, algorithms: ['RS256'] })
    const unsigned = byHand({ alg: 'HS256', typ: 'JWT' }, claims())
    const input = unsigned.slice(0, -1)
    for (const secret of [publicPem, publicPem.trim(), rsa.publicKey.export({ type: 'spki', format: 'der' })]) {
      expect(await show(authenticate, `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`)).toBeNull()
    }
    expect(await show(authenticate, `${byHand({ alg: 'RS256' }, claims()).slice(0, -1)}.`)).toBeNull()
    expect(await show(authenticate, await sign({}, rsa.privateKey, { alg: 'RS256' }))).toMatchObject({ identity: 'ann' })
    expect(await show(authenticate, await sign({}, rsa.privateKey, { alg: 'PS256' }))).toBeNull()
  })

  it('where one character of it was changed', async () => {
    const { authenticate } = rig()
    const token = await sign()
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'
    await fc.assert(fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...letters), async (index, letter) => {
      const changed = token.slice(0, index) + letter + token.slice(index + 1)
      fc.pre(changed !== token)
      const verdict = await show(authenticate, changed)
      // The last letter of a signature of 256 bits has two bits that mean nothing.
      if (index < token.length - 1) expect(verdict).toBeNull()
      else expect([null, 'ann']).toContain(verdict === null ? null : verdict.identity)
    }), { numRuns: 500 })
  })

  it('that is garbage, of every type, and never throws', async () => {
    const { authenticate } = rig()
    const { authenticate: withPublicKey } = rig({ publicKey: publicPem, algorithms: ['RS256', 'PS256'] })
    for (const odd of [undefined, null, '', ' ', 'Bearer', 'Bearer ', '.', '..', '....', 1, true, {}, [], [await sign()], { token: await sign() }, () => '', Symbol('x'), 1n, Buffer.from(await sign())]) {
      expect(await show(authenticate, odd)).toBeNull()
    }
    const part = fc.json().map((text) => Buffer.from(text).toString('base64url'))
    const header = fc.record({ alg: fc.constantFrom('HS256', 'RS256', 'PS256', 'none'), crit: fc.jsonValue(), b64: fc.jsonValue(), kid: fc.jsonValue(), jwk: fc.jsonValue() }, { requiredKeys: [] })
      .map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'))
    const tokens = fc.oneof(fc.string({ unit: 'binary' }), fc.array(part, { maxLength: 6 }).map((parts) => parts.join('.')), fc.tuple(header, part, part).map((parts) => parts.join('.')))
    await fc.assert(fc.asyncProperty(tokens, async (token) => {
      expect(await show(authenticate, token)).toBeNull()
      expect(await show(withPublicKey, token)).toBeNull()
    }), { numRuns: 500 })
  })

  it('whose good signature is on claims that are none', async () => {
    const { authenticate } = rig()
    for (const payload of ['[]', 'null', '"ann"', '7', '{', '{"exp":1e400}']) {
      const input = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${Buffer.from(payload).toString('base64url')}`
      expect(await show(authenticate, `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`)).toBeNull()
    }
  })
})

describe('the clock of a token', () => {
  it('may be off by the tolerance, and the session ends when the token would be refused', async () => {
    const { authenticate, clock } = rig()
    const token = await sign({ nbf: START / 1_000 })
    for (const at of [START - 5_000, START, START + 60_000, START + 64_999]) {
      clock.now = at
      expect(await show(authenticate, token)).toMatchObject({ expiresInMs: START + 65_000 - at })
    }
    for (const at of [START - 6_001, START + 65_000]) {
      clock.now = at
      expect(await show(authenticate, token)).toBeNull()
    }
  })

  it('never gives less than nothing', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 55_000, max: 65_000 }), fc.integer({ min: 0, max: 3_000 }), async (after, clockToleranceMs) => {
      const { authenticate, clock } = rig({ clockToleranceMs })
      clock.now = START + after
      const verdict = await show(authenticate, await sign())
      expect(verdict === null || (verdict.expiresInMs ?? 0) > 0).toBe(true)
      expect(verdict === null).toBe(after >= 60_000 + clockToleranceMs)
    }))
  })
})

describe('a token that may be used once', () => {
  it('is refused the second time, also where both come at once', async () => {
    const { authenticate, reasons, clock } = rig({ once: true })
    const [first, second] = [await sign({ jti: 'a' }), await sign({ jti: 'b' })]
    const verdicts = await Promise.all([show(authenticate, first), show(authenticate, first)])
    expect(verdicts.filter((verdict) => verdict !== null)).toHaveLength(1)
    expect(reasons).toEqual(['the token was used before'])
    expect(await show(authenticate, second)).not.toBeNull()
    clock.now = START + 64_999
    expect(await show(authenticate, first)).toBeNull()
  })

  it('needs an id', async () => {
    for (const jti of [undefined, '', 7]) expect(await show(rig({ once: true }).authenticate, await sign({ jti }))).toBeNull()
  })

  it('is not used by being refused, and ids are those of an issuer', async () => {
    const { authenticate } = rig({ once: true, issuer: [ISSUER, 'other'] })
    expect(await show(authenticate, await sign({ jti: 'a', aud: 'shop' }))).toBeNull()
    expect(await show(authenticate, await sign({ jti: 'a', sub: undefined }))).toBeNull()
    expect(await show(authenticate, await sign({ jti: 'a' }))).not.toBeNull()
    expect(await show(authenticate, await sign({ jti: 'a', iss: 'other' }))).not.toBeNull()
  })

  it('is remembered as long as it would be accepted, wherever you like', async () => {
    const used: Array<readonly [string, number]> = []
    const { authenticate } = rig({ once: true, usedTokens: { use: async (id, forMs) => used.push([id, forMs]) === 1 } })
    expect(await show(authenticate, await sign({ jti: 'x'.repeat(10_000) }))).not.toBeNull()
    expect(used).toEqual([[expect.stringMatching(/^[\w-]{43}$/), 64_000]])
  })

  it('rejects where it cannot be known whether it was used, so that this is logged', async () => {
    const { authenticate } = rig({ once: true, usedTokens: { use: async () => { throw new Error('no redis') } } })
    await expect(show(authenticate, await sign({ jti: 'a' }))).rejects.toThrow('no redis')
  })
})

describe('options', () => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' }) as string
  const privatePem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const good = { issuer: ISSUER, audience: AUDIENCE }

  it.each<[options: object, what: RegExp]>([
    [{ ...good }, /exactly one/],
    [{ ...good, secret: undefined }, /exactly one/],
    [{ ...good, algorithms: ['RS256'] }, /exactly one/],
    [{ ...good, secret: SECRET, jwks: 'https://id.example.com/keys' }, /exactly one/],
    [{ ...good, secret: 'hunter2 hunter2 hunter2 hunter2' }, /32 bytes/],
    [{ ...good, secret: '' }, /32 bytes/],
    [{ ...good, secret: 7 }, /32 bytes/],
    [{ ...good, secret: SECRET, algorithms: ['HS256', 'HS512'] }, /64 bytes/],
    [{ ...good, secret: SECRET, algorithms: [] }, /algorithms/],
    [{ ...good, secret: SECRET, algorithms: ['none'] }, /algorithms/],
    [{ ...good, secret: SECRET, algorithms: ['HS256', 'RS256'] }, /algorithms/],
    [{ ...good, publicKey: publicPem }, /algorithms/],
    [{ ...good, publicKey: publicPem, algorithms: ['RS256', 'HS256'] }, /algorithms/],
    [{ ...good, publicKey: publicPem, algorithms: ['ES256'] }, /ES256/],
    [{ ...good, publicKey: small, algorithms: ['RS256'] }, /2048/],
    [{ ...good, publicKey: privatePem, algorithms: ['RS256'] }, /PUBLIC KEY/],
    [{ ...good, publicKey: '-----BEGIN PUBLIC KEY-----\nhunter2\n-----END PUBLIC KEY-----', algorithms: ['RS256'] }, /PUBLIC KEY/],
    [{ ...good, jwks: 'https://id.example.com/keys', algorithms: ['HS256'] }, /algorithms/],
    [{ ...good, jwks: 'http://id.example.com/keys', algorithms: ['RS256'] }, /https/],
    [{ ...good, jwks: 'http://localhost.example.com/keys', algorithms: ['RS256'] }, /https/],
    [{ ...good, jwks: 'https://me:hunter2@id.example.com/keys', algorithms: ['RS256'] }, /https/],
    [{ ...good, jwks: 'keys', algorithms: ['RS256'] }, /https/],
    [{ ...good, jwks: 'https://id.example.com/keys', algorithms: ['RS256'], jwksCooldownMs: -1 }, /jwksCooldownMs/],
    [{ audience: AUDIENCE, secret: SECRET }, /issuer/],
    [{ issuer: ISSUER, secret: SECRET }, /audience/],
    [{ ...good, secret: SECRET, issuer: '' }, /issuer/],
    [{ ...good, secret: SECRET, audience: [] }, /audience/],
    [{ ...good, secret: SECRET, clockToleranceMs: -1 }, /clockToleranceMs/],
    [{ ...good, secret: SECRET, clockToleranceMs: Number.NaN }, /clockToleranceMs/],
    [{ ...good, secret: SECRET, identityClaim: '' }, /identityClaim/],
    [{ ...good, secret: SECRET, requireExpiry: 'no' }, /requireExpiry/],
    [{ ...good, secret: SECRET, once: true, requireExpiry: false }, /requireExpiry/],
    [{ ...good, secret: SECRET, usedTokens: memoryUsedTokens() }, /usedTokens/],
  ])('are refused at the start, and keys are not shown: %j', (options, what) => {
    const create = (): unknown => jwt(options as JwtOptions)
    expect(create).toThrow(what)
    expect(create).toThrow(expect.objectContaining({ code: 'UPLINK_OPTION_INVALID' }) as Error)
    expect(create).not.toThrow(/hunter2/)
    expect(create).not.toThrow(new RegExp(SECRET))
  })

  it('let nobody who listens change the answer', async () => {
    const { authenticate } = rig({ onRefused: () => { throw new Error('broken') } })
    expect(await show(authenticate, 'x')).toBeNull()
  })
})
