/**
 * The hub: sessions, their subscriptions, and what becomes of their messages. Pure, like the client's core:
 * time, chance, history, permission and handlers are inputs and effects. docs/PROTOCOL.md is the specification.
 */
import { frameSize } from '../protocol/message.ts'
import type { ServerLimits } from '../protocol/uplink-v1.ts'
import { type RateLimits, createAllowances, spend } from './allowances.ts'
import type { HubEffect, HubInput } from './effects.ts'
import { createHistories } from './history.ts'
import type { HubHost } from './host.ts'
import { createIdentification } from './identification.ts'
import { createIdleness } from './idleness.ts'
import { createMessages, shutOut } from './messages.ts'
import type { Results } from './results.ts'
import { NONE, type Session, createSession } from './session.ts'
import { createSubscriptions } from './subscriptions.ts'

/** What a hub is made of. */
export interface HubOptions {
  readonly limits: ServerLimits
  readonly results: Results
  /** How long a client may take to say hello, ms. */
  readonly helloTimeoutMs: number
  /** Names a session in logs of both ends. */
  sessionName(session: number): string
  /** How much one connection may ask for. @default as much as it likes */
  readonly rates?: RateLimits
  /** How long credentials that have ended are still good, ms, and how long before their end that is said. @default 0, and not */
  readonly expiry?: { readonly graceMs: number; readonly warnMs: number }
  /** Whether others remember results too, and are asked by a `recall` about what this hub has not seen. @default false */
  readonly recalls?: boolean
  /** The epoch of what others remember. @default that of `results` */
  readonly resultsEpoch?: () => string
  /** How long a session may follow nothing and say nothing, ms. @default as long as it likes */
  readonly idleTimeoutMs?: number
}

/** A hub. */
export interface Hub {
  /** Takes an input and returns what it asks for, in order. `now` is monotonic ms, `time` epoch ms. */
  step(input: HubInput, now: number, time: number): readonly HubEffect[]
  /** When it next wants a `tick`. */
  deadline(): number
  /** Sessions that are open now. */
  readonly sessions: ReadonlyMap<number, Readonly<Session>>
  /** How many sessions follow each stream live. */
  followers(): ReadonlyMap<string, number>
}

type Fields = Readonly<Record<string, unknown>>

/** Frames of a plain client that wait until it is known who it is. */
const EARLY_MOST = 100
/** Messages of one batch. */
const BATCH_MOST = 10_000

const REQUESTS: ReadonlySet<unknown> = new Set(['authenticate', 'subscribe', 'unsubscribe', 'status'])

