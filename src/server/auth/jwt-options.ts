/** What a JWT must be like: the options of `jwt`, checked once. No error says anything about a key. */
import { UplinkError } from '../../core/errors.ts'
import { type UsedTokens, memoryUsedTokens } from './used-tokens.ts'

/** Signature algorithms of RFC 7518, section 3.1, RFC 8037 and RFC 9864; `none` is not among them. */
export type JwtAlgorithm =
  | 'HS256' | 'HS384' | 'HS512' | 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519'

/** Options of `jwt`. Exactly one of `secret`, `publicKey` and `jwks` is given. */
export interface JwtOptions {
  /** The secret shared with the issuer: as long as the hash at least (RFC 7518, section 3.2), 32 bytes for HS256. Text counts in UTF-8. */
  readonly secret?: string | Uint8Array
  /** The issuer's public key, PEM with SPKI (`-----BEGIN PUBLIC KEY-----`). */
  readonly publicKey?: string
  /** Where the issuer publishes its keys: a fixed `https:` URL, or `http:` on this machine. It is never read from a token. */
  readonly jwks?: string
  /** Algorithms that are accepted, no others. Required with public keys. @default ['HS256'] with a secret */
  readonly algorithms?: readonly JwtAlgorithm[]
  /** Who must have issued the token (`iss`); `false` accepts everybody who has the key. */
  readonly issuer: string | readonly string[] | false
  /** Whom the token must be meant for (`aud`); `false` accepts tokens that were meant for somebody else. */
  readonly audience: string | readonly string[] | false
  /** How far the issuer's clock may be off, ms, 0 to 300,000. @default 5_000 */
  readonly clockToleranceMs?: number
  /** Claim that names the user, text or a whole number. A token without it is refused. @default 'sub' */
  readonly identityClaim?: string
  /** Claim with the roles, a list of texts or one text. @default 'roles', and 'role' where that is missing */
  readonly rolesClaim?: string
  /** Claim that names the sign-in, so that it can be revoked. @default 'sid' */
  readonly sessionClaim?: string
  /** Whether a token without `exp` is refused. @default true */
  readonly requireExpiry?: boolean
  /** Whether each token, told by its `jti`, is accepted once only. Every connection then needs a new one. @default false */
  readonly once?: boolean
  /** Where tokens that were used are remembered. @default memoryUsedTokens() */
  readonly usedTokens?: UsedTokens
  /** Least time between two fetches of `jwks` because of an unknown key, ms, 0 to 3,600,000. @default 30_000 */
  readonly jwksCooldownMs?: number
  /** Told why a token was refused; never told the token. @default nobody is told */
  readonly onRefused?: (reason: string) => void
  /** Epoch ms. @default Date.now */
  readonly now?: () => number
}

/** Where the key comes from. */
export type KeySource =
  | { readonly type: 'secret'; readonly secret: Uint8Array<ArrayBuffer> }
  | { readonly type: 'publicKey'; readonly pem: string }
  | { readonly type: 'jwks'; readonly url: URL; readonly cooldownMs: number }

/** Options with everything filled in. */
export interface ResolvedJwtOptions {
  readonly source: KeySource
  readonly algorithms: readonly JwtAlgorithm[]
  readonly issuer: string[] | undefined
  readonly audience: string[] | undefined
  readonly clockToleranceMs: number
  readonly identityClaim: string
  /** In order; the first that is there counts. */
  readonly rolesClaims: readonly string[]
  readonly sessionClaim: string
  readonly requireExpiry: boolean
  readonly usedTokens: UsedTokens | null
  readonly onRefused: (reason: string) => void
  readonly now: () => number
}

const ALGORITHMS: ReadonlySet<unknown> = new Set<JwtAlgorithm>([
  'HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519',
])

const LOCAL = /^(?:localhost|127\.0\.0\.1|\[::1\])$/

/** An error of `jwt`'s options. */
export function invalidJwt(name: string, allowed: string): UplinkError {
  return new UplinkError('UPLINK_OPTION_INVALID', `jwt: ${name} must be ${allowed}`)
}

function readAlgorithms({ algorithms, secret }: JwtOptions): readonly JwtAlgorithm[] {
  if (algorithms === undefined && secret !== undefined) return ['HS256']
  if (!Array.isArray(algorithms) || algorithms.length === 0 || !algorithms.every((each) => ALGORITHMS.has(each))) {
    throw invalidJwt('algorithms', `a list of ${[...ALGORITHMS].join(', ')}`)
  }
  const wanted = algorithms as readonly JwtAlgorithm[]
  // One key for both kinds is how a public key comes to be taken for a secret (RFC 8725, section 2.1).
  if (secret !== undefined && !wanted.every((each) => each.startsWith('HS'))) throw invalidJwt('algorithms', 'HS256, HS384 or HS512 with a secret')
  if (secret === undefined && wanted.some((each) => each.startsWith('HS'))) throw invalidJwt('algorithms', 'none of HS256, HS384 and HS512 with public keys')
  return [...wanted]
}

