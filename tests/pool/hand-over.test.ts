import { describe, expect, it } from 'vitest'
import { type Connection, type ConnectionOptions, type Gap } from 'uplink/engine'
import { type PoolOptions, type Pool, pool } from 'uplink/pool'
import { uplink } from 'uplink/protocols/uplink'
import { type FakePlatform, createFakePlatform } from 'uplink/testing'
import type { BackendOptions } from '../../src/testing/backend/options.ts'
import { type Cluster, type Node, createCluster } from './cluster.ts'

interface World {
  readonly platform: FakePlatform
  readonly cluster: Cluster
  readonly servers: Pool
  readonly connection: Connection
  /** Data of the channel `c`, as they came. */
  readonly heard: number[]
  readonly gaps: Gap[]
  readonly states: string[]
  publish(count: number): void
  run(ms: number): Promise<void>
  /** The node that has the first socket. */
  home(): Node
  others(): readonly Node[]
}

interface WorldOptions {
  readonly nodes?: number
  readonly pool?: PoolOptions
  readonly connection?: Partial<ConnectionOptions>
  readonly backend?: BackendOptions
  readonly apart?: boolean
  readonly seed?: number
}

async function world(options: WorldOptions = {}): Promise<World> {
  const platform = createFakePlatform({ seed: options.seed ?? 1 })
  const cluster = createCluster(platform, options.nodes ?? 3, options.backend, options.apart)
  const servers = pool(cluster.urls, options.pool)
  const connection = servers.connection({ protocol: uplink(), platform, transport: cluster.transport, ...options.connection })
  const heard: number[] = []
  const gaps: Gap[] = []
  const states: string[] = []
  connection.on('statechange', ({ to }) => states.push(to))
  const lease = connection.channel('c')
  lease.onMessage((data) => heard.push(data as number))
  lease.onGap((gap) => gaps.push(gap))
  void connection.connect()
  await platform.clock.advanceAsync(500)
  let published = 0
  const home = (): Node => cluster.nodes[servers.snapshot().sockets[0]?.server ?? 0] as Node
  return {
    platform, cluster, servers, connection, heard, gaps, states, home,
    publish(count) {
      for (let n = 0; n < count; n++) cluster.backend.publish('c', published++)
    },
    run: (ms) => platform.clock.advanceAsync(ms),
    others: () => cluster.nodes.filter((node) => node !== home()),
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

describe('a hand-over with positions', () => {
  it('brings every message once and in order, and nobody sees it', async () => {
    const { servers, connection, heard, gaps, states, publish, run } = await world({ pool: { lifetime: 10_000 } })
    const generation = connection.snapshot().generation
    for (let n = 0; n < 400; n++) {
      publish(1)
      await run(50)
    }
    expect(servers.snapshot().handOvers).toBeGreaterThanOrEqual(2)
    expect(heard).toEqual(upTo(400))
    expect(gaps).toEqual([])
    expect(states).toEqual(['connecting', 'connected'])
    expect(connection.snapshot().generation).toBeGreaterThan(generation)
  })

  it('leaves a server that says goodbye before it closes, and does not come back for it', async () => {
    const { servers, heard, states, publish, run, home } = await world()
    publish(3)
    const left = home()
    left.shut()
    left.goodbye(4_000)
    for (let n = 0; n < 40; n++) {
      publish(1)
      await run(50)
    }
    expect(home()).not.toBe(left)
    expect(left.open()).toBe(0)
    left.die()
    await run(100)
    left.rise()
    await run(120_000)
    expect(home()).not.toBe(left)
    expect(heard).toEqual(upTo(43))
    expect(states).toEqual(['connecting', 'connected'])
    expect(servers.snapshot().handOvers).toBe(1)
  })

  it('joins a channel that is asked for meanwhile', async () => {
    const { servers, connection, heard, publish, run, cluster } = await world()
    servers.handOver()
    const seen: number[] = []
    for (let n = 0; n < 20; n++) {
      if (n === 3) connection.channel('d').onMessage((data) => seen.push(data as number))
      publish(1)
      if (n >= 10) cluster.backend.publish('d', n)
      await run(40)
    }
    await run(500)
    expect(servers.snapshot()).toMatchObject({ handOvers: 1, sockets: [{ channels: 2, handingOver: false }] })
    expect(heard).toEqual(upTo(20))
    expect(seen).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
  })

  it('says what is missing where servers do not share their history', async () => {
    const { servers, heard, gaps, publish, run } = await world({ nodes: 2, apart: true })
    publish(5)
    await run(100)
    servers.handOver()
    await run(6_000)
    servers.handOver()
    await run(6_000)
    expect(servers.snapshot().handOvers).toBe(2)
    expect(gaps.every(({ reason }) => reason === 'epoch_changed')).toBe(true)
    expect(heard.length).toBeLessThanOrEqual(5)
  })

  it('goes on with the stand-in at once when the old socket breaks off, and asks for what it missed', async () => {
    const { servers, heard, gaps, publish, run, home, cluster } = await world({ seed: 4 })
    const left = home()
    for (const node of cluster.nodes) if (node !== left) node.network.conditions.delayMs = [300, 300]
    servers.handOver()
    await run(100)
    publish(2)
    left.die()
    publish(3)
    await run(3_000)
    expect(home()).not.toBe(left)
    expect(heard).toEqual(upTo(5))
    expect(gaps).toEqual([])
    // One socket and no more: the old connection has not looked for another server as well.
    expect(cluster.nodes.reduce((sum, node) => sum + node.accepted(), 0)).toBe(2)
  })

  it('says what is lost where the old socket broke off, and more was missed than is kept', async () => {
    const { servers, heard, gaps, publish, run, home, connection } = await world({ backend: { history: { count: 3 } } })
    publish(2)
    await run(100)
    const left = home()
    servers.handOver()
    await run(1)
    left.die()
    publish(10)
    await run(3_000)
    publish(1)
    await run(100)
    expect(servers.snapshot().handOvers).toBe(1)
    expect(gaps).toEqual([{ reason: 'trimmed', from: 3, to: 12 }])
    expect(heard).toEqual([0, 1, 12])
    expect(connection.channel('c').snapshot()).toMatchObject({ status: 'live', recovered: false, gap: { from: 3 } })
  })

  it('keeps the old socket where no other can be opened, and tries again', async () => {
    const { servers, connection, heard, publish, run, home, others } = await world({ pool: { lifetime: 20_000 } })
    const first = home()
    for (const node of others()) node.shut()
    first.shut()
    await run(60_000)
    publish(2)
    await run(100)
    expect(connection.snapshot().state).toBe('connected')
    for (const node of others()) node.rise()
    await run(120_000)
    publish(1)
    await run(100)
    expect(home()).not.toBe(first)
    expect(servers.snapshot().handOvers).toBeGreaterThan(0)
    expect(heard).toEqual(upTo(3))
  })
})

describe('messages that are sent during a hand-over', () => {
  it('are handled once, in the order they were sent, and have their outcome', async () => {
    const { servers, cluster, connection, run } = await world({ pool: { lifetime: 5_000 } })
    const outcomes: Array<Promise<string>> = []
    for (let n = 0; n < 600; n++) {
      outcomes.push(connection.sendWithAck({ type: 'order', data: n }).then(({ outcome }) => outcome))
      await run(50)
    }
    await run(5_000)
    expect(servers.snapshot().handOvers).toBeGreaterThanOrEqual(5)
    expect(cluster.backend.received().map(({ message }) => message.data)).toEqual(upTo(600))
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['delivered']))
    expect(connection.outbox()).toMatchObject({ queued: 0, inFlight: 0, delivered: 600 })
  })

  it('do not keep the old socket open, however close they follow on each other', async () => {
    const { servers, cluster, connection, run } = await world()
    servers.handOver()
    for (let n = 0; n < 500; n++) {
      void connection.sendWithAck({ type: 'order', data: n })
      await run(20)
    }
    expect(servers.snapshot().handOvers).toBe(1)
    expect(cluster.nodes.reduce((sum, node) => sum + node.open(), 0)).toBe(1)
    await run(1_000)
    expect(cluster.backend.received().map(({ message }) => message.data)).toEqual(upTo(500))
  })

  it('keep their outcome on the old socket, however long the server takes', async () => {
    const { servers, cluster, connection, run, home } = await world()
    let answer: (value: string) => void = () => undefined
    cluster.backend.handle('slow', () => new Promise<string>((resolve) => { answer = resolve }))
    const left = home()
    const slow = connection.sendWithAck({ type: 'slow' })
    await run(100)
    left.goodbye()
    await run(3_000)
    expect(servers.snapshot().handOvers).toBe(1)
    expect(left.open()).toBe(1)
    // What is sent now goes after it, by the same socket, for some seconds; then by the new one.
    const next = connection.sendWithAck({ type: 'next' })
    await run(5_000)
    const quick = connection.sendWithAck({ type: 'quick' })
    await run(200)
    expect(await next).toMatchObject({ outcome: 'delivered' })
    expect(await quick).toMatchObject({ outcome: 'delivered' })
    const { clientId } = connection
    expect(cluster.backend.received().map((one) => [one.message.type, one.clientId])).toEqual([['slow', clientId], ['next', clientId], ['quick', `${clientId}.2`]])
    answer('done')
    await run(200)
    expect(await slow).toMatchObject({ outcome: 'delivered', data: 'done' })
    expect(left.open()).toBe(0)
  })

  it('wait for the old connection to come back when it breaks off before it has an answer, and are not handled twice', async () => {
    const { cluster, connection, run, home, servers } = await world()
    const left = home()
    let handled = 0
    let answer: (value: string) => void = () => undefined
    cluster.backend.handle('slow', () => new Promise<string>((resolve) => { handled++; answer = resolve }))
    const slow = connection.sendWithAck({ type: 'slow' })
    await run(50)
    servers.handOver()
    await run(20)
    left.die()
    await run(5_000)
    answer('done')
    await run(30_000)
    expect(await slow).toMatchObject({ outcome: 'delivered', data: 'done' })
    expect(handled).toBe(1)
    expect(cluster.nodes.reduce((sum, node) => sum + node.open(), 0)).toBe(1)
  })
})

