/** The same over real sockets: servers of this package behind one Redis that die and drain, and plain ones that cut every socket. */
import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Connection, Gap, Message } from 'uplink/engine'
import { pool } from 'uplink/pool'
import { uplink } from 'uplink/protocols/uplink'
import { type UplinkServer, anonymous, channel, createUplinkServer, everyone, firstOf, wsDoor } from 'uplink/server'
import { redisBroker } from 'uplink/server/redis'
import { ws } from 'uplink/transports/ws'
import { nodeRedis } from '../server/brokers/clients.ts'
import { type RedisServer, hasRedis, redisTitle, startRedis } from '../server/brokers/redis-server.ts'

const sleep = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** One server of three: a process in all but its memory. */
interface Node {
  readonly port: number
  readonly server: () => UplinkServer
  /** Sockets that it ever took. */
  accepted(): number
  open(): number
  /** Gone without a word; what it had is closed behind its back. */
  die(): void
  drain(): void
  rise(): Promise<void>
}

describe.skipIf(!hasRedis)(redisTitle('three servers, one dying again and again'), () => {
  let redis: RedisServer
  let runs = 0
  beforeAll(async () => { redis = await startRedis() })
  afterAll(() => redis.close())

  async function startNode(prefix: string, handled: string[]): Promise<Node> {
    const sockets = new Set<Socket>()
    let port = 0
    let accepted = 0
    let http: Server
    let server: UplinkServer
    async function rise(): Promise<void> {
      http = createServer()
      http.on('connection', (socket) => {
        sockets.add(socket)
        socket.on('close', () => sockets.delete(socket))
      })
      http.on('upgrade', () => { accepted++ })
      server = createUplinkServer({
        doors: [wsDoor({ server: http })],
        broker: redisBroker({ client: nodeRedis(redis), prefix }),
        authenticate: firstOf(anonymous(), ({ credentials }) => (typeof credentials === 'string' ? { identity: credentials } : null)),
        channels: [channel('prices_{n}', { subscribe: everyone })],
        handlers: { order: ({ id }) => { handled.push(String(id)) } },
      })
      await server.ready
      http.listen(port, '127.0.0.1')
      await once(http, 'listening')
      port = (http.address() as AddressInfo).port
    }
    await rise()
    const end = (): void => { void server.close().catch(() => undefined) }
    onTestFinished(async () => {
      for (const socket of sockets) socket.destroy()
      http.close()
      await server.close()
    })
    return {
      port, rise,
      server: () => server,
      accepted: () => accepted,
      open: () => sockets.size,
      die() {
        http.close()
        for (const socket of sockets) socket.destroy()
        end()
      },
      drain() {
        http.close()
        void server.drain({ spreadMs: 100, graceMs: 300 }).catch(() => undefined)
      },
    }
  }

  it('costs one socket a death, and no message', async () => {
    const prefix = `pool${++runs}`
    const handled: string[] = []
    const nodes = await Promise.all([1, 2, 3].map(() => startNode(prefix, handled)))
    const publisher = createUplinkServer({
      doors: [], broker: redisBroker({ client: nodeRedis(redis), prefix }), authenticate: anonymous(), channels: [channel('prices_{n}', { subscribe: everyone })], handlers: {},
    })
    await publisher.ready
    onTestFinished(() => publisher.close())
    const servers = pool(nodes.map(({ port }) => `ws://127.0.0.1:${port}/ws`))
    const connection: Connection = servers.connection({ protocol: uplink(), transport: ws(), credentials: () => 'ann', identity: 'ann', stableAfter: 500 })
    onTestFinished(() => connection.destroy())
    const heard = new Map<string, number[]>()
    const gaps: Gap[] = []
    for (const n of [1, 2, 3]) {
      const lease = connection.channel(`prices_${n}`)
      lease.onGap((gap) => gaps.push(gap))
      lease.onMessage((data) => heard.set(lease.name, [...(heard.get(lease.name) ?? []), data as number]))
    }
    await connection.connect()
    await expect.poll(() => [1, 2, 3].every((n) => connection.channel(`prices_${n}`).snapshot().status === 'live')).toBe(true)
    let last = 0
    let publishing = Promise.resolve()
    const ticking = setInterval(() => {
      const next = ++last
      publishing = publishing.then(async () => { for (const n of [1, 2, 3]) await publisher.publish(`prices_${n}`, next) })
    }, 10)
    onTestFinished(() => clearInterval(ticking))
    const outcomes: Array<Promise<string>> = []
    const home = (): Node => nodes[servers.snapshot().sockets[0]?.server ?? 0] as Node
    const DEATHS = 8
    for (let death = 0; death < DEATHS; death++) {
      const victim = home()
      if (death % 3 === 2) victim.drain()
      else victim.die()
      for (let n = 0; n < 3; n++) outcomes.push(connection.sendWithAck({ type: 'order', data: n }).then(({ outcome }) => outcome))
      await expect.poll(() => home() !== victim && connection.snapshot().state === 'connected', { timeout: 10_000 }).toBe(true)
      await sleep(600)
      await victim.rise()
    }
    clearInterval(ticking)
    await publishing
    await expect.poll(() => [...heard.values()].map((list) => list.at(-1)), { timeout: 10_000 }).toEqual([last, last, last])
    for (const list of heard.values()) expect(list).toEqual(range(1, last))
    expect(gaps).toEqual([])
    expect(nodes.reduce((sum, node) => sum + node.accepted(), 0)).toBe(1 + DEATHS)
    expect(await Promise.all(outcomes)).toEqual(outcomes.map(() => 'delivered'))
    expect(handled.toSorted()).toEqual([...new Set(handled)].toSorted())
    expect(handled).toHaveLength(3 * DEATHS)
    connection.destroy()
    await expect.poll(() => nodes.reduce((sum, node) => sum + node.open(), 0)).toBe(0)
  }, 60_000)
})

