/** Redis goes away and comes back, in every way we can make it: nobody is left waiting, nothing is replayed, nothing is hidden. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type RedisBroker, type RedisBrokerOptions, redisBroker } from '../../../src/server/brokers/redis.ts'
import { LOST } from '../../../src/server/results.ts'
import { type MakeClient, ioredis, ioredisCluster, nodeRedis, nodeRedisCluster } from './clients.ts'
import { type Recorder, recorder } from './recorder.ts'
import { type RedisServer, hasRedis, redisTitle, startRedis } from './redis-server.ts'

const ROOMY = { history: { count: 100, size: 1e6, ageMs: 60_000 } }
const RECOVERY = { count: 100, size: 1e6 }
const COMMAND_TIMEOUT_MS = 800

const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(() => void process.off('unhandledRejection', note))

interface Client {
  readonly name: string
  readonly make: MakeClient
  readonly isCluster: boolean
}

const CLIENTS: readonly Client[] = [
  { name: 'redis', make: nodeRedis, isCluster: false },
  { name: 'ioredis', make: ioredis, isCluster: false },
  { name: 'the cluster of redis', make: nodeRedisCluster, isCluster: true },
  { name: 'the cluster of ioredis', make: ioredisCluster, isCluster: true },
]

describe.skipIf(!hasRedis).each(CLIENTS)(redisTitle('a broker by $name, while its Redis'), ({ make, isCluster }) => {
  let server: RedisServer
  const brokers: RedisBroker[] = []

  beforeEach(async () => {
    server = await startRedis({ isCluster })
  })
  afterEach(async () => {
    await Promise.all(brokers.splice(0).map((broker) => broker.close()))
    await server.close()
    expect(unhandled).toEqual([])
  })

  function node(options: Partial<RedisBrokerOptions> = {}): RedisBroker {
    const broker = redisBroker({ client: make(server), prefix: 'app', leaseMs: 1_500, commandTimeoutMs: COMMAND_TIMEOUT_MS, ...options })
    brokers.push(broker)
    return broker
  }

  async function following(): Promise<{ readonly broker: RedisBroker; readonly ears: Recorder; readonly epoch: string }> {
    const broker = node()
    const ears = recorder()
    await broker.open(ears)
    await broker.follow('s')
    const { epoch } = await broker.publish('s', 's', { type: 't', data: 'before' }, ROOMY)
    await expect.poll(() => ears.data('s')).toEqual(['before'])
    return { broker, ears, epoch }
  }

  /** Everything rejects within the time a command may take. */
  async function expectAway(broker: RedisBroker): Promise<void> {
    const began = performance.now()
    const all = await Promise.allSettled([
      broker.publish('s', 's', { type: 't', data: 'meanwhile' }, ROOMY), broker.follow('other'), broker.follow('s'), broker.read('s', 's', null, 'stream', RECOVERY),
      broker.tops(['s']), broker.page('s', undefined, 1), broker.reset('s', 's'), broker.tell({ type: 'roles', userId: 'ann', roles: [] }), broker.probe(),
      broker.results.begin('ann', 'a'), broker.results.look('ann', ['a']), broker.results.finish('ann', 'a', { ok: true }),
    ])
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 'rejected'))
    expect(all.every((one) => one.status === 'rejected' && one.reason instanceof Error)).toBe(true)
    expect(performance.now() - began).toBeLessThan(COMMAND_TIMEOUT_MS + 1_000)
    broker.unfollow('never')
  }

  async function expectBack(broker: RedisBroker, ears: Recorder): Promise<void> {
    await expect.poll(() => ears.states).toEqual(['down', 'up'])
    await broker.publish('s', 's', { type: 't', data: 'after' }, ROOMY)
    await expect.poll(() => ears.data('s').at(-1)).toBe('after')
    await broker.probe()
  }

  it('restarts with its data', async () => {
    const { broker, ears, epoch } = await following()
    const results = broker.results.epoch()
    await server.stop()
    await expect.poll(() => ears.states).toEqual(['down'])
    await expectAway(broker)
    await server.start()
    await expectBack(broker, ears)
    // What was refused meanwhile was not published later.
    expect(await broker.read('s', 's', { epoch, offset: 0 }, 'stream', RECOVERY)).toMatchObject({ epoch, top: 2, recovered: true })
    expect(ears.data('s')).toEqual(['before', 'after'])
    expect(broker.results.epoch()).toBe(results)
  })

  it('dies and comes back with nothing', async () => {
    const { broker, ears, epoch } = await following()
    const results = broker.results.epoch()
    await server.stop('SIGKILL')
    await server.wipe()
    await server.start()
    await expectBack(broker, ears)
    expect(await broker.read('s', 's', { epoch, offset: 1 }, 'stream', RECOVERY)).toMatchObject({ top: 1, recovered: false, reason: 'epoch_changed' })
    expect(broker.results.epoch()).not.toBe(results)
  })

  it.each(['pubsub', 'normal'])('ends its %s connections', async (type) => {
    const { broker, ears } = await following()
    const states = (): number => ears.states.length
    // A cluster repairs the connection for commands by itself; whoever listens has to know in any case.
    await server.command('CLIENT', 'KILL', 'TYPE', type)
    if (type === 'pubsub' || !isCluster) {
      await expectBack(broker, ears)
    } else {
      await expect.poll(() => broker.publish('s', 's', { type: 't', data: 'after' }, ROOMY).then(() => true, () => false)).toBe(true)
      await expect.poll(() => ears.data('s').at(-1)).toBe('after')
    }
    expect(states() % 2).toBe(0)
  })

  it('is there, and does not answer', async () => {
    const { broker, ears, epoch } = await following()
    server.pause()
    await expect(broker.publish('s', 's', { type: 't', data: 'meanwhile' }, ROOMY)).rejects.toThrow('did not answer')
    await expect.poll(() => ears.states).toEqual(['down'])
    await expectAway(broker)
    server.resume()
    await expectBack(broker, ears)
    // It lay in the hands of Redis all the time, and was told to nobody.
    expect(ears.data('s')).toEqual(['before', 'after'])
    expect(await broker.read('s', 's', { epoch, offset: 0 }, 'stream', RECOVERY)).toMatchObject({ recovered: true, top: 2 })
  })

  it('is not there yet', async () => {
    await server.stop()
    const broker = node()
    const ears = recorder()
    let isOpen = false
    const opened = broker.open(ears).then(() => {
      isOpen = true
    })
    await expectAway(broker)
    expect(isOpen).toBe(false)
    await server.start()
    await opened
    expect(ears.states).toEqual([])
    await broker.probe()
  })

  it('forgets its scripts', async () => {
    const { broker, ears } = await following()
    await server.command('SCRIPT', 'FLUSH')
    await broker.publish('s', 's', { type: 't', data: 'after' }, ROOMY)
    await expect.poll(() => ears.data('s')).toEqual(['before', 'after'])
    expect(ears.states).toEqual([])
  })

  it('loses a node: what that node had begun is lost, once and for all', async () => {
    const leaseMs = 600
    const broker = node({ leaseMs })
    const ears = recorder()
    await broker.open(ears)
    const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('dying-node.ts', import.meta.url)), server.url, 'app', String(leaseMs)], { stdio: ['ignore', 'pipe', 'inherit'] })
    // The other node speaks by a plain client, and needs no cluster to reach this one.
    const [said] = (await once(child.stdout, 'data')) as [Buffer]
    expect(said.toString()).toBe('new\n')
    expect(await broker.results.begin('ann', 'a')).toBe('running')
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    expect(await broker.results.look('ann', ['a'])).toEqual(['running'])
    await expect.poll(() => broker.results.begin('ann', 'a')).toEqual(LOST)
    await expect.poll(() => ears.notices).toEqual([{ type: 'result', identity: 'ann', id: 'a', answer: LOST }])
    await broker.results.finish('ann', 'a', { ok: true })
    expect(await broker.results.look('ann', ['a'])).toEqual([LOST])
  })

  it('goes on: a broker that is closed leaves no connection', async () => {
    const count = async (): Promise<number> => String(await server.command('CLIENT', 'LIST')).trim().split('\n').length
    const before = await count()
    const { broker } = await following()
    expect(await count()).toBeGreaterThan(before)
    await broker.close()
    await broker.close()
    await expect.poll(count).toBe(before)
    expect(await server.command('KEYS', 'app:node:*')).toEqual([])
    await expectAway(broker)
    // One that never got to Redis can be closed as well.
    await server.stop()
    const early = node()
    void early.open(recorder())
    await early.close()
  })
})
