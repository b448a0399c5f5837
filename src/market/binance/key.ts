/** What makes a message of a stream itself, and not another: the number that the venue gave it. */
import type { Message } from '../../protocol/message.ts'

type Fields = Readonly<Record<string, unknown>>

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})

const isPart = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number'

/** One key of several fields; none where one of them is missing or is none. */
const join = (...parts: readonly unknown[]): string | undefined => (parts.every(isPart) ? parts.join(':') : undefined)

const forceOrder = ({ o, E }: Fields): string | undefined => join(E, fields(o)['s'], fields(o)['p'], fields(o)['q'])

/** An array is told by its length, its first and its last entry: each symbol has one event time. */
function arrayKey(list: readonly unknown[]): string | undefined {
  const [first, last] = [fields(list[0]), fields(list.at(-1))]
  return join(list.length, first['s'], first['E'], last['s'], last['E'])
}

/** The fields that tell an event of a stream from every other, by kind of stream. */
const KEYS: Readonly<Record<string, (data: Fields) => string | undefined>> = {
  aggTrade: ({ a }) => join(a),
  trade: ({ t }) => join(t),
  depth: ({ u }) => join(u),
  partialDepth: ({ lastUpdateId, u }) => join(lastUpdateId ?? u),
  bookTicker: ({ u }) => join(u),
  '!bookTicker': ({ s, u }) => join(s, u),
  kline: ({ k, E }) => join(fields(k)['t'], E),
  forceOrder,
  '!forceOrder@arr': forceOrder,
}

/**
 * The key of a message among those of its channel, for whoever hears a channel on two sockets and wants each message
 * once: `a` of aggregate trades, `t` of trades, `u` of books and best prices, `t` and `E` of candles, `E` of the rest.
 * `undefined` for what has none: it cannot be told from another, so nobody may leave it out.
 *
 * @example
 * binanceKey({ type: 'aggTrade', channel: 'btcusdt@aggTrade', data: { e: 'aggTrade', a: 26129, p: '0.01' } }) // '26129'
 */
export function binanceKey({ type, channel, data }: Message): string | undefined {
  if (channel === undefined) return undefined
  if (Array.isArray(data)) return arrayKey(data)
  const keyOf = Object.hasOwn(KEYS, type) ? KEYS[type] : undefined
  return keyOf === undefined ? join(fields(data)['E']) : keyOf(fields(data))
}
