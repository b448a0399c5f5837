/** Only what a handler, or a channel, made of a message is remembered: refusals before that fill nobody's memory, and bind nobody. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisBroker } from '../../../src/server/brokers/redis.ts'
import { type UplinkServerOptions, authenticated, channel, everyone, reject, role, rule } from '../../../src/server/index.ts'
import { nodeRedis } from '../brokers/clients.ts'
import { type RedisServer, hasRedis, redisTitle, startRedis } from '../brokers/redis-server.ts'
import { type Bare, GENEROUS, type Running, bare, startServer } from './support.ts'

const users: NonNullable<UplinkServerOptions['authenticate']> = ({ credentials }) => ({ identity: typeof credentials === 'string' ? credentials : null })
const CHANNELS = [channel('open', { subscribe: everyone, publish: everyone }), channel('staff', { subscribe: everyone, publish: role('admin') })]
const ann = async ({ url }: Running): Promise<Bare> => bare(url, [], { authorization: 'Bearer ann' })
const answersOf = ({ frames }: Bare): Array<Record<string, unknown>> => frames.filter(({ type }) => type === 'ack' || type === 'nack')

describe('refusals', () => {
  it('leave all of the memory to those whose messages are handled', async () => {
    // Of twenty results one user may have one.
    const node = await startServer({ authenticate: users, channels: CHANNELS, handlers: { order: () => 'done' }, limits: { ...GENEROUS, resultsMost: 20 } })
    const socket = await ann(node)
    for (let number = 0; number < 200; number++) {
      socket.say({ type: 'nobody handles this', id: `a${number}` })
      socket.say({ type: 'note', channel: 'staff', id: `b${number}` })
      socket.say({ type: 'note', channel: 'nowhere', id: `c${number}` })
    }
    await expect.poll(() => answersOf(socket).length).toBe(600)
    expect(new Set(answersOf(socket).map(({ code, retryable }) => `${String(code)} ${String(retryable)}`))).toEqual(new Set(['unknown_type false', 'not_authorized false', 'unknown_channel false']))
    socket.say({ type: 'order', id: 'order 1' })
    await expect.poll(() => answersOf(socket).at(-1)).toMatchObject({ type: 'ack', id: 'order 1' })
    // What a handler said is remembered, and takes its place.
    socket.say({ type: 'order', id: 'order 2' })
    await expect.poll(() => answersOf(socket).at(-1)).toMatchObject({ type: 'nack', id: 'order 2', code: 'busy' })
  })

  it('are no results: the message may come again, and is judged again', async () => {
    const node = await startServer({ authenticate: users, channels: CHANNELS })
    const socket = await ann(node)
    socket.say({ type: 'note', channel: 'staff', id: 'n', data: 1 })
    await expect.poll(() => answersOf(socket).at(-1)).toMatchObject({ type: 'nack', id: 'n', code: 'not_authorized' })
    socket.say({ type: 'status', ids: ['n'] })
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'status', unseen: ['n'], running: [] })
    await node.server.setRoles('ann', ['admin'])
    socket.say({ type: 'note', channel: 'staff', id: 'n', data: 1 })
    await expect.poll(() => answersOf(socket).at(-1)).toMatchObject({ type: 'ack', id: 'n', data: { offset: 1 } })
    socket.say({ type: 'note', channel: 'staff', id: 'n', data: 1 })
    await expect.poll(() => answersOf(socket)).toHaveLength(3)
    expect(answersOf(socket)[2]).toEqual(answersOf(socket)[1])
  })

  it('answer every copy that came while they were made', async () => {
    let decide: (() => void) | undefined
    const slow = channel('slow', { subscribe: everyone, publish: rule('slow', () => new Promise((resolve) => { decide = () => resolve(false) })) })
    const node = await startServer({ authenticate: users, channels: [slow] })
    const socket = await ann(node)
    for (let copy = 0; copy < 3; copy++) socket.say({ type: 'note', channel: 'slow', id: 'n' })
    await expect.poll(() => decide).toBeDefined()
    socket.say({ type: 'ping' })
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'pong' })
    decide?.()
    await expect.poll(() => answersOf(socket).map(({ code }) => code)).toEqual(['not_authorized', 'not_authorized', 'not_authorized'])
  })

  it('that nobody ever makes are answered all the same, and the message may come again', async () => {
    const never = channel('never', { subscribe: everyone, publish: rule('never', () => new Promise(() => undefined)) })
    const node = await startServer({ authenticate: users, channels: [never], limits: { ...GENEROUS, handlerTimeoutMs: 100 } })
    const socket = await ann(node)
    socket.say({ type: 'note', channel: 'never', id: 'n' })
    await expect.poll(() => answersOf(socket)).toMatchObject([{ type: 'nack', id: 'n', code: 'busy', retryable: true }])
    await node.server.drain({ graceMs: 1_000, spreadMs: 0 })
  })
})

describe.skipIf(!hasRedis)(redisTitle('refusals on many nodes'), () => {
  let redis: RedisServer
  beforeAll(async () => { redis = await startRedis() })
  afterAll(() => redis.close())

  async function node(prefix: string, handlers: NonNullable<UplinkServerOptions['handlers']>): Promise<Running> {
    return startServer({ authenticate: users, channels: CHANNELS, handlers, broker: redisBroker({ client: nodeRedis(redis), prefix }) })
  }

  it('leave nothing in Redis', async () => {
    const socket = await ann(await node('junk', { order: () => 1, bad: () => { throw reject('invalid') } }))
    for (let number = 0; number < 50; number++) socket.say({ type: 'nobody handles this', id: `a${number}` })
    socket.say({ type: 'note', channel: 'staff', id: 'b' })
    socket.say({ type: 'order', id: 'c' })
    socket.say({ type: 'bad', id: 'd' })
    await expect.poll(() => answersOf(socket).length).toBe(53)
    await expect.poll(async () => ((await redis.command('KEYS', 'junk:result:*')) as string[]).toSorted()).toEqual(['junk:result:["ann","c"]', 'junk:result:["ann","d"]'])
  })

  it('do not hide that another node has handled the message', async () => {
    const prefix = randomUUID()
    const [old, young] = [await node(prefix, {}), await node(prefix, { order: () => 'done' })]
    const first = await ann(young)
    first.say({ type: 'order', id: 'o' })
    await expect.poll(() => answersOf(first).at(-1)).toMatchObject({ type: 'ack', id: 'o', data: 'done' })
    const second = await ann(old)
    second.say({ type: 'order', id: 'o' })
    second.say({ type: 'order', id: 'p' })
    await expect.poll(() => answersOf(second)).toHaveLength(2)
    expect(answersOf(second)).toEqual(expect.arrayContaining([{ type: 'ack', id: 'o', data: 'done' }, expect.objectContaining({ type: 'nack', id: 'p', code: 'unknown_type' })]))
  })

  it('ask again later while Redis is away: it may know better', async () => {
    const lone = await startRedis()
    const running = await startServer({ authenticate: users, channels: [channel('open', { subscribe: authenticated })], broker: redisBroker({ client: nodeRedis(lone), commandTimeoutMs: 500 }) })
    const socket = await ann(running)
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'connection' })
    await lone.stop('SIGKILL')
    socket.say({ type: 'nobody handles this', id: 'a' })
    await expect.poll(() => answersOf(socket).at(-1)).toMatchObject({ code: 'busy', retryable: true })
    await lone.close()
  })
})
