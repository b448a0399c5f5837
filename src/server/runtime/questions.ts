/** Answers what the hub asks about channels: who may follow them, and what lies in their history. */
import type { Channels } from '../access/channels.ts'
import type { HubEffect, HubInput } from '../effects.ts'
import type { PageAnswer } from '../paging.ts'
import type { User } from '../user.ts'
import { type Counters, count } from './stats.ts'
import type { NodeStreams } from './streams.ts'

/** What answering needs. */
export interface QuestionsHost {
  readonly channels: Channels
  readonly streams: NodeStreams
  readonly counters: Counters
  userOf(session: number): User
  tell(input: HubInput): void
  failed(what: string, error: unknown): void
}

/** Answers questions; what cannot be answered is a no, and is logged. */
export interface Questions {
  authorize(effect: HubEffect & { readonly type: 'authorize' }): void
  read(effect: HubEffect & { readonly type: 'read' }): Promise<void>
  page(effect: HubEffect & { readonly type: 'page' }): Promise<void>
}

/** Who may read it was asked for somebody else, or for other roles. */
const CHANGED: PageAnswer = { code: 'busy', message: 'the rights of the user have changed meanwhile', retryable: true }

/** Makes what answers. */
export function createQuestions({ channels, streams, counters, userOf, tell, failed }: QuestionsHost): Questions {
  function authorize({ question, session, channel, params }: HubEffect & { readonly type: 'authorize' }): void {
    const decided = channels.permit(userOf(session), 'subscribe', channel, params)
    const answer = (decision: Awaited<typeof decided>): void => {
      if (!decision.allowed) {
        if (decision.cause !== undefined) failed(`judge channel ${channel}`, decision.cause)
        return tell({ type: 'permission', question, permission: { code: decision.code, message: decision.message } })
      }
      streams.place(decision.stream, { channel, definition: decision.definition, params: channels.find(channel)?.params ?? {} })
      tell({ type: 'permission', question, permission: { stream: decision.stream } })
      return streams.unplace(decision.stream)
    }
    if (decided instanceof Promise) void decided.then(answer).catch((error: unknown) => failed('authorize', error))
    else answer(decided)
  }

  async function read({ question, session, stream, channel, position, mode }: HubEffect & { readonly type: 'read' }): Promise<void> {
    try {
      // Mode `latest` brings a message of the past also where no position is given.
      const right = position === null && mode !== 'latest' ? null : await channels.permit(userOf(session), 'history', channel)
      const isAllowed = right === null || right.allowed
      const history = await (isAllowed ? streams.read(stream, position, mode) : streams.read(stream, null, 'stream'))
      if (position !== null) count(counters.recoveries, isAllowed ? (history.reason ?? 'recovered') : 'not_authorized')
      tell({ type: 'history', question, history: isAllowed || position === null ? history : { ...history, recovered: false, reason: 'not_authorized' } })
    } catch (error) {
      failed(`read stream ${stream}`, error)
      tell({ type: 'unread', question, message: 'the history cannot be read now' })
    }
  }

  /** Who may read a history may follow the channel as well: each right is asked for every page. */
  async function page({ session, id, request }: HubEffect & { readonly type: 'page' }): Promise<void> {
    const answer = (made: PageAnswer): void => tell({ type: 'paged', session, id, page: made })
    const { channel, params } = request
    try {
      const follows = await channels.permit(userOf(session), 'subscribe', channel, params)
      const decision = follows.allowed ? await channels.permit(userOf(session), 'history', channel, params) : follows
      if (decision.allowed) {
        const user = userOf(session)
        const made = await streams.page(decision.stream, decision.definition, request)
        return answer(userOf(session) === user ? made : CHANGED)
      }
      if (decision.cause !== undefined) failed(`judge channel ${channel}`, decision.cause)
      return answer({ code: decision.code, message: decision.message })
    } catch (error) {
      failed(`read the history of channel ${channel}`, error)
      return answer({ code: 'busy', message: 'the history cannot be read now', retryable: true })
    }
  }

  return { authorize, read, page }
}
