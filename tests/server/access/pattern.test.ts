/** What matches a channel pattern, and which patterns are refused. */
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { isUplinkError } from '../../../src/core/errors.ts'
import { CHANNEL_LENGTH_MOST, type ParamsOf, TEXT_LENGTH_MOST, type ParameterType, channelName, compilePattern } from '../../../src/server/access/pattern.ts'

const match = (source: string, channel: string): unknown => compilePattern(source).match(channel)

/** What was thrown, if anything. */
function thrownBy(run: () => unknown): unknown {
  try {
    run()
    return null
  } catch (thrown) {
    return thrown
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-'
const uuid = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'

const valueOf: Readonly<Record<ParameterType, fc.Arbitrary<string>>> = {
  text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => text.length <= TEXT_LENGTH_MOST && !/[\p{Cc}\p{Cs}?]/u.test(text)),
  word: fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 20 }),
  int: fc.maxSafeInteger().map(String).map((text) => (text === '-0' ? '0' : text)),
  uuid: fc.uuid(),
}

/** Patterns of up to three parameters that `_` or `.` separates, of which the last may be text. */
const filled = fc.tuple(
  fc.stringMatching(/^[a-z_.]{0,10}$/),
  fc.array(fc.tuple(fc.constantFrom<ParameterType>('word', 'int', 'uuid'), fc.constantFrom('_', '.', 'x_', '--.')), { maxLength: 2 }),
  fc.constantFrom<ParameterType>('text', 'word', 'int', 'uuid'),
  fc.stringMatching(/^[a-z0-9_.-]{0,10}$/),
).chain(([start, middle, last, end]) => {
  const parts = [...middle, [last, end] as const]
  return fc.tuple(...parts.map(([type]) => valueOf[type])).map((values) => ({
    source: start + parts.map(([type, after], index) => `{p${index}:${type}}${after}`).join(''),
    channel: start + parts.map(([, after], index) => `${values[index]}${after}`).join(''),
    params: Object.fromEntries(values.map((value, index) => [`p${index}`, value])),
  }))
})

