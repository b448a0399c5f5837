/** Who is at the other end: hello, credentials, their end, and what voids them. docs/PROTOCOL.md, section 2. */
import { type ServerLimits, VERSION } from '../protocol/uplink-v1.ts'
import type { HubInput } from './effects.ts'
import type { HubHost } from './host.ts'
import { isIdle, use } from './idleness.ts'
import { NEWER_AFTER_MS, isVoid } from './revoked.ts'
import { NOBODY, type Session } from './session.ts'
import type { User, Verdict } from './user.ts'

/** What identification is made of. */
export interface IdentificationOptions {
  readonly limits: ServerLimits
  /** The epoch of the results, for the greeting. */
  resultsEpoch(): string
  /** How long credentials that have ended are still good, ms; and how long before their end that is said. */
  readonly expiry: { readonly graceMs: number; readonly warnMs: number }
  /** How long it may take to find out who a client is, ms. */
  readonly verifyTimeoutMs: number
  sessionName(session: number): string
  /** A session is known and may speak. */
  greeted(session: Session): void
  /** Newer credentials allow something else. */
  rolesChanged(session: Session): void
}

/** Finds out who sessions are. */
export interface Identification {
  hello(session: Session, frame: Readonly<Record<string, unknown>>): void
  /** Asks who these credentials belong to. */
  verify(session: Session, credentials: unknown): void
  judged(input: HubInput & { readonly type: 'verdict' }): void
  revoked(input: HubInput & { readonly type: 'revoked' }): void
  /** A moment has come that a session waits for. */
  tick(session: Session): void
  /** A session has gone. */
  forget(session: Session): void
}

const CLIENT_ID_MOST = 128
/** Somebody looks at deadlines every second; who comes so much later was held up. */
const LATE_MS = 3_000
/** Smaller frames would hold no message, and cost everybody. */
const FRAME_LEAST = 256

