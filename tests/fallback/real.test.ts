/** Real sockets and real requests, through a path that breaks: a server for both, as a browser or a script would meet it. */
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Connection, browserPlatform, createConnection } from 'uplink/engine'
import { type PollOptions, poll } from 'uplink/fallback'
import { type FaultProxy, startFaultProxy } from 'uplink/testing/node'
import { ws } from 'uplink/transports/ws'

interface Trade { readonly id: number }

let http: Server
let sockets: WebSocketServer
let toSocket: FaultProxy
let toRest: FaultProxy
let trades: Trade[]
let statuses: number[]
const joined = new Set<WebSocket>()
let connection: Connection | undefined

beforeEach(async () => {
  trades = []
  statuses = []
  http = createServer((request, response) => {
    const etag = `"${trades.length}"`
    const isKnown = request.headers['if-none-match'] === etag
    statuses.push(isKnown ? 304 : 200)
    response.writeHead(isKnown ? 304 : 200, { etag, connection: 'close' }).end(isKnown ? undefined : JSON.stringify(trades.slice(-100)))
  })
  sockets = new WebSocketServer({ server: http })
  sockets.on('connection', (socket) => {
    socket.on('error', () => undefined)
    socket.on('message', (raw) => {
      const { type, channels = [] } = JSON.parse(String(raw)) as { type: string; channels?: Array<{ channel: string }> }
      if (type === 'ping') socket.send('{"type":"pong"}')
      if (type !== 'subscribe') return
      for (const { channel } of channels) socket.send(JSON.stringify({ type: 'subscription_confirmed', channel }))
      joined.add(socket)
    })
  })
  await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve) })
  const { port } = http.address() as AddressInfo
  toSocket = await startFaultProxy({ target: { port } })
  toRest = await startFaultProxy({ target: { port } })
})

afterEach(async () => {
  connection?.destroy()
  for (const client of sockets.clients) client.terminate()
  joined.clear()
  await Promise.all([toSocket.close(), toRest.close()])
  http.closeAllConnections()
  await new Promise((resolve) => http.close(resolve))
})

/** A busy machine takes its time. */
const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 15_000 })

function trade(): void {
  const one = { id: trades.length + 1 }
  trades.push(one)
  for (const socket of joined) socket.send(JSON.stringify({ type: 'trade', channel: 'btc', data: one }))
}

function start(options: Partial<PollOptions> = {}) {
  const fallback = poll({
    fetch: (_, { signal, headers }) => fetch(`http://127.0.0.1:${toRest.port}/trades`, { signal, headers }),
    read: (body) => ({ messages: (body as Trade[]).map((data) => ({ type: 'trade', data })) }),
    keyOf: (data) => (data as Trade).id,
    interval: 100, fallbackAfter: 100, timeout: 1_500, probeInterval: 500, maxInterval: 500,
    ...options,
  })
  connection = fallback.over(createConnection, {
    url: `ws://127.0.0.1:${toSocket.port}/`, transport: ws(), platform: browserPlatform(), reconnectInterval: 50, connectTimeout: 1_000, heartbeatInterval: 300, heartbeatTimeout: 200,
  })
  const heard: number[] = []
  const gaps: string[] = []
  const lease = connection.channel('btc')
  lease.onMessage((data) => heard.push((data as Trade).id))
  lease.onGap(({ reason }) => gaps.push(reason))
  void connection.connect()
  return { connection, lease, heard, gaps }
}

const isWhole = (heard: readonly number[]): void => expect(heard).toEqual(trades.map(({ id }) => id))

describe('over a path that breaks', () => {
  it('a socket that is refused from the start is stood in for by REST, conditional requests included, and takes over when it may', async () => {
    toSocket.refuse()
    trade()
    const { lease, heard, gaps } = start()
    await soon(() => expect(heard).toEqual([1]))
    expect(lease.snapshot()).toMatchObject({ source: 'fallback', status: 'waiting' })
    await soon(() => expect(statuses).toContain(304))
    trade()
    await soon(() => expect(heard).toEqual([1, 2]))
    toSocket.heal()
    await soon(() => expect(lease.snapshot().status).toBe('live'))
    trade()
    await soon(() => isWhole(heard))
    await soon(() => expect(lease.snapshot().source ?? 'live').toBe('live'))
    expect(gaps).toEqual([])
  })

  it.each([
    ['is reset', () => toSocket.reset(), () => toSocket.refuse()],
    ['goes silent, and a new handshake is never answered', () => toSocket.halfOpen(), () => toSocket.hang()],
  ])('a socket that %s in the middle of a stream costs no message and repeats none', async (_, breakIt, keepBroken) => {
    const { connection: over, heard, gaps, lease } = start()
    await soon(() => expect(over.snapshot().phase).toBe('open'))
    await soon(() => expect(lease.snapshot().status).toBe('live'))
    const timer = setInterval(trade, 10)
    await soon(() => expect(heard.length).toBeGreaterThan(20))
    keepBroken()
    breakIt()
    await soon(() => expect(lease.snapshot().source).toBe('fallback'))
    const soFar = heard.length
    await soon(() => expect(heard.length).toBeGreaterThan(soFar + 20))
    toSocket.heal()
    await soon(() => expect(lease.snapshot()).toMatchObject({ status: 'live' }))
    await soon(() => expect(lease.snapshot().source ?? 'live').toBe('live'))
    clearInterval(timer)
    await soon(() => isWhole(heard))
    expect(gaps).toEqual([])
  })

  it.each([
    ['refuses', () => toRest.refuse()], ['hangs', () => toRest.hang()],
  ])('where REST %s too, the last value stays, says that it is old, and both come back by themselves', async (_, breakRest) => {
    const { connection: over, lease, heard } = start()
    await soon(() => expect(lease.snapshot().status).toBe('live'))
    trade()
    await soon(() => expect(heard).toEqual([1]))
    breakRest()
    toSocket.refuse()
    toSocket.reset()
    await soon(() => expect(lease.snapshot().source).toBe('cache'))
    expect(lease.latest()?.data).toEqual({ id: 1 })
    expect(lease.snapshot().asOf).toBeGreaterThan(Date.now() - 10_000)
    expect(over.stats().fallback?.failures).toBeGreaterThan(0)
    trade()
    toRest.heal()
    toSocket.heal()
    await soon(() => isWhole(heard))
    await soon(() => expect(lease.snapshot()).toMatchObject({ status: 'live' }))
  })

  it('an answer that trickles in too slowly is a failure, and nothing of it is heard', async () => {
    toSocket.refuse()
    for (let count = 0; count < 2_000; count++) trade()
    const { connection: over, heard } = start({ interval: 300 })
    await soon(() => expect(heard.length).toBe(100))
    trade()
    toRest.bandwidth(300)
    await soon(() => expect(over.stats().fallback?.failures).toBeGreaterThan(0))
    expect(heard).toHaveLength(100)
    toRest.heal()
    await soon(() => expect(heard.at(-1)).toBe(2_001))
  })
})