describe('a pattern', () => {
  it.each<[source: string, channel: string, params: object | null]>([
    ['system_status', 'system_status', {}],
    ['system_status', 'system_status_', null],
    ['system_status', 'System_status', null],
    ['user_{userId}_trades', 'user_1_trades', { userId: '1' }],
    ['user_{userId}_trades', 'user_1_2_trades', { userId: '1_2' }],
    ['user_{userId}_trades', 'user_1_trades_trades', { userId: '1_trades' }],
    ['user_{userId}_trades', 'user__trades', null],
    ['user_{userId}_trades', 'user_trades', null],
    ['user_{userId}_trades', 'user_1_tradesx', null],
    ['user_{userId}_trades', 'xuser_1_trades', null],
    ['user_{userId}_trades', 'user_a\nb_trades', null],
    ['user_{userId}_trades', 'user_1_trades\n', null],
    ['user_{userId}_trades', 'user_\ud800_trades', null],
    ['user_{userId}_trades', `user_${'a'.repeat(128)}_trades`, { userId: 'a'.repeat(128) }],
    ['user_{userId}_trades', `user_${'a'.repeat(129)}_trades`, null],
    ['ticker.{symbol:word}', 'ticker.BTC-USD', { symbol: 'BTC-USD' }],
    ['ticker.{symbol:word}', 'ticker.BTC_USD', null],
    ['ticker.{symbol:word}', 'ticker.', null],
    ['{a:word}.{b:word}.{c}', 'x.y.z.z', { a: 'x', b: 'y', c: 'z.z' }],
    ['{a:word}x_{b:word}', 'axx_b', { a: 'ax', b: 'b' }],
    ['{a:word}x_{b:word}', 'x_b', null],
    ['order_{id:int}', 'order_12', { id: '12' }],
    ['order_{id:int}', 'order_-12', { id: '-12' }],
    ['order_{id:int}', 'order_0', { id: '0' }],
    ['order_{id:int}', 'order_012', null],
    ['order_{id:int}', 'order_-0', null],
    ['order_{id:int}', 'order_1e3', null],
    ['order_{id:int}', `order_${'9'.repeat(30)}`, null],
    ['doc_{id:uuid}_x', `doc_${uuid}_x`, { id: uuid }],
    ['doc_{id:uuid}_x', `doc_${uuid}0_x`, null],
    ['a{x}a', 'a', null],
    ['a{x}a', 'aa', null],
    ['a{x}a', 'aaa', { x: 'a' }],
    ['{constructor}', 'x', { constructor: 'x' }],
  ])('%s asked about %j says %j', (source, channel, params) => expect(match(source, channel)).toEqual(params))

  it('matches no channel with a ?, which would pass for the stream of another channel', () => {
    expect(match('feed_{name}', 'feed_secret?all')).toBeNull()
    expect(thrownBy(() => compilePattern('feed?all'))).toMatchObject({ code: 'UPLINK_OPTION_INVALID' })
  })

  it('matches no channel that is longer than 256 characters', () => {
    const source = `${'a'.repeat(200)}{x}`
    expect(match(source, 'a'.repeat(CHANNEL_LENGTH_MOST))).not.toBeNull()
    expect(match(source, 'a'.repeat(CHANNEL_LENGTH_MOST + 1))).toBeNull()
  })

  it.each([
    ['', '1 to 256'],
    ['a'.repeat(257), '1 to 256'],
    ['a{b', 'every { needs a }'],
    ['a}b', 'every } needs a {'],
    ['{a}}', 'every } needs a {'],
    ['{}', '{name}'],
    ['{1a}', '{name}'],
    ['{a b}', '{name}'],
    ['{__proto__}', '{name}'],
    ['{a{b}}', 'every { needs a }'],
    ['{a:float}', 'text, word, int, uuid'],
    ['{a:toString}', '{name}'],
    ['{a:constructor}', 'text, word, int, uuid'],
    ['{a:word}_{a:word}', 'name of its own'],
    ['{a}_{b}', 'at most one'],
    ['{a}_{b:int}', '{a} is of type text'],
    ['{a:word}{b:word}', '{a} is of type word'],
    ['{a:word}-{b}', '{a} is of type word'],
    ['{a:int}-{b:int}', '{a} is of type int'],
    ['{a:uuid}-{b}', '{a} is of type uuid'],
    ['a\u0000b', 'no control characters'],
    ['a\udc00', 'no lone surrogates'],
  ])('%j is refused and told what is allowed', (source, allowed) => {
    const thrown = thrownBy(() => compilePattern(source))
    expect(isUplinkError(thrown) && thrown.code).toBe('UPLINK_OPTION_INVALID')
    expect((thrown as Error).message).toContain(JSON.stringify(source.slice(0, 256)))
    expect((thrown as Error).message).toContain(allowed)
  })

  it('gives back what it was filled with', () => {
    fc.assert(fc.property(filled, ({ source, channel, params }) => {
      const pattern = compilePattern(source)
      expect(pattern.fill(params)).toBe(channel)
      expect(pattern.match(channel)).toEqual(params)
    }), { numRuns: 1_000 })
  })

  it('fills to the same channel again whatever it matches', () => {
    const near = fc.array(fc.constantFrom('user_', '_trades', '_', '.', '1', 'a', '-', '?', '\n', 'é', '😀'), { maxLength: 12 }).map((parts) => parts.join(''))
    fc.assert(fc.property(fc.constantFrom('user_{userId}_trades', '{a:word}.{b:int}_{c}', '{a:int}_{b:word}'), near, (source, channel) => {
      const pattern = compilePattern(source)
      const params = pattern.match(channel)
      if (params !== null) expect(pattern.fill(params)).toBe(channel)
    }), { numRuns: 2_000 })
  })

  it('never throws on any channel, and throws nothing but an invalid option on any pattern', () => {
    const any = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('{', '}', ':', 'a', '_', 'word', '\ud800') }))
    fc.assert(fc.property(any, any, (source, channel) => {
      expect(() => compilePattern('user_{userId}_trades').match(channel)).not.toThrow()
      const thrown = thrownBy(() => compilePattern(source).match(channel))
      if (thrown !== null) expect(isUplinkError(thrown) && thrown.code).toBe('UPLINK_OPTION_INVALID')
    }), { numRuns: 2_000 })
    for (const odd of [undefined, null, 1, {}, [], Symbol('x')]) expect(compilePattern('{a}').match(odd as string)).toBeNull()
  })

  it('reads each character of a hostile channel once', () => {
    const source = `${Array.from({ length: 10 }, (_, index) => `{p${index}:word}a_`).join('')}{z:word}!`
    const pattern = compilePattern(source)
    const spy = vi.spyOn(String.prototype, 'charAt')
    pattern.match('a'.repeat(250))
    pattern.match('aa_'.repeat(80))
    const reads = spy.mock.calls.length
    spy.mockRestore()
    expect(reads).toBeGreaterThan(250)
    expect(reads).toBeLessThanOrEqual(500)
  })
})

describe('channelName', () => {
  it('fills a pattern, and refuses values that would name another channel', () => {
    expect(channelName('user_{userId}_trades', { userId: '1_2' })).toBe('user_1_2_trades')
    for (const userId of ['', 'a\n', 'a?b', 'x'.repeat(129), 7 as unknown as string, undefined as unknown as string]) {
      expect(thrownBy(() => channelName('user_{userId}_trades', { userId }))).toMatchObject({ code: 'UPLINK_OPTION_INVALID' })
    }
    expect(thrownBy(() => channelName('t.{symbol:word}', { symbol: 'a.b' }))).toMatchObject({ code: 'UPLINK_OPTION_INVALID' })
    expect(thrownBy(() => channelName(`${'a'.repeat(200)}{x}`, { x: 'b'.repeat(100) }))).toMatchObject({ code: 'UPLINK_OPTION_INVALID' })
    expect(thrownBy(() => channelName('{toString}', {} as { toString: string }))).toMatchObject({ code: 'UPLINK_OPTION_INVALID' })
  })
})

describe('the types of parameters', () => {
  it('come from the pattern', () => {
    expectTypeOf<ParamsOf<'user_{userId}_trades'>>().toEqualTypeOf<{ readonly userId: string }>()
    expectTypeOf<ParamsOf<'{a:word}.{b:int}'>>().toEqualTypeOf<{ readonly a: string; readonly b: string }>()
    expectTypeOf<keyof ParamsOf<'system_status'>>().toEqualTypeOf<never>()
    expectTypeOf<ParamsOf<string>>().toEqualTypeOf<Readonly<Record<string, string>>>()
  })
})
