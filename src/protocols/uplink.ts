/**
 * `uplink()`: the client's half of `uplink.v1`, as a protocol. docs/PROTOCOL.md is the specification.
 */
import { createDelivery } from '../core/delivery.ts'
import { createCredentials } from '../engine/credentials.ts'
import type { ClientProtocol } from '../engine/options.ts'
import { json } from '../protocol/json.ts'
import type { ChannelRequest, Frame, Message, OutboundMessage } from '../protocol/message.ts'
import { type Control, type Greeting, ProtocolError, type Standing } from '../protocol/protocol.ts'
import { RESERVED_TYPES, STATUS_IDS_MOST, SUBPROTOCOL, VERSION } from '../protocol/uplink-v1.ts'
import { hasPlace, isMessage } from './reading.ts'

export { readHistory } from './history.ts'
export type { HistoryOptions, HistoryPage, HistoryReader } from './history.ts'

/** Options of {@link uplink}. */
export interface UplinkProtocolOptions {
  /** Deepest nesting of objects and arrays that is accepted, 8 to 100,000. @default 512 */
  readonly maxDepth?: number
  /** Whether messages of one tick go out as one frame. @default true */
  readonly batch?: boolean
}

type Fields = Readonly<Record<string, unknown>>

/** A server that does not say how long it remembers is not believed to remember long. */
const RESULTS_TTL_MS = 60_000

const wrong = (type: string, field: string, allowed: string): ProtocolError =>
  new ProtocolError('unknown', `"${type}" with a wrong "${field}"; it is ${allowed}`)

function text(frame: Fields, field: string): string {
  const value = frame[field]
  if (typeof value !== 'string') throw wrong(String(frame['type']), field, 'a string')
  return value
}

function whole(frame: Fields, field: string): number {
  const value = frame[field]
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw wrong(String(frame['type']), field, 'a whole number, 0 or more')
  return value as number
}

const duration = (frame: Fields, field: string): number | null => {
  const value = frame[field]
  return typeof value === 'number' && value >= 0 ? value : null
}

function list<Item>(frame: Fields, field: string, fits: (item: unknown) => item is Item): readonly Item[] {
  const value = frame[field] ?? []
  if (!Array.isArray(value) || !value.every(fits)) throw wrong(String(frame['type']), field, 'an array')
  return value
}

const isAnything = (value: unknown): value is unknown => value !== undefined

const isText = (value: unknown): value is string => typeof value === 'string'

/** Takes the messages of a frame apart from what is none: one of them costs itself, never the frame. */
function messagesOf(frame: Fields): { readonly messages: readonly Message[]; readonly unreadable?: ProtocolError } {
  const all = list(frame, 'messages', isAnything)
  const messages = all.filter(isMessage)
  if (messages.length === all.length) return { messages }
  const text = `"${String(frame['type'])}" with ${all.length - messages.length} of ${all.length} "messages" that are none: a wrong or reserved type, or a wrong offset`
  return { messages, unreadable: new ProtocolError('unknown', text) }
}

const refOf = ({ ref }: Fields): { readonly ref?: string } => (typeof ref === 'string' ? { ref } : {})

function standingOf(frame: Fields, following: readonly Message[]): Standing {
  const offset = whole(frame, 'offset')
  const top = whole(frame, 'top')
  if (top < offset) throw wrong('subscription_confirmed', 'top', 'not less than "offset"')
  const { snapshot } = frame
  const messages = snapshot === undefined ? following : [{ type: 'snapshot', channel: text(frame, 'channel'), data: snapshot }, ...following]
  return {
    stream: text(frame, 'stream'), epoch: text(frame, 'epoch'), offset, top, recovered: frame['recovered'] === true,
    reason: typeof frame['reason'] === 'string' ? frame['reason'] : null, messages,
  }
}

function rateOf(value: unknown): Greeting['messageRate'] {
  const { max, windowMs } = (typeof value === 'object' && value !== null ? value : {}) as Fields
  return typeof max === 'number' && typeof windowMs === 'number' && max >= 1 && windowMs > 0 ? { max, windowMs } : null
}

function greetingOf(frame: Fields): Control {
  if (frame['version'] !== VERSION) throw wrong('connection', 'version', String(VERSION))
  const limits = (typeof frame['limits'] === 'object' && frame['limits'] !== null ? frame['limits'] : {}) as Fields
  return {
    kind: 'greeting',
    greeting: {
      identity: typeof frame['identity'] === 'string' ? frame['identity'] : null,
      serverTime: duration(frame, 'serverTime') ?? 0,
      expiresInMs: duration(frame, 'expiresIn'),
      resultsEpoch: text(frame, 'resultsEpoch'),
      resultsTtlMs: duration(limits, 'resultsTtl') ?? RESULTS_TTL_MS,
      maxFrame: duration(limits, 'maxFrame') ?? Infinity,
      messageRate: rateOf(limits['messages']),
    },
  }
}