describe('plain servers that cut every socket at an age', () => {
  it('are gone through without a message missing, repeated or out of order', async () => {
    const LIFE_MS = 2_500
    const servers = await Promise.all([1, 2].map(async () => {
      const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
      await once(server, 'listening')
      return server
    }))
    const followers = new Set<WebSocket>()
    let accepted = 0
    for (const server of servers) {
      server.on('connection', (socket: WebSocket) => {
        accepted++
        const old = setTimeout(() => socket.close(1000, 'too old'), LIFE_MS)
        socket.on('close', () => {
          clearTimeout(old)
          followers.delete(socket)
        })
        socket.on('message', (frame) => {
          const message = JSON.parse(String(frame)) as { type: string }
          if (message.type === 'ping') socket.send('{"type":"pong"}')
          if (message.type !== 'subscribe') return
          followers.add(socket)
          socket.send('{"type":"subscription_confirmed","channel":"btc"}')
        })
      })
    }
    const urls = servers.map((server) => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const keyOf = ({ data }: Message): string => String((data as { a: number }).a)
    const feed = pool(urls, { lifetime: LIFE_MS, keyOf })
    const connection = feed.connection({ transport: ws() })
    const heard: number[] = []
    const states: string[] = []
    connection.on('statechange', ({ to }) => states.push(to))
    connection.channel('btc').onMessage((data) => heard.push((data as { a: number }).a))
    await connection.connect()
    await expect.poll(() => followers.size).toBe(1)
    let last = 0
    const ticking = setInterval(() => {
      last++
      for (const socket of followers) socket.send(JSON.stringify({ type: 'trade', channel: 'btc', data: { a: last } }))
    }, 5)
    await expect.poll(() => feed.snapshot().handOvers, { timeout: 15_000 }).toBe(2)
    await sleep(600)
    clearInterval(ticking)
    await expect.poll(() => heard.at(-1)).toBe(last)
    expect(heard).toEqual(range(1, last))
    expect(states).toEqual(['connecting', 'connected'])
    expect(accepted).toBe(3)
    connection.destroy()
    await expect.poll(() => followers.size).toBe(0)
    for (const server of servers) server.close()
  }, 30_000)
})
