/** Keys that an issuer publishes: fetched, kept, rotated, and away. */
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type JWK, exportJWK, generateKeyPair } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { jwt } from '../../../src/server/auth/jwt.ts'
import type { Authenticator } from '../../../src/server/user.ts'
import { AUDIENCE, ISSUER, START, show, sign } from './support.ts'

interface Issuer {
  readonly url: string
  readonly server: Server
  fetches: number
  /** What it answers. */
  body: string
  status: number
}

const servers: Server[] = []

async function issuer(): Promise<Issuer> {
  const made = { url: '', fetches: 0, body: '{"keys":[]}', status: 200 }
  const server = createServer((_, response) => {
    made.fetches++
    response.writeHead(made.status, { 'content-type': 'application/json', location: 'http://127.0.0.1:1/' }).end(made.body)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(made, { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys` })
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

const keyPair = async (kid: string, alg = 'ES256'): Promise<{ readonly jwk: JWK; readonly token: (changes?: Readonly<Record<string, unknown>>) => Promise<string> }> => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }, token: (changes) => sign(changes, privateKey, { alg, kid }) }
}

const from = (url: string, cooldownMs = 0): Authenticator =>
  jwt({ jwks: url, algorithms: ['ES256'], issuer: ISSUER, audience: AUDIENCE, jwksCooldownMs: cooldownMs, now: () => START })

afterEach(async () => {
  await Promise.all(servers.splice(0).map(stop))
})

describe('published keys', () => {
  it('verify tokens, and are fetched once', async () => {
    const at = await issuer()
    const [one, two] = [await keyPair('1'), await keyPair('2')]
    at.body = JSON.stringify({ keys: [one.jwk, two.jwk] })
    const authenticate = from(at.url, 30_000)
    expect(at.fetches).toBe(0)
    const tokens = await Promise.all([one.token(), two.token(), one.token({ sub: 'bob' })])
    const verdicts = await Promise.all(tokens.map((token) => show(authenticate, token)))
    expect(verdicts.map((verdict) => verdict?.identity)).toEqual(['ann', 'ann', 'bob'])
    expect(at.fetches).toBe(1)
  })

  it('are fetched anew when one is unknown, so that an issuer may change them', async () => {
    const at = await issuer()
    const [old, next] = [await keyPair('old'), await keyPair('next')]
    at.body = JSON.stringify({ keys: [old.jwk] })
    const authenticate = from(at.url)
    expect(await show(authenticate, await old.token())).not.toBeNull()
    at.body = JSON.stringify({ keys: [next.jwk] })
    expect(await show(authenticate, await next.token())).toMatchObject({ identity: 'ann' })
    expect(await show(authenticate, await old.token())).toBeNull()
  })

  it('are not fetched again and again for tokens that name keys nobody has', async () => {
    const at = await issuer()
    const [known, unknown] = [await keyPair('known'), await keyPair('unknown')]
    at.body = JSON.stringify({ keys: [known.jwk] })
    const authenticate = from(at.url, 30_000)
    for (let count = 0; count < 5; count++) expect(await show(authenticate, await unknown.token())).toBeNull()
    expect(at.fetches).toBe(1)
    expect(await show(authenticate, await known.token())).not.toBeNull()
  })

  it('verify nothing that was signed with another key under the same name, or by another algorithm', async () => {
    const at = await issuer()
    const [good, bad, other] = [await keyPair('1'), await keyPair('1'), await keyPair('3', 'RS256')]
    at.body = JSON.stringify({ keys: [good.jwk, other.jwk] })
    const authenticate = from(at.url)
    expect(await show(authenticate, await bad.token())).toBeNull()
    expect(await show(authenticate, await other.token())).toBeNull()
    expect(await show(authenticate, await good.token())).not.toBeNull()
  })

  it('are not fetched for what is no token', async () => {
    const at = await issuer()
    expect(await show(from(at.url), 'id.secret')).toBeNull()
    expect(at.fetches).toBe(0)
  })

  it('that cannot be read reject, which refuses and is logged, and are tried again', async () => {
    const at = await issuer()
    const key = await keyPair('1')
    const authenticate = from(at.url)
    const refused = async (): Promise<void> => expect(show(authenticate, await key.token())).rejects.toThrow(`the keys at ${at.url} could not be read`)
    at.status = 503
    await refused()
    at.status = 302
    await refused()
    at.status = 200
    for (const body of ['', '<html>', '[]', '{"keys":7}']) {
      at.body = body
      await refused()
    }
    at.body = JSON.stringify({ keys: [key.jwk] })
    expect(await show(authenticate, await key.token())).toMatchObject({ identity: 'ann' })
  })

  it('of an issuer that is away reject, and those that are held go on', async () => {
    const at = await issuer()
    const [held, next] = [await keyPair('held'), await keyPair('next')]
    at.body = JSON.stringify({ keys: [held.jwk] })
    const authenticate = from(at.url)
    expect(await show(authenticate, await held.token())).not.toBeNull()
    await stop(at.server)
    expect(await show(authenticate, await held.token())).toMatchObject({ identity: 'ann' })
    await expect(show(authenticate, await next.token())).rejects.toThrow('could not be read')
    await expect(show(from(at.url), await held.token())).rejects.toThrow('could not be read')
  })
})
