/** Signs machines in by API keys of the form `<id>.<secret>`. Only SHA-256 hashes of the secrets are held. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { UplinkError } from '../../core/errors.ts'
import type { Authenticator, Verdict } from '../user.ts'

/** What is held of a key. */
export interface ApiKey {
  /** The part before the dot: letters, digits, `_` and `-`, 64 at most. It is no secret. */
  readonly id: string
  /** SHA-256 of the part behind the dot, 64 hex digits: see {@link hashApiKey}. */
  readonly hash: string
  /** Whom the key stands for. */
  readonly identity: string
  /** @default [] */
  readonly roles?: readonly string[]
}

/** Where keys come from: a list, or a function that finds one by its id. */
export type ApiKeysOptions =
  | { readonly keys: readonly ApiKey[]; readonly lookup?: undefined }
  | { readonly lookup: (id: string) => ApiKey | null | undefined | Promise<ApiKey | null | undefined>; readonly keys?: undefined }

/** A key that was just made. */
export interface NewApiKey {
  readonly id: string
  /** The whole key, for its owner. It cannot be had again. */
  readonly key: string
  /** What you keep. */
  readonly hash: string
}

const ID = /^[A-Za-z0-9_-]{1,64}$/
const HASH = /^[0-9a-f]{64}$/i
/** Secrets must be random and long: a hash that is quick to compute protects no passwords. */
const SECRET = /^[A-Za-z0-9_-]{32,128}$/
/** Compared with where there is no key, so that it takes as long. No secret is known to have this hash. */
const NO_HASH = '0'.repeat(64)

const bad = (text: string): UplinkError => new UplinkError('UPLINK_OPTION_INVALID', text)

const sha256 = (secret: string): Uint8Array => createHash('sha256').update(secret).digest()

function split(key: unknown): { readonly id: string; readonly secret: string } | null {
  if (typeof key !== 'string') return null
  const dot = key.indexOf('.')
  const [id, secret] = [key.slice(0, dot), key.slice(dot + 1)]
  return dot > 0 && ID.test(id) && SECRET.test(secret) ? { id, secret } : null
}

function checked(key: ApiKey): ApiKey {
  if (!ID.test(key.id)) throw bad('apiKeys: an id is 1 to 64 letters, digits, _ and -')
  if (!HASH.test(key.hash)) throw bad(`apiKeys: the hash of ${key.id} must be 64 hex digits, as hashApiKey gives`)
  if (typeof key.identity !== 'string' || key.identity === '') throw bad(`apiKeys: the identity of ${key.id} must be text`)
  return key
}

type Lookup = (id: string) => ApiKey | null | Promise<ApiKey | null>

function readLookup({ keys, lookup }: ApiKeysOptions): Lookup {
  if (lookup !== undefined) {
    if (keys !== undefined || typeof lookup !== 'function') throw bad('apiKeys: give either keys or a lookup function')
    return async (id) => {
      const found = await lookup(id)
      return found === null || found === undefined ? null : checked(found)
    }
  }
  if (!Array.isArray(keys)) throw bad('apiKeys: give either keys or a lookup function')
  const byId = new Map(keys.map((key) => [checked(key).id, key]))
  if (byId.size < keys.length) throw bad('apiKeys: every key needs an id of its own')
  return (id) => byId.get(id) ?? null
}

/**
 * Signs in by API keys: credentials are the key as text, with or without `Bearer `. The id of the key is the user's
 * `sessionId`, so that one key can be revoked. A lookup that fails rejects: the server refuses, and logs it.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`, naming the id of the key that is wrong.
 * @example
 * const authenticate = apiKeys({ keys: [{ id: 'bot', hash: process.env.BOT_HASH ?? '', identity: 'bot', roles: ['admin'] }] })
 */
export function apiKeys(options: ApiKeysOptions): Authenticator {
  const lookup = readLookup(options)
  return async ({ credentials }): Promise<Verdict> => {
    const shown = split(typeof credentials === 'string' ? credentials.replace(/^Bearer +/i, '') : null)
    if (shown === null) return null
    const known = await lookup(shown.id)
    // Always compared, and before anything else is looked at: time must not tell which ids there are.
    const isSame = timingSafeEqual(sha256(shown.secret), Buffer.from(known?.hash ?? NO_HASH, 'hex'))
    if (!isSame || known === null || known.id !== shown.id) return null
    return { identity: known.identity, roles: [...(known.roles ?? [])], sessionId: known.id }
  }
}

/**
 * The hash of a key, to be kept instead of it: SHA-256 of its secret, in hex.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` where it is not `<id>.<secret>` with a secret of 32 to 128 letters, digits, `_` and `-`.
 * @example
 * hashApiKey('bot.gY3vT0…')
 */
export function hashApiKey(key: string): string {
  const shown = split(key)
  if (shown === null) throw bad('an API key is <id>.<secret>; the secret has 32 to 128 letters, digits, _ and -')
  return createHash('sha256').update(shown.secret).digest('hex')
}

/**
 * Makes a key: a random id, or yours, and a secret of 32 random bytes. Give `key` to its owner, keep `id` and `hash`.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` where the id has other characters than letters, digits, `_` and `-`, or more than 64.
 * @example
 * const { id, key, hash } = createApiKey()
 */
export function createApiKey(id: string = randomBytes(8).toString('hex')): NewApiKey {
  if (!ID.test(id)) throw bad('apiKeys: an id is 1 to 64 letters, digits, _ and -')
  const key = `${id}.${randomBytes(32).toString('base64url')}`
  return { id, key, hash: hashApiKey(key) }
}
