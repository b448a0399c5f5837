/** The REST client against a real HTTP server that misbehaves on demand. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type BinanceRestOptions, binanceRest } from 'uplink/market/rest'
import { createAllowance } from '../../../src/market/rest/allowance.ts'

let server: Server
let url = ''
let asked: string[] = []
let answer: (request: IncomingMessage, response: ServerResponse) => void

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) => (_: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => { asked = [] })

const client = (options: Partial<BinanceRestOptions> = {}) => binanceRest({ url, ...options })
const DEPTH = { lastUpdateId: 1, bids: [['1.0', '2']], asks: [['1.1', '3']] }

describe('a request', () => {
  it('asks what the venue documents, and gives what it answered, with decimals as text', async () => {
    answer = json(DEPTH)
    expect(await client().depth('BTCUSDT', 100)).toEqual(DEPTH)
    answer = json([{ a: 5, p: '0.10', q: '2', f: 1, l: 2, T: 9, m: true, M: true }])
    expect(await client({ url: `${url}/` }).aggTrades({ symbol: 'BTCUSDT', limit: 2, fromId: 5 })).toEqual([{ id: 5, price: '0.10', quantity: '2', time: 9, isBuyerMaker: true }])
    answer = json([[0, '1', '2', '0.5', '1.5', '10', 59_999, '15', 3, '0', '0', '0'], [60_000, '1', '2', '0.5', '1.5', '10', 119_999, '15', 3, '0', '0', '0']])
    expect((await client().klines({ symbol: 'BTCUSDT', interval: '1m', limit: 2, startTime: 0 })).map(({ isClosed }) => isClosed)).toEqual([true, false])
    expect(asked).toEqual(['/api/v3/depth?symbol=BTCUSDT&limit=100', '/api/v3/aggTrades?symbol=BTCUSDT&limit=2&fromId=5', '/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=2&startTime=0'])
  })

  it.each<[string, unknown, string]>([
    ['a number for a price', { ...DEPTH, bids: [[1, '2']] }, 'bids.0.0'], ['a level of three', { ...DEPTH, asks: [['1', '2', '3']] }, 'asks.0'], ['an exponent', { ...DEPTH, bids: [['1e5', '2']] }, 'bids.0.0'],
    ['no id', { ...DEPTH, lastUpdateId: null }, 'lastUpdateId'], ['a list', [], 'GET depth'], ['null', null, 'GET depth'],
  ])('answered with %s is an error that says where', async (_, body, where) => {
    answer = json(body)
    await expect(client().depth('BTCUSDT', 5)).rejects.toMatchObject({ code: 'UPLINK_REST_INVALID', message: expect.stringContaining(where) })
  })

  it('answered with candles or trades out of order, or half an answer, is an error', async () => {
    const kline = (t: number): unknown[] => [t, '1', '2', '0.5', '1.5', '10', t + 9, '15', 3]
    answer = json([kline(10), kline(0)])
    await expect(client().klines({ symbol: 'X', interval: '1m', limit: 2 })).rejects.toMatchObject({ code: 'UPLINK_REST_INVALID' })
    answer = json([{ a: 2, p: '1', q: '1', T: 1, m: true }, { a: 2, p: '1', q: '1', T: 1, m: true }])
    await expect(client().aggTrades({ symbol: 'X', limit: 2 })).rejects.toMatchObject({ code: 'UPLINK_REST_INVALID' })
    answer = (_, response) => { response.end('{"lastUpdateId":1,"bi') }
    await expect(client().depth('X', 5)).rejects.toMatchObject({ code: 'UPLINK_REST_INVALID' })
    answer = (_, response) => { response.writeHead(200, { 'content-length': '500' }).write('{"lastUpdateId":1'); response.destroy() }
    await expect(client().depth('X', 5)).rejects.toMatchObject({ code: 'UPLINK_REST_FAILED' })
  })

  it('that is refused says what the venue said', async () => {
    answer = json({ code: -1121, msg: 'Invalid symbol.' }, 400)
    await expect(client().depth('NOPE', 5)).rejects.toMatchObject({ code: 'UPLINK_REST_REFUSED', message: 'GET depth: 400: Invalid symbol. (-1121)' })
  })

  it('without an answer ends by its timeout, by its signal, or with the network', async () => {
    answer = () => undefined
    await expect(client({ timeout: 50 }).depth('X', 5)).rejects.toMatchObject({ code: 'UPLINK_REST_TIMEOUT' })
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 20)
    await expect(client().depth('X', 5, controller.signal)).rejects.toMatchObject({ code: 'UPLINK_REST_ABORTED' })
    await expect(client().depth('X', 5, AbortSignal.abort())).rejects.toMatchObject({ code: 'UPLINK_REST_ABORTED' })
    await expect(client({ url: 'http://127.0.0.1:1/api' }).depth('X', 5)).rejects.toMatchObject({ code: 'UPLINK_REST_FAILED' })
    expect(asked).toHaveLength(2)
  })

  it('that is limited is the last for as long as the venue says', async () => {
    const rest = client()
    answer = json({ code: -1003, msg: 'Too many requests.' }, 429, { 'retry-after': '30', 'x-mbx-used-weight-1m': '6001' })
    await expect(rest.depth('X', 5)).rejects.toMatchObject({ code: 'UPLINK_REST_RATE_LIMITED' })
    answer = json(DEPTH)
    await expect(rest.depth('X', 5)).rejects.toMatchObject({ code: 'UPLINK_REST_RATE_LIMITED', message: expect.stringMatching(/in (29|30) s$/) })
    expect([asked.length, rest.usage()]).toEqual([1, expect.objectContaining({ requests: 1, failures: 1, usedWeight: 6001 })])
    expect(rest.usage().blockedUntil).toBeGreaterThan(Date.now() + 25_000)
  })
})

describe('the allowance', () => {
  const headers = (values: Record<string, string>): Headers => new Headers(values)

  it('stops before the venue has to, until its minute is over', () => {
    let time = 60_000 * 5 + 20_000
    const allowance = createAllowance(() => time, 1_000)
    allowance.note(200, headers({ 'x-mbx-used-weight-1m': '900' }))
    allowance.take()
    allowance.note(200, headers({ 'x-mbx-used-weight-1m': '901' }))
    expect(() => allowance.take()).toThrow('the next may go out in 40 s')
    time += 40_000
    allowance.take()
    expect(allowance.usage()).toEqual({ requests: 2, failures: 0, usedWeight: 901, blockedUntil: null })
  })

  it('reads seconds and dates, and waits its own while where a venue says neither', () => {
    const time = Date.parse('2026-01-01T00:00:00Z')
    const waits = ([[429, '5'], [429, 'Thu, 01 Jan 2026 00:00:07 GMT'], [429, 'soon'], [418, '']] as const).map(([status, text]) => {
      const allowance = createAllowance(() => time, Infinity)
      allowance.note(status, headers({ 'retry-after': text }))
      return (allowance.usage().blockedUntil ?? 0) - time
    })
    expect(waits).toEqual([5_000, 7_000, 10_000, 120_000])
  })
})
