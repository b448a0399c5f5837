/** A ref or an id that a client uses again for something else. */
import { describe, expect, it } from 'vitest'
import { type UplinkServerOptions, channel, everyone, rule } from '../../../src/server/index.ts'
import { type Bare, type Running, bare, startServer } from './support.ts'

const users: NonNullable<UplinkServerOptions['authenticate']> = ({ credentials }) => ({ identity: String(credentials), roles: ['admin'] })

/** A channel whose rule is answered when the test says so, and who was asked about. */
function ruled(): { readonly channels: UplinkServerOptions['channels']; readonly asked: Array<{ readonly roles: readonly string[]; answer(isAllowed: boolean): void }> } {
  const asked: Array<{ readonly roles: readonly string[]; answer(isAllowed: boolean): void }> = []
  const later = rule('later', ({ roles }) => new Promise<boolean>((resolve) => { asked.push({ roles, answer: resolve }) }))
  return { asked, channels: [channel('slow', { subscribe: later }), channel('open', { subscribe: everyone }), channel('other', { subscribe: everyone })] }
}

async function following({ url }: Running, asked: ReturnType<typeof ruled>['asked']): Promise<Bare> {
  const socket = await bare(url, [], { authorization: 'Bearer ann' })
  socket.say({ type: 'subscribe', channels: [{ channel: 'slow', ref: 'r' }] })
  await expect.poll(() => asked.length).toBe(1)
  asked[0]?.answer(true)
  await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'subscription_confirmed', channel: 'slow', ref: 'r' })
  return socket
}

const round = async (socket: Bare): Promise<void> => {
  const before = socket.frames.filter(({ type }) => type === 'pong').length
  socket.say({ type: 'ping' })
  await expect.poll(() => socket.frames.filter(({ type }) => type === 'pong').length).toBe(before + 1)
}

describe('a ref that is used again', () => {
  it('is not taken away by a denial of what it meant before', async () => {
    const { asked, channels } = ruled()
    const node = await startServer({ authenticate: users, channels })
    const socket = await following(node, asked)
    await node.server.setRoles('ann', ['user'])
    await expect.poll(() => asked.length).toBe(2)
    socket.say({ type: 'subscribe', channels: [{ channel: 'open', ref: 'r' }] })
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'subscription_confirmed', channel: 'open', ref: 'r' })
    asked[1]?.answer(false)
    await round(socket)
    expect(socket.frames.filter(({ type }) => type === 'error')).toEqual([])
    expect(node.server.stats().channelStats).toEqual({ open: 1 })
    await node.server.publish('open', 1)
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ channel: 'open', data: 1 })
  })

  it('nor while what it means now is still being judged', async () => {
    const { asked, channels } = ruled()
    const node = await startServer({ authenticate: users, channels })
    const socket = await following(node, asked)
    await node.server.setRoles('ann', ['user'])
    await expect.poll(() => asked.length).toBe(2)
    socket.say({ type: 'subscribe', channels: [{ channel: 'slow', ref: 'r' }] })
    await expect.poll(() => asked.length).toBe(3)
    asked[1]?.answer(false)
    await round(socket)
    expect(socket.frames.filter(({ type }) => type === 'error')).toEqual([])
    asked[2]?.answer(true)
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'subscription_confirmed', channel: 'slow', ref: 'r' })
  })

  it('keeps what newer roles allow, when what older ones forbid is found out late', async () => {
    const { asked, channels } = ruled()
    const node = await startServer({ authenticate: users, channels })
    const socket = await following(node, asked)
    await node.server.setRoles('ann', ['user'])
    await node.server.setRoles('ann', ['admin'])
    await expect.poll(() => asked.map(({ roles }) => roles)).toEqual([['admin'], ['user'], ['admin']])
    asked[2]?.answer(true)
    asked[1]?.answer(false)
    await round(socket)
    expect(node.server.stats().channelStats).toEqual({ slow: 1 })
  })

  it('is taken away where the last judgement is a no', async () => {
    const { asked, channels } = ruled()
    const node = await startServer({ authenticate: users, channels })
    const socket = await following(node, asked)
    await node.server.setRoles('ann', ['user'])
    await expect.poll(() => asked.length).toBe(2)
    // Its stream is begun anew meanwhile, and read again: it is still the same subscription.
    await node.server.reset('slow')
    await expect.poll(() => asked.length).toBe(3)
    asked[2]?.answer(true)
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'subscription_confirmed', recovered: false, reason: 'epoch_changed' })
    asked[1]?.answer(false)
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'error', code: 'not_authorized', channel: 'slow', ref: 'r' })
    expect(node.server.stats().channelStats).toEqual({})
  })
})

describe('an id that is used again for another message', () => {
  it('gets the answer of the first, and nothing more is handled', async () => {
    const handled: unknown[] = []
    const node = await startServer({ authenticate: users, channels: ruled().channels, handlers: { order: ({ data }) => { handled.push(data); return data } } })
    const socket = await bare(node.url, [], { authorization: 'Bearer ann' })
    socket.say({ type: 'order', id: 'i', data: 'first' })
    socket.say({ type: 'order', id: 'i', data: 'second' })
    socket.say({ type: 'nobody handles this', id: 'i' })
    await expect.poll(() => socket.frames.slice(1)).toEqual([1, 2, 3].map(() => ({ type: 'ack', id: 'i', data: 'first' })))
    expect(handled).toEqual(['first'])
    // Another user's is another id.
    const other = await bare(node.url, [], { authorization: 'Bearer bob' })
    other.say({ type: 'order', id: 'i', data: 'third' })
    await expect.poll(() => other.frames.at(-1)).toEqual({ type: 'ack', id: 'i', data: 'third' })
  })
})
