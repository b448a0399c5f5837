/**
 * THE table of close codes: who sends each, whether trying again can help, and what a user can do.
 * Sources: RFC 6455 section 7.4, the IANA registry of close codes, and uplink's own 44xx range.
 */

/**
 * What a close code tells the client to do.
 *
 * - `retry` with the usual backoff.
 * - `later`: the server is overloaded; the first wait is at least {@link OVERLOAD_DELAY_MS}.
 * - `authorize`: ask the credential provider again, once per stable connection; then fatal.
 * - `fatal`: trying again gives the same answer.
 */
export type CloseAdvice = 'retry' | 'later' | 'authorize' | 'fatal'

/** What a person in front of the screen can do about a state. */
export type Remedy = 'none' | 'wait' | 'check_network' | 'check_access' | 'reconnect' | 'sign_in' | 'reload' | 'contact'

/** One row of the table. */
export interface CloseMeaning {
  readonly by: 'server' | 'client' | 'browser' | 'either'
  readonly advice: CloseAdvice
  readonly remedy: Remedy
  readonly meaning: string
}

/** The shortest first wait after a server said that it is overloaded, in ms. */
export const OVERLOAD_DELAY_MS = 5_000

const row = (
  by: CloseMeaning['by'], advice: CloseAdvice, remedy: Remedy, meaning: string,
): CloseMeaning => ({ by, advice, remedy, meaning })

/** Close codes by number. Codes that are not listed are retried. */
export const CLOSE_CODES: Readonly<Record<number, CloseMeaning>> = {
  1000: row('either', 'retry', 'wait', 'closed normally'),
  1001: row('either', 'retry', 'wait', 'going away'),
  1002: row('either', 'retry', 'contact', 'protocol error'),
  1003: row('server', 'retry', 'contact', 'unsupported data'),
  1006: row('browser', 'retry', 'wait', 'connection lost'),
  1007: row('either', 'retry', 'contact', 'invalid text'),
  1008: row('server', 'retry', 'contact', 'policy violation'),
  1009: row('server', 'retry', 'contact', 'message too big'),
  1011: row('server', 'retry', 'wait', 'server error'),
  1012: row('server', 'retry', 'wait', 'server restarting'),
  1013: row('server', 'later', 'wait', 'server overloaded'),
  1014: row('server', 'retry', 'wait', 'bad gateway'),
  1015: row('browser', 'retry', 'contact', 'TLS failed'),
  4400: row('server', 'fatal', 'contact', 'bad request'),
  4401: row('server', 'authorize', 'sign_in', 'not signed in'),
  4403: row('server', 'fatal', 'sign_in', 'not allowed'),
  4404: row('server', 'fatal', 'contact', 'no such endpoint'),
  4408: row('client', 'retry', 'wait', 'heartbeat timed out'),
  4409: row('server', 'fatal', 'reconnect', 'replaced by a newer connection'),
  4410: row('server', 'retry', 'wait', 'idle for too long'),
  4413: row('server', 'retry', 'wait', 'too slow to take what was sent'),
  4429: row('server', 'later', 'wait', 'too many requests'),
}

const OTHER: CloseMeaning = row('server', 'retry', 'wait', 'closed')

/**
 * Looks a close code up.
 *
 * @example
 * closeMeaning(4403).advice // 'fatal'
 */
export function closeMeaning(code: number): CloseMeaning {
  return CLOSE_CODES[code] ?? OTHER
}

/**
 * The close code that says the same as the HTTP status of a refused upgrade; 1006 where none does.
 * Only transports that can see the status (not browsers) use it.
 */
export function closeCodeOfStatus(status: number): number {
  switch (status) {
    case 400: return 4400
    case 401: return 4401
    case 403: return 4403
    case 404: return 4404
    case 429: return 4429
    case 503: return 1013
    default: return 1006
  }
}
