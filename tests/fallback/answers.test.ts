/** What `fetch` may return, and what it may do wrong. */
import { afterEach, describe, expect, it } from 'vitest'
import { type PollOptions, poll } from 'uplink/fallback'
import { type FallbackRig, type RigOptions, blocked, fallbackRig } from './support.ts'

let rigs: FallbackRig[] = []
afterEach(() => {
  for (const { connection } of rigs) connection.destroy()
  rigs = []
})

async function polling(options: RigOptions = {}) {
  const made = fallbackRig({ probeInterval: Infinity, ...options }, blocked)
  rigs.push(made)
  const heard: unknown[] = []
  const lease = made.connection.channel('btc')
  lease.onMessage((data) => heard.push(data))
  void made.connection.connect()
  await made.pass(2_400)
  const reply = async (result: unknown): Promise<void> => {
    made.asked.at(-1)?.answer(result as never)
    await made.pass(6_000)
  }
  const stats = () => made.connection.stats().fallback
  // The failed dials are not what these tests are about.
  const errors = () => made.log.filter((line) => line.startsWith('UPLINK_POLL'))
  return { ...made, lease, heard, reply, stats, errors }
}

const json = (body: unknown, headers: Record<string, string> = {}): Response => new Response(JSON.stringify(body), { headers })

describe('a Response', () => {
  it('is the state of the channel, and what it is known by makes the next request conditional', async () => {
    const { asked, heard, reply, stats, lease, platform } = await polling()
    await reply(json({ price: 1 }, { etag: 'W/"7"' }))
    expect(asked.at(-1)?.request).toMatchObject({ validator: 'W/"7"', headers: { 'if-none-match': 'W/"7"' } })
    const before = lease.snapshot().asOf ?? 0
    await reply(new Response(null, { status: 304 }))
    expect(heard).toEqual([{ price: 1 }])
    expect(asked.at(-1)?.request.validator).toBe('W/"7"')
    expect(stats()).toMatchObject({ polls: 3, unchanged: 1, failures: 0, messages: 1, bytes: 11 })
    // An answer that says "unchanged" says that the data is as of now.
    expect(lease.snapshot().asOf).toBeGreaterThan(before)
    expect(lease.snapshot().asOf).toBeLessThanOrEqual(platform.time())
  })

  it('with a date is asked for by its date', async () => {
    const { asked, reply } = await polling()
    const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
    await reply(json(1, { 'last-modified': date }))
    expect(asked.at(-1)?.request.headers).toEqual({ 'if-modified-since': date })
  })

  it('equal to the last one brings nothing, where the server says not what to know it by', async () => {
    const { heard, reply, stats } = await polling()
    for (const price of [1, 1, 2, 2, 1]) await reply(json({ price }))
    expect(heard).toEqual([{ price: 1 }, { price: 2 }, { price: 1 }])
    expect(stats()?.unchanged).toBe(2)
  })

  it('goes through read', async () => {
    const { heard, reply } = await polling({ read: (body, channel) => ({ messages: (body as number[]).map((data) => ({ data: `${channel} ${data}` })) }) })
    await reply(json([1, 2]))
    expect(heard).toEqual(['btc 1', 'btc 2'])
  })

  it.each([
    ['an error of the server', () => new Response('oops', { status: 500 }), 'UPLINK_POLL_FAILED'],
    ['a body that is no JSON', () => new Response('<html>'), 'UPLINK_POLL_INVALID'],
    ['a body that is cut off', () => new Response('{"price":'), 'UPLINK_POLL_INVALID'],
    ['a body with the key __proto__', () => new Response('{"__proto__":{"a":1}}'), 'UPLINK_POLL_INVALID'],
    ['a body that is too long', () => json('x'.repeat(200)), 'UPLINK_POLL_FAILED'],
    ['one that says it is too long', () => new Response('1', { headers: { 'content-length': '900' } }), 'UPLINK_POLL_FAILED'],
  ])('that is %s is a failure with a code, and nothing of it is heard', async (_, make, code) => {
    const { heard, reply, errors, stats } = await polling({ maxBytes: 100 })
    await reply(make())
    expect(heard).toEqual([])
    expect(errors()).toEqual([code])
    expect(stats()).toMatchObject({ failures: 1, lastError: { code } })
  })
})

describe('an answer made by hand', () => {
  it.each([undefined, null, { notModified: true }, { messages: [] }, { validator: 'x' }])('%o brings nothing new', async (answer) => {
    const { heard, reply, stats } = await polling()
    await reply(answer)
    expect(heard).toEqual([])
    expect(stats()).toMatchObject({ unchanged: 1, failures: 0 })
  })

  it('has a validator of its own', async () => {
    const { asked, reply } = await polling()
    await reply({ data: 1, validator: 'v1' })
    expect(asked.at(-1)?.request.validator).toBe('v1')
    await reply({ notModified: true })
    expect(asked.at(-1)?.request.validator).toBe('v1')
    await reply({ data: 2, validator: null })
    expect(asked.at(-1)?.request).toMatchObject({ validator: null, headers: {} })
  })

  it.each([
    ['a bare value', 42], ['a bare array', [1]], ['an object without any of its fields', { price: 1 }], ['messages that are no array', { messages: {} }],
    ['a message without data', { messages: [{ type: 'a' }] }], ['a message that is none', { messages: [null] }], ['a wrong type', { messages: [{ data: 1, type: '' }] }],
    ['an offset that is none', { position: { epoch: 'e', offset: 2 }, messages: [{ data: 1, offset: 1.5 }] }], ['from after offset', { position: { epoch: 'e', offset: 2 }, messages: [{ data: 1, offset: 1, from: 2 }] }],
    ['offsets without an epoch', { messages: [{ data: 1, offset: 1 }] }], ['a position that is none', { data: 1, position: { offset: 1 } }],
  ])('that is %s is UPLINK_POLL_INVALID, and nothing of it is heard', async (_, answer) => {
    const { heard, reply, errors } = await polling()
    await reply(answer)
    expect(heard).toEqual([])
    expect(errors()).toEqual(['UPLINK_POLL_INVALID'])
  })
})

