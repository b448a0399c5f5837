/** What a client's message sets off: a handler of the application, or a publication on a channel; once among all nodes. */
import type { Message } from '../../protocol/message.ts'
import type { Decision } from '../access/channels.ts'
import type { SharedResults } from '../brokers/broker.ts'
import type { HubEffect, HubInput } from '../effects.ts'
import { failureAnswer, reject, rejectionOf } from '../reject.ts'
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
const TIMED_OUT: Answer = { ok: false, code: 'lost', message: 'it had begun, and took too long', retryable: false }
/** A message that runs on another node is asked about this often, should its notice be lost. */
const LOOK_EVERY_MS = 1_000
/** A broker that stays away longer has lost more than this. */
const NOTE_TRIES = 30

const isPromise = (value: unknown): value is PromiseLike<unknown> => typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
const done = (data: unknown): Answer => ({ ok: true, ...(data === undefined ? {} : { data }) })

type Answered = (answer: Answer) => void

/** Makes what runs commands. */
export function createCommands(host: CommandsHost): Commands {
  const { clock, shared, tell, handlers } = host
  let running = 0

  /** Runs what a message asks for. Answers at once where that is done at once, so that answers keep the order of messages. */
  function run(message: Message, sender: Sender, answered: Answered): void {
    const refuse = (thrown: unknown): void => {
      const known = rejectionOf(thrown)
      if (known === null) host.failed(`handle "${message.type}"`, thrown)
      answered(known ?? failureAnswer())
    }
    try {
      const result = work(message, sender)
      if (!isPromise(result)) return answered(done(result))
      let isOver = false
      running++
      const end = (tellIt: () => void): void => {
        if (isOver) return
        isOver = true
        running--
        clock.clearTimer(timer)
        tellIt()
      }
      const timer = clock.setTimer(() => end(() => {
        host.failed(`handle "${message.type}"`, new Error(`it took longer than ${host.handlerTimeoutMs} ms`))
        answered(TIMED_OUT)
      }), host.handlerTimeoutMs)
      const succeed = (data: unknown): void => end(() => answered(done(data)))
      const fail = (thrown: unknown): void => end(() => refuse(thrown))
      result.then(succeed, fail)
    } catch (thrown) {
      refuse(thrown)
    }
  }

  function work(message: Message, sender: Sender): unknown {
    const handler = Object.hasOwn(handlers, message.type) ? handlers[message.type] : undefined
    if (handler !== undefined) return handler(message, sender)
    if (message.channel === undefined) throw reject('unknown_type', { message: `nobody handles "${message.type}"` })
    return publish(message, message.channel, sender)
  }

  async function publish(message: Message, channel: string, { user }: Sender): Promise<unknown> {
    const decision = await host.permit(user, channel)
    if (!decision.allowed) throw reject(decision.code, { message: decision.message })
    return host.publish(channel, decision.stream, message)
  }

  /** One node runs a message; the others wait for what it says. */
  async function runOnce(memory: SharedResults, identity: string, message: Message & { readonly id: string }, sender: Sender): Promise<Answer> {
    let standing
    try {
      standing = await memory.begin(identity, message.id)
    } catch (error) {
      host.failed('look up a result', error)
      return UNAVAILABLE
    }
    if (standing === 'running') return awaitAnswer(memory, identity, message.id)
    if (standing !== 'new') return standing
    const answer = await new Promise<Answer>((resolve) => run(message, sender, resolve))
    // The client hears of it at once, whether the others know it or not.
    void note(memory, identity, message.id, answer, NOTE_TRIES)
    return answer
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
      const { id } = message
      const answered = (answer: Answer): void => tell({ type: 'handled', question, answer })
      // Nobody has to remember what asks for no answer, nor whom: without a name there is no other node to meet again.
      if (shared === null || id === undefined || identity === null) return run(message, sender, answered)
      return void runOnce(shared, identity, { ...message, id }, sender).then(answered)
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