/** Makes a hub. */
export function createHub(options: HubOptions): Hub {
  const { limits, results, helloTimeoutMs, sessionName, rates, expiry = { graceMs: 0, warnMs: 0 }, recalls = false, resultsEpoch = () => results.epoch, idleTimeoutMs = Infinity } = options
  const sessions = new Map<number, Session>()
  let questions = 0
  let effects: HubEffect[] = []
  let now = 0
  let time = 0

  const host: HubHost = {
    sessions,
    now: () => now,
    time: () => time,
    ask: () => ++questions,
    emit: (effect) => void effects.push(effect),
    send: (session, text) => void effects.push({ type: 'send', to: [session], text }),
    say: (session, frame) => host.send(session, JSON.stringify(frame)),
    report: (session, code, message, more = {}) => host.say(session.number, { type: 'error', code, message, ...more }),
    close(session, code, reason) {
      effects.push({ type: 'close', session: session.number, code, reason })
      forget(session.number)
    },
  }
  const subscriptions = createSubscriptions(host, limits)
  const histories = createHistories(host)
  const messages = createMessages(host, { results, recalls, resultsEpoch, askHistory: histories.ask })
  const identification = createIdentification(host, { limits, resultsEpoch, expiry, verifyTimeoutMs: helloTimeoutMs, sessionName, greeted: readEarly, rolesChanged: subscriptions.judgeAgain })

  function forget(number: number): void {
    const session = sessions.get(number)
    if (session === undefined) return
    subscriptions.leaveAll(session)
    sessions.delete(number)
    identification.forget(session)
  }

  function open({ session, plain = false, credentials }: HubInput & { readonly type: 'opened' }): void {
    const opened = createSession(session, now + helloTimeoutMs, plain, rates === undefined ? null : createAllowances(rates), createIdleness(idleTimeoutMs))
    sessions.set(session, opened)
    if (plain) identification.verify(opened, credentials)
  }

  function receive(session: Session, text: string): void {
    if (frameSize(text) > limits.maxFrame) return host.close(session, 1009, `frames of up to ${limits.maxFrame} are taken`)
    const frame = read(text)
    if (session.plain && session.phase === 'verifying') return early(session, text)
    if (session.phase === 'greeting') return session.plain ? introduce(session, frame) : greeting(session, frame)
    if (session.phase === 'verifying') return host.close(session, 4400, 'nothing may be sent before the greeting')
    if (frame === null || REQUESTS.has(frame['type'])) {
      const verdict = spend(session.allowances, 'commands', now)
      if (verdict === 'abuse') return shutOut(host, session)
      if (verdict !== 'ok') return slowDown(session, frame, verdict)
    }
    return frame === null ? host.report(session, 'bad_frame', 'not a JSON object with a type') : dispatch(session, frame)
  }

  /** Says that a request came too soon; where it is about channels, for each of them, so that they are asked for again. */
  function slowDown(session: Session, frame: Fields | null, retryAfter: number): void {
    const channels = frame?.['type'] === 'subscribe' && Array.isArray(frame['channels']) ? (frame['channels'] as unknown[]) : [undefined]
    for (const one of channels) {
      const { channel, ref } = (typeof one === 'string' ? { channel: one } : one ?? {}) as { channel?: unknown; ref?: unknown }
      host.report(session, 'rate_limited', 'too many requests; send them later', {
        retryable: true, retryAfter, ...(typeof channel === 'string' ? { channel } : {}), ...(typeof ref === 'string' ? { ref } : {}),
      })
    }
  }

  function greeting(session: Session, frame: Fields | null): void {
    return frame === null ? host.close(session, 4400, 'the first frame must be hello') : identification.hello(session, frame)
  }

  /** A plain client that nobody knows may only say who it is. */
  function introduce(session: Session, frame: Fields | null): void {
    if (frame?.['type'] === 'authenticate') return identification.verify(session, frame['credentials'] ?? null)
    if (frame?.['type'] === 'ping' || frame?.['type'] === 'heartbeat') return dispatch(session, frame)
    return messages.complain(session, 'send {"type":"authenticate","credentials":…} first', 'not_authorized')
  }

  function early(session: Session, text: string): void {
    if (session.early.length >= EARLY_MOST) return host.close(session, 1008, 'too much before the greeting')
    session.early = [...session.early, text]
  }

  function readEarly(session: Session): void {
    const frames = session.early
    session.early = NONE
    for (const text of frames) if (sessions.has(session.number)) receive(session, text)
  }

  function dispatch(session: Session, frame: Fields): void {
    const { number } = session
    switch (frame['type']) {
      case 'ping': return host.say(number, { type: 'pong', timestamp: echoOf(frame['timestamp']) })
      case 'heartbeat': return host.say(number, { type: 'heartbeat_ack', timestamp: echoOf(frame['timestamp']) })
      case 'pong':
      case 'heartbeat_ack': return
      // A plain client's library may say hello or not; it is greeted already.
      case 'hello': return session.plain ? undefined : messages.complain(session, '"hello" is said once')
      case 'authenticate': return identification.verify(session, frame['credentials'] ?? null)
      case 'subscribe': return subscriptions.subscribe(session, frame['channels'])
      case 'unsubscribe': return subscriptions.unsubscribe(session, frame['channels'])
      case 'status': return messages.status(session, frame['ids'])
      case 'batch': {
        const list = frame['messages']
        if (!Array.isArray(list) || list.length > BATCH_MOST) return messages.complain(session, `a batch holds a list of up to ${BATCH_MOST} messages`)
        for (const one of list as unknown[]) {
          // A message may end the session; the rest of its batch is then nobody's.
          if (!sessions.has(number)) return
          messages.arrive(session, one)
        }
        return
      }
      default: return messages.arrive(session, frame)
    }
  }

  function run(input: HubInput): void {
    switch (input.type) {
      case 'opened': return open(input)
      case 'frame': {
        const session = sessions.get(input.session)
        return session === undefined ? undefined : receive(session, input.text)
      }
      case 'closed': return forget(input.session)
      case 'verdict': return identification.judged(input)
      case 'permission': return subscriptions.permitted(input.question, input.permission)
      case 'history': return subscriptions.read(input.question, input.history)
      case 'unread': return subscriptions.unread(input.question, input.message)
      case 'published': return subscriptions.published(input.stream, input.epoch, input.entries)
      case 'reset': return subscriptions.reset(input.stream, input.epoch)
      case 'missed': return subscriptions.missed(input.stream)
      case 'catch_up': return subscriptions.catchUp(input)
      case 'paged': return histories.paged(input)
      case 'handled': return messages.handled(input)
      case 'recalled': return messages.recalled(input)
      case 'finished': return messages.finished(input)
      case 'revoked': return identification.revoked(input)
      case 'roles':
        for (const session of sessions.values()) {
          if (session.user.identity !== input.userId) continue
          session.ruled = input.roles
          session.user = { ...session.user, roles: input.roles }
          subscriptions.judgeAgain(session)
        }
        return
      case 'notice': return sayToAll(() => ({ type: 'notice', code: input.code, message: input.message }))
      case 'goodbye': return sayToAll((session) => ({ type: 'goodbye', reason: input.reason, retryAfter: input.retryAfterMs(session) ?? undefined }))
      case 'tick':
        for (const session of [...sessions.values()]) if (now >= nextOf(session)) identification.tick(session)
        return
      default: return input satisfies never
    }
  }

  function sayToAll(frame: (session: number) => object): void {
    for (const { number, phase } of sessions.values()) if (phase === 'open') host.say(number, frame(number))
  }

  return {
    sessions,
    step(input, at, clock) {
      now = at
      time = clock
      try {
        run(input)
        return effects
      } finally {
        // Also where something threw: half a step is nobody's.
        effects = []
      }
    },
    deadline() {
      let first = Infinity
      for (const session of sessions.values()) first = Math.min(first, nextOf(session))
      return first
    },
    followers: subscriptions.followers,
  }
}

/** When something of a session is due. */
function nextOf({ deadline, warnAt, idleness }: Session): number {
  return Math.min(deadline, warnAt, idleness?.endsAt ?? Infinity)
}

/** What is sent back as it came: nothing that could be large or deep. */
function echoOf(timestamp: unknown): number | string | undefined {
  return typeof timestamp === 'number' || (typeof timestamp === 'string' && timestamp.length <= 64) ? timestamp : undefined
}

/** A frame, or null where it is no JSON object with a type. */
function read(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && typeof (value as Fields)['type'] === 'string' ? (value as Fields) : null
  } catch {
    return null
  }
}
