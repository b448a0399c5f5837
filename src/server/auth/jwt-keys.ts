/** Keys that JWTs are verified with: imported once, and each used with its own algorithm only. */
import { type KeyObject, createPublicKey } from 'node:crypto'
import { type CryptoKey, type JWTVerifyGetKey, createRemoteJWKSet, errors, importSPKI } from 'jose'
import { messageOf } from '../../core/errors.ts'
import { type JwtAlgorithm, type KeySource, invalidJwt } from './jwt-options.ts'

/** Names that Node gives the curves of algorithms. */
const CURVES: Readonly<Record<string, string>> = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' }

function fits({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, algorithm: JwtAlgorithm): boolean {
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') return asymmetricKeyType === 'ed25519'
  if (algorithm.startsWith('ES')) return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === CURVES[algorithm]
  // RFC 7518, section 3.3: 2048 bits or more.
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2_048
}

/** Looks at the key before it is needed, so that a wrong one stops the start and not the first user. */
function checkPem(pem: string, algorithms: readonly JwtAlgorithm[]): void {
  const allowed = 'PEM text that begins with -----BEGIN PUBLIC KEY-----'
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) throw invalidJwt('publicKey', allowed)
  let key: KeyObject
  try {
    key = createPublicKey(pem)
  } catch {
    throw invalidJwt('publicKey', allowed)
  }
  const wrong = algorithms.filter((each) => !fits(key, each))
  if (wrong.length > 0) throw invalidJwt('publicKey', `a key for ${wrong.join(', ')} (RSA keys have 2048 bits at least)`)
}

function importSecret(secret: Uint8Array<ArrayBuffer>, algorithm: JwtAlgorithm): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: `SHA-${algorithm.slice(2)}` }, false, ['verify'])
}

function importAll(algorithms: readonly JwtAlgorithm[], load: (algorithm: JwtAlgorithm) => Promise<CryptoKey>): JWTVerifyGetKey<CryptoKey> {
  const keys = new Map<string, Promise<CryptoKey>>(algorithms.map((each) => [each, load(each)]))
  // Whoever shows a token sees the failure; without anybody it must not end the process.
  for (const key of keys.values()) key.catch(() => {})
  return ({ alg }) => {
    const key = keys.get(String(alg))
    if (key === undefined) throw new errors.JOSEAlgNotAllowed('there is no key for this algorithm')
    return key
  }
}

/** What a token is to blame for; everything else that goes wrong with a key set is the fault of the issuer or the network. */
const FAULTS_OF_TOKENS: ReadonlySet<unknown> = new Set(['ERR_JWKS_NO_MATCHING_KEY', 'ERR_JWKS_MULTIPLE_MATCHING_KEYS', 'ERR_JOSE_NOT_SUPPORTED'])

function remote(url: URL, cooldownMs: number): JWTVerifyGetKey<CryptoKey> {
  const keySet = createRemoteJWKSet(url, { cooldownDuration: cooldownMs, timeoutDuration: 5_000 })
  return async (header, token) => {
    try {
      return await keySet(header, token)
    } catch (cause) {
      if (cause instanceof errors.JOSEError && FAULTS_OF_TOKENS.has(cause.code)) throw cause
      throw new Error(`the keys at ${url.origin}${url.pathname} could not be read: ${messageOf(cause)}`, { cause })
    }
  }
}

/**
 * Makes what finds the key of a token. It throws errors of jose where the token is to blame, others where the keys
 * could not be read.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` where a public key is no key, or not one for all algorithms.
 */
export function loadKeys(source: KeySource, algorithms: readonly JwtAlgorithm[]): JWTVerifyGetKey<CryptoKey> {
  if (source.type === 'jwks') return remote(source.url, source.cooldownMs)
  if (source.type === 'secret') return importAll(algorithms, (each) => importSecret(source.secret, each))
  checkPem(source.pem, algorithms)
  return importAll(algorithms, (each) => importSPKI(source.pem, each))
}
