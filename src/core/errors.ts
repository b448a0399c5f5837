/** Everything uplink reports, under stable codes. `docs/errors.md` is this table, made readable. */

/** How much an error matters: `warning` cost something small, `error` a message or a listener, `fatal` the connection. */
export type Severity = 'warning' | 'error' | 'fatal'

/** Every code: what happened, and what to do about it. A test holds `docs/errors.md` against it. */
export const ERROR_CODES = {
  UPLINK_OPTION_INVALID: 'An option has a value that is not allowed.',
  UPLINK_URL_INVALID: 'The URL cannot be used for a WebSocket.',
  UPLINK_NO_WEBSOCKET: 'This platform has no WebSocket; give a transport.',
  UPLINK_NO_PROVIDER: 'A hook found no uplink.',
  UPLINK_LEASE_CONFLICT: 'A second lease of one URL came with other options; the first options stay.',
  UPLINK_DESTROYED: 'The connection was destroyed; create a new one.',
  UPLINK_DISCONNECTED: 'disconnect() was called before the connection, or an answer to readHistory(), was there.',
  UPLINK_CONNECT_TIMEOUT: 'An attempt did not finish within connectTimeout.',
  UPLINK_PROVIDER_FAILED: 'The URL function threw, rejected, or took longer than connectTimeout.',
  UPLINK_DIAL_FAILED: 'The socket could not be opened.',
  UPLINK_CONNECTION_LOST: 'The socket closed.',
  UPLINK_HEARTBEAT_TIMEOUT: 'The server was silent after a ping.',
  UPLINK_REFUSED: 'The server refused the connection and would refuse it again.',
  UPLINK_UNAUTHORIZED: 'The server wants other credentials.',
  UPLINK_OVERLOADED: 'The server is overloaded and asked for a pause.',
  UPLINK_BREAKER_OPEN: 'Too many attempts failed in a row; the next one waits for the cool-down.',
  UPLINK_MESSAGE_MALFORMED: 'A frame was not what the protocol speaks (empty, or not valid JSON).',
  UPLINK_MESSAGE_BINARY: 'A binary frame came where the protocol reads text.',
  UPLINK_MESSAGE_UNSAFE: 'A message had a "__proto__" key.',
  UPLINK_MESSAGE_TOO_DEEP: 'A message was nested deeper than allowed.',
  UPLINK_MESSAGE_TOO_LARGE: 'A message was larger than maxMessageSize.',
  UPLINK_MESSAGE_UNKNOWN: 'A frame was valid JSON, but no message with a type.',
  UPLINK_MESSAGE_INVALID: 'A message did not match the schema given for its channel.',
  UPLINK_LISTENER_FAILED: 'A listener, or a function of the protocol, threw. Everything else went on.',
  UPLINK_ENCODE_FAILED: 'A message could not be turned into a frame.',
  UPLINK_SEND_FAILED: 'The socket refused a frame.',
  UPLINK_QUEUE_OVERFLOW: 'The outbox was full, or a message was larger than all of it.',
  UPLINK_MESSAGE_EXPIRED: 'A message waited longer than its time to live, and was not handled.',
  UPLINK_MESSAGE_DROPPED: 'A message was dropped before it was sent; the text says why.',
  UPLINK_MESSAGE_REJECTED: 'The server refused a message for good.',
  UPLINK_MESSAGE_UNKNOWN_OUTCOME: 'A message was sent, and nobody can know whether it was handled.',
  UPLINK_MESSAGE_KEPT: 'A message was left in the storage for the next connection of its user; this one hears no more of it.',
  UPLINK_ACKS_UNSUPPORTED: 'sendWithAck was called with a protocol that has no acknowledgements.',
  UPLINK_ACK_UNEXPECTED: 'The server answered a message that was never sent.',
  UPLINK_CONTROL_FLOOD: 'The server sent more control frames than anybody needs; those too many were ignored.',
  UPLINK_SERVER_FAULT: 'The server reported that it could not do something.',
  UPLINK_SIGNED_OUT: 'Nobody is signed in: the credentials provider said no, or signedOut() was called.',
  UPLINK_CREDENTIALS_FAILED: 'The credentials provider threw, rejected, took too long, or gave nothing that can be used.',
  UPLINK_IDENTITY_MISMATCH: 'The server takes the user for somebody else than the identity option says; nothing was sent.',
  UPLINK_STORAGE_FAILED: 'The storage of unsent messages could not do what it was asked; messages wait in memory only.',
  UPLINK_STORAGE_CORRUPT: 'A stored message could not be read, and was removed.',
  UPLINK_CHANNEL_REFUSED: 'The server refused a channel.',
  UPLINK_CHANNEL_TIMEOUT: 'The server did not answer a subscription; it was asked again.',
  UPLINK_CHANNEL_GAP: 'Messages of a channel were lost for good.',
  UPLINK_POLL_FAILED: 'A request of the fallback failed; it is tried again, later and later.',
  UPLINK_POLL_TIMEOUT: 'A request of the fallback took longer than its timeout, and was aborted.',
  UPLINK_POLL_INVALID: 'A request of the fallback brought something that is no answer.',
  UPLINK_HISTORY_REFUSED: 'The server does not give this user the history of a channel, or cannot read what was asked.',
  UPLINK_HISTORY_CHANGED: 'A stream was begun anew: the place in its history that was asked for lies in the one before.',
  UPLINK_HISTORY_TRIMMED: 'The messages of a channel that follow a place are no longer kept, or never were.',
  UPLINK_HISTORY_FAILED: 'A page of history did not come in time, or was none; it may be asked for again.',
  UPLINK_HISTORY_UNSUPPORTED: 'readHistory was called with a protocol that knows nothing of histories.',
  UPLINK_POOL_FULL: 'All sockets of a pool carry as many channels as they may; the channel is joined when there is room.',
  UPLINK_HAND_OVER_FAILED: 'Another socket could not take over from one that works; the old one is kept, and it is tried again.',
  UPLINK_BOOK_INVALID: 'An order book got an update or a snapshot that is not what the venue documents; it is fetched anew.',
  UPLINK_BOOK_GAP: 'Updates of an order book are missing; it is fetched anew.',
  UPLINK_BOOK_REPEATED: 'An update of an order book came twice; it changed nothing.',
  UPLINK_BOOK_CROSSED: 'The best bid of an order book was not below the best ask; it is fetched anew.',
  UPLINK_BOOK_STALE: 'A snapshot of an order book ends before the updates that came; a newer one is fetched.',
  UPLINK_BOOK_OVERFLOW: 'Too many updates of an order book waited for a snapshot; waiting began anew.',
  UPLINK_REST_FAILED: 'A REST request got no answer: no network, or no such server.',
  UPLINK_REST_TIMEOUT: 'A REST request took longer than its timeout.',
  UPLINK_REST_ABORTED: 'A REST request was called off by whoever asked.',
  UPLINK_REST_REFUSED: 'A REST request was answered with an error status.',
  UPLINK_REST_RATE_LIMITED: 'The venue limits requests; none is sent before the time that it names.',
  UPLINK_REST_INVALID: 'The answer of a REST request is not what the venue documents.',
  UPLINK_REST_MISSING: 'Data was asked for that no stream has brought yet, and no REST client was given.',
  UPLINK_CHANNEL_CONFLICT: 'One channel was asked for with different params, which this protocol cannot tell apart.',
} as const

