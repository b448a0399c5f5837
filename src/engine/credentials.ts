/**
 * Who the user is, as the server wants to hear it: asked of the application, kept while good, renewed early
 * and in place. What a refusal leads to is the machine's decision.
 */
import { UplinkError, messageOf } from '../core/errors.ts'
import type { Platform } from './platform.ts'
import { redact } from './url.ts'

/** What a provider gives: a token, or a token and when it ends (epoch ms). */
export type Credentials = string | { readonly token: unknown; readonly expiresAt?: number }

/** What a provider is told. */
export interface CredentialsRequest {
  /** `connect`: there is none, or it has expired. `refresh`: it ends soon. `rejected`: the server refused the last one. */
  readonly reason: 'connect' | 'refresh' | 'rejected'
  /** Failed connection attempts in a row. */
  readonly attempt: number
  /** Aborted when the answer is no longer wanted. */
  readonly signal: AbortSignal
}

/**
 * Gives credentials. `null` is the explicit no: nobody is signed in, and the connection ends in `error` with
 * the remedy "sign in". One that throws, rejects, or takes longer than `connectTimeout` is a failed attempt.
 *
 * @example
 * credentials: async ({ signal }) => {
 *   const response = await fetch('/api/token', { signal })
 *   return response.status === 401 ? null : response.text()
 * }
 */
export type CredentialsProvider = (request: CredentialsRequest) => Credentials | null | Promise<Credentials | null>

/** What the keeper of credentials tells. */
export interface CredentialsHost {
  readonly platform: Platform
  /** Longest wait for a refresh, ms. */
  readonly timeoutMs: number
  isOpen(): boolean
  attempt(): number
  /** Newer credentials are there while the connection is open. */
  renewed(token: unknown): void
  /** The provider said no. */
  denied(error: UplinkError): void
  report(error: UplinkError): void
  rearm(): void
}

/** Keeps the credentials of one connection. */
export interface CredentialsKeeper {
  /** Whether the provider has to be asked before the next dial. */
  isNeeded(): boolean
  /** Asks it. @throws (or rejects with) UplinkError. */
  ask(signal: AbortSignal): void | Promise<void>
  /** What to show the server; `undefined` before there is any. */
  token(): unknown
  /** The server refused them. */
  reject(): void
  /** The server said how long they last. */
  lasts(ms: number | null): void
  clear(): void
  deadline(): number
  tick(): void
}

/** No refresh is begun more often than this, however short credentials last. */
const REFRESH_LEAST_MS = 5_000

/** Credentials that end before they begin are renewed less and less often, up to this. */
const REFRESH_MOST_MS = 300_000

/** Share of their life after which credentials are renewed; a little less for some, so that a fleet does not come at once. */
const REFRESH_SHARE = 0.8

/** Makes a keeper. Protocols with credentials bring it along, so that connections without do not carry it. */
export type CreateCredentials = (provider: CredentialsProvider, host: CredentialsHost) => CredentialsKeeper

