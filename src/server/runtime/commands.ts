/** What a client's message sets off: a handler of the application, or a publication on a channel; once among all nodes. */
import type { Message } from '../../protocol/message.ts'
import type { Decision } from '../access/channels.ts'
import type { SharedResults } from '../brokers/broker.ts'
import type { HubEffect, HubInput } from '../effects.ts'
import { failureAnswer, refusalAnswer, rejectionOf } from '../reject.ts'
import type { Answer } from '../results.ts'
import type { User } from '../user.ts'
import type { Clock } from './clock.ts'

/** Where a message came from. */
export interface Sender {
  readonly user: User
  /** The page's name, from its hello; empty for plain clients. */
  readonly clientId: string
  /** The connection's number on this node. */
  readonly session: number
}

/**
 * Handles a message. What it returns, or its promise resolves with, is the `data` of the acknowledgement; what it
 * throws refuses the message: `reject(code)` says how, anything else is logged and told as `failed`.
 */
export type MessageHandler = (message: Message, sender: Sender) => unknown

/** What commands need. */
export interface CommandsHost {
  readonly clock: Clock
  readonly handlers: Readonly<Record<string, MessageHandler>>
  /** A handler that takes longer has an outcome nobody knows, ms. */
  readonly handlerTimeoutMs: number
  readonly shared: SharedResults | null
  tell(input: HubInput): void
  permit(user: User, channel: string): Decision | Promise<Decision>
  publish(channel: string, stream: string, message: Message): Promise<unknown>
  failed(what: string, error: unknown): void
}

/** Runs commands. */
export interface Commands {
  handle(effect: HubEffect & { readonly type: 'handle' }, sender: Sender): void
  recall(effect: HubEffect & { readonly type: 'recall' }): void
  /** Handlers that have not ended. */
  running(): number
}

const UNAVAILABLE: Answer = { ok: false, code: 'busy', message: 'the server cannot reach its memory of results', retryable: true, retryAfterMs: 1_000 }
const UNJUDGED: Answer = { ok: false, code: 'busy', message: 'nobody could say whether it is allowed', retryable: true, retryAfterMs: 1_000 }
const TIMED_OUT: Answer = { ok: false, code: 'lost', message: 'it had begun, and took too long', retryable: false }
/** A message that runs on another node is asked about this often, should its notice be lost. */
const LOOK_EVERY_MS = 1_000
/** A broker that stays away longer has lost more than this. */
const NOTE_TRIES = 30

const isPromise = (value: unknown): value is PromiseLike<unknown> => typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
const done = (data: unknown): Answer => ({ ok: true, ...(data === undefined ? {} : { data }) })

type Answered = (answer: Answer, isOutcome?: boolean) => void

/** What a message asks for, once it is known that it may; or why not, before anything was begun. */
type Plan = { readonly work: () => unknown } | { readonly refusal: Answer }

