/**
 * The hub: sessions, their subscriptions, and what becomes of their messages. Pure, like the client's core:
 * time, chance, history, permission and handlers are inputs and effects. docs/PROTOCOL.md is the specification.
 */
import { type Message, frameSize } from '../protocol/message.ts'
import { RESERVED_TYPES, STATUS_IDS_MOST, type ServerLimits, VERSION } from '../protocol/uplink-v1.ts'
import type { HubEffect, HubInput, Permission, Verdict } from './effects.ts'
import type { Results } from './results.ts'
import { type Session, answerFrame, createSession } from './session.ts'
import type { History } from './stream.ts'
import { createSubscriptions } from './subscriptions.ts'

/** What a hub is made of. */
export interface HubOptions {
  readonly limits: ServerLimits
  readonly results: Results
  /** How long a client may take to say hello, ms. */
  readonly helloTimeoutMs: number
  /** Names a session in logs of both ends. */
  sessionName(session: number): string
}

/** A hub. */
export interface Hub {
  /** Takes an input and returns what it asks for, in order. `now` is monotonic ms, `time` epoch ms. */
  step(input: HubInput, now: number, time: number): readonly HubEffect[]
  /** When it next wants a `tick`. */
  deadline(): number
  /** Sessions that are open now. */
  readonly sessions: ReadonlyMap<number, Readonly<Session>>
}

type Fields = Readonly<Record<string, unknown>>

