/** The requests of one channel, one at a time: what is asked with, and what became of it. */
import { UplinkError, isUplinkError, messageOf } from '../core/errors.ts'
import { type Answer, PollFailure, conditional, readAnswer } from './answer.ts'
import type { FeedHost } from './feed-interface.ts'
import type { PollRequest } from './options.ts'
import type { Outcome } from './requests.ts'

/** What a request brought: an answer, or an error and how long the server wants to be left alone. */
export type Told =
  | { readonly answer: Answer; readonly error: null; readonly retryAfterMs: number; readonly latencyMs: number }
  | { readonly answer: null; readonly error: UplinkError; readonly retryAfterMs: number; readonly latencyMs: number }

/** Asks for one channel. */
export interface Asking {
  /** Failed requests in a row. */
  failures(): number
  isUnderWay(): boolean
  ask(what: Pick<PollRequest, 'params' | 'position' | 'since'>, told: (told: Told) => void): void
  /** Drops the request under way, if any: its answer is no longer wanted. */
  cancel(): void
  /** Begins anew: what an earlier answer was known by says nothing of what the socket has brought since. */
  forget(): void
}

/** Makes the requests of a channel. */
export function createAsking(channel: string, { options, platform, requests, counters, report }: Pick<FeedHost, 'options' | 'platform' | 'requests' | 'counters' | 'report'>): Asking {
  let abort: (() => void) | undefined
  /** Number of the request whose answer is wanted. */
  let turn = 0
  let failures = 0
  let validator: string | null = null
  let text: string | undefined

  function errorOf(outcome: Exclude<Outcome<Answer>, { kind: 'answer' }>): UplinkError {
    const details = { channel, severity: 'warning' } as const
    if (outcome.kind === 'timeout') return new UplinkError('UPLINK_POLL_TIMEOUT', `channel "${channel}": no answer within ${options.timeout} ms`, details)
    const { thrown } = outcome
    const code = isUplinkError(thrown) && thrown.code === 'UPLINK_POLL_INVALID' ? thrown.code : 'UPLINK_POLL_FAILED'
    return new UplinkError(code, `channel "${channel}": ${messageOf(thrown)}`, { ...details, cause: thrown })
  }

  function failed(outcome: Exclude<Outcome<Answer>, { kind: 'answer' }>): Told {
    const error = errorOf(outcome)
    counters.failures++
    counters.lastError = { code: error.code, message: error.message, at: platform.time() }
    // The first of a row is news; hundreds of channels that fail every few seconds would drown it.
    if (failures++ === 0) report(error)
    const retryAfterMs = outcome.kind === 'failure' && outcome.thrown instanceof PollFailure ? outcome.thrown.retryAfterMs : 0
    return { answer: null, error, retryAfterMs, latencyMs: outcome.latencyMs }
  }

  function answered(answer: Answer, latencyMs: number): Told {
    failures = 0
    if (answer.validator !== undefined) validator = answer.validator
    if (answer.text !== undefined || answer.validator !== undefined) text = answer.text
    counters.bytes += answer.bytes
    counters.lastGoodAt = platform.time()
    if (answer.messages.length === 0) counters.unchanged++
    return { answer, error: null, retryAfterMs: answer.retryAfterMs, latencyMs }
  }

  return {
    failures: () => failures,
    isUnderWay: () => abort !== undefined,
    ask(what, told) {
      counters.polls++
      const request = { ...what, validator, headers: conditional(validator), attempt: failures }
      const mine = ++turn
      const drop = requests.begin(
        async (signal) => readAnswer(await options.fetch(channel, { ...request, signal }), channel, options, text, platform.time()),
        (outcome) => {
          if (mine !== turn) return
          abort = undefined
          told(outcome.kind === 'answer' ? answered(outcome.value, outcome.latencyMs) : failed(outcome))
        },
      )
      // `fetch` may have given the channel up itself, before there was anything to abort.
      if (mine === turn) abort = drop
      else drop()
    },
    cancel() {
      turn++
      if (abort === undefined) return
      counters.aborted++
      const drop = abort
      abort = undefined
      drop()
    },
    forget() {
      failures = 0
      validator = null
      text = undefined
    },
  }
}
