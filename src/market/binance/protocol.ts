/** `binance()`: the market streams of Binance spot, Binance US and Binance futures, as a protocol. */
import type { ClientProtocol } from '../../engine/options.ts'
import { UplinkError } from '../../core/errors.ts'
import { follow } from '../../core/position.ts'
import { depthOf, hasPrototypeKey } from '../../protocol/guards.ts'
import type { ChannelRequest, Frame, Message, OutboundMessage } from '../../protocol/message.ts'
import { type Control, ProtocolError } from '../../protocol/protocol.ts'
import { kindOf } from './streams.ts'
import { BINANCE_VENUES, type BinanceVenue } from './venues.ts'
import { NOT_ASKED, type Reply, wrapTransport } from './wire.ts'

/** Options of {@link binance}. */
export interface BinanceOptions {
  /** Whose streams, and so whose limits. @default 'spot' */
  readonly venue?: BinanceVenue
  /**
   * The request that measures latency and liveness; whatever is answered, an error too, is a sign of life. `false`
   * asks nothing: then only data shows that the link is alive.
   * @default 'PING'
   */
  readonly ping?: 'PING' | 'LIST_SUBSCRIPTIONS' | false
  /** Messages a second that the venue takes, 2 or more. @default what it documents: 5 on spot, 10 on futures */
  readonly messagesPerSecond?: number
  /** Streams that one socket takes, 1 or more. @default what it documents: 1,024 */
  readonly maxChannels?: number
}

/** Requests that an application may send itself; their results come back as messages of the same type. */
const QUESTIONS: ReadonlySet<string> = new Set(['LIST_SUBSCRIPTIONS', 'GET_PROPERTY'])

/** Type of the messages that stand for replies; no stream is called so. */
const REPLY = '#reply'

const SHUTDOWN = '!serverShutdown'

/** Deeper payloads are refused; those of the venues have five levels. */
const DEPTH_MOST = 512

type Payload = Readonly<Record<string, unknown>>

const isId = (value: unknown): value is number => Number.isSafeInteger(value)

/** Kinds that are remembered: a name is taken apart once, not for every message. */
const KINDS_MOST = 4_096

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

function whole(name: string, value: number | undefined, least: number, usual: number): number {
  if (value === undefined) return usual
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new UplinkError('UPLINK_OPTION_INVALID', `${name} is ${String(value)}; allowed: a whole number from ${least}`)
}

/** What an answer means: to every stream that it is about. */
function controlsOf({ error, answers }: Reply): readonly Control[] | Control {
  const refused = (streams: readonly string[], code: string, message: string): readonly Control[] =>
    streams.map((channel) => ({ kind: 'channelError', channel, code, message }))
  if (answers === undefined) {
    // An error without an id is an answer to something that could not even be read; a result is a late one, and nobody waits for it.
    return error === undefined ? [] : { kind: 'fault', code: String(error.code), message: error.msg }
  }
  const { method, streams, retried } = answers
  switch (method) {
    case 'PING': return { kind: 'pong' }
    case 'SUBSCRIBE':
      if (error === undefined) return streams.map((channel) => ({ kind: 'subscribed', channel }))
      // One wrong name costs a whole batch: its parts are asked again, and each will have its answer.
      return retried ? [] : refused(streams, String(error.code), error.msg)
    case NOT_ASKED: return refused(streams, NOT_ASKED, error?.msg ?? '')
    default: return error === undefined || method === 'UNSUBSCRIBE' ? [] : { kind: 'fault', code: String(error.code), message: error.msg }
  }
}

/**
 * The protocol of Binance's market streams. Channels are stream names (`btcusdt@depth@100ms`), the data of a message is
 * the payload, its type the kind of the stream (`depth`). Works with combined sockets (`/stream`, the better choice)
 * and raw ones (`/ws`); streams may stand in the address as well.
 *
 * The venue's limits are kept whatever the application does: requests are batched and paced, pings included, and
 * streams beyond `maxChannels` are refused here rather than by a disconnect. `serverShutdown` is read as a goodbye.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` for an unknown venue or a limit out of range.
 * @example
 * const uplink = createUplink<BinanceSchema>({ url: BINANCE_VENUES.spot.url, protocol: binance({ venue: 'spot' }) })
 * const trades = uplink.channel('btcusdt@aggTrade')
 * trades.onMessage(({ p, q }) => show(p, q))
 */