/** Reads the frames that are not messages. */
function control(message: Message): Control | undefined {
  // The common case first: a message of a stream. One other frame has an offset.
  if (message.offset !== undefined && message.type !== 'subscription_confirmed') {
    if (!hasPlace(message)) throw wrong(message.type, 'offset', 'a whole number, 1 or more, not less than "from"')
    return undefined
  }
  if (!RESERVED_TYPES.has(message.type)) return undefined
  const frame = message as unknown as Fields
  switch (message.type) {
    case 'subscription_confirmed': {
      const { messages, ...unreadable } = messagesOf(frame)
      return { kind: 'subscribed', channel: text(frame, 'channel'), ...refOf(frame), standing: standingOf(frame, messages), ...unreadable }
    }
    case 'pong':
    case 'heartbeat_ack': return { kind: 'pong' }
    case 'ping': return { kind: 'ping', reply: '{"type":"pong"}' }
    case 'heartbeat': return { kind: 'ping', reply: '{"type":"heartbeat_ack"}' }
    case 'connection': return greetingOf(frame)
    case 'unsubscription_confirmed': return { kind: 'unsubscribed', channel: text(frame, 'channel'), ...refOf(frame) }
    case 'ack': return { kind: 'ack', id: text(frame, 'id'), data: frame['data'] }
    case 'nack':
      return {
        kind: 'nack', id: text(frame, 'id'), code: text(frame, 'code'), message: isText(frame['message']) ? frame['message'] : 'the server refused it',
        retryable: frame['retryable'] === true, retryAfterMs: duration(frame, 'retryAfter'),
      }
    case 'status': return { kind: 'status', unseen: list(frame, 'unseen', isText), running: list(frame, 'running', isText) }
    case 'batch': return { kind: 'batch', ...messagesOf(frame) }
    case 'notice': return { kind: 'notice', code: text(frame, 'code'), message: text(frame, 'message'), expiresInMs: duration(frame, 'expiresIn') }
    case 'goodbye': return { kind: 'goodbye', reason: text(frame, 'reason'), retryAfterMs: duration(frame, 'retryAfter') }
    case 'authentication_confirmed': return { kind: 'authenticated', expiresInMs: duration(frame, 'expiresIn') }
    case 'error': {
      const code = isText(frame['code']) ? frame['code'] : 'error'
      const said = isText(frame['message']) ? frame['message'] : 'the server reported an error'
      if (!isText(frame['channel'])) return { kind: 'fault', code, message: said }
      return { kind: 'channelError', channel: frame['channel'], ...refOf(frame), code, message: said, retryable: frame['retryable'] === true }
    }
    default: throw new ProtocolError('unknown', `"${message.type}", which a server does not send`)
  }
}

/**
 * The protocol `uplink.v1`: greeting, acknowledgements, resume, batches, credentials in the first message.
 *
 * @example
 * const uplinkToServer = createUplink({ url: 'wss://example.com/ws', protocol: uplink(), credentials: () => fetchToken() })
 * const { outcome } = await uplinkToServer.sendWithAck({ type: 'TRADE_SIGNAL', data: signal })
 */
export function uplink(options: UplinkProtocolOptions = {}): ClientProtocol {
  const { decode } = json(options.maxDepth === undefined ? {} : { maxDepth: options.maxDepth })
  const request = (type: 'subscribe' | 'unsubscribe') => (channels: readonly ChannelRequest[], timestamp: number): Frame[] =>
    [JSON.stringify({ type, channels, timestamp })]

  function encode(message: OutboundMessage): Frame {
    // A question about history is a message to the server itself.
    if (RESERVED_TYPES.has(message.type) && message.type !== 'history') throw new Error(`the type "${message.type}" belongs to uplink.v1; choose another`)
    return JSON.stringify(message)
  }

  function status(ids: readonly string[], timestamp: number): Frame[] {
    const frames: Frame[] = []
    for (let start = 0; start < ids.length; start += STATUS_IDS_MOST) {
      frames.push(JSON.stringify({ type: 'status', ids: ids.slice(start, start + STATUS_IDS_MOST), timestamp }))
    }
    return frames
  }

  return {
    name: SUBPROTOCOL,
    subprotocols: [SUBPROTOCOL],
    features: { acks: true, resume: true, latency: true },
    encode,
    decode,
    control,
    ping: (timestamp) => `{"type":"ping","timestamp":${timestamp}}`,
    answersPings: true,
    hello: ({ clientId, credentials, maxFrame, timestamp }) =>
      JSON.stringify({ type: 'hello', versions: [VERSION], clientId, credentials, maxFrame, timestamp }),
    authenticate: (credentials, timestamp) => JSON.stringify({ type: 'authenticate', credentials, timestamp }),
    subscribe: request('subscribe'),
    unsubscribe: request('unsubscribe'),
    status,
    ...(options.batch === false ? {} : { batch: (frames: readonly Frame[]) => `{"type":"batch","messages":[${frames.join(',')}]}` }),
    fatalCloseCodes: [1008],
    delivery: createDelivery,
    credentials: createCredentials,
  }
}
