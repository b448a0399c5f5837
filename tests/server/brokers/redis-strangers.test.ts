/** Others can write to the same Redis: what they leave is ignored and counted, and never taken for ours. */
import { readFile } from 'node:fs/promises'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { HistoryLimits } from '../../../src/server/stream.ts'
import { redisKeys } from '../../../src/server/brokers/redis-keys.ts'
import { readAnswer, readKept, readNotice, readStreamPayload } from '../../../src/server/brokers/redis-payload.ts'
import { fromNodeRedis } from '../../../src/server/brokers/redis-client.ts'
import { type RedisBroker, redisBroker } from '../../../src/server/brokers/redis.ts'
import { LOST } from '../../../src/server/results.ts'
import { nodeRedis } from './clients.ts'
import { type Recorder, recorder } from './recorder.ts'
import { type RedisServer, hasRedis, redisTitle, startRedis } from './redis-server.ts'

const HISTORY: HistoryLimits = { count: 100, size: 1e6, ageMs: 60_000 }
const RECOVERY = { count: 100, size: 1e6 }

describe.skipIf(!hasRedis)(redisTitle('a stranger in Redis'), () => {
  let server: RedisServer
  let broker: RedisBroker
  let ears: Recorder
  let run = 0
  let prefix = ''

  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    ears = recorder()
    prefix = `p${run++}`
    broker = redisBroker({ client: nodeRedis(server), prefix, maxMessageSize: 10_000 })
    await broker.open(ears)
  })
  afterEach(() => broker.close())

  it('who publishes nonsense is ignored and counted', async () => {
    await broker.follow('s')
    const text = '{"offset":1,"type":"t"}'
    const header = { epoch: 'e', from: 1, offset: 1, at: 1 }
    const nonsense = [
      '', '\n', 'null', '[]', 'x\ny', '{"epoch":"e"}', '{"epoch":"e","reset":1}', `\n${text}`, `{}\n${text}`, `${JSON.stringify({ ...header, epoch: '' })}\n${text}`,
      `${JSON.stringify({ ...header, offset: 2 })}\n${text}`, `${JSON.stringify({ ...header, offset: 1.5 })}\n${text}`, `${JSON.stringify({ ...header, from: 2 })}\n${text}`,
      `${JSON.stringify({ ...header, at: 'x' })}\n${text}`, `${JSON.stringify({ ...header, key: 1 })}\n${text}`, `${JSON.stringify({ ...header, endsAt: 'x' })}\n${text}`,
      `${JSON.stringify(header)}\n{"type":"t","offset":1}`, `${JSON.stringify(header)}\n{"offset":1,"type":"t"`, `${JSON.stringify(header)}\n{"offset":1,"data":"${'x'.repeat(20_000)}"}`,
    ]
    for (const payload of nonsense) await server.command('PUBLISH', `${prefix}:{s}`, payload)
    const notices = [
      'x', '{}', '[]', '{"type":"revoked"}', '{"type":"revoked","userId":1}', '{"type":"roles","userId":"a","roles":[1]}', '{"type":"roles","roles":[]}',
      '{"type":"result","identity":"a","id":"b","answer":{}}', '{"type":"result","identity":"a","id":"b","answer":{"ok":false,"code":"x"}}', '{"type":"other"}',
    ]
    for (const notice of notices) await server.command('PUBLISH', `${prefix}:notices`, notice)
    await server.command('PUBLISH', `${prefix}:{s}`, `${JSON.stringify(header)}\n${text}`)
    await expect.poll(() => ears.heard).toEqual([{ stream: 's', epoch: 'e', entry: { from: 1, offset: 1, text }, publishedAt: 1 }])
    await expect.poll(() => broker.malformed).toBe(nonsense.length + notices.length)
    expect([ears.notices, ears.resets]).toEqual([[], []])
  })

  it('who changes a log leaves a hole, and not a message', async () => {
    const { epoch } = await broker.publish('s', 's', { type: 't', data: 1 }, { history: HISTORY })
    await server.command('XADD', `${prefix}:{s}:log`, '2-0', 'from', '2', 'text', 'nonsense', 'size', '8', 'at', String(Date.now()))
    await server.command('HSET', `${prefix}:{s}:meta`, 'top', '2')
    await broker.publish('s', 's', { type: 't', data: 3 }, { history: HISTORY })
    expect(await broker.read('s', 's', { epoch, offset: 0 }, 'stream', RECOVERY)).toMatchObject({ recovered: false, reason: 'trimmed' })
    expect(await broker.read('s', 's', { epoch, offset: 2 }, 'stream', RECOVERY)).toMatchObject({ recovered: true, entries: [{ offset: 3 }] })
    expect((await broker.page('s', undefined, 9)).entries.map(({ offset }) => offset)).toEqual([1, 3])
    expect(broker.malformed).toBe(2)
  })

  it('who takes the counter away makes another epoch, without what was left', async () => {
    const old = await broker.publish('s', 's', { type: 't', data: 1 }, { history: HISTORY })
    await server.command('DEL', `${prefix}:{s}:meta`)
    const first = await broker.publish('s', 's', { type: 't', data: 2 }, { history: HISTORY })
    expect(first.offset).toBe(1)
    expect(first.epoch).not.toBe(old.epoch)
    expect((await broker.page('s', undefined, 9)).entries).toHaveLength(1)
    await server.command('DEL', `${prefix}:{s}:log`)
    expect(await broker.read('s', 's', { epoch: first.epoch, offset: 0 }, 'stream', RECOVERY)).toMatchObject({ recovered: false, reason: 'no_history' })
    await server.command('SET', `${prefix}:{t}:meta`, 'x')
    await expect(broker.publish('t', 't', { type: 't' }, { history: HISTORY })).rejects.toThrow('WRONGTYPE')
    await server.command('SET', `${prefix}:{t}:once:k`, 'x')
    await expect(broker.publish('t', 't', { type: 't' }, { history: HISTORY, idempotencyKey: 'k' })).rejects.toThrow('something else')
  })

  it('finds no stream that lives for ever', async () => {
    await broker.publish('s', 's', { type: 't' }, { history: { ...HISTORY, ageMs: Infinity }, idempotencyKey: 'k' })
    await broker.publish('t', 't', { type: 't' }, { history: { ...HISTORY, ageMs: 5_000 } })
    await broker.results.begin('ann', 'a')
    await broker.read('u', 'u', null, 'stream', RECOVERY)
    await broker.reset('v', 'v')
    await broker.page('w', undefined, 1)
    const keys = (await server.command('KEYS', `${prefix}:*`)) as string[]
    const lives = await Promise.all(keys.map(async (key) => [key, Number(await server.command('PTTL', key))] as const))
    expect(lives.filter(([, ms]) => ms < 0).map(([key]) => key)).toEqual([`${prefix}:results:epoch`])
    expect(new Map(lives).get(`${prefix}:{t}:log`)).toBeLessThan(5_001)
    expect(new Map(lives).get(`${prefix}:{t}:meta`)).toBeGreaterThan(29 * 86_400_000)
  })

  it('is not what a broker is that has no more rights than the documents say', async () => {
    const text = await readFile(new URL('../../../docs/redis.md', import.meta.url), 'utf8')
    const [rule = ''] = /^ACL SETUSER .*$/m.exec(text) ?? []
    await server.command(...rule.split(' '))
    const limited = redisBroker({ client: fromNodeRedis(createClient({ url: server.url, username: 'uplink', password: 'secret' })) })
    const told = recorder()
    try {
      await limited.open(told)
      await limited.follow('s')
      const { epoch } = await limited.publish('s', 's', { type: 't', data: 1, ttlMs: 9_000 }, { history: { ...HISTORY, count: 1 }, idempotencyKey: 'k' })
      await limited.publish('s', 's', { type: 't', data: 2 }, { history: { ...HISTORY, count: 1 } })
      expect(await limited.read('s', 's', { epoch, offset: 1 }, 'stream', RECOVERY)).toMatchObject({ recovered: true, entries: [{ offset: 2 }] })
      expect((await limited.page('s', undefined, 9)).entries).toHaveLength(1)
      expect(await limited.tops(['s'])).toEqual([{ epoch, offset: 2 }])
      await limited.results.begin('ann', 'a')
      await limited.results.finish('ann', 'a', { ok: true })
      await limited.results.begin('ann', 'b')
      await limited.results.finish('ann', 'b', { ok: false, code: 'busy', retryable: true })
      await limited.reset('s', 's')
      await limited.probe()
      limited.unfollow('s')
      await expect.poll(() => [told.data('s'), told.resets.length, told.notices.length]).toEqual([[1, 2], 1, 2])
      const list = String(await server.command('ACL', 'LOG'))
      expect(list).toBe('')
    } finally {
      await limited.close()
    }
  })

  it('cannot be helped where a message is larger than may be, or covers nothing', async () => {
    const publish = (publication: object): Promise<unknown> => broker.publish('s', 's', { type: 't', ...publication }, { history: HISTORY })
    await expect(publish({ data: 'x'.repeat(10_000) })).rejects.toThrow('maxMessageSize')
    await expect(publish({ covers: 0 })).rejects.toThrow('covers')
    await expect(publish({ type: 'ping' })).rejects.toThrow('ping')
    await expect(broker.tell({ type: 'roles', userId: 'x'.repeat(10_000), roles: [] })).rejects.toThrow('maxMessageSize')
    await expect(broker.results.finish('ann', 'a', { ok: true, data: 'x'.repeat(10_000) })).rejects.toThrow('maxMessageSize')
    expect(await broker.tops(['s'])).toEqual([null])
  })
})

