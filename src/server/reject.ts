/** How a handler says no. */
import type { Answer } from './results.ts'

/** How a message is rejected. */
export interface RejectHow {
  /** For people. */
  readonly message?: string
  /** Whether the same message may succeed later. @default false */
  readonly retryable?: boolean
  /** The least wait before that, ms. */
  readonly retryAfterMs?: number
}

/** What {@link reject} makes. */
export class Rejection extends Error {
  override readonly name = 'Rejection'
  readonly answer: Answer

  constructor(code: string, { message, retryable = false, retryAfterMs }: RejectHow) {
    super(message ?? code)
    this.answer = {
      ok: false, code, retryable,
      ...(message === undefined ? {} : { message }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }
  }
}

/**
 * Makes what a handler throws to reject a message.
 *
 * @param code - what the client sees, for example `not_authorized` or `busy`
 *
 * @example
 * const handlers = { order: () => { throw reject('busy', { retryable: true, retryAfterMs: 500 }) } }
 */
export function reject(code: string, how: RejectHow = {}): Rejection {
  return new Rejection(code, how)
}

/** How a handler said no; `null` where it did not say, but failed. */
export function rejectionOf(thrown: unknown): Answer | null {
  return thrown instanceof Rejection ? thrown.answer : null
}

/** The answer to a message that may not be, and was not begun. */
export function refusalAnswer(code: string, message: string): Answer {
  return { ok: false, code, message, retryable: false }
}

/** What the failure of a handler answers. Why it failed is for the log: it may name what nobody outside should know. */
export function failureAnswer(message = 'the handler failed'): Answer {
  return { ok: false, code: 'failed', message, retryable: false }
}