/** Makes a hub. */
export function createHub({ limits, results, helloTimeoutMs, sessionName }: HubOptions): Hub {
  const sessions = new Map<number, Session>()
  /** Who asked each question; answers to those who have gone are ignored. */
  const verifying = new Map<number, number>()
  const handling = new Map<number, { readonly session: number; readonly identity: string | null; readonly id: string | undefined }>()
  /** The open session of each page of each user. */
  const pages = new Map<string, Session>()
  let questions = 0
  let effects: HubEffect[] = []
  let now = 0
  let time = 0

  const ask = (): number => ++questions
  const pageOf = ({ clientId, identity }: Session): string => JSON.stringify([identity, clientId])
  const send = (session: number, text: string): void => void effects.push({ type: 'send', to: [session], text })
  const say = (session: number, frame: object): void => send(session, JSON.stringify(frame))
  const subscriptions = createSubscriptions({ sessions, limits, ask, say, send, emit: (effect) => effects.push(effect) })

  function close(session: Session, code: number, reason: string): void {
    effects.push({ type: 'close', session: session.number, code, reason })
    forget(session.number)
  }

  function forget(number: number): void {
    const session = sessions.get(number)
    if (session === undefined) return
    subscriptions.leaveAll(session)
    verifying.delete(session.question)
    sessions.delete(number)
    const page = pageOf(session)
    if (pages.get(page) === session) pages.delete(page)
  }

  function greet(session: Session, { identity, expiresInMs }: NonNullable<Verdict>): void {
    session.phase = 'open'
    session.identity = identity
    const page = pageOf(session)
    const remainder = pages.get(page)
    if (remainder !== undefined) close(remainder, 4409, 'replaced by a newer connection')
    pages.set(page, session)
    session.deadline = expiresInMs === undefined ? Infinity : now + expiresInMs
    say(session.number, {
      type: 'connection', version: VERSION, session: sessionName(session.number), identity: identity ?? undefined, serverTime: time,
      expiresIn: expiresInMs, resultsEpoch: results.epoch, limits,
    })
  }

  function judged(number: number, verdict: Verdict): void {
    const session = sessions.get(verifying.get(number) ?? -1)
    verifying.delete(number)
    if (session === undefined || session.question !== number) return
    if (verdict === null) return close(session, 4401, 'credentials refused')
    if (session.phase === 'verifying') return greet(session, verdict)
    if (verdict.identity !== session.identity) return close(session, 4401, 'credentials of somebody else')
    session.deadline = verdict.expiresInMs === undefined ? Infinity : now + verdict.expiresInMs
    say(session.number, { type: 'authentication_confirmed', expiresIn: verdict.expiresInMs })
  }

  function verify(session: Session, credentials: unknown): void {
    verifying.delete(session.question)
    session.question = ask()
    verifying.set(session.question, session.number)
    effects.push({ type: 'authenticate', question: session.question, session: session.number, credentials })
  }

  function hello(session: Session, { type, versions, clientId, credentials, maxFrame }: Fields): void {
    if (type !== 'hello') return close(session, 4400, 'the first frame must be hello')
    if (!Array.isArray(versions) || !versions.includes(VERSION)) return close(session, 4400, `the versions spoken here are ${VERSION}`)
    if (typeof clientId !== 'string' || clientId === '' || clientId.length > 128) return close(session, 4400, 'clientId is 1 to 128 characters')
    session.clientId = clientId
    session.maxFrame = typeof maxFrame === 'number' && maxFrame > 0 ? maxFrame : Infinity
    session.phase = 'verifying'
    verify(session, credentials)
  }

  const report = (session: Session, code: string, message: string): void => say(session.number, { type: 'error', code, message })

  function receive(session: Session, text: string): void {
    if (frameSize(text) > limits.maxFrame) return close(session, 1009, `frames of up to ${limits.maxFrame} are taken`)
    let frame: Fields
    try {
      const value: unknown = JSON.parse(text)
      if (typeof value !== 'object' || value === null || typeof (value as Fields)['type'] !== 'string') throw new Error('no object with a type')
      frame = value as Fields
    } catch {
      return session.phase === 'greeting' ? close(session, 4400, 'the first frame must be hello') : report(session, 'bad_frame', 'not a JSON object with a type')
    }
    if (session.phase === 'greeting') return hello(session, frame)
    if (session.phase === 'verifying') return close(session, 4400, 'nothing may be sent before the greeting')
    dispatch(session, frame)
  }

  function dispatch(session: Session, frame: Fields): void {
    const { number } = session
    switch (frame['type']) {
      case 'ping': return say(number, { type: 'pong', timestamp: frame['timestamp'] })
      case 'heartbeat': return say(number, { type: 'heartbeat_ack', timestamp: frame['timestamp'] })
      case 'pong':
      case 'heartbeat_ack': return
      case 'authenticate': return verify(session, frame['credentials'])
      case 'subscribe': return subscriptions.subscribe(session, frame['channels'])
      case 'unsubscribe': return subscriptions.unsubscribe(session, frame['channels'])
      case 'status': return status(session, frame['ids'])
      case 'batch': {
        const messages = frame['messages']
        if (!Array.isArray(messages)) return report(session, 'bad_frame', 'a batch without messages')
        for (const one of messages as unknown[]) {
          // A message may end the session; the rest of its batch is then nobody's.
          if (!sessions.has(number)) return
          arrive(session, one)
        }
        return
      }
      default: return arrive(session, frame)
    }
  }

  function arrive(session: Session, value: unknown): void {
    const message = value as Message & { readonly payload?: unknown }
    if (typeof message !== 'object' || message === null || typeof message.type !== 'string') return report(session, 'bad_frame', 'a message without a type')
    if (RESERVED_TYPES.has(message.type)) return report(session, 'bad_frame', `"${message.type}" is no message`)
    const { id } = message
    if (id !== undefined && (typeof id !== 'string' || id === '' || id.length > 128)) return report(session, 'bad_frame', 'an id is 1 to 128 characters')
    const { number, identity } = session
    if (id !== undefined) {
      const standing = results.arrive(identity ?? '', id, number, now)
      if (standing === 'running') return
      if (standing === 'full') return send(number, answerFrame(id, { ok: false, code: 'busy', message: 'too many results are remembered', retryable: true, retryAfterMs: 1_000 }))
      if (standing !== 'new') return send(number, answerFrame(id, standing))
    }
    const question = ask()
    handling.set(question, { session: number, identity, id })
    const read = message.data === undefined && message.payload !== undefined ? { ...message, data: message.payload } : message
    effects.push({ type: 'handle', question, session: number, identity, message: read })
  }

  function handled({ question, answer }: HubInput & { type: 'handled' }): void {
    const known = handling.get(question)
    handling.delete(question)
    if (known === undefined || known.id === undefined) return
    for (const session of results.finish(known.identity ?? '', known.id, answer, now)) {
      if (sessions.get(session)?.identity === known.identity) send(session, answerFrame(known.id, answer))
    }
  }

  function status(session: Session, ids: unknown): void {
    if (!Array.isArray(ids) || ids.length > STATUS_IDS_MOST || !ids.every((id) => typeof id === 'string')) {
      return report(session, 'bad_frame', `ids are at most ${STATUS_IDS_MOST} strings`)
    }
    const unseen: string[] = []
    const running: string[] = []
    for (const id of ids as string[]) {
      const known = results.look(session.identity ?? '', id, session.number)
      if (known === 'unseen') unseen.push(id)
      else if (known === 'running') running.push(id)
      else send(session.number, answerFrame(id, known))
    }
    say(session.number, { type: 'status', resultsEpoch: results.epoch, unseen, running })
  }

  function tick(): void {
    for (const session of [...sessions.values()]) {
      if (now < session.deadline) continue
      if (session.phase === 'open') close(session, 4401, 'credentials have expired')
      else close(session, 4400, 'no hello in time')
    }
  }

  function run(input: HubInput): void {
    switch (input.type) {
      case 'opened': return void sessions.set(input.session, createSession(input.session, now + helloTimeoutMs))
      case 'frame': {
        const session = sessions.get(input.session)
        return session === undefined ? undefined : receive(session, input.text)
      }
      case 'closed': return forget(input.session)
      case 'verdict': return judged(input.question, input.verdict)
      case 'permission': return subscriptions.permitted(input.question, input.permission satisfies Permission)
      case 'history': return subscriptions.read(input.question, input.history satisfies History)
      case 'published': return subscriptions.published(input.stream, input.epoch, input.entry)
      case 'reset': return subscriptions.reset(input.stream, input.epoch)
      case 'handled': return handled(input)
      case 'goodbye':
        for (const { number, phase } of sessions.values()) {
          if (phase === 'open') say(number, { type: 'goodbye', reason: input.reason, retryAfter: input.retryAfterMs(number) ?? undefined })
        }
        return
      case 'tick': return tick()
      default: return input satisfies never
    }
  }

  return {
    sessions,
    step(input, at, clock) {
      now = at
      time = clock
      run(input)
      const asked = effects
      effects = []
      return asked
    },
    deadline: () => [...sessions.values()].reduce((first, { deadline }) => Math.min(first, deadline), Infinity),
  }
}