/** Makes what runs commands. */
export function createCommands(host: CommandsHost): Commands {
  const { clock, shared, tell, handlers } = host
  let running = 0

  /** Waits for a promise, at most as long as a handler may take. */
  function watch<Value>(promise: PromiseLike<Value>, succeed: (value: Value) => void, fail: (thrown: unknown) => void, late: () => void): void {
    let isOver = false
    running++
    const end = (tellIt: () => void): void => {
      if (isOver) return
      isOver = true
      running--
      clock.clearTimer(timer)
      tellIt()
    }
    const timer = clock.setTimer(() => end(late), host.handlerTimeoutMs)
    promise.then((value) => end(() => succeed(value)), (thrown: unknown) => end(() => fail(thrown)))
  }

  const tookTooLong = (what: string): void => host.failed(what, new Error(`it took longer than ${host.handlerTimeoutMs} ms`))

  /** Runs what a message asks for. Answers at once where that is done at once, so that answers keep the order of messages. */
  function run(type: string, work: () => unknown, answered: Answered): void {
    const refuse = (thrown: unknown): void => {
      const known = rejectionOf(thrown)
      if (known === null) host.failed(`handle "${type}"`, thrown)
      answered(known ?? failureAnswer())
    }
    try {
      const result = work()
      if (!isPromise(result)) return answered(done(result))
      watch(result, (data) => answered(done(data)), refuse, () => {
        tookTooLong(`handle "${type}"`)
        answered(TIMED_OUT)
      })
    } catch (thrown) {
      refuse(thrown)
    }
  }

  function planOf(message: Message, sender: Sender): Plan | Promise<Plan> {
    const { type, channel } = message
    const handler = Object.hasOwn(handlers, type) ? handlers[type] : undefined
    if (handler !== undefined) return { work: () => handler(message, sender) }
    if (channel === undefined) return { refusal: refusalAnswer('unknown_type', `nobody handles "${type}"`) }
    return publicationOf(message, channel, sender)
  }

  function publicationOf(message: Message, channel: string, { user }: Sender): Plan | Promise<Plan> {
    const decided = host.permit(user, channel)
    const planned = (decision: Decision): Plan => {
      if (decision.allowed) return { work: () => host.publish(channel, decision.stream, message) }
      if (decision.cause !== undefined) host.failed(`judge channel ${channel}`, decision.cause)
      return { refusal: refusalAnswer(decision.code, decision.message) }
    }
    return decided instanceof Promise ? decided.then(planned) : planned(decided)
  }

  function unavailable(error: unknown): Answer {
    host.failed('look up a result', error)
    return UNAVAILABLE
  }

  /** One node runs a message; the others wait for what it says. */
  async function runOnce(memory: SharedResults, identity: string, { id, type }: { readonly id: string; readonly type: string }, work: () => unknown, answered: Answered): Promise<void> {
    const standing = await memory.begin(identity, id).catch(unavailable)
    if (standing === 'running') return answered(await awaitAnswer(memory, identity, id))
    if (standing !== 'new') return answered(standing)
    const answer = await new Promise<Answer>((resolve) => run(type, work, resolve))
    // The client hears of it at once, whether the others know it or not.
    void note(memory, identity, id, answer, NOTE_TRIES)
    return answered(answer)
  }

  /** What may not be here may have been elsewhere, or before: then that is the answer. */
  async function refuseUnlessSeen(memory: SharedResults, identity: string, id: string, refusal: Answer, answered: Answered): Promise<void> {
    const [standing = 'unseen'] = await memory.look(identity, [id]).catch((error: unknown) => [unavailable(error)])
    if (standing === 'unseen') return answered(refusal, false)
    return answered(standing === 'running' ? await awaitAnswer(memory, identity, id) : standing)
  }

  /** Notes an answer for the other nodes, again and again where that fails: they would wait for it, and call it lost. */
  async function note(memory: SharedResults, identity: string, id: string, answer: Answer, triesLeft: number): Promise<void> {
    try {
      await memory.finish(identity, id, answer)
    } catch (error) {
      host.failed('note a result', error)
      if (triesLeft <= 1) return
      await new Promise<void>((resolve) => void clock.setTimer(resolve, LOOK_EVERY_MS))
      await note(memory, identity, id, answer, triesLeft - 1)
    }
  }

  async function awaitAnswer(memory: SharedResults, identity: string, id: string): Promise<Answer> {
    const until = clock.now() + host.handlerTimeoutMs
    while (clock.now() < until) {
      await new Promise<void>((resolve) => void clock.setTimer(resolve, LOOK_EVERY_MS))
      const [standing] = await memory.look(identity, [id]).catch(() => ['running' as const])
      if (standing === 'unseen') return { ok: false, code: 'busy', retryable: true }
      if (standing !== undefined && standing !== 'running') return standing
    }
    return TIMED_OUT
  }

  return {
    running: () => running,
    handle({ question, identity, message }, sender) {
      const { id, type } = message
      const answered: Answered = (answer, isOutcome = true) => tell({ type: 'handled', question, answer, ...(isOutcome ? {} : { isOutcome }) })
      const carryOut = (plan: Plan): void => {
        // Nobody has to remember what asks for no answer, nor whom: without a name there is no other node to meet again.
        const isShared = shared !== null && id !== undefined && identity !== null
        if ('refusal' in plan) return isShared ? void refuseUnlessSeen(shared, identity, id, plan.refusal, answered) : answered(plan.refusal, false)
        return isShared ? void runOnce(shared, identity, { id, type }, plan.work, answered) : run(type, plan.work, answered)
      }
      const plan = planOf(message, sender)
      if (!(plan instanceof Promise)) return carryOut(plan)
      return watch(plan, carryOut, (thrown) => {
        host.failed(`judge "${type}"`, thrown)
        answered(failureAnswer('it cannot be judged'), false)
      }, () => {
        tookTooLong(`judge "${type}"`)
        answered(UNJUDGED)
      })
    },
    recall({ question, identity, ids }) {
      if (shared === null) return tell({ type: 'recalled', question, standings: ids.map(() => 'unseen') })
      return void shared.look(identity, ids).then(
        (standings) => {
          tell({ type: 'recalled', question, standings })
          ids.forEach((id, index) => {
            if (standings[index] === 'running') void awaitAnswer(shared, identity, id).then((answer) => tell({ type: 'finished', identity, id, answer }))
          })
        },
        (error: unknown) => {
          host.failed('look up results', error)
          tell({ type: 'recalled', question, standings: null })
        },
      )
    },
  }
}
