/** Many nodes over one Redis, as real processes: killed, stopped, cut off. Nothing is lost without a word. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../../../src/engine/connection-interface.ts'
import { type RedisServer, hasRedis, redisTitle, startRedis } from '../brokers/redis-server.ts'
import { type Watched, watch } from '../runtime/oracle.ts'
import { client } from '../runtime/support.ts'
import { type ClusterNode, startNode } from './cluster.ts'

const FAST = { heartbeatInterval: 200, heartbeatTimeout: 300, connectTimeout: 1_000, reconnectInterval: 50, maxReconnectDelay: 300, maxReconnectAttempts: Infinity }
const wait = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })

/** Numbered messages, each published once, by a node that takes it. */
class Publisher {
  readonly published = new Map<string, number[]>()
  number = 0
  refused = 0

  /** Publishes until `stop` is called; a refusal means that the message is not there, or that nobody knows. */
  async run(node: () => ClusterNode, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.one(node())
      await wait(3)
    }
  }

  async one(node: ClusterNode): Promise<boolean> {
    const number = ++this.number
    const { position } = await node.publish({ number })
    if (position === undefined) {
      this.refused++
      return false
    }
    this.published.set(position.epoch, [...(this.published.get(position.epoch) ?? []), number])
    return true
  }
}

/** A client of whichever node is there. */
function roaming(nodes: () => readonly ClusterNode[], options: object = {}): Connection {
  let next = 0
  return client('', { ...FAST, url: () => `ws://127.0.0.1:${nodes()[next++ % nodes().length]?.port ?? 1}/ws`, ...options })
}

/** Everything that was published and is missing without a word, or came twice or out of order. */
function problems(watched: readonly Watched[], { published }: Publisher): string[] {
  const epochs = new Map([...published].flatMap(([epoch, list]) => list.map((number) => [number, epoch] as const)))
  return watched.flatMap((one, who) => {
    // A publication that was refused may have been stored all the same; who heard it heard it in its place.
    const heard = one.heard.filter(({ number }) => epochs.has(number)).map(({ number }) => ({ number, epoch: epochs.get(number) ?? '?' }))
    one.heard.splice(0, one.heard.length, ...heard)
    return one.problems(published).map((problem) => `client ${who}: ${problem}`)
  })
}

async function settle(watched: readonly Watched[], publisher: Publisher, node: ClusterNode): Promise<void> {
  await expect.poll(async () => {
    const isDone = await publisher.one(node)
    await wait(100)
    return isDone && watched.every(({ heard }) => heard.at(-1)?.number === publisher.number)
  }, { timeout: 20_000 }).toBe(true)
}

