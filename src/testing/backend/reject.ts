/** How a handler says no. */
import type { Answer } from '../../server/results.ts'

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
 * server.handle('order', () => { throw reject('busy', { retryable: true, retryAfterMs: 500 }) })
 */
export function reject(code: string, how: RejectHow = {}): Rejection {
  return new Rejection(code, how)
}

/** What a handler's throw answers. Its text is told: a test wants to see it. */
export function answerOfThrow(thrown: unknown): Answer {
  if (thrown instanceof Rejection) return thrown.answer
  return { ok: false, code: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown), retryable: false }
}