describe('a fetch', () => {
  const failures: Array<[string, PollOptions['fetch']]> = [
    ['throws', () => { throw new Error('at once') }],
    ['rejects', () => Promise.reject(new TypeError('failed to fetch'))],
    ['throws something that is no error', () => { throw 'text' }],
    ['has a body that breaks off', () => ({ headers: new Headers(), ok: true, status: 200, text: () => Promise.reject(new Error('reset')) }) as unknown as Response],
  ]
  it.each(failures)('that %s is told once in a row, counted each time, and tried again', async (_, fetch) => {
    let works = false
    const { pass, errors, stats, heard } = await polling({ fetch: (channel, request) => (works ? { data: 'now' } : fetch(channel, request)) })
    await pass(60_000)
    expect(errors()).toEqual(['UPLINK_POLL_FAILED'])
    expect(stats()?.failures).toBeGreaterThan(3)
    works = true
    await pass(61_000)
    expect(heard[0]).toBe('now')
    works = false
    await pass(30_000)
    expect(errors()).toEqual(['UPLINK_POLL_FAILED', 'UPLINK_POLL_FAILED'])
  })

  it('that hangs is aborted after its timeout, told under its own code, and what it gives later is heard by nobody', async () => {
    const { asked, pass, errors, heard } = await polling({ timeout: 1_000 })
    await pass(1_000)
    expect(asked[0]?.request.signal.aborted).toBe(true)
    expect(errors()).toEqual(['UPLINK_POLL_TIMEOUT'])
    asked[0]?.answer({ data: 'late' })
    await pass(12_000)
    expect(heard).toEqual([])
    expect(asked.length).toBeGreaterThan(1)
  })

  it('that hangs in its body is aborted too', async () => {
    const { pass, errors } = await polling({ timeout: 1_000, fetch: () => ({ headers: new Headers(), ok: true, status: 200, text: () => new Promise(() => undefined) }) as unknown as Response })
    await pass(1_000)
    expect(errors()).toEqual(['UPLINK_POLL_TIMEOUT'])
  })

  it('may call anything from inside: disconnect, release, destroy', async () => {
    for (const act of ['disconnect', 'destroy', 'release'] as const) {
      const made = await polling({ fetch: () => { if (act === 'release') made.lease.release(); else made.connection[act](); return { data: 1 } }, fallbackAfter: 5_000 })
      await made.pass(20_000)
      expect(made.heard, act).toEqual([])
      expect(made.stats()?.polls, act).toBe(1)
    }
  })
})

describe('options', () => {
  const fetch = (): undefined => undefined
  it.each([
    [undefined, /needs options/], [{}, /fetch has a wrong value/], [{ fetch, interval: 99 }, /interval is 99; allowed: a number from 100 to 3600000/], [{ fetch, interval: Number.NaN }, /interval is NaN/],
    [{ fetch, fallbackAfter: -1 }, /fallbackAfter is -1/], [{ fetch, staleAfter: 5 }, /staleAfter is 5/], [{ fetch, timeout: Infinity }, /timeout is Infinity/], [{ fetch, concurrency: 1.5 }, /concurrency is 1.5/],
    [{ fetch, concurrency: 0 }, /concurrency is 0/], [{ fetch, probeInterval: 10 }, /probeInterval is 10/], [{ fetch, maxInterval: 1_000 }, /maxInterval is 1000; allowed: a number from 5000/], [{ fetch, maxBytes: 0 }, /maxBytes is 0/],
    [{ fetch, hiddenInterval: 'x' }, /hiddenInterval is 'x'/], [{ fetch, keyOf: 'id' }, /keyOf has a wrong value; allowed: a function/], [{ fetch, type: '' }, /type has a wrong value/], [{ fetch, cache: {} }, /cache.get has a wrong value/],
  ])('that are not allowed are refused at the door: %o', (options, message) => {
    expect(() => poll(options as never)).toThrow(message)
    expect(() => poll(options as never)).toThrow(expect.objectContaining({ code: 'UPLINK_OPTION_INVALID' }))
  })

  it('that are there and undefined are as if they were not', async () => {
    const names = ['read', 'channels', 'type', 'interval', 'keyOf', 'cache']
    const { heard, reply } = await polling(Object.fromEntries(names.map((name) => [name, undefined])))
    await reply(json({ price: 1 }))
    expect(heard).toEqual([{ price: 1 }])
  })
})
