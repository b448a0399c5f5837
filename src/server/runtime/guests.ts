/** Who may come in, who has come, and who must stay out: admission, credentials, revocation, bans, and counts. */
import type { DoorRequest, Refusal } from '../doors/door.ts'
import { NEWER_AFTER_MS, type Revocation, isTooEarly } from '../revoked.ts'
import type { AuthenticationRequest, Authenticator, Verdict } from '../user.ts'
import { createBans } from './bans.ts'
import type { Clock } from './clock.ts'
import { type HandshakeLimits, createKnocks } from './knocks.ts'
import { networkOf } from './networks.ts'
import { createVoids } from './voids.ts'

/** Limits on who is there. */
export interface GuestLimits {
  /** Connections of one user, on this node. */
  readonly connectionsPerUser: number
  /** Connections from one address, on this node. A /64 of IPv6 counts as one address. */
  readonly connectionsPerAddress: number
  /** Handshakes in `windowMs`, on this node, and from one address. */
  readonly handshakes: HandshakeLimits
}

/**
 * Limits that hold for all nodes together, such as one of `rate-limiter-flexible`: `consume` resolves when a
 * handshake from an address (of IPv6 its /64) may go on, and rejects with `{msBeforeNext}` when it may not. Any other rejection lets it go on.
 */
export interface SharedLimiter {
  consume(key: string): Promise<unknown>
}

/** Why somebody was not let in, for metrics. */
export type TurnedAway = 'origin' | 'banned' | 'handshakes' | 'connections_per_address' | 'connections_per_user' | 'credentials' | 'revoked' | 'shared_limit'

/** What guests need. */
export interface GuestsHost {
  readonly clock: Clock
  readonly limits: GuestLimits
  readonly authenticate: Authenticator
  readonly sharedLimiter: SharedLimiter | null
  /** Whether a page of this origin may connect. */
  isAllowedOrigin(origin: string | undefined): boolean
  /** Whether an open connection of this user is of the same page. */
  isReturning(session: number, identity: string): boolean
  turnedAway(why: TurnedAway): void
  failed(what: string, error: unknown): void
}

/** What became of credentials: a verdict, for void ones with the time until newer ones are good; or the wait until the next try makes sense. */
export type Judgement = { readonly verdict: Verdict; readonly newerAfterMs?: number } | { readonly waitMs: number; readonly reason: string; readonly code: 1013 | 4429 }

/** Guests of a node. */
export interface Guests {
  admit(request: DoorRequest): Refusal | null
  /** A connection holds a place of its address, until what is returned is called. */
  arrived(address: string): () => void
  entered(session: number, about: Omit<AuthenticationRequest, 'credentials'>): void
  left(session: number): void
  /** Finds out who shows these credentials, and settles that at once: what is revoked afterwards finds it settled. Not where the client has gone. */
  judge(session: number, credentials: unknown, settle: (judgement: Judgement) => void): Promise<void>
  ban(session: number, identity: string | null, forMs: number): void
  /** Remembers what is void, so that it does not come back. */
  revoke(revocation: Revocation): void
}

const TRY_LATER_MS = 30_000
const UNAVAILABLE_MS = 2_000
const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isNumber = (value: unknown): boolean => value === undefined || (typeof value === 'number' && !Number.isNaN(value))

/** Whether an authenticator answered what it may. Whatever else it says lets nobody in. */
function isVerdict(value: unknown): value is Verdict {
  if (value === null) return true
  if (typeof value !== 'object') return false
  const { identity, roles = [], sessionId, issuedAt, expiresInMs } = value as Readonly<Record<string, unknown>>
  return (identity === null || isText(identity)) && Array.isArray(roles) && roles.every((role) => typeof role === 'string')
    && (sessionId === undefined || isText(sessionId)) && isNumber(issuedAt) && isNumber(expiresInMs)
}

interface Guest {
  readonly address: string
  readonly door: string
  headers: AuthenticationRequest['headers']
  identity: string | null
  isJudged: boolean
}

const NO_HEADERS = Object.freeze({})

