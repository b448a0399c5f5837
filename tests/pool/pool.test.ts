import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { createUplink } from 'uplink'
import { type Frame, type Message, UplinkError, json } from 'uplink/engine'
import { type PoolOptions, pool } from 'uplink/pool'
import { uplink } from 'uplink/protocols/uplink'
import { memory } from 'uplink/storage/memory'
import { createFakePlatform, scriptedTransport, seededRandom } from 'uplink/testing'
import { createHealth } from '../../src/pool/health.ts'
import { createCluster } from './cluster.ts'

const A = 'wss://a.example.com/ws'
const B = 'wss://b.example.com/ws'

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (thrown) {
    return (thrown as UplinkError).code
  }
  return 'nothing was thrown'
}

describe('a pool is refused', () => {
  it.each<[string, readonly string[], PoolOptions]>([
    ['without servers', [], {}],
    ['with a server twice', [A, A], {}],
    ['with a lifetime that is over before it begins', [A], { lifetime: 10 }],
    ['with half a channel', [A], { maxChannels: 1.5 }],
    ['without a socket', [A], { maxSockets: 0 }],
    ['with an overlap that has no end', [A], { overlap: Infinity }],
    ['with a wait that has no end', [A], { handOverTimeout: Infinity }],
    ['with a memory that has no end', [A], { remember: Infinity }],
    ['with a key that names nothing', [A], { keyOf: 'a' as unknown as NonNullable<PoolOptions['keyOf']> }],
  ])('%s', (_, servers, options) => {
    expect(codeOf(() => pool(servers, options))).toBe('UPLINK_OPTION_INVALID')
  })

  it('with an address that is none', () => expect(codeOf(() => pool([A, 'ftp://b'])), 'ftp').toBe('UPLINK_URL_INVALID'))

  it('together with what it replaces, or needs', () => {
    const servers = pool([A, B])
    expect(codeOf(() => createUplink({ servers, url: A }))).toBe('UPLINK_OPTION_INVALID')
    expect(codeOf(() => createUplink({ servers, reconnect: false }))).toBe('UPLINK_OPTION_INVALID')
    expect(codeOf(() => createUplink({ servers, queueSize: -1 }))).toBe('UPLINK_OPTION_INVALID')
    expect(codeOf(() => createUplink({ servers, storage: memory() }))).toBe('UPLINK_OPTION_INVALID')
  })
})

describe('the health of servers', () => {
  it('spreads a fleet over them', () => {
    const random = seededRandom(1)
    const counts = [0, 0, 0, 0]
    for (let client = 0; client < 4_000; client++) counts[createHealth(4).pick(undefined, undefined, 0, random)]!++
    for (const count of counts) expect(count).toBeGreaterThan(850)
  })

  it('stays where it works, leaves what has failed, and has it back when it has cooled down and chance wills', () => {
    const random = seededRandom(2)
    const health = createHealth(3)
    expect(health.pick(1, undefined, 0, random)).toBe(1)
    health.failed(1, true, undefined, 0, 0.5)
    for (let n = 0; n < 50; n++) expect(health.pick(1, undefined, 0, random)).not.toBe(1)
    expect(health.pick(1, undefined, 3_751, random)).toBe(1)
    const next = new Set(Array.from({ length: 50 }, () => health.pick(undefined, undefined, 3_751, random)))
    expect(next.has(1)).toBe(false)
    health.steady(1)
    expect(new Set(Array.from({ length: 50 }, () => health.pick(undefined, undefined, 3_751, random)))).toEqual(new Set([0, 1, 2]))
  })

  it('cools a server down for longer with each failure, and as long as it asks', () => {
    const health = createHealth(2)
    const cools: number[] = []
    for (let n = 0; n < 6; n++) {
      health.failed(0, false, undefined, 1_000 * n, 1)
      cools.push(health.coolsUntil(0) - 1_000 * n)
    }
    expect(cools).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000])
    health.failed(1, false, 300_000, 0, 1)
    expect(health.coolsUntil(1)).toBe(300_000)
    // All are cooling: the one that is free first.
    expect(health.pick(undefined, undefined, 6_000, () => 0)).toBe(0)
    expect(health.pick(undefined, 0, 6_000, () => 0)).toBe(1)
  })

  it('prefers the quicker of two, and dials what is to be avoided where there is nothing else', () => {
    const health = createHealth(2)
    health.opened(0, 300)
    health.opened(1, 30)
    for (let n = 0; n < 20; n++) expect(health.pick(undefined, undefined, 0, seededRandom(n))).toBe(1)
    expect(health.pick(1, 1, 0, () => 0)).toBe(0)
    expect(createHealth(1).pick(0, 0, 0, () => 0)).toBe(0)
  })
})

