/** Messages of clients: each is handled once, and answered as often as it came. docs/PROTOCOL.md, section 7. */
import type { Message } from '../protocol/message.ts'
import { RESERVED_TYPES, STATUS_IDS_MOST } from '../protocol/uplink-v1.ts'
import { spend } from './allowances.ts'
import type { HubInput } from './effects.ts'
import { answerFrame, tellable } from './frames.ts'
import type { HubHost } from './host.ts'
import { use } from './idleness.ts'
import { refusalAnswer } from './reject.ts'
import type { Answer, Results } from './results.ts'
import type { Session } from './session.ts'

/** What becomes of messages. */
export interface Messages {
  /** Says what was wrong with a frame, as often as requests are allowed: who sends nothing else is shut out. */
  complain(session: Session, message: string, code?: string): void
  /** A message has come. */
  arrive(session: Session, value: unknown): void
  /** A client asks what became of messages. */
  status(session: Session, ids: unknown): void
  handled(input: HubInput & { readonly type: 'handled' }): void
  recalled(input: HubInput & { readonly type: 'recalled' }): void
  finished(input: HubInput & { readonly type: 'finished' }): void
}

/** Messages without an id that were refused are told of this often. */
const TOLD_EVERY_MS = 1_000
const ID_MOST = 128

const isId = (id: unknown): boolean => typeof id === 'string' && id !== '' && id.length <= ID_MOST

/**
 * Whose results these are. An id is unique for ever in `uplink.v1`; a plain client promises nothing of the kind,
 * so one without a name shares its ids with nobody.
 */
const ownerOf = ({ plain, user, number }: Session): string => user.identity ?? (plain ? `\u0000plain ${number}` : '')

/** What messages are made of. */
export interface MessagesOptions {
  readonly results: Results
  /** Whether others are asked about what this hub has not seen. */
  readonly recalls: boolean
  resultsEpoch(): string
  /** A client asks for a page of history, which is a message to the server itself. */
  askHistory(session: Session, id: string, message: Message): void
}

