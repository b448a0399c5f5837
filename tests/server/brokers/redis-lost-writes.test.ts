/**
 * A Redis that confirmed writes and lost them: an older copy of its data, a replica that had not heard of them and took over.
 * Offsets must not be given twice in one epoch, or whoever has the lost messages never hears the new ones.
 */
import { once } from 'node:events'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Position } from '../../../src/protocol/message.ts'
import { type RedisConnection, type RedisLike, fromNodeRedis } from '../../../src/server/brokers/redis-client.ts'
import { createSightings } from '../../../src/server/brokers/redis-sightings.ts'
import { type RedisBroker, redisBroker } from '../../../src/server/brokers/redis.ts'
import { type Running, client, startServer } from '../runtime/support.ts'
import { ioredis, nodeRedis } from './clients.ts'
import { type Recorder, recorder } from './recorder.ts'
import { type RedisServer, hasRedis, redisTitle, startRedis } from './redis-server.ts'

const ROOMY = { history: { count: 100, size: 1e6, ageMs: 60_000 } }
const BARE = { history: { count: 0, size: 0, ageMs: 0 } }
const RECOVERY = { count: 100, size: 1e6 }

describe.skipIf(!hasRedis)(redisTitle('a Redis that has gone back in time'), () => {
  let server: RedisServer
  const brokers: RedisBroker[] = []
  let prefix = ''
  let worlds = 0

  beforeAll(async () => { server = await startRedis() })
  afterAll(() => server.close())
  beforeEach(() => { prefix = `p${worlds++}` })
  afterEach(async () => void await Promise.all(brokers.splice(0).map((broker) => broker.close())))

  async function node(make = nodeRedis): Promise<{ readonly broker: RedisBroker; readonly ears: Recorder }> {
    const broker = redisBroker({ client: make(server), prefix })
    const ears = recorder()
    brokers.push(broker)
    await broker.open(ears)
    return { broker, ears }
  }

  const parts = ['meta', 'log'].map((part) => [() => `${prefix}:{s}:${part}`, () => `${prefix}:copy:${part}`] as const)
  const keep = async (): Promise<void> => { for (const [key, copy] of parts) await server.command('COPY', key(), copy(), 'REPLACE') }
  const goBack = async (): Promise<void> => { for (const [key, copy] of parts) await server.command('COPY', copy(), key(), 'REPLACE') }

  async function publish(broker: RedisBroker, from: number, to: number, how = ROOMY): Promise<Position> {
    let last: Position = { epoch: '', offset: 0 }
    for (let data = from; data <= to; data++) last = await broker.publish('s', 's', { type: 't', data }, how)
    return last
  }

  /** Ten messages, of which Redis will remember eight. */
  async function lose(broker: RedisBroker, how = ROOMY): Promise<Position> {
    await publish(broker, 1, 8, how)
    if (how === BARE) await server.command('XADD', `${prefix}:{s}:log`, '1-0', 'x', 'x')
    await keep()
    const last = await publish(broker, 9, 10, how)
    await goBack()
    if (how === BARE) await server.command('DEL', `${prefix}:{s}:log`)
    return last
  }

  it.each([['redis', nodeRedis], ['ioredis', ioredis]])('begins the stream anew when who knows better publishes (%s)', async (_, make) => {
    const [one, two] = [await node(make), await node(make)]
    await two.broker.follow('s')
    const lost = await lose(one.broker)
    const next = await one.broker.publish('s', 's', { type: 't', data: 'next' }, ROOMY)
    expect(next.offset).toBe(1)
    expect(next.epoch).not.toBe(lost.epoch)
    await expect.poll(() => two.ears.data('s').at(-1)).toBe('next')
    expect(two.ears.resets).toEqual([next.epoch])
    expect(await two.broker.read('s', 's', lost, 'stream', RECOVERY)).toMatchObject({ recovered: false, reason: 'epoch_changed', epoch: next.epoch })
  })

  it('begins it anew when who knows better compares positions, or reads', async () => {
    const { broker, ears } = await node()
    await broker.follow('s')
    const lost = await lose(broker)
    const [stands] = await broker.tops(['s'])
    expect(stands).toMatchObject({ offset: 0 })
    expect(stands?.epoch).not.toBe(lost.epoch)
    await expect.poll(() => ears.resets).toEqual([stands?.epoch])
    const again = await lose(broker)
    expect(again.epoch).toBe(stands?.epoch)
    expect(await broker.read('s', 's', { ...again, offset: 8 }, 'stream', RECOVERY)).toMatchObject({ recovered: false, reason: 'epoch_changed' })
    await expect.poll(() => ears.resets.length).toBe(2)
  })

  it.each([['with a history', ROOMY], ['without one', BARE]])('begins it anew when offsets are given again to who listens (%s)', async (_, how) => {
    const [writer, listener] = [await node(), await node()]
    await listener.broker.follow('s')
    const lost = await lose(writer.broker, how)
    await expect.poll(() => listener.ears.heard.length).toBe(10)
    // A node that has seen nothing of it: it counts on from what Redis says.
    const stranger = await node()
    expect(await publish(stranger.broker, 109, 109, how)).toEqual({ epoch: lost.epoch, offset: 9 })
    await expect.poll(() => listener.ears.resets.length).toBe(1)
    const next = await stranger.broker.publish('s', 's', { type: 't', data: 'next' }, how)
    expect(next.epoch).toBe(listener.ears.resets[0])
    await expect.poll(() => listener.ears.data('s').at(-1)).toBe('next')
  })

  it('begins it anew when offsets were given again while nobody listened', async () => {
    const [writer, listener] = [await node(), await node()]
    await listener.broker.follow('s')
    const lost = await lose(writer.broker)
    await expect.poll(() => listener.ears.heard.length).toBe(10)
    listener.broker.unfollow('s')
    const stranger = await node()
    expect(await publish(stranger.broker, 109, 115)).toEqual({ epoch: lost.epoch, offset: 15 })
    // It holds more than was lost, and other messages in their places.
    const [stands] = await listener.broker.tops(['s'])
    expect(stands?.epoch).not.toBe(lost.epoch)
  })

  it('is told from one that has not: whatever comes at the same time, the epoch stays', async () => {
    const [one, two] = [await node(), await node()]
    await Promise.all([one.broker.follow('s'), two.broker.follow('s')])
    const positions = await Promise.all(Array.from({ length: 600 }, async (_, number) => {
      const { broker } = number % 2 === 0 ? one : two
      if (number % 3 === 0) await broker.tops(['s'])
      if (number % 5 === 0) await broker.read('s', 's', null, 'stream', RECOVERY)
      return broker.publish('s', 's', { type: 't', data: number }, ROOMY)
    }))
    expect(new Set(positions.map(({ epoch }) => epoch)).size).toBe(1)
    expect(new Set(positions.map(({ offset }) => offset)).size).toBe(600)
    await expect.poll(() => [one.ears.heard.length, two.ears.heard.length]).toEqual([600, 600])
    expect([...one.ears.resets, ...two.ears.resets]).toEqual([])
  })

  it('and positions of many streams are asked for without keeping everything else waiting', async () => {
    let inFlight = 0
    let most = 0
    // The real client, watched.
    const watched = (like: RedisLike): RedisLike => ({
      name: like.name,
      connect(events) {
        const connection = like.connect(events)
        const send: RedisConnection['send'] = async (key, command) => {
          most = Math.max(most, ++inFlight)
          return connection.send(key, command).finally(() => { inFlight-- })
        }
        return { ...connection, send }
      },
    })
    const { broker } = await node((redis) => watched(nodeRedis(redis)))
    const names = Array.from({ length: 3_000 }, (_, number) => `s?${number}`)
    for (const name of names.slice(0, 50)) await broker.publish(name, 's', { type: 't' }, ROOMY)
    most = 0
    const tops = await broker.tops(names)
    expect(tops.slice(0, 50).every((top) => top?.offset === 1)).toBe(true)
    expect(tops.slice(50).every((top) => top === null)).toBe(true)
    expect(most).toBeGreaterThan(100)
    expect(most).toBeLessThanOrEqual(300)
  })
})