describe('an uplink with servers', () => {
  it('dials another within a second when one dies, whatever that one asked for, and stays there', async () => {
    const platform = createFakePlatform()
    const cluster = createCluster(platform, 3)
    const servers = pool(cluster.urls)
    const connection = createUplink({ servers, protocol: uplink(), platform, transport: cluster.transport })
    const heard: unknown[] = []
    connection.channel('c').onMessage((data) => heard.push(data))
    void connection.connect()
    await platform.clock.advanceAsync(1_000)
    // A stream without a message is forgotten with its last follower.
    cluster.backend.publish('c', -1)
    await platform.clock.advanceAsync(200)
    const home = (): number => servers.snapshot().sockets[0]?.server ?? -1
    const moves: number[] = []
    for (let n = 0; n < 6; n++) {
      const before = home()
      const node = cluster.nodes[before]
      if (n % 2 === 0) node?.goodbye(60_000)
      node?.die()
      cluster.backend.publish('c', n)
      await platform.clock.advanceAsync(1_500)
      expect(connection.getState().state).toBe('connected')
      moves.push(home())
      expect(home()).not.toBe(before)
      node?.rise()
      await platform.clock.advanceAsync(20_000)
      expect(home()).toBe(moves.at(-1))
    }
    expect(heard).toEqual([-1, 0, 1, 2, 3, 4, 5])
    expect(cluster.nodes.reduce((sum, node) => sum + node.accepted(), 0)).toBe(7)
    connection.destroy()
  })

  it('loses nothing while one of three servers dies every 5 s for a minute, and opens one socket a death', async () => {
    let all = 0
    for (let seed = 1; seed <= 20; seed++) {
      const platform = createFakePlatform({ seed })
      const random = seededRandom(seed)
      const cluster = createCluster(platform, 3)
      const servers = pool(cluster.urls)
      const connection = servers.connection({ protocol: uplink(), platform, transport: cluster.transport })
      const heard: unknown[] = []
      const lease = connection.channel('c')
      let gaps = 0
      lease.onGap(() => gaps++)
      lease.onMessage((data) => heard.push(data))
      void connection.connect()
      await platform.clock.advanceAsync(1_000)
      let published = 0
      let deaths = 0
      cluster.backend.publish('c', published++)
      await platform.clock.advanceAsync(200)
      const home = () => cluster.nodes[servers.snapshot().sockets[0]?.server ?? -1]
      for (let second = 0; second < 60; second++) {
        // Whichever it is, or always the one that is used; without a word, or with one.
        const victim = seed % 2 === 0 ? cluster.nodes[Math.floor(random() * 3)] : home()
        if (second % 5 === 0 && victim !== undefined) {
          if (victim === home()) deaths++
          if (seed % 3 === 0) { victim.shut(); victim.goodbye(500); platform.clock.setTimer(() => victim.die(), 2_000) }
          else victim.die()
          platform.clock.setTimer(() => victim.rise(), 4_500)
        }
        for (let n = 0; n < 20; n++) {
          cluster.backend.publish('c', published++)
          await platform.clock.advanceAsync(50)
        }
      }
      await platform.clock.advanceAsync(5_000)
      all += deaths
      expect(heard, `messages of seed ${seed}`).toEqual(Array.from({ length: published }, (_, n) => n))
      expect(gaps).toBe(0)
      expect(cluster.nodes.reduce((sum, node) => sum + node.accepted(), 0), `sockets of seed ${seed}`).toBe(1 + deaths)
      connection.destroy()
    }
    expect(all).toBeGreaterThan(120)
  })

  it('waits as it does without a pool when all are away, and counts as one connection', async () => {
    const platform = createFakePlatform()
    const cluster = createCluster(platform, 2)
    for (const node of cluster.nodes) node.die()
    const servers = pool(cluster.urls)
    const connection = createUplink({ servers, protocol: uplink(), platform, transport: cluster.transport, maxReconnectAttempts: 4 })
    void connection.connect()
    await platform.clock.advanceAsync(60_000)
    expect(connection.getState()).toMatchObject({ state: 'error', breakerOpen: true, everConnected: false })
    expect(servers.snapshot().servers.every(({ failures }) => failures > 0)).toBe(true)
    for (const node of cluster.nodes) node.rise()
    connection.reconnect()
    await platform.clock.advanceAsync(5_000)
    expect(connection.getState()).toMatchObject({ state: 'connected', attempt: 0, everConnected: true })
    expect(connection.stats.getState().reconnections).toBe(0)
    connection.destroy()
  })

  it('asks a function for the address before every dial, and shows no secret of one', async () => {
    const platform = createFakePlatform()
    const cluster = createCluster(platform, 1)
    let asked = 0
    const servers = pool([() => `${cluster.urls[0]}?ticket=${++asked}`, `${B}?token=abc`])
    const connection = createUplink({ servers, protocol: uplink(), platform, transport: (request, events) => {
      if (request.url.startsWith(B)) throw new Error('there is nobody')
      return cluster.transport(request, events)
    } })
    void connection.connect()
    await platform.clock.advanceAsync(30_000)
    expect(connection.getState().state).toBe('connected')
    expect(asked).toBeGreaterThan(0)
    expect(servers.snapshot().servers.map(({ url }) => url)).toEqual([null, `${B}?token=***`])
    connection.destroy()
  })

  it('has one client id, and gives each socket a name of its own', async () => {
    const platform = createFakePlatform()
    const names: string[] = []
    const cluster = createCluster(platform, 1, { handler: (_, { clientId }) => names.push(clientId) })
    const servers = pool(cluster.urls, { lifetime: 5_000 })
    const connection = servers.connection({ protocol: uplink(), platform, transport: cluster.transport, clientId: 'me' })
    void connection.connect()
    for (let n = 0; n < 3; n++) {
      await platform.clock.advanceAsync(5_000)
      connection.send({ type: 'x' })
    }
    await platform.clock.advanceAsync(500)
    expect(connection.clientId).toBe('me')
    expect(names).toEqual(['me.2', 'me.3', 'me.4'])
    expect(connection.snapshot().state).toBe('connected')
    connection.destroy()
  })

  it('takes a protocol that is an object of a class', async () => {
    class Mine {
      readonly plain = json()
      readonly name = 'mine'
      readonly features = { acks: false, resume: false, latency: false }
      encode(message: Message): Frame { return this.plain.encode(message) }
      decode(frame: Frame): Message { return this.plain.decode(frame) }
    }
    const platform = createFakePlatform()
    const server = scriptedTransport({ onDial: (socket) => socket.open() })
    const connection = pool([A]).connection({ protocol: new Mine(), platform, transport: server.transport, heartbeat: false })
    const heard: unknown[] = []
    connection.subscribe('x', (data) => heard.push(data))
    void connection.connect()
    await platform.clock.advanceAsync(100)
    connection.send({ type: 'hello' })
    server.socket().receive({ type: 'x', data: 1 })
    expect(server.socket().messages().at(-1)).toMatchObject({ type: 'hello' })
    expect(heard).toEqual([1])
    connection.destroy()
  })

  it('lets go of connections that are destroyed, however long it is shared', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const servers = pool([A])
    const made = Array.from({ length: 20 }, () => {
      const connection = servers.connection({ platform: createFakePlatform(), transport: scriptedTransport({}).transport })
      connection.destroy()
      return new WeakRef(connection)
    })
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => { setImmediate(resolve) })
      collect()
    }
    expect(made.filter((one) => one.deref() !== undefined).length).toBeLessThanOrEqual(1)
    expect(servers.snapshot().sockets).toEqual([])
  })

  it('keeps messages in the storage through a hand-over, and sends each once', async () => {
    const platform = createFakePlatform()
    const cluster = createCluster(platform, 2, { authenticate: () => ({ identity: 'ann' }) })
    const storage = memory()
    const servers = pool(cluster.urls, { lifetime: 4_000 })
    const connection = servers.connection({ protocol: uplink(), platform, transport: cluster.transport, identity: 'ann', storage, credentials: () => 'ann' })
    void connection.connect()
    for (let n = 0; n < 100; n++) {
      connection.send({ type: 'n', data: n })
      await platform.clock.advanceAsync(200)
    }
    await platform.clock.advanceAsync(3_000)
    expect(servers.snapshot().handOvers).toBeGreaterThanOrEqual(4)
    expect(cluster.backend.received().map(({ message }) => message.data)).toEqual(Array.from({ length: 100 }, (_, n) => n))
    expect(connection.outbox()).toMatchObject({ queued: 0, inFlight: 0, persisted: 0, delivered: 100 })
    connection.destroy()
  })
})