/** Makes the messages of a hub. */
export function createMessages(host: HubHost, { results, recalls, resultsEpoch, askHistory }: MessagesOptions): Messages {
  const { sessions, emit, send, say, report } = host
  const handling = new Map<number, { readonly owner: string; readonly id: string | undefined; readonly session: Session }>()
  const asking = new Map<number, { readonly session: Session; readonly owner: string; readonly unseen: readonly string[]; readonly running: readonly string[] }>()

  /** Whether a message is within the allowances; who goes on and on is shut out. */
  function isAllowed(session: Session, id: string | undefined, isReplay: boolean): boolean {
    const { allowances, number } = session
    const verdict = spend(allowances, isReplay ? 'replays' : 'messages', host.now())
    if (verdict === 'ok' || allowances === null) return true
    if (verdict === 'abuse') {
      shutOut(host, session)
      return false
    }
    const { max, windowMs } = allowances.limits.messages
    const message = `${max} messages in ${windowMs} ms are allowed`
    if (id !== undefined) send(number, answerFrame(id, { ok: false, code: 'rate_limited', message, retryable: true, retryAfterMs: verdict }))
    else if (host.now() - allowances.toldAt >= TOLD_EVERY_MS) {
      allowances.toldAt = host.now()
      report(session, 'rate_limited', message, { retryable: true, retryAfter: verdict })
    }
    return false
  }

  /** Answers everybody who waits, as often as the message came. */
  function settle(owner: string, id: string, said: Answer, isOutcome?: boolean): void {
    // Before it is remembered: an answer that cannot be told would be none, time and again.
    const answer = tellable(said)
    for (const number of results.finish(owner, id, answer, host.now(), isOutcome)) {
      const session = sessions.get(number)
      if (session === undefined) continue
      use(session, host.now(), -1)
      if (ownerOf(session) === owner) send(number, answerFrame(id, answer, session.maxFrame))
    }
  }

  function tellStatus(session: Session, unseen: readonly string[], running: readonly string[]): void {
    say(session.number, { type: 'status', resultsEpoch: resultsEpoch(), unseen, running })
  }

  function complain(session: Session, message: string, code = 'bad_frame'): void {
    const verdict = spend(session.allowances, 'commands', host.now())
    if (verdict === 'ok') report(session, code, message)
    else if (verdict === 'abuse') shutOut(host, session)
  }

  /** What only a server says, or what is no message, nobody publishes and nobody handles: others would take it for the server's word. */
  function refuseReserved(session: Session, type: string, id: string | undefined): void {
    const message = `"${type}" belongs to the protocol: send another type`
    // The id in an answer is that of another message, which is not to be refused by this.
    if (id === undefined || type === 'ack' || type === 'nack') return complain(session, message)
    // It is no outcome, and not remembered.
    if (isAllowed(session, id, false)) send(session.number, answerFrame(id, refusalAnswer('invalid', message)))
  }

  return {
    complain,
    arrive(session, value) {
      const message = value as Message & { readonly payload?: unknown }
      if (typeof message !== 'object' || message === null || typeof message.type !== 'string') return complain(session, 'a message without a type')
      use(session, host.now())
      const { id, type } = message
      const isHistory = type === 'history'
      if (id === undefined ? isHistory : !isId(id)) return complain(session, `an id is 1 to ${ID_MOST} characters`)
      if (!isHistory && RESERVED_TYPES.has(type)) return refuseReserved(session, type, id)
      const read = message.data === undefined && message.payload !== undefined ? { ...message, data: message.payload } : message
      if (isHistory) return askHistory(session, id as string, read)
      const { number, user } = session
      const owner = ownerOf(session)
      if (!isAllowed(session, id, id !== undefined && results.knows(owner, id))) return
      if (id !== undefined) {
        const standing = results.arrive(owner, id, number, host.now())
        if (standing === 'running') return use(session, host.now(), 1)
        if (standing === 'full') return send(number, answerFrame(id, { ok: false, code: 'busy', message: 'too many results are remembered', retryable: true, retryAfterMs: 1_000 }))
        if (standing !== 'new') return send(number, answerFrame(id, standing, session.maxFrame))
      }
      const question = host.ask()
      handling.set(question, { owner, id, session })
      use(session, host.now(), 1)
      emit({ type: 'handle', question, session: number, identity: user.identity, message: read })
    },
    handled({ question, answer, isOutcome }) {
      const known = handling.get(question)
      handling.delete(question)
      if (known === undefined) return
      if (known.id === undefined) use(known.session, host.now(), -1)
      else settle(known.owner, known.id, answer, isOutcome)
    },
    status(session, ids) {
      if (!Array.isArray(ids) || ids.length > STATUS_IDS_MOST || !ids.every((id) => typeof id === 'string')) {
        return report(session, 'bad_frame', `ids are at most ${STATUS_IDS_MOST} strings`)
      }
      const owner = ownerOf(session)
      const unseen: string[] = []
      const running: string[] = []
      for (const id of ids as string[]) {
        const known = results.look(owner, id, session.number)
        if (known === 'unseen') unseen.push(id)
        else if (known === 'running') {
          running.push(id)
          use(session, host.now(), 1)
        }
        else send(session.number, answerFrame(id, known, session.maxFrame))
      }
      if (!recalls || unseen.length === 0) return tellStatus(session, unseen, running)
      const question = host.ask()
      asking.set(question, { session, owner, unseen, running })
      return emit({ type: 'recall', question, identity: owner, ids: unseen })
    },
    recalled({ question, standings }) {
      const asked = asking.get(question)
      asking.delete(question)
      if (asked === undefined || standings === null || !sessions.has(asked.session.number)) return
      const { session, owner } = asked
      const running = [...asked.running]
      const unseen: string[] = []
      asked.unseen.forEach((id, index) => {
        const standing = standings[index] ?? 'unseen'
        if (standing === 'unseen') return void unseen.push(id)
        if (standing !== 'running') return send(session.number, answerFrame(id, standing, session.maxFrame))
        if (results.wait(owner, id, session.number)) use(session, host.now(), 1)
        return void running.push(id)
      })
      tellStatus(session, unseen, running)
    },
    finished: ({ identity, id, answer }) => settle(identity, id, answer),
  }
}

/** Sends away who would not keep to the limits, and says for how long. */
export function shutOut(host: HubHost, session: Session): void {
  const forMs = session.allowances?.limits.banMs ?? 0
  host.say(session.number, { type: 'goodbye', reason: 'rate_limited', retryAfter: forMs })
  host.emit({ type: 'ban', session: session.number, identity: session.user.identity, forMs })
  host.close(session, 4429, `kept out for ${forMs} ms`)
}
