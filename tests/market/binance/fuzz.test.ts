/** Payloads that are none: each is an error with a code, and what comes after it arrives as if nothing had been. */
import fc from 'fast-check'
import { ERROR_CODES } from 'uplink'
import type { Message } from 'uplink/engine'
import { binance, binanceKey } from 'uplink/market'
import { scriptedTransport } from 'uplink/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { simulate } from '../../../examples/market-dashboard/server/simulator.ts'
import { venues } from '../support.ts'
import { clients } from './support.ts'

const standIns = venues()
const all = clients()

afterEach(async () => {
  all.close()
  await standIns.close()
})

const DIFF = JSON.stringify({
  stream: 'btcusdt@depth@100ms', data: { e: 'depthUpdate', E: 1, s: 'BTCUSDT', U: 5, u: 7, b: [['1.00', '2.0']], a: [['1.10', '0.0']] },
})

describe('what is no payload', () => {
  it.each([
    ['nothing', '', 'UPLINK_MESSAGE_MALFORMED'],
    ['null', 'null', 'UPLINK_MESSAGE_UNKNOWN'],
    ['a list', '[]', 'UPLINK_MESSAGE_UNKNOWN'],
    ['a stream without data', '{"stream":"btcusdt@trade"}', 'UPLINK_MESSAGE_UNKNOWN'],
    ['a stream that is a number', '{"stream":7,"data":{}}', 'UPLINK_MESSAGE_UNKNOWN'],
    ['data that is a text', '{"stream":"btcusdt@trade","data":"no"}', 'UPLINK_MESSAGE_UNKNOWN'],
    ['a key that changes prototypes', '{"stream":"btcusdt@trade","data":{"__proto__":{"p":"1"}}}', 'UPLINK_MESSAGE_UNSAFE'],
    ['the same, spelled otherwise', '{"stream":"btcusdt@trade","data":{"\\u005f_proto__":{"p":"1"}}}', 'UPLINK_MESSAGE_UNSAFE'],
    ['a very deep list', `{"stream":"btcusdt@trade","data":${'['.repeat(2_000)}${']'.repeat(2_000)}}`, 'UPLINK_MESSAGE_TOO_DEEP'],
    ['a very long price', `{"stream":"btcusdt@trade","data":{"p":"${'1'.repeat(2_000_000)}"}}`, 'UPLINK_MESSAGE_TOO_LARGE'],
    ['an error to nothing', '{"error":{"code":7,"msg":"what?"}}', 'UPLINK_SERVER_FAULT'],
    ['an error with a strange code', '{"error":{"code":{"toString":1},"msg":[]}}', 'UPLINK_SERVER_FAULT'],
    ['an error in the form of futures', '{"code":7,"msg":"what?","id":99}', 'UPLINK_SERVER_FAULT'],
  ])('is reported under its code: %s', async (_, garbage, code) => {
    const source = simulate({ venue: 'spot', symbols: 1, updatesPerSecond: 0, minutes: 1 })
    const venue = await standIns.start({ venue: 'spot', source })
    const { connection, messages, errors } = await all.open(`${venue.wsUrl}/stream`, { ping: false })
    const lease = connection.channel('btcusdt@depth@100ms')
    await expect.poll(() => lease.snapshot().status).toBe('live')
    venue.sockets.tamper(() => [garbage])
    source.step(1)
    await expect.poll(() => errors.map((error) => error.code)).toEqual([code])
    venue.sockets.tamper(null)
    source.step(1)
    await expect.poll(() => messages.length).toBe(1)
    expect(connection.snapshot().state).toBe('connected')
  })

  it('is every beginning of a payload', async () => {
    const source = simulate({ venue: 'spot', symbols: 1, updatesPerSecond: 0, minutes: 1 })
    const venue = await standIns.start({ venue: 'spot', source })
    const { connection, messages, errors } = await all.open(`${venue.wsUrl}/stream`, { ping: false })
    const lease = connection.channel('btcusdt@depth@100ms')
    await expect.poll(() => lease.snapshot().status).toBe('live')
    let length = 0
    venue.sockets.tamper((_, text) => Array.from({ length: (length = text.length) }, (_, end) => text.slice(0, end)).concat(text))
    source.step(1)
    await expect.poll(() => messages.length).toBe(1)
    expect(errors).toHaveLength(length)
    expect(errors.every(({ code }) => code === 'UPLINK_MESSAGE_MALFORMED')).toBe(true)
  })
})

