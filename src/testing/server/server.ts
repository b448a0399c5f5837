/** The server: real sockets in front, the hub of `src/server` behind. */
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ChannelParams } from '../../protocol/message.ts'
import { SUBPROTOCOL } from '../../protocol/uplink-v1.ts'
import type { HubEffect, HubInput } from '../../server/effects.ts'
import { type MemoryHub, type Streams, createMemoryHub } from '../../server/memory.ts'
import { type Results, createResults } from '../../server/results.ts'
import { createHandling } from './handling.ts'
import type { Kept, TestServer, TestServerOptions } from './options.ts'

const HISTORY = { count: 10_000, size: 16_777_216, ageMs: 600_000 }
const LIMITS = { maxFrame: 1_048_576, maxChannels: 200, resultsTtl: 600_000 }
const HELLO_TIMEOUT_MS = 10_000
/** A UTF-16 code unit is at most three bytes of UTF-8. */
const BYTES_A_UNIT = 3

const newEpoch = (): string => randomBytes(9).toString('base64url')

/** The server's name of a stream: the channel's own without params. Params are compared by value. */
function streamOf(channel: string, params: ChannelParams | undefined): string {
  if (params === undefined) return channel
  const sorted = Object.fromEntries(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)))
  return `${channel}?${JSON.stringify(sorted)}`
}

/**
 * Starts a server on 127.0.0.1. It is the real server logic of this package, with everything in memory and a
 * handle on everything that can go wrong: restarts, lost history, slow handlers, refused credentials.
 *
 * @throws (rejects) when the port is taken
 *
 * @example
 * const server = await createTestServer({ authenticate: (token) => (token === 'secret' ? { identity: 'ann' } : null) })
 * server.handle('order', ({ data }) => ({ accepted: data }))
 * server.publish('prices', { bid: 1 })
 * await server.stop()
 * await server.start('nothing')
 */
