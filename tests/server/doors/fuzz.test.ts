/** 100,000 frames that no client would send, through both doors: nothing breaks, and everybody else is served. */
import type { Server } from 'node:http'
import fc from 'fast-check'
import { io } from 'socket.io-client'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { RESERVED_TYPES } from '../../../src/protocol/uplink-v1.ts'
import { socketIoDoor } from '../../../src/server/doors/socket-io.ts'
import { channel, everyone, wsDoor } from '../../../src/server/index.ts'
import { GENEROUS, bare, startServer } from '../runtime/support.ts'

const FRAMES = 50_000
const FIELDS = ['channels', 'ids', 'messages', 'credentials', 'id', 'channel', 'data', 'payload', 'versions', 'clientId', 'maxFrame', 'timestamp', 'recover', 'ref', 'params', 'mode', 'before', 'after', 'limit', '__proto__', 'constructor']

const value = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  fc.constantFrom<unknown>('news', ['news'], [{ channel: 'news', recover: { epoch: 'x', offset: -1 } }], [{ channel: 'news', ref: {} }], ['nowhere'], [null], {}, 0, -1, 1e308, 'toString', ['__proto__']),
)
/** Questions about history, most of them nearly right. */
const question = fc.record({
  channel: fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>('news') }, { weight: 1, arbitrary: value }),
  before: fc.oneof(fc.record({ epoch: fc.string(), offset: fc.constantFrom<unknown>(0, 1, -1, 1e308, 9e15, null) }), value), after: value, params: value,
  limit: fc.oneof(fc.constantFrom<unknown>(1, 0, -1, 1e308, Number.MAX_SAFE_INTEGER, 0.5, '1'), value),
}, { requiredKeys: ['channel'] })
const frame = fc.oneof(
  fc.tuple(fc.oneof({ weight: 3, arbitrary: fc.uuid() as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: value }), question).map(([id, data]) => JSON.stringify({ type: 'history', id, data })),
  fc.string(),
  fc.json({ maxDepth: 3 }),
  fc.tuple(fc.constantFrom(...RESERVED_TYPES, 'order', 'toString', '__proto__', ''), fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 4 }))
    .map(([type, fields]) => JSON.stringify({ type, ...fields })),
  fc.tuple(fc.constantFrom('{"type":"batch","messages":[', '{"type":"subscribe","channels":[', '[[[[[[', '{"__proto__":{"x":1},"type":"'), fc.string()).map(([start, rest]) => start + rest),
)

/** Frames of a seed: a failure says it, and shows them again. */
const framesOf = (seed: number, count: number): string[] => fc.sample(frame, { numRuns: count, seed })

describe('whatever comes through a door', () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  beforeEach(() => {
    unhandled.length = 0
    process.on('unhandledRejection', note)
    process.on('uncaughtException', note)
  })
  afterEach(() => {
    process.off('unhandledRejection', note)
    process.off('uncaughtException', note)
  })

  const start = (): ReturnType<typeof startServer> => startServer({
    doorsOf: (http: Server) => [wsDoor({ server: http }), socketIoDoor({ server: http })], channels: [channel('news', { subscribe: everyone, publish: everyone })],
    handlers: { order: ({ data }) => data }, limits: { ...GENEROUS, rates: { ...GENEROUS.rates, refusals: { max: 1e6, windowMs: 1_000 } } },
  })
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

  it.each([['plain', []], ['uplink.v1', ['uplink.v1']]])(`as %s frames of a WebSocket breaks nothing (seed ${seed})`, { timeout: 120_000 }, async (name, protocols) => {
    const { server, url } = await start()
    const witness = await bare(url)
    let socket: WebSocket | undefined
    const open = async (): Promise<WebSocket> => {
      const opened = new WebSocket(url, protocols)
      onTestFinished(() => opened.terminate())
      await new Promise<void>((resolve, reject) => { opened.once('open', resolve); opened.once('error', reject) })
      opened.on('error', () => undefined)
      if (name === 'uplink.v1') opened.send(JSON.stringify({ type: 'hello', versions: [1], clientId: String(Math.random()), maxFrame: 1_000 }))
      return opened
    }
    const frames = framesOf(seed, FRAMES / 2)
    for (const [index, text] of frames.entries()) {
      if (socket === undefined || socket.readyState !== WebSocket.OPEN) socket = await open()
      socket.send(index % 97 === 0 ? Buffer.from(text) : text)
      if (index % 500 === 499) {
        witness.say({ type: 'ping', timestamp: index })
        await expect.poll(() => witness.frames.at(-1)).toMatchObject({ type: 'pong', timestamp: index })
      }
    }
    expect(unhandled).toEqual([])
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
    await expect(server.publish('news', 1)).resolves.toMatchObject({ offset: expect.any(Number) })
  })

  it(`as events of Socket.IO breaks nothing (seed ${seed})`, { timeout: 120_000 }, async () => {
    const { port, url } = await start()
    const witness = await bare(url)
    const connect = (): ReturnType<typeof io> => io(`http://127.0.0.1:${port}`, { transports: ['websocket'], reconnection: false, forceNew: true })
    let socket = connect()
    onTestFinished(() => void socket.disconnect())
    const events = fc.sample(fc.tuple(fc.constantFrom('message', 'message', 'subscribe', 'unsubscribe', 'status', 'authenticate', 'ping', 'order', 'history', 'toString', '__proto__'), fc.oneof(frame, value, question)), { numRuns: FRAMES, seed })
    for (const [index, [event, payload]] of events.entries()) {
      if (socket.disconnected && !socket.active) socket = connect()
      socket.emit(event, payload)
      if (index % 500 === 499) {
        witness.say({ type: 'ping', timestamp: index })
        await expect.poll(() => witness.frames.at(-1)).toMatchObject({ type: 'pong', timestamp: index })
      }
    }
    expect(unhandled).toEqual([])
  })
})