export function binance(options: BinanceOptions = {}): ClientProtocol {
  const { venue = 'spot', ping = 'PING' } = options
  if (!Object.hasOwn(BINANCE_VENUES, venue)) throw new UplinkError('UPLINK_OPTION_INVALID', `venue is ${String(venue)}; allowed: spot, us, futures`)
  const documented = BINANCE_VENUES[venue]
  const limits = {
    messagesPerSecond: whole('messagesPerSecond', options.messagesPerSecond, 2, documented.messagesPerSecond),
    maxChannels: whole('maxChannels', options.maxChannels, 1, documented.pool.maxChannels),
  }
  const kinds = new Map<string, string>()

  function typeOf(stream: string): string {
    const known = kinds.get(stream)
    if (known !== undefined) return known
    const kind = kindOf(stream)
    if (kinds.size >= KINDS_MOST) kinds.clear()
    kinds.set(stream, kind)
    return kind
  }

  function messageOf(stream: string, data: Payload): Message {
    if (data['e'] === 'serverShutdown') return { type: SHUTDOWN, data }
    const type = typeOf(stream)
    const message: { -readonly [Field in keyof Message]: Message[Field] } = { type, channel: stream, data }
    if (typeof data['E'] === 'number') message.timestamp = data['E']
    const from = type === 'aggTrade' ? data['a'] : type !== 'depth' ? undefined : typeof data['pu'] === 'number' ? data['pu'] + 1 : data['U']
    const offset = type === 'aggTrade' ? from : data['u']
    // Numbers that are none are left out: whoever reads the payload judges them.
    if (isId(from) && isId(offset) && from <= offset) {
      message.from = from
      message.offset = offset
    }
    return message
  }

  function decode(frame: Frame): Message {
    if (typeof frame !== 'string') throw new ProtocolError('binary', 'a binary frame; market streams are text')
    // Nesting of n needs 2n characters, so short payloads need no scan.
    if (frame.length > 2 * DEPTH_MOST && depthOf(frame) > DEPTH_MOST) throw new ProtocolError('too_deep', `nested deeper than ${DEPTH_MOST}`)
    const value: unknown = JSON.parse(frame)
    if (!isObject(value)) throw new ProtocolError('unknown', 'valid JSON, but not an object')
    if ((frame.includes('__proto__') || frame.includes('\\u')) && hasPrototypeKey(value)) throw new ProtocolError('unsafe', 'an object with the key "__proto__"')
    const { stream, data, e } = value
    if (typeof stream === 'string' && typeof data === 'object' && data !== null) return messageOf(stream, data as Payload)
    if (e === 'serverShutdown') return { type: SHUTDOWN, data: value }
    if ('result' in value || isObject(value['error'])) {
      const { result, error, answers } = value as Reply
      const isAnswer = answers !== undefined && QUESTIONS.has(answers.method) && error === undefined && ping !== answers.method
      return isAnswer ? { type: answers.method, data: result } : { type: REPLY, data: value }
    }
    throw new ProtocolError('unknown', 'neither a payload of a stream nor an answer')
  }

  function control({ type, data }: Message): Control | readonly Control[] | undefined {
    if (type === REPLY) {
      const reply = data as Reply
      return ping === 'LIST_SUBSCRIPTIONS' && reply.answers?.method === ping ? { kind: 'pong' } : controlsOf(reply)
    }
    return type === SHUTDOWN ? { kind: 'goodbye', reason: 'server_shutdown', retryAfterMs: null } : undefined
  }

  function encode({ type, data }: OutboundMessage): Frame {
    if (!QUESTIONS.has(type)) throw new Error(`a stream server takes no messages; claim a channel, or send ${[...QUESTIONS].join(' or ')}`)
    return JSON.stringify({ method: type, ...(data === undefined ? {} : { params: data }) })
  }

  const request = (method: string) => (channels: readonly ChannelRequest[]): Frame[] => [JSON.stringify({ method, params: channels.map(({ channel }) => channel) })]

  return {
    name: `binance ${venue}`,
    features: { acks: false, resume: false, latency: ping !== false },
    encode,
    decode,
    control,
    ...(ping === false ? {} : { ping: () => JSON.stringify({ method: ping }) }),
    subscribe: request('SUBSCRIBE'),
    unsubscribe: request('UNSUBSCRIBE'),
    follow,
    wrapTransport: (transport, platform) => wrapTransport(transport, platform, limits),
  }
}