describe('the protocol', () => {
  const { decode, control } = binance()

  function read(text: string): { readonly message: Message } | { readonly thrown: unknown } {
    try {
      const message = decode(text)
      control?.(message)
      binanceKey(message)
      return { message }
    } catch (thrown) {
      return { thrown }
    }
  }

  it('reads or refuses whatever a network makes of a payload, and throws nothing but errors', () => {
    fc.assert(fc.property(fc.nat(DIFF.length - 1), fc.nat(40), fc.string({ maxLength: 12 }), (at, cut, insert) => {
      const outcome = read(DIFF.slice(0, at) + insert + DIFF.slice(at + cut))
      if ('thrown' in outcome) expect(outcome.thrown).toBeInstanceOf(Error)
      else expect(typeof outcome.message.type).toBe('string')
    }), { numRuns: 3_000 })
  })

  it('takes any JSON for what it is, and numbers messages only by what are numbers', () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom<unknown>(-1, 1.5, 2 ** 60, '7', null, { toString: 1 }))
    const data = fc.record({ e: value, E: value, s: value, a: value, u: value, U: value, pu: value, k: value, o: value }, { requiredKeys: [] })
    const stream = fc.constantFrom('btcusdt@aggTrade', 'btcusdt@depth@100ms', 'btcusdt@kline_1m', '!ticker@arr', 'btcusdt@depth5', '@', '!', '')
    fc.assert(fc.property(stream, fc.oneof(data, fc.array(data, { maxLength: 3 })), (name, payload) => {
      const text = JSON.stringify({ stream: name, data: payload })
      const outcome = read(text)
      if ('thrown' in outcome) {
        expect(text).toContain('__proto__')
        expect(outcome.thrown).toMatchObject({ fault: 'unsafe' })
        return
      }
      const { offset, from, timestamp } = outcome.message
      expect(timestamp === undefined || typeof timestamp === 'number').toBe(true)
      expect((offset === undefined) === (from === undefined)).toBe(true)
      if (offset !== undefined && from !== undefined) {
        expect(Number.isSafeInteger(offset) && Number.isSafeInteger(from)).toBe(true)
        expect(from).toBeLessThanOrEqual(offset)
      }
    }), { numRuns: 2_000 })
  })

  it.each(['ws://venue/stream', 'ws://venue/ws', 'ws://venue/ws/btcusdt@depth5'])('lets nothing out of a socket to %s but messages and errors', async (url) => {
    const poison = fc.constantFrom<unknown>({ toString: 1 }, { valueOf: {}, toString: {} }, [], -1, 2 ** 60, null, '', 'BTCUSDT', 'depthUpdate', 1, true)
    const field = fc.oneof(poison, fc.jsonValue({ maxDepth: 2 }))
    const names = ['result', 'error', 'code', 'msg', 'id', 'answers', 'stream', 'data', 'e', 's', 'k', 'o', 'lastUpdateId', 'u', 'i', 'method', 'params']
    const object = fc.dictionary(fc.constantFrom(...names), field, { maxKeys: 6 })
    const frame = fc.oneof(object, fc.array(object, { maxLength: 2 }), object.map((data) => ({ stream: 'btcusdt@depth5', data })), object.map((error) => ({ error, id: 1 })))
    const script = scriptedTransport({ onDial: (socket) => queueMicrotask(() => socket.open()) })
    const { connection, errors } = await all.open(url, {}, { transport: script.transport })
    connection.channel('btcusdt@depth5')
    connection.channel('btcusdt@kline_1m')
    fc.assert(fc.property(frame, (value) => script.socket().receive(JSON.stringify(value))), { numRuns: 1_500 })
    expect(errors.filter(({ code }) => code === 'UPLINK_LISTENER_FAILED')).toEqual([])
    expect(connection.snapshot().state).toBe('connected')
  })

  it('says what it cannot do, where it is made and where it is asked', () => {
    const invalid = 'UPLINK_OPTION_INVALID' satisfies keyof typeof ERROR_CODES
    expect(() => binance({ venue: 'moon' as 'spot' })).toThrow(expect.objectContaining({ code: invalid, message: 'venue is moon; allowed: spot, us, futures' }))
    expect(() => binance({ messagesPerSecond: 1 })).toThrow(expect.objectContaining({ code: invalid }))
    expect(() => binance({ maxChannels: 0.5 })).toThrow(expect.objectContaining({ code: invalid }))
    expect(() => binance().encode({ type: 'ORDER' })).toThrow('a stream server takes no messages')
  })
})

describe('keys of messages', () => {
  const key = (stream: string, data: unknown): string | undefined => binanceKey(decodeOf(stream, data))
  const decodeOf = (stream: string, data: unknown): Message => binance().decode(JSON.stringify({ stream, data }))

  it.each([
    ['btcusdt@aggTrade', { e: 'aggTrade', E: 9, a: 26_129 }, '26129'],
    ['btcusdt@trade', { e: 'trade', E: 9, t: 12 }, '12'],
    ['btcusdt@depth@100ms', { e: 'depthUpdate', E: 9, U: 1, u: 3 }, '3'],
    ['btcusdt@depth5', { lastUpdateId: 8, bids: [], asks: [] }, '8'],
    ['btcusdt@bookTicker', { u: 44, s: 'BTCUSDT' }, '44'],
    ['!bookTicker', { u: 44, s: 'BTCUSDT' }, 'BTCUSDT:44'],
    ['btcusdt@kline_1m', { e: 'kline', E: 9, k: { t: 60_000 } }, '60000:9'],
    ['btcusdt@ticker', { e: '24hrTicker', E: 9 }, '9'],
    ['btcusdt@markPrice@1s', { e: 'markPriceUpdate', E: 9 }, '9'],
    ['btcusdt@forceOrder', { e: 'forceOrder', E: 9, o: { s: 'BTCUSDT', p: '1', q: '2' } }, '9:BTCUSDT:1:2'],
    ['!ticker@arr', [{ s: 'A', E: 1 }, { s: 'B', E: 2 }], '2:A:1:B:2'],
  ])('are the numbers of %s', (stream, data, expected) => expect(key(stream, data)).toBe(expected))

  it('are none where a message has no number, so that nobody leaves it out', () => {
    expect(key('btcusdt@kline_1m', { e: 'kline', E: 9 })).toBeUndefined()
    expect(key('btcusdt@aggTrade', {})).toBeUndefined()
    expect(key('!ticker@arr', [])).toBeUndefined()
    expect(binanceKey({ type: 'news', data: { E: 1 } })).toBeUndefined()
  })
})
