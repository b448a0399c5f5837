/** `uplink/server/jwt`: signs users in by JSON Web Tokens (RFC 7519), verified by jose as RFC 8725 advises. */
import { createHash } from 'node:crypto'
import { type JWTPayload, type JWTVerifyOptions, errors, jwtVerify } from 'jose'
import type { Authenticator, Verdict } from '../user.ts'
import { loadKeys } from './jwt-keys.ts'
import { type JwtOptions, type ResolvedJwtOptions, resolveJwtOptions } from './jwt-options.ts'

/** A refusal of ours, as jose says its own. */
const refusal = (reason: string): Error => new errors.JWTInvalid(reason)

/** A claim of the token itself, and nothing that every object has. */
const claimOf = (payload: JWTPayload, name: string): unknown => (Object.hasOwn(payload, name) ? payload[name] : undefined)

/** Text, or a whole number as text; a number that was rounded might be the name of somebody else. */
function nameOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

function rolesOf(payload: JWTPayload, claims: readonly string[]): readonly string[] {
  const given = claims.map((claim) => claimOf(payload, claim)).find((value) => value !== undefined)
  return (Array.isArray(given) ? given as unknown[] : [given]).filter((each): each is string => typeof each === 'string' && each !== '')
}

/** Of one size whatever the token says, and bound to its issuer: a `jti` is unique for its issuer only. */
function usedId({ iss, jti }: JWTPayload): string {
  if (typeof jti !== 'string' || jti === '') throw refusal('a token that may be used once needs a "jti" claim')
  return createHash('sha256').update(JSON.stringify([iss ?? null, jti])).digest('base64url')
}

/** How long the token is accepted from now on, ms; `undefined` for ever. The same clock tolerance as in jose. */
function leftOf({ exp }: JWTPayload, { clockToleranceMs, now }: ResolvedJwtOptions): number | undefined {
  if (exp === undefined) return undefined
  const left = exp * 1_000 + clockToleranceMs - now()
  // jose counts whole seconds.
  if (left <= 0) throw refusal('"exp" claim timestamp check failed')
  return left
}

async function verdictOf(payload: JWTPayload, options: ResolvedJwtOptions): Promise<Verdict> {
  const { identityClaim, rolesClaims, sessionClaim, usedTokens } = options
  const identity = nameOf(claimOf(payload, identityClaim))
  if (identity === undefined) throw refusal(`the "${identityClaim}" claim must name the user`)
  const sessionId = nameOf(claimOf(payload, sessionClaim))
  const expiresInMs = leftOf(payload, options)
  // Last of all: a token that is refused for something else was not used.
  if (usedTokens !== null && (await usedTokens.use(usedId(payload), expiresInMs ?? Infinity)) !== true) throw refusal('the token was used before')
  return {
    identity,
    roles: rolesOf(payload, rolesClaims),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(payload.iat === undefined ? {} : { issuedAt: payload.iat * 1_000 }),
    ...(expiresInMs === undefined ? {} : { expiresInMs }),
  }
}

function verification({ algorithms, issuer, audience, clockToleranceMs, requireExpiry, usedTokens }: ResolvedJwtOptions): JWTVerifyOptions {
  return {
    algorithms: [...algorithms],
    clockTolerance: clockToleranceMs / 1_000,
    requiredClaims: [...(requireExpiry ? ['exp'] : []), ...(usedTokens === null ? [] : ['jti'])],
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  }
}

/**
 * Signs users in by JWTs: credentials are the token as text, with or without `Bearer `. A token that does not hold
 * is refused with `null`. Where keys or used tokens cannot be read the promise rejects, which refuses as well, and
 * is logged by the server.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`, naming the option and what is allowed, never the key.
 * @example
 * const authenticate = jwt({ secret: process.env.JWT_SECRET ?? '', issuer: 'https://id.example.com', audience: 'dashboard' })
 */
export function jwt(options: JwtOptions): Authenticator {
  const resolved = resolveJwtOptions(options)
  const keys = loadKeys(resolved.source, resolved.algorithms)
  const verifying = verification(resolved)

  function refuse(reason: string): null {
    try {
      resolved.onRefused(reason)
    } catch {
      // Whoever listens cannot change the answer.
    }
    return null
  }

  return async ({ credentials }): Promise<Verdict> => {
    if (typeof credentials !== 'string') return refuse('the credentials are not text')
    try {
      const { payload } = await jwtVerify(credentials.replace(/^Bearer +/i, ''), keys, { ...verifying, currentDate: new Date(resolved.now()) })
      return await verdictOf(payload, resolved)
    } catch (reason) {
      if (reason instanceof errors.JOSEError) return refuse(reason.message)
      throw reason
    }
  }
}