/** Keeps credentials by the rules above. */
export const createCredentials: CreateCredentials = (provider, host) => {
  const { platform } = host
  let token: unknown
  let endsAt = Infinity
  let refreshAt = Infinity
  let isRejected = false
  let refreshing: AbortController | undefined
  let giveUpAt = Infinity
  /** How often in a row they had ended when they came. */
  let stillborn = 0
  let toldOfPast = false

  function last(ms: number): void {
    stillborn = ms > 0 ? 0 : stillborn + 1
    endsAt = platform.now() + ms
    const least = Math.min(REFRESH_MOST_MS, REFRESH_LEAST_MS * 2 ** stillborn)
    refreshAt = platform.now() + Math.max(least, ms * (REFRESH_SHARE - platform.random() / 10))
    host.rearm()
  }

  /** Once, because it is a mistake in code: usually the `exp` of a JWT, which counts seconds. */
  function tellOfPast(): void {
    if (toldOfPast) return
    toldOfPast = true
    host.report(new UplinkError('UPLINK_CREDENTIALS_FAILED', 'expiresAt lies in the past; it is epoch milliseconds', { severity: 'warning' }))
  }

  function accept(credentials: Credentials | null): void {
    if (credentials === null) {
      token = undefined
      throw new UplinkError('UPLINK_SIGNED_OUT', 'the credentials provider said that nobody is signed in', { severity: 'fatal' })
    }
    const whole = typeof credentials === 'string' ? { token: credentials } : credentials
    if (typeof whole !== 'object' || whole.token === undefined || whole.token === '') {
      throw new UplinkError('UPLINK_CREDENTIALS_FAILED', 'the credentials provider gave neither a token nor null')
    }
    const { expiresAt = null } = whole
    if (expiresAt !== null && !(Number(expiresAt) >= 0)) throw new UplinkError('UPLINK_CREDENTIALS_FAILED', 'expiresAt has a wrong value; it is epoch milliseconds')
    token = whole.token
    isRejected = false
    endsAt = Infinity
    refreshAt = Infinity
    if (expiresAt === null) return
    if (expiresAt <= platform.time()) tellOfPast()
    last(expiresAt - platform.time())
  }

  const failed = (thrown: unknown): UplinkError => thrown instanceof UplinkError
    ? thrown
    : new UplinkError('UPLINK_CREDENTIALS_FAILED', `the credentials provider failed: ${redact(messageOf(thrown))}`, { cause: thrown })

  function ask(reason: CredentialsRequest['reason'], signal: AbortSignal): void | Promise<void> {
    const take = (credentials: Credentials | null): void => {
      // The answer to a question nobody asks any more must not replace a newer one.
      if (!signal.aborted) accept(credentials)
    }
    try {
      const answer = provider({ reason, attempt: host.attempt(), signal })
      if (answer === null || typeof answer !== 'object' || !('then' in answer)) return take(answer)
      return Promise.resolve(answer).then(take).catch((thrown: unknown) => { throw failed(thrown) })
    } catch (thrown) {
      throw failed(thrown)
    }
  }

  function stop(): void {
    refreshing?.abort()
    refreshing = undefined
    giveUpAt = Infinity
  }

  async function refresh(): Promise<void> {
    const controller = new AbortController()
    refreshing = controller
    refreshAt = Infinity
    giveUpAt = platform.now() + host.timeoutMs
    try {
      await ask('refresh', controller.signal)
      if (controller.signal.aborted) return
      stop()
      if (host.isOpen()) host.renewed(token)
    } catch (thrown) {
      if (!controller.signal.aborted) fail(failed(thrown))
    }
    host.rearm()
  }

  function fail(error: UplinkError): void {
    stop()
    if (error.severity === 'fatal') return host.denied(error)
    const left = endsAt - platform.now()
    refreshAt = platform.now() + Math.max(REFRESH_LEAST_MS, Number.isFinite(left) ? left / 4 : REFRESH_LEAST_MS)
    host.report(error)
  }

  return {
    isNeeded: () => token === undefined || isRejected || platform.now() >= endsAt,
    ask: (signal) => ask(isRejected ? 'rejected' : 'connect', signal),
    token: () => token,
    reject() {
      isRejected = true
      stop()
    },
    lasts(ms) {
      if (ms !== null) last(ms)
    },
    clear() {
      token = undefined
      isRejected = false
      endsAt = Infinity
      refreshAt = Infinity
      stop()
    },
    // Without a connection nothing is renewed: the next dial asks, if it has to.
    deadline: () => (host.isOpen() ? Math.min(giveUpAt, refreshing === undefined ? refreshAt : Infinity) : Infinity),
    tick() {
      const now = platform.now()
      if (!host.isOpen()) return stop()
      if (refreshing === undefined && now >= refreshAt) void refresh()
      else if (now >= giveUpAt) fail(new UplinkError('UPLINK_CREDENTIALS_FAILED', `the credentials provider took longer than ${host.timeoutMs} ms`))
    },
  }
}
