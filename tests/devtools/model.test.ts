/** What the monitor makes of frames: rows, filters, samples, channels. Pure, so without a connection. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHANNELS_MOST, createMeters, loseAll, measure, noteControl, noteMessage } from '../../src/devtools/model/channels.ts'
import { type Entry, peekType, readFrame } from '../../src/devtools/model/entry.ts'
import { EVERYTHING, type Filter, NO_VIEW, fits, lookAgain } from '../../src/devtools/model/filter.ts'
import { HIDDEN, redactValue, safeText, safeValue, secretRule, toJsonLines } from '../../src/devtools/model/redaction.ts'
import { createRing } from '../../src/devtools/model/ring.ts'
import { createSampler, keepsNext } from '../../src/devtools/model/sampling.ts'
import { SENDS_MOST, type Sends, noteSend } from '../../src/devtools/model/sends.ts'
import { SERIES_LENGTH, sampleOf, withSample } from '../../src/devtools/model/series.ts'
import { TIMELINE_LENGTH, withHappening } from '../../src/devtools/model/timeline.ts'

const entry = (serial: number, more: Partial<Entry> = {}): Entry =>
  ({ serial, at: serial * 10, direction: 'in', type: 'tick', channel: 'btc', id: undefined, isControl: false, size: 10, content: `{"type":"tick","data":${serial}}`, ...more })

const isSecret = secretRule()
const textOf = (one: Entry): string => safeText(one, isSecret)

describe('a ring', () => {
  it('holds the newest, whatever comes, within both of its bounds', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 3_000 }), (sizes) => {
      const ring = createRing<{ serial: number; size: number }>(50, 1_000)
      sizes.forEach((size, serial) => ring.push({ serial, size }))
      const all = ring.after(-1)
      expect(ring.length).toBe(all.length)
      expect(ring.size).toBe(all.reduce((sum, { size }) => sum + size, 0))
      expect(all.length).toBeLessThanOrEqual(50)
      expect(ring.size).toBeLessThanOrEqual(1_000)
      expect(all.map(({ serial }) => serial)).toEqual(sizes.map((_, serial) => serial).slice(sizes.length - all.length))
      expect(ring.after(sizes.length - 3).length).toBe(Math.min(2, all.length))
      // No more than it must was thrown away.
      const next = sizes[sizes.length - all.length - 1]
      if (next !== undefined) expect(all.length === 50 || ring.size + next > 1_000).toBe(true)
    }), { numRuns: 100 })
  })

  it('keeps the newest even where it alone is too heavy, and nothing when cleared', () => {
    const ring = createRing<{ serial: number; size: number }>(10, 100)
    ring.push({ serial: 1, size: 50 })
    ring.push({ serial: 2, size: 5_000 })
    expect(ring.after(0)).toEqual([{ serial: 2, size: 5_000 }])
    ring.clear()
    expect([ring.length, ring.size, ring.oldest]).toEqual([0, 0, Infinity])
  })
})

describe('reading a frame', () => {
  it('tells type, channel, id, and what belongs to the protocol', () => {
    expect(readFrame('{"type":"tick","channel":"btc","id":"7","data":1}')).toMatchObject([{ type: 'tick', channel: 'btc', id: '7', isControl: false, size: 49 }])
    expect(readFrame('{"type":"ping"}')).toMatchObject([{ type: 'ping', isControl: true }])
  })

  it('takes a batch apart into its messages', () => {
    const read = readFrame('{"type":"batch","messages":[{"type":"a","data":1},{"type":"b","channel":"c"},7]}')
    expect(read.map(({ type, channel }) => [type, channel])).toEqual([['a', undefined], ['b', 'c'], ['(text)', undefined]])
  })

  it('shows what it cannot read, and never throws', () => {
    expect(readFrame('nonsense')).toMatchObject([{ type: '(text)', content: 'nonsense', message: undefined }])
    expect(readFrame(new Uint8Array([1, 2]))).toMatchObject([{ type: '(binary)', size: 2 }])
    expect(readFrame(new Uint8Array([1, 2]), () => ({ type: 'position', channel: 'gps', data: 5 }))).toMatchObject([{ type: 'position', channel: 'gps' }])
    expect(readFrame(new Uint8Array([1]), () => { throw new Error('mine') })).toMatchObject([{ type: '(binary)' }])
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), (frame) => { expect(readFrame(frame).length).toBeGreaterThan(0) }))
  })

  it('tells the type of the usual frame without parsing it', () => {
    expect(peekType('{"type":"tick","data":1}')).toBe('tick')
    expect(peekType('{"data":1,"type":"tick"}')).toBeUndefined()
    expect(peekType(new Uint8Array())).toBeUndefined()
  })
})

describe('redaction', () => {
  it.each(['token', 'accessToken', 'PASSWORD', 'api_key', 'apiKey', 'client-secret', 'Authorization', 'auth', 'credentials', 'cookie', 'jwt', 'passphrase'])('hides %s, wherever it stands, and whatever it is', (name) => {
    for (const value of ['s3cret', 42, { deep: 's3cret' }, ['s3cret']]) {
      const text = JSON.stringify(redactValue({ data: [{ [name]: value }] }, isSecret))
      expect(text).toBe(JSON.stringify({ data: [{ [name]: HIDDEN }] }))
    }
  })

  it('hides secrets in URLs and authorization values, and leaves the rest alone', () => {
    expect(redactValue({ a: 'wss://x.example/?token=abc&room=1', b: 'Bearer abc.def', price: 1, author: 'ann', passenger: 'bob', none: null }, isSecret))
      .toEqual({ a: 'wss://x.example/?token=***&room=1', b: 'Bearer ***', price: 1, author: 'ann', passenger: 'bob', none: null })
    expect(safeText({ content: 'GET /?token=abc is no JSON' }, isSecret)).toBe('GET /?token=*** is no JSON')
    expect(safeValue({ content: new Uint8Array([1, 255]) }, isSecret)).toBe('01 ff')
  })

  it('hides what a page names besides, every time', () => {
    const rule = secretRule(/ssn|iban/gi)
    for (let n = 0; n < 4; n++) expect(redactValue({ iban: 'DE02', token: 'x', name: 'ann' }, rule)).toEqual({ iban: HIDDEN, token: HIDDEN, name: 'ann' })
  })

  it('writes JSON lines without them, one a message', () => {
    const lines = toJsonLines([entry(1, { content: '{"type":"login","data":{"password":"s3cret"}}' }), entry(2)], isSecret, String)
    expect(lines.endsWith('\n')).toBe(true)
    expect(lines.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([
      { serial: 1, at: '10', direction: 'in', type: 'tick', channel: 'btc', size: 10, message: { type: 'login', data: { password: HIDDEN } } },
      { serial: 2, at: '20', direction: 'in', type: 'tick', channel: 'btc', size: 10, message: { type: 'tick', data: 2 } },
    ])
  })
})

describe('the filter', () => {
  it.each<[Partial<Filter>, boolean]>([
    [{}, true], [{ direction: 'in' }, true], [{ direction: 'out' }, false], [{ type: 'tick' }, true], [{ type: 'order' }, false], [{ channel: 'btc' }, true],
    [{ channel: 'eth' }, false], [{ query: 'DATA":7' }, true], [{ query: 'nothing like it' }, false], [{ control: false }, true],
  ])('%j fits: %s', (filter, expected) => {
    expect(fits(entry(7), { ...EVERYTHING, ...filter }, textOf)).toBe(expected)
  })

  it('does not find a message by its secret', () => {
    const one = entry(1, { content: '{"type":"login","data":{"password":"hunter2"}}' })
    expect(fits(one, { ...EVERYTHING, query: 'hunter2' }, textOf)).toBe(false)
    expect(fits(one, { ...EVERYTHING, query: 'password' }, textOf)).toBe(true)
  })

  it('looks at each message once, and ends up where one look at all of them would', () => {
    const kinds = fc.constantFrom('a', 'b', 'c')
    fc.assert(fc.property(fc.array(fc.array(kinds, { maxLength: 40 }), { minLength: 1, maxLength: 20 }), (rounds) => {
      const ring = createRing<Entry>(60, Infinity)
      const filter: Filter = { ...EVERYTHING, query: 'a' }
      let looks = 0
      const counted = (one: Entry): string => { looks++; return one.type }
      let view = NO_VIEW
      let serial = 0
      for (const round of rounds) {
        for (const type of round) ring.push(entry(serial++, { type }))
        view = lookAgain(view, ring, filter, counted)
        expect(view.rows).toEqual(ring.after(-1).filter(({ type }) => type === 'a'))
      }
      expect(looks).toBeLessThanOrEqual(serial)
      expect(lookAgain(view, ring, filter, counted)).toBe(view)
    }), { numRuns: 100 })
  })
})

describe('sampling', () => {
  const run = (perSecond: number, seconds: number, most: number): { kept: number; every: number } => {
    const sampler = createSampler(most)
    let kept = 0
    for (let n = 0; n < perSecond * seconds; n++) if (keepsNext(sampler, (n * 1_000) / perSecond)) kept++
    return { kept, every: sampler.every }
  }

  it('keeps everything that can be read', () => {
    expect(run(900, 5, 1_000)).toEqual({ kept: 4_500, every: 1 })
    expect(run(100_000, 2, Infinity)).toEqual({ kept: 200_000, every: 1 })
  })

  it.each([[5_000, 5], [10_000, 10], [80_000, 100]])('of %i a second keeps 1 of %i, from the first second on no more than twice the bound', (perSecond, every) => {
    const { kept, every: step } = run(perSecond, 10, 1_000)
    expect(step).toBe(every)
    expect(kept / 10).toBeLessThanOrEqual(2_000)
    expect(kept).toBeGreaterThan((perSecond * 10) / every / 2)
  })

  it('keeps everything again once the flood is over', () => {
    const sampler = createSampler(100)
    for (let n = 0; n < 5_000; n++) keepsNext(sampler, n)
    expect(sampler.every).toBeGreaterThan(1)
    expect(keepsNext(sampler, 60_000)).toBe(true)
    expect(sampler.every).toBe(1)
  })
})

describe('channels', () => {
  const tick = (channel: string, more: object = {}) => ({ type: 'tick', channel, data: 1, ...more })

  it('are told by what client and server say about them', () => {
    const meters = createMeters()
    const standing = (): (string | undefined)[] => ['a', 'b', 'c'].map((name) => meters.byName.get(name)?.standing)
    noteControl(meters, 'subscribe', { type: 'subscribe', data: undefined, channels: [{ channel: 'a' }, 'b'] } as never)
    expect(standing()).toEqual(['asked', 'asked', undefined])
    noteControl(meters, 'subscription_confirmed', { type: '', data: undefined, channel: 'a', epoch: 'e1', offset: 10, top: 12 } as never)
    noteControl(meters, 'error', { type: 'error', data: undefined, channel: 'b', code: 'not_authorized', message: 'not for you' } as never)
    noteMessage(meters, tick('c'), 5, Date.parse)
    expect(standing()).toEqual(['confirmed', 'refused', 'data'])
    expect(meters.byName.get('a')).toMatchObject({ epoch: 'e1', offset: 10, behind: 2 })
    expect(meters.byName.get('b')?.why).toBe('not for you')
    noteMessage(meters, tick('a', { offset: 11 }), 5, Date.parse)
    expect(meters.byName.get('a')).toMatchObject({ source: 'recovered', offset: 11, behind: 1 })
    noteMessage(meters, tick('a', { offset: 12 }), 5, Date.parse)
    expect(meters.byName.get('a')).toMatchObject({ source: 'recovered', behind: 0 })
    noteMessage(meters, tick('a', { offset: 13 }), 5, Date.parse)
    expect(meters.byName.get('a')?.source).toBe('live')
    loseAll(meters)
    expect(standing()).toEqual(['lost', 'refused', 'lost'])
    noteControl(meters, 'unsubscribe', { type: 'unsubscribe', data: undefined, channels: [{ channel: 'a' }] } as never)
    expect(standing()).toEqual(['left', 'refused', 'lost'])
  })

  it('have a rate and an age, where their messages have a time', () => {
    const meters = createMeters()
    for (let n = 0; n < 30; n++) noteMessage(meters, tick('a', { timestamp: 1_000 }), 1_250, Date.parse)
    noteMessage(meters, tick('b', { timestamp: '1970-01-01T00:00:01.000Z' }), 1_400, Date.parse)
    noteMessage(meters, tick('c'), 1_400, Date.parse)
    measure(meters, 500)
    expect(['a', 'b', 'c'].map((name) => [meters.byName.get(name)?.rate, meters.byName.get(name)?.lagMs])).toEqual([[60, 250], [2, 400], [2, null]])
    measure(meters, 1_000)
    expect(meters.byName.get('a')?.rate).toBe(0)
  })

  it('are bounded: those that are too many are counted together', () => {
    const meters = createMeters()
    for (let n = 0; n < CHANNELS_MOST + 20; n++) noteMessage(meters, tick(`c${n}`), 1, Date.parse)
    expect([meters.byName.size, meters.others]).toEqual([CHANNELS_MOST, 20])
  })
})

it('sends, series and timeline are bounded, and lose their oldest', () => {
  const sends: Sends = new Map()
  for (let n = 0; n < SENDS_MOST + 5; n++) noteSend(sends, String(n), n, { fate: 'sent' })
  expect([sends.size, [...sends.keys()][0]]).toEqual([SENDS_MOST, '5'])
  const totals = { messagesReceived: 0, messagesSent: 0, bytesReceived: 0, bytesSent: 0 }
  let series = withSample([], sampleOf(totals, { ...totals, messagesReceived: 50 }, 500, { at: 0, latencyMs: null, isConnected: true }))
  expect(series[0]).toMatchObject({ received: 100, sent: 0 })
  for (let at = 1; at < SERIES_LENGTH + 5; at++) series = withSample(series, sampleOf(totals, totals, 1_000, { at, latencyMs: null, isConnected: true }))
  expect([series.length, series[0]?.at]).toEqual([SERIES_LENGTH, 5])
  let timeline = withHappening([], { at: 0, kind: 'close', from: null, to: null, code: '1006', text: '' })
  for (let at = 1; at < TIMELINE_LENGTH + 5; at++) timeline = withHappening(timeline, { at, kind: 'close', from: null, to: null, code: '1006', text: '' })
  expect([timeline.length, timeline[0]?.serial]).toEqual([TIMELINE_LENGTH, 6])
})