describe('what a node has seen', () => {
  it('is what Redis said last, and what was heard', () => {
    const sightings = createSightings()
    expect(sightings.of('s')).toBe('')
    sightings.stands('s', 'e', 3)
    sightings.stands('s', 'e', 2)
    expect(sightings.of('s')).toBe('e 3 0 0')
    expect(sightings.hears('s', 'e', 5, 100)).toBe(true)
    expect(sightings.of('s')).toBe('e 5 5 100')
    sightings.stands('s', 'f', 1)
    expect(sightings.of('s')).toBe('f 1 0 0')
  })

  it.each([
    ['the next', 6, 101, true], ['one further on', 9, 101, true], ['the same once more', 5, 100, true], ['an older one once more', 3, 90, true],
    ['another in its place', 5, 101, false], ['another in its place, by a clock that is behind', 5, 99, false], ['another in the place of an older one', 3, 101, false],
  ])('doubts no message that may come, and every one that may not: %s', (_, offset, at, isFine) => {
    const sightings = createSightings()
    sightings.hears('s', 'e', 5, 100)
    expect(sightings.hears('s', 'e', offset, at)).toBe(isFine)
  })

  it('has a bound', () => {
    const sightings = createSightings(2)
    for (const stream of ['a', 'b', 'c']) sightings.stands(stream, 'e', 1)
    expect(['a', 'b', 'c'].map((stream) => sightings.of(stream))).toEqual(['', 'e 1 0 0', 'e 1 0 0'])
  })
})