describe.skipIf(!hasRedis)(redisTitle('two nodes over one Redis'), () => {
  let redis: RedisServer
  beforeAll(async () => { redis = await startRedis() })
  afterAll(() => redis.close())

  async function start(): Promise<{ a: ClusterNode; b: ClusterNode; publisher: Publisher }> {
    await redis.command('FLUSHALL')
    const [a, b] = await Promise.all([startNode(redis.url), startNode(redis.url)])
    return { a, b, publisher: new Publisher() }
  }

  it('bring every message to every client, whichever node it was published on', { timeout: 30_000 }, async () => {
    const { a, b, publisher } = await start()
    const watched = [a, a, b, b].map((node) => watch(roaming(() => [node]), 'c'))
    await expect.poll(async () => [(await a.stats()).channelStats['c'], (await b.stats()).channelStats['c']]).toEqual([2, 2])
    for (let number = 0; number < 200; number++) await publisher.one(number % 2 === 0 ? a : b)
    await settle(watched, publisher, a)
    expect(problems(watched, publisher)).toEqual([])
    for (const { heard, gaps } of watched) {
      expect(heard).toHaveLength(publisher.number)
      expect(gaps).toEqual([])
    }
  })

  it('lose no message when one is killed: its clients continue on the other', { timeout: 40_000 }, async () => {
    const { a, b, publisher } = await start()
    let alive = [a, b]
    const watched = Array.from({ length: 6 }, () => watch(roaming(() => alive), 'c'))
    await expect.poll(async () => ((await a.stats()).channelStats['c'] ?? 0) + ((await b.stats()).channelStats['c'] ?? 0)).toBe(6)
    let isOver = false
    const publishing = publisher.run(() => b, () => isOver)
    await wait(300)
    a.process.kill('SIGKILL')
    alive = [b]
    await expect.poll(async () => (await b.stats()).channelStats['c'], { timeout: 10_000 }).toBe(6)
    await wait(300)
    isOver = true
    await publishing
    await settle(watched, publisher, b)
    expect(publisher.refused).toBe(0)
    expect(problems(watched, publisher)).toEqual([])
    for (const { heard, gaps } of watched) expect([heard.length, gaps]).toEqual([publisher.number, []])
  })

  it('lose no message when one stands still for two seconds', { timeout: 40_000 }, async () => {
    const { a, b, publisher } = await start()
    // These stay with the node that stands still: it must make good what it has missed.
    const stays = Array.from({ length: 3 }, () => watch(roaming(() => [a], { heartbeatInterval: 5_000, heartbeatTimeout: 5_000 }), 'c'))
    const roams = Array.from({ length: 3 }, () => watch(roaming(() => [a, b]), 'c'))
    await expect.poll(async () => ((await a.stats()).channelStats['c'] ?? 0) + ((await b.stats()).channelStats['c'] ?? 0)).toBe(6)
    let isOver = false
    const publishing = publisher.run(() => b, () => isOver)
    await wait(200)
    a.process.kill('SIGSTOP')
    await wait(2_000)
    a.process.kill('SIGCONT')
    await wait(300)
    isOver = true
    await publishing
    await settle([...stays, ...roams], publisher, b)
    expect(problems([...stays, ...roams], publisher)).toEqual([])
    for (const { heard, gaps } of [...stays, ...roams]) expect([heard.length, gaps]).toEqual([publisher.number, []])
    expect([...a.unhandled, ...b.unhandled]).toEqual([])
  })

  it('say that Redis is away, refuse to publish meanwhile, and go on where they were', { timeout: 60_000 }, async () => {
    const { a, b, publisher } = await start()
    const watched = [a, a, b, b].map((node) => watch(roaming(() => [node]), 'c'))
    const told: string[] = []
    const listener = roaming(() => [a])
    listener.on('error', ({ message }) => void told.push(message))
    await expect.poll(async () => [(await a.stats()).channelStats['c'], (await b.stats()).channelStats['c']]).toEqual([2, 2])
    for (let number = 0; number < 50; number++) await publisher.one(a)
    await redis.stop()
    await expect.poll(async () => (await a.health()).status, { timeout: 10_000 }).toBe('degraded')
    expect(await publisher.one(a)).toBe(false)
    expect((await a.stats()).broker.state).toBe('down')
    await expect.poll(() => told.length).toBeGreaterThan(0)
    await redis.start()
    await expect.poll(async () => [(await a.health()).status, (await b.health()).status], { timeout: 20_000 }).toEqual(['ok', 'ok'])
    for (let number = 0; number < 50; number++) await publisher.one(number % 2 === 0 ? a : b)
    await settle(watched, publisher, b)
    expect(problems(watched, publisher)).toEqual([])
    for (const { gaps } of watched) expect(gaps).toEqual([])
    expect([...a.unhandled, ...b.unhandled]).toEqual([])
  })

  it('say so where Redis has lost everything', { timeout: 60_000 }, async () => {
    const { a, b, publisher } = await start()
    const watched = [a, b].map((node) => watch(roaming(() => [node]), 'c'))
    await expect.poll(async () => [(await a.stats()).channelStats['c'], (await b.stats()).channelStats['c']]).toEqual([1, 1])
    for (let number = 0; number < 20; number++) await publisher.one(a)
    await expect.poll(() => watched.every(({ heard }) => heard.length === 20)).toBe(true)
    await redis.stop()
    await redis.wipe()
    await redis.start()
    await expect.poll(async () => [(await a.health()).status, (await b.health()).status], { timeout: 20_000 }).toEqual(['ok', 'ok'])
    // Said without another message, and then nothing of what follows is missing.
    await expect.poll(() => watched.map(({ gaps }) => gaps.map(({ reason }) => reason)), { timeout: 10_000 }).toEqual([['epoch_changed'], ['epoch_changed']])
    const before = publisher.number
    await settle(watched, publisher, b)
    expect(problems(watched, publisher)).toEqual([])
    for (const { heard, gaps } of watched) expect([heard.length, gaps.length]).toEqual([20 + publisher.number - before, 1])
  })

  it('find what was lost when Redis closes their subscriptions', { timeout: 40_000 }, async () => {
    const { a, b, publisher } = await start()
    const watched = [a, b].map((node) => watch(roaming(() => [node]), 'c'))
    await expect.poll(async () => [(await a.stats()).channelStats['c'], (await b.stats()).channelStats['c']]).toEqual([1, 1])
    let isOver = false
    const publishing = publisher.run(() => b, () => isOver)
    for (let round = 0; round < 3; round++) {
      await wait(200)
      await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
    }
    await wait(500)
    isOver = true
    await publishing
    await settle(watched, publisher, b)
    expect(problems(watched, publisher)).toEqual([])
    for (const { gaps } of watched) expect(gaps).toEqual([])
    expect([...a.unhandled, ...b.unhandled]).toEqual([])
  })

  it('void credentials on all of them, also on one that begins later, and count who is there', { timeout: 40_000 }, async () => {
    const { a, b } = await start()
    const [first, second] = [a, b].map((node) => roaming(() => [node], { credentials: () => 'ann' })) as [Connection, Connection]
    const lease = first.channel('c')
    second.channel('c')
    await expect.poll(() => lease.snapshot().status).toBe('live')
    await expect.poll(async () => [await a.presence('c'), await b.presence('c')], { timeout: 15_000 }).toEqual([2, 2])
    await a.revoke({ userId: 'ann' })
    await expect.poll(() => [first.snapshot().state, second.snapshot().state], { timeout: 10_000 }).toEqual(['error', 'error'])
    const late = await startNode(redis.url)
    const third = roaming(() => [late], { credentials: () => 'ann' })
    await expect.poll(() => third.snapshot().state, { timeout: 10_000 }).toBe('error')
    expect(third.snapshot().error).toMatchObject({ closeCode: 4401 })
    const other = roaming(() => [late], { credentials: () => 'bob' })
    await expect.poll(() => other.snapshot().state).toBe('connected')
  })

  it('run a message once between them, and tell what became of it', { timeout: 40_000 }, async () => {
    const { a, b } = await start()
    let nodes = [a]
    const connection = roaming(() => nodes, { credentials: () => 'ann', messageTimeout: 1_000 })
    await expect.poll(() => connection.snapshot().state).toBe('connected')
    const slow = connection.sendWithAck({ type: 'order', data: { takesMs: 1_500 } })
    await expect.poll(() => a.handled.length).toBe(1)
    // The connection breaks while the first node is at it; the second is asked, and waits for the first.
    nodes = [b]
    connection.reconnect()
    await expect(slow).resolves.toMatchObject({ outcome: 'delivered', data: { by: a.process.pid } })
    expect(b.handled).toEqual([])
    // A node that dies while it is at it: nobody knows, and it is not run again.
    nodes = [a]
    connection.reconnect()
    await expect.poll(() => connection.snapshot().state).toBe('connected')
    const lost = connection.sendWithAck({ type: 'order', data: { takesMs: 60_000 } })
    await expect.poll(() => a.handled.length).toBe(2)
    nodes = [b]
    a.process.kill('SIGKILL')
    await expect(lost).resolves.toMatchObject({ outcome: 'unknown' })
    expect(b.handled).toEqual([])
  })
})