/** Makes the identification of a hub. */
export function createIdentification(host: HubHost, options: IdentificationOptions): Identification {
  const { sessions, close, say } = host
  const { limits, expiry, sessionName } = options
  /** Who asked each question; answers to those who have gone are ignored. */
  const verifying = new Map<number, { readonly session: number; readonly isShown: boolean }>()
  /** The open session of each page of each user. */
  const pages = new Map<string, Session>()

  const pageOf = ({ clientId, user }: Session): string => JSON.stringify([user.identity, clientId])

  function lasts(session: Session, expiresInMs: number | undefined): void {
    session.deadline = expiresInMs === undefined ? Infinity : host.now() + expiresInMs + expiry.graceMs
    session.warnAt = expiresInMs === undefined ? Infinity : host.now() + Math.max(0, expiresInMs - expiry.warnMs)
  }

  function greet(session: Session, verdict: NonNullable<Verdict>): void {
    session.phase = 'open'
    session.user = userOf(verdict)
    if (!session.plain) {
      const page = pageOf(session)
      const remainder = pages.get(page)
      if (remainder !== undefined) close(remainder, 4409, 'replaced by a newer connection')
      pages.set(page, session)
    }
    lasts(session, verdict.expiresInMs)
    use(session, host.now())
    say(session.number, {
      type: 'connection', version: VERSION, session: sessionName(session.number), identity: verdict.identity ?? undefined, serverTime: host.time(),
      expiresIn: verdict.expiresInMs, resultsEpoch: options.resultsEpoch(), limits,
    })
    options.greeted(session)
  }

  function renew(session: Session, verdict: NonNullable<Verdict>): void {
    // Who came without a name may get one later; nobody gets another's.
    if (session.user.identity !== null && verdict.identity !== session.user.identity) return close(session, 4401, 'credentials of somebody else')
    if (session.user.identity === null && verdict.identity !== null && !session.plain) return close(session, 4401, 'credentials of somebody else')
    const before = session.user.roles.join()
    session.user = { ...userOf(verdict), ...(session.ruled === null ? {} : { roles: session.ruled }) }
    if (session.user.roles.join() !== before) options.rolesChanged(session)
    lasts(session, verdict.expiresInMs)
    say(session.number, { type: 'authentication_confirmed', expiresIn: verdict.expiresInMs })
    options.greeted(session)
  }

  /** Ends a session whose credentials are void. Tokens count whole seconds: what is made in this one could not be told from it. */
  function endVoid(session: Session, newerAfterMs: number): void {
    say(session.number, { type: 'goodbye', reason: 'revoked', retryAfter: newerAfterMs })
    close(session, 4401, 'credentials revoked')
  }

  function verify(session: Session, credentials: unknown): void {
    verifying.delete(session.question)
    session.question = host.ask()
    if (session.phase === 'greeting') {
      session.phase = 'verifying'
      session.deadline = host.now() + options.verifyTimeoutMs
    }
    verifying.set(session.question, { session: session.number, isShown: credentials !== undefined })
    host.emit({ type: 'authenticate', question: session.question, session: session.number, credentials })
  }

  return {
    verify,
    hello(session, { type, versions, clientId, credentials, maxFrame }) {
      if (type !== 'hello') return close(session, 4400, 'the first frame must be hello')
      if (!Array.isArray(versions) || !versions.includes(VERSION)) return close(session, 4400, `the versions spoken here are ${VERSION}`)
      if (typeof clientId !== 'string' || clientId === '' || clientId.length > CLIENT_ID_MOST) return close(session, 4400, `clientId is 1 to ${CLIENT_ID_MOST} characters`)
      session.clientId = clientId
      if (typeof maxFrame === 'number' && maxFrame < FRAME_LEAST) return close(session, 4400, `maxFrame is ${FRAME_LEAST} or more`)
      session.maxFrame = typeof maxFrame === 'number' ? maxFrame : Infinity
      return verify(session, credentials)
    },
    judged({ question, verdict, newerAfterMs }) {
      const asked = verifying.get(question)
      const session = asked === undefined ? undefined : sessions.get(asked.session)
      verifying.delete(question)
      if (asked === undefined || session === undefined || session.question !== question) return
      if (verdict !== null) return session.phase === 'verifying' ? greet(session, verdict) : renew(session, verdict)
      // A plain client may still say who it is, in its first frame.
      if (!session.plain || asked.isShown) return newerAfterMs === undefined ? close(session, 4401, 'credentials refused') : endVoid(session, newerAfterMs)
      session.phase = 'greeting'
      return options.greeted(session)
    },
    revoked(revocation) {
      for (const session of [...sessions.values()]) if (session.phase === 'open' && isVoid(session.user, revocation)) endVoid(session, NEWER_AFTER_MS)
    },
    tick(session) {
      const now = host.now()
      if (now >= session.deadline) {
        if (session.phase === 'open') return close(session, 4401, 'credentials have expired')
        // A server that stood still has not read yet what came in time.
        if (now - session.deadline > LATE_MS) {
          session.deadline = now + options.verifyTimeoutMs
          return
        }
        // The server's fault, not the client's: it shall come back.
        if (session.phase === 'verifying') return close(session, 1013, 'credentials could not be checked in time')
        return session.plain ? close(session, 4401, 'no credentials in time') : close(session, 4400, 'no hello in time')
      }
      if (isIdle(session, now)) {
        say(session.number, { type: 'goodbye', reason: 'idle' })
        return close(session, 4410, 'idle for too long')
      }
      if (now < session.warnAt) return
      session.warnAt = Infinity
      say(session.number, { type: 'notice', code: 'credentials_expiring', message: 'the credentials end soon; send newer ones', expiresIn: Math.max(0, session.deadline - expiry.graceMs - now) })
    },
    forget(session) {
      verifying.delete(session.question)
      const page = pageOf(session)
      if (pages.get(page) === session) pages.delete(page)
    },
  }
}

function userOf({ identity, roles = NOBODY.roles, sessionId, issuedAt }: NonNullable<Verdict>): User {
  return { identity, roles, ...(sessionId === undefined ? {} : { sessionId }), ...(issuedAt === undefined ? {} : { issuedAt }) }
}