export async function createTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { backlogMostBytes = 16_777_216, pingIntervalMs = 25_000, resultsMost = 1_000_000 } = options
  const history = { ...HISTORY, ...options.history }
  const limits = { ...LIMITS, ...options.limits }
  const sockets = new Map<number, WebSocket>()
  const asked = new Set<number>()
  let streams: Streams = new Map()
  let results: Results = newResults()
  let hub: MemoryHub = newHub()
  let door: WebSocketServer | undefined
  let timer: NodeJS.Timeout | undefined
  let pings: NodeJS.Timeout | undefined
  let numbers = 0
  const handling = createHandling(options)

  function newResults(): Results {
    return createResults(newEpoch(), { ttlMs: limits.resultsTtl, count: resultsMost })
  }

  function newHub(): MemoryHub {
    return createMemoryHub({
      limits, results, streams, history, helloTimeoutMs: HELLO_TIMEOUT_MS, epoch: newEpoch, sessionName: (number) => `s-${number}`,
      recovery: { count: Infinity, size: Infinity, ...options.recovery },
      permit: (identity, channel, params) => (options.permit?.(identity, channel, params) ?? true
        ? { stream: streamOf(channel, params) }
        : { code: 'not_authorized', message: `channel "${channel}" is not for ${identity ?? 'somebody without an identity'}` }),
    })
  }

  function performAll(effects: readonly HubEffect[]): void {
    for (const effect of effects) perform(effect)
  }

  function tell(input: HubInput): void {
    performAll(hub.step(input, performance.now(), Date.now()))
    // Nothing else moves a deadline.
    if (input.type !== 'frame' && input.type !== 'handled') arm()
  }

  function arm(): void {
    clearTimeout(timer)
    const waitMs = hub.deadline() - performance.now()
    if (waitMs !== Infinity) timer = setTimeout(() => tell({ type: 'tick' }), Math.min(Math.max(0, Math.ceil(waitMs)), 2 ** 31 - 1))
  }

  /** An answer to what one process was asked is nobody's after a restart. */
  const answering = (): ((input: HubInput) => void) => {
    const process = hub
    return (input) => { if (hub === process && door !== undefined) tell(input) }
  }

  function perform(effect: HubEffect): void {
    switch (effect.type) {
      case 'send': {
        // Encoded once for all of them.
        const bytes = Buffer.from(effect.text)
        for (const number of effect.to) sendTo(number, bytes)
        return
      }
      case 'close': {
        const socket = sockets.get(effect.session)
        sockets.delete(effect.session)
        return socket?.close(effect.code, effect.reason)
      }
      case 'authenticate': return handling.authenticate(effect, answering())
      case 'handle': return handling.handle(effect, hub.sessions.get(effect.session)?.clientId ?? '', answering())
      case 'authorize':
      case 'read': throw new Error(`a hub in memory answers "${effect.type}" itself`)
      default: return effect satisfies never
    }
  }

  function sendTo(number: number, bytes: Buffer): void {
    const socket = sockets.get(number)
    if (socket === undefined) return
    socket.send(bytes, { binary: false })
    if (socket.bufferedAmount <= backlogMostBytes) return
    sockets.delete(number)
    socket.close(4413, 'too slow to take what was sent')
    tell({ type: 'closed', session: number })
  }

  function enter(socket: WebSocket): void {
    const number = ++numbers
    sockets.set(number, socket)
    socket.on('error', () => undefined)
    socket.on('pong', () => asked.delete(number))
    socket.on('message', (bytes: Buffer, isBinary) => {
      if (!sockets.has(number)) return
      // Binary messages are reserved: they are no JSON, and are answered so.
      tell({ type: 'frame', session: number, text: isBinary ? '' : bytes.toString() })
    })
    socket.on('close', () => {
      asked.delete(number)
      if (sockets.delete(number)) tell({ type: 'closed', session: number })
    })
    tell({ type: 'opened', session: number })
  }

  function ping(): void {
    for (const [number, socket] of sockets) {
      if (asked.has(number)) socket.terminate()
      else socket.ping()
      asked.add(number)
    }
  }

  async function open(port: number): Promise<number> {
    const server = new WebSocketServer({
      port, host: '127.0.0.1', maxPayload: limits.maxFrame * BYTES_A_UNIT, perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    })
    await new Promise<void>((resolve, fail) => {
      server.once('listening', resolve)
      server.once('error', fail)
    })
    server.on('connection', enter)
    door = server
    pings = setInterval(ping, pingIntervalMs)
    return (server.address() as AddressInfo).port
  }

  async function stop(): Promise<void> {
    const server = door
    door = undefined
    clearTimeout(timer)
    clearInterval(pings)
    for (const socket of server?.clients ?? []) socket.terminate()
    sockets.clear()
    asked.clear()
    await new Promise<void>((resolve) => { if (server === undefined) resolve(); else server.close(() => resolve()) })
  }

  const port = await open(options.port ?? 0)

  return {
    port,
    url: `ws://127.0.0.1:${port}`,
    handle: handling.set,
    received: handling.received,
    publish(channel, data, { type = channel, params, covers = 1 } = {}) {
      const name = streamOf(channel, params)
      performAll(hub.publish(name, channel, { type, data, covers, timestamp: Date.now() }, performance.now(), Date.now()))
      const { epoch, top } = streams.get(name) as { epoch: string; top: number }
      return { epoch, offset: top }
    },
    resetStream: (channel, params) => performAll(hub.reset(streamOf(channel, params), channel, performance.now(), Date.now())),
    clients: () => [...hub.sessions.values()].filter(({ phase }) => phase === 'open').length,
    goodbye: (reason = 'restarting', retryAfterMs = 0) => tell({ type: 'goodbye', reason, retryAfterMs: () => retryAfterMs }),
    dropAll(code, reason = '') {
      for (const socket of [...sockets.values()]) {
        if (code === undefined) socket.terminate()
        else socket.close(code, reason)
      }
    },
    stop,
    async start(kept: Kept = 'everything') {
      if (door !== undefined) await stop()
      if (kept === 'everything' || kept === 'results') results.lose(performance.now())
      else results = newResults()
      if (kept === 'results' || kept === 'nothing') streams = new Map()
      hub = newHub()
      await open(port)
    },
    close: stop,
  }
}