/** Makes the guests of a node. */
export function createGuests(host: GuestsHost): Guests {
  const { clock, limits, turnedAway } = host
  const guests = new Map<number, Guest>()
  const byAddress = new Map<string, number>()
  const byUser = new Map<string, number>()
  const bans = createBans(clock)
  const knocks = createKnocks(clock, limits.handshakes)
  const voids = createVoids(clock)

  const add = (counts: Map<string, number>, key: string, by: number): void => {
    const count = (counts.get(key) ?? 0) + by
    if (count > 0) counts.set(key, count)
    else counts.delete(key)
  }

  function refuse(why: TurnedAway, refusal: Refusal): Refusal {
    turnedAway(why)
    return refusal
  }

  /** `undefined` where nobody could say. */
  async function ask(request: AuthenticationRequest): Promise<Verdict | undefined> {
    try {
      const verdict: unknown = await host.authenticate(request)
      if (isVerdict(verdict)) return verdict
      host.failed('authenticate', new Error('it answered neither null nor {identity, roles, …}: identity is a text that is not empty, or null, and roles are a list of texts'))
      return null
    } catch (error) {
      host.failed('authenticate', error)
      return undefined
    }
  }

  async function sharedWaitMs(address: string): Promise<number> {
    if (host.sharedLimiter === null) return 0
    try {
      await host.sharedLimiter.consume(networkOf(address))
      return 0
    } catch (refused) {
      const msBeforeNext = (refused as { readonly msBeforeNext?: unknown } | undefined)?.msBeforeNext
      if (typeof msBeforeNext === 'number') return Math.max(1, msBeforeNext)
      host.failed('ask the shared limiter', refused)
      return 0
    }
  }

  return {
    admit({ address, origin }) {
      if (!host.isAllowedOrigin(origin)) return refuse('origin', { status: 403, reason: 'this origin may not connect' })
      const network = networkOf(address)
      const banned = bans.left(`address ${network}`)
      if (banned > 0) return refuse('banned', { status: 429, reason: 'kept out for a while', retryAfterMs: banned })
      const { windowMs } = limits.handshakes
      const tooMany = knocks.knock(network)
      if (tooMany !== null) return refuse('handshakes', { status: tooMany === 'all' ? 503 : 429, reason: 'too many connections at once', retryAfterMs: windowMs })
      if ((byAddress.get(network) ?? 0) >= limits.connectionsPerAddress) {
        return refuse('connections_per_address', { status: 429, reason: 'too many connections from this address', retryAfterMs: TRY_LATER_MS })
      }
      knocks.pass()
      return null
    },
    arrived(address) {
      const network = networkOf(address)
      let isHere = true
      add(byAddress, network, 1)
      return () => {
        if (isHere) add(byAddress, network, -1)
        isHere = false
      }
    },
    entered: (session, { address, door, headers }) => void guests.set(session, { address, door, headers, identity: null, isJudged: false }),
    left(session) {
      const guest = guests.get(session)
      guests.delete(session)
      if (guest !== undefined && guest.identity !== null) add(byUser, guest.identity, -1)
    },
    async judge(session, credentials, settle) {
      const guest = guests.get(session)
      if (guest === undefined) return
      const { address, door, headers } = guest
      const waitMs = guest.isJudged ? 0 : await sharedWaitMs(address)
      if (!guests.has(session)) return
      guest.isJudged = true
      if (waitMs > 0) {
        turnedAway('shared_limit')
        return settle({ waitMs, reason: 'rate_limited', code: 4429 })
      }
      const verdict = await ask({ credentials, address, door, headers })
      if (guests.has(session)) settle(judged(session, guest, verdict))
    },
    ban(session, identity, forMs) {
      const address = guests.get(session)?.address
      const key = identity !== null ? `user ${identity}` : address === undefined ? null : `address ${networkOf(address)}`
      if (key !== null) bans.ban(key, forMs)
    },
    revoke: voids.add,
  }

  function judged(session: number, guest: Guest, verdict: Verdict | undefined): Judgement {
    // The server's fault, not the client's: it shall come back with what it has.
    if (verdict === undefined) return { waitMs: UNAVAILABLE_MS, reason: 'unavailable', code: 1013 }
    if (verdict === null) {
      turnedAway('credentials')
      return { verdict: null }
    }
    // Headers are shown once: nobody needs them for an hour, and they are much of what a connection costs.
    guest.headers = NO_HEADERS
    const revocation = voids.of(verdict)
    if (revocation !== undefined) {
      turnedAway('revoked')
      return { verdict: null, ...(isTooEarly(revocation, clock.time()) ? { newerAfterMs: NEWER_AFTER_MS } : {}) }
    }
    const { identity } = verdict
    if (identity === null || identity === guest.identity) return { verdict }
    const banned = bans.left(`user ${identity}`)
    if (banned > 0) {
      turnedAway('banned')
      return { waitMs: banned, reason: 'rate_limited', code: 4429 }
    }
    // A page that comes back takes the place of its own remainder.
    if ((byUser.get(identity) ?? 0) >= limits.connectionsPerUser && !host.isReturning(session, identity)) {
      turnedAway('connections_per_user')
      return { waitMs: TRY_LATER_MS, reason: 'too_many_connections', code: 4429 }
    }
    if (guest.identity !== null) add(byUser, guest.identity, -1)
    guest.identity = identity
    add(byUser, identity, 1)
    return { verdict }
  }
}
