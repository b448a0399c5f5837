/** What the tests of authenticators share: requests, tokens, and a clock that only a test moves. */
import { SignJWT } from 'jose'
import type { AuthenticationRequest, Authenticator, Verdict } from '../../../src/server/user.ts'

/** Epoch ms at which tokens are made. */
export const START = Date.UTC(2026, 0, 1)
export const SECRET = 'a secret of the tests that is long enough'
export const ISSUER = 'https://id.example.com'
export const AUDIENCE = 'dashboard'

export const request = (credentials?: unknown): AuthenticationRequest => ({ credentials, address: '127.0.0.1', door: 'ws', headers: {} })

export const show = async (authenticate: Authenticator, credentials?: unknown): Promise<Verdict> => authenticate(request(credentials))

/** Claims of a good token; `undefined` leaves one out. */
export const claims = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> =>
  JSON.parse(JSON.stringify({ sub: 'ann', iss: ISSUER, aud: AUDIENCE, iat: START / 1_000, exp: START / 1_000 + 60, ...changes })) as Record<string, unknown>

export const secretKey = (secret: string = SECRET): Uint8Array => new TextEncoder().encode(secret)

type SigningKey = Parameters<SignJWT['sign']>[0]

/** A signed token. */
export const sign = (changes: Readonly<Record<string, unknown>> = {}, key: SigningKey = secretKey(), header: { readonly alg: string; readonly kid?: string } = { alg: 'HS256' }): Promise<string> =>
  new SignJWT(claims(changes)).setProtectedHeader({ ...header }).sign(key)

/** A token whose signature is `undefined` or made by hand. */
export const byHand = (header: object, payload: object, signature = ''): string =>
  `${[header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.${signature}`