function readSecret(secret: string | Uint8Array, algorithms: readonly JwtAlgorithm[]): KeySource {
  // A copy: changing the bytes later must not change who is let in.
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret instanceof Uint8Array ? Uint8Array.from(secret) : new Uint8Array()
  const least = Math.max(...algorithms.map((each) => Number(each.slice(2)) / 8))
  if (bytes.length < least) throw invalidJwt('secret', `text or bytes, ${least} bytes at least for ${algorithms.join(', ')}`)
  return { type: 'secret', secret: bytes }
}

function readJwks(jwks: string, cooldownMs: number): KeySource {
  const allowed = 'a fixed https: URL without credentials, or http: on localhost'
  const url = URL.canParse(String(jwks)) ? new URL(String(jwks)) : null
  const isSafe = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && LOCAL.test(url.hostname)))
  if (!isSafe || url.username !== '' || url.password !== '') throw invalidJwt('jwks', allowed)
  return { type: 'jwks', url, cooldownMs }
}

function readSource(options: JwtOptions, algorithms: readonly JwtAlgorithm[]): KeySource {
  const { secret, publicKey, jwks } = options
  if (secret !== undefined) return readSecret(secret, algorithms)
  if (jwks !== undefined) return readJwks(jwks, readMs('jwksCooldownMs', options.jwksCooldownMs, 30_000, 3_600_000))
  if (typeof publicKey !== 'string') throw invalidJwt('publicKey', 'PEM text')
  return { type: 'publicKey', pem: publicKey }
}

function readMs(name: string, value: number | undefined, byDefault: number, most: number): number {
  const given: unknown = value ?? byDefault
  if (typeof given !== 'number' || !(given >= 0 && given <= most)) throw invalidJwt(name, `a number of ms from 0 to ${most}`)
  return given
}

function readNames(name: string, value: string | readonly string[] | false): string[] | undefined {
  if (value === false) return undefined
  const names: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (names.length === 0 || names.some((each) => typeof each !== 'string' || each === '')) {
    throw invalidJwt(name, 'text, a list of texts, or false where it does not matter')
  }
  return names as string[]
}

function readClaim(name: string, value: string): string {
  if (typeof value !== 'string' || value === '') throw invalidJwt(name, 'the name of a claim')
  return value
}

function readOnce({ once = false, usedTokens, requireExpiry = true, now }: JwtOptions): UsedTokens | null {
  if (typeof once !== 'boolean') throw invalidJwt('once', 'true or false')
  if (!once) {
    if (usedTokens !== undefined) throw invalidJwt('usedTokens', 'left out unless once is true')
    return null
  }
  if (!requireExpiry) throw invalidJwt('requireExpiry', 'true where once is, or tokens would have to be remembered for ever')
  return usedTokens ?? memoryUsedTokens(now === undefined ? {} : { now })
}

/**
 * Checks options and fills in defaults.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`, naming the option and what is allowed, never the key.
 */
export function resolveJwtOptions(options: JwtOptions): ResolvedJwtOptions {
  const { identityClaim = 'sub', rolesClaim, sessionClaim = 'sid', requireExpiry = true, onRefused = () => {}, now = Date.now } = options
  // First, so that a secret that is missing in the environment is not taken for a missing algorithm.
  if ([options.secret, options.publicKey, options.jwks].filter((each) => each !== undefined).length !== 1) {
    throw invalidJwt('the key', 'given once: exactly one of secret, publicKey and jwks')
  }
  const algorithms = readAlgorithms(options)
  if (typeof requireExpiry !== 'boolean') throw invalidJwt('requireExpiry', 'true or false')
  return {
    algorithms,
    source: readSource(options, algorithms),
    issuer: readNames('issuer', options.issuer),
    audience: readNames('audience', options.audience),
    clockToleranceMs: readMs('clockToleranceMs', options.clockToleranceMs, 5_000, 300_000),
    identityClaim: readClaim('identityClaim', identityClaim),
    rolesClaims: rolesClaim === undefined ? ['roles', 'role'] : [readClaim('rolesClaim', rolesClaim)],
    sessionClaim: readClaim('sessionClaim', sessionClaim),
    requireExpiry,
    usedTokens: readOnce(options),
    onRefused,
    now,
  }
}
