/** Runs what the test has to say: handlers of messages, and who credentials belong to. */
import type { HubEffect, HubInput } from '../../server/effects.ts'
import type { Answer } from '../../server/results.ts'
import type { BackendOptions, MessageHandler, ReceivedMessage } from './options.ts'
import { failureAnswer, rejectionOf } from '../../server/reject.ts'

type Effect<Type extends HubEffect['type']> = Extract<HubEffect, { readonly type: Type }>
type Answered = (input: HubInput) => void

/** Handlers, and what they were given. */
export interface Handling {
  set(type: string, handler: MessageHandler): void
  received(): readonly ReceivedMessage[]
  authenticate(effect: Effect<'authenticate'>, answered: Answered): void
  handle(effect: Effect<'handle'>, clientId: string, answered: Answered): void
}

/** Answers at once where the work is done at once, so that acknowledgements keep the order of their messages. */
function settle<Value>(work: () => Value | PromiseLike<Value>, ended: (value: Value) => void, failed: (thrown: unknown) => void): void {
  let value: Value | PromiseLike<Value>
  try {
    value = work()
  } catch (thrown) {
    return failed(thrown)
  }
  if (typeof (value as PromiseLike<Value> | null | undefined)?.then === 'function') (value as PromiseLike<Value>).then((late) => ended(late), failed)
  else ended(value as Value)
}

/** Makes the handling of a server. */
export function createHandling({ handler, authenticate, receivedMost = 100_000 }: BackendOptions): Handling {
  const handlers = new Map<string, MessageHandler>()
  let received: ReceivedMessage[] = []

  return {
    set: (type, one) => void handlers.set(type, one),
    received: () => received.slice(-receivedMost),
    authenticate({ question, credentials }, answered) {
      settle(
        () => (authenticate === undefined ? { identity: null } : authenticate(credentials)),
        (verdict) => answered({ type: 'verdict', question, verdict }),
        () => answered({ type: 'verdict', question, verdict: null }),
      )
    },
    handle({ question, identity, message }, clientId, answered) {
      const sender = { identity, clientId }
      received.push({ ...sender, message })
      if (received.length > 2 * receivedMost) received = received.slice(-receivedMost)
      const answer = (value: Answer): void => answered({ type: 'handled', question, answer: value })
      settle(
        () => (handlers.get(message.type) ?? handler)?.(message, sender),
        (data) => answer({ ok: true, ...(data === undefined ? {} : { data }) }),
        // Its text is told: a test wants to see it.
        (thrown) => answer(rejectionOf(thrown) ?? failureAnswer(thrown instanceof Error ? thrown.message : String(thrown))),
      )
    },
  }
}