describe('a pool that ends', () => {
  it.each(['open', 'handing over', 'retired sockets'])('leaves no timer, listener or socket: %s', async (when) => {
    const { platform, cluster, connection, run, servers } = await world()
    if (when === 'retired sockets') cluster.backend.handle('never', () => new Promise(() => undefined))
    const never = when === 'retired sockets' ? connection.sendWithAck({ type: 'never' }) : undefined
    if (when !== 'open') servers.handOver()
    await run(when === 'handing over' ? 30 : 2_000)
    connection.destroy()
    connection.destroy()
    expect(platform.listeners()).toBe(0)
    if (never !== undefined) expect(await never).toMatchObject({ outcome: 'unknown' })
    await run(120_000)
    cluster.backend.stop()
    expect(platform.clock.pending()).toBe(0)
    expect(cluster.nodes.reduce((sum, node) => sum + node.open(), 0)).toBe(0)
    expect(connection.snapshot().state).toBe('disconnected')
    expect(servers.snapshot().sockets).toEqual([])
    await expect(connection.connect()).rejects.toMatchObject({ code: 'UPLINK_DESTROYED' })
    expect(connection.send({ type: 'late' })).toMatchObject({ outcome: 'refused', reason: 'destroyed' })
  })

  it('stops handing over when it is disconnected, and goes on where it was', async () => {
    const { cluster, connection, heard, gaps, publish, run, servers } = await world()
    publish(1)
    await run(100)
    servers.handOver()
    await run(90)
    connection.disconnect()
    expect(connection.snapshot()).toMatchObject({ state: 'disconnected', phase: 'idle' })
    await run(1_000)
    expect(cluster.nodes.reduce((sum, node) => sum + node.open(), 0)).toBe(0)
    publish(2)
    void connection.connect()
    await run(1_000)
    expect(heard).toEqual([0, 1, 2])
    expect(gaps).toEqual([])
  })
})
