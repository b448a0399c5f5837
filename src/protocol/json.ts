/**
 * `json()`: the envelope `{type, channel?, data, timestamp}` as JSON text, spoken by any server.
 */
import { depthOf, hasPrototypeKey } from './guards.ts'
import type { ChannelRequest, Frame, Message, OutboundMessage } from './message.ts'
import { type Control, type Protocol, ProtocolError } from './protocol.ts'

/** Options of {@link json}. */
export interface JsonOptions {
  /** Type of the heartbeat message; `false` sends none. @default 'ping' */
  readonly ping?: string | false
  /** Types that answer it. @default ['pong', 'heartbeat_ack'] */
  readonly pong?: readonly string[]
  /**
   * Whether channels are announced to the server by `subscribe` and `unsubscribe` messages; `false`
   * for a server that sends everything to everyone.
   * @default true
   */
  readonly subscriptions?: boolean
  /**
   * Deepest nesting of objects and arrays that is accepted, 8 to 100,000. Deeper messages are
   * reported as `UPLINK_MESSAGE_TOO_DEEP`, because they overflow the stack of code that walks them.
   * @default 512
   */
  readonly maxDepth?: number
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const malformed = (message: string): ProtocolError => new ProtocolError('malformed', message)

/**
 * The default protocol. Reads `payload` as `data`; a message without either has `data: undefined`.
 *
 * Refuses, each under its own code: text that is not JSON, binary and empty frames, values that are
 * not an object with a string `type`, objects with a `__proto__` key, nesting beyond `maxDepth`.
 *
 * @example
 * createUplink({ url: 'wss://example.com/ws', protocol: json({ ping: 'heartbeat' }) })
 */
export function json(options: JsonOptions = {}): Protocol {
  const { ping = 'ping', pong = ['pong', 'heartbeat_ack'], subscriptions = true, maxDepth = 512 } = options
  const pongs = new Set(pong)

  function decode(frame: Frame): Message {
    if (typeof frame !== 'string') throw new ProtocolError('binary', 'a binary frame; json() reads text frames')
    if (frame.length === 0) throw malformed('an empty frame')
    // Nesting of n needs 2n characters, so short messages need no scan.
    if (frame.length > 2 * maxDepth && depthOf(frame) > maxDepth) {
      throw new ProtocolError('too_deep', `nested deeper than maxDepth (${maxDepth})`)
    }
    const value: unknown = JSON.parse(frame)
    if (!isObject(value)) throw new ProtocolError('unknown', 'valid JSON, but not an object with a "type"')
    if (typeof value['type'] !== 'string') throw new ProtocolError('unknown', 'an object without a string "type"')
    if ((frame.includes('__proto__') || frame.includes('\\u')) && hasPrototypeKey(value)) {
      throw new ProtocolError('unsafe', 'an object with the key "__proto__"')
    }
    if (value['data'] === undefined && value['payload'] !== undefined) value['data'] = value['payload']
    return value as unknown as Message
  }

  function control(message: Message): Control | undefined {
    switch (message.type) {
      case 'subscription_confirmed':
        return message.channel === undefined ? undefined : { kind: 'subscribed', channel: message.channel }
      case 'unsubscription_confirmed':
        return message.channel === undefined ? undefined : { kind: 'unsubscribed', channel: message.channel }
      case 'ping':
      case 'heartbeat':
        return { kind: 'ping', reply: message.type === 'ping' ? '{"type":"pong"}' : '{"type":"heartbeat_ack"}' }
      case 'error': {
        if (message.channel === undefined) return undefined
        // uplink.v1 has both on the envelope, others in `data`.
        const said: Record<string, unknown> = { ...message, ...(isObject(message.data) && message.data) }
        return {
          kind: 'channelError',
          channel: message.channel,
          code: String(said['code'] ?? 'error'),
          message: String(said['message'] ?? 'the server refused the channel'),
        }
      }
      default:
        return pongs.has(message.type) ? { kind: 'pong' } : undefined
    }
  }

  const request = (type: string) => (channels: readonly ChannelRequest[], timestamp: number): Frame[] =>
    [JSON.stringify({ type, channels, timestamp })]

  return {
    name: 'json',
    features: { acks: false, resume: false, latency: ping !== false },
    encode: (message: OutboundMessage) => JSON.stringify(message),
    decode,
    control,
    ...(ping === false ? {} : { ping: (timestamp: number) => JSON.stringify({ type: ping, timestamp }) }),
    ...(subscriptions ? { subscribe: request('subscribe'), unsubscribe: request('unsubscribe') } : {}),
  }
}