describe('what comes from Redis', () => {
  it('is read as it was written, and else not at all', () => {
    expect(readStreamPayload('{"epoch":"e","reset":true}', 10)).toEqual({ type: 'reset', epoch: 'e' })
    expect(readStreamPayload('{"epoch":"e","from":1,"offset":3,"at":5,"key":"k","endsAt":9}\n{"from":1,"offset":3,"type":"t"}', 100))
      .toEqual({ type: 'entry', epoch: 'e', at: 5, entry: { from: 1, offset: 3, text: '{"from":1,"offset":3,"type":"t"}', key: 'k', endsAt: 9 } })
    expect(readNotice('{"type":"revoked","issuedBefore":5,"extra":1}', 100)).toEqual({ type: 'revoked', issuedBefore: 5 })
    expect(readAnswer({ ok: true, extra: 1 })).toEqual({ ok: true })
    expect(readKept('rnode:1')).toEqual({ type: 'running', owner: 'node:1' })
    // It had begun: that much is certain.
    expect(readKept('anonsense')).toEqual({ type: 'answer', answer: LOST })
  })

  it('lies under a prefix that is one', () => {
    for (const prefix of ['', 'a b', '{a}', 'a*', 'a?']) expect(() => redisKeys(prefix)).toThrow(RangeError)
    expect(redisKeys('app:live').stream('book?EURUSD').meta).toBe('app:live:{book?EURUSD}:meta')
    expect(redisKeys('app').stream('').log).toBe('app:{%}:log')
  })
})