/** One address for whichever Redis is in charge. */
async function address(first: number): Promise<{ readonly port: number; lead(to: number): void }> {
  let target = first
  const ends = new Set<Socket>()
  const way = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    for (const end of [near, far]) {
      ends.add(end)
      end.on('error', () => undefined).on('close', () => { near.destroy(); far.destroy(); ends.delete(end) })
    }
    near.pipe(far).pipe(near)
  }).listen(0, '127.0.0.1')
  await once(way, 'listening')
  onTestFinished(() => {
    for (const end of ends) end.destroy()
    way.close()
  })
  return {
    port: (way.address() as AddressInfo).port,
    lead(to) {
      target = to
      for (const end of ends) end.destroy()
    },
  }
}

describe.skipIf(!hasRedis)(redisTitle('a failover to a replica that had not heard of the last writes'), () => {
  it('is a gap that followers are told of, on every node, and not a message that they never hear', { timeout: 60_000 }, async () => {
    const [master, replica] = [await startRedis(), await startRedis()]
    onTestFinished(async () => void await Promise.all([master.close(), replica.close()]))
    const link = await address(master.port)
    await replica.command('REPLICAOF', '127.0.0.1', String(link.port))
    await expect.poll(async () => String(await replica.command('INFO', 'replication'))).toContain('master_link_status:up')
    const front = await address(master.port)
    const start = (): Promise<Running> => startServer({
      broker: redisBroker({ client: fromNodeRedis(createClient({ url: `redis://127.0.0.1:${front.port}` })), prefix: 'app', leaseMs: 1_500, commandTimeoutMs: 800 }),
    })
    const nodes = [await start(), await start()] as const
    const watched = nodes.map(({ url }) => {
      const heard: unknown[] = []
      const gaps: unknown[] = []
      const lease = client(url).channel('news')
      lease.onMessage((data) => void heard.push(data))
      lease.onGap(({ reason }) => void gaps.push(reason))
      return { heard, gaps }
    })
    await expect.poll(() => nodes.map(({ server }) => server.stats().channelStats['news'])).toEqual([1, 1])
    for (let number = 1; number <= 8; number++) await nodes[0].server.publish('news', number)
    await expect.poll(async () => String(await replica.command('HGET', 'app:{news}:meta', 'top'))).toBe('8')
    // The replica is cut off, and the master goes on.
    link.lead(1)
    for (let number = 9; number <= 12; number++) await nodes[0].server.publish('news', number)
    await expect.poll(() => watched.map(({ heard }) => heard.length)).toEqual([12, 12])
    await master.stop('SIGKILL')
    await replica.command('REPLICAOF', 'NO', 'ONE')
    expect(String(await replica.command('HGET', 'app:{news}:meta', 'top'))).toBe('8')
    front.lead(replica.port)
    // Somebody who has seen nothing is the first to publish, in the places of what was lost.
    await expect.poll(() => nodes.map(({ server }) => server.isReady()), { timeout: 20_000 }).toEqual([true, true])
    const late = await start()
    for (let number = 1; number <= 5; number++) await late.server.publish('news', `after ${number}`)
    await expect.poll(() => watched.map(({ gaps }) => gaps), { timeout: 10_000 }).toEqual([['epoch_changed'], ['epoch_changed']])
    await late.server.publish('news', 'last')
    await expect.poll(() => watched.map(({ heard }) => heard.at(-1))).toEqual(['last', 'last'])
    // What was heard after the gap is everything that was published since, or nothing of it: no hole without a word.
    for (const { heard } of watched) {
      const since = heard.slice(12)
      expect(since).toEqual([...Array.from({ length: 5 }, (_, index) => `after ${index + 1}`), 'last'].slice(-since.length))
    }
  })
})