/** A stable code; it never changes its meaning. */
export type ErrorCode = keyof typeof ERROR_CODES

/** What an {@link UplinkError} knows beyond its message. */
export interface ErrorDetails {
  readonly severity?: Severity
  /** What was thrown underneath. */
  readonly cause?: unknown
  /** The close code, where a socket closed. */
  readonly closeCode?: number
  /** The channel it is about. */
  readonly channel?: string
  /** The id of the message it is about. */
  readonly messageId?: string
}

/**
 * The one error class.
 *
 * @example
 * uplink.on('error', (error) => error.code === 'UPLINK_UNAUTHORIZED' && showLogin())
 */
export class UplinkError extends Error {
  readonly code: ErrorCode
  readonly severity: Severity
  readonly closeCode: number | undefined
  readonly channel: string | undefined
  readonly messageId: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'UplinkError'
    this.code = code
    this.severity = details.severity ?? 'error'
    this.closeCode = details.closeCode
    this.channel = details.channel
    this.messageId = details.messageId
  }

  /** What `JSON.stringify` shows. Without the cause, which is somebody else's and may hold anything. */
  toJSON(): object {
    const { name, code, message, severity, closeCode, channel, messageId } = this
    return { name, code, message, severity, closeCode, channel, messageId }
  }
}

/**
 * True for an {@link UplinkError}, also one made by another copy of the package.
 *
 * @example
 * if (isUplinkError(reason)) report(reason.code)
 */
export function isUplinkError(value: unknown): value is UplinkError {
  return value instanceof Error && value.name === 'UplinkError' && 'code' in value
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
