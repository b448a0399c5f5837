/** What a server is given that it cannot use: named at once, and nothing is let in by mistake. */
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { type UplinkServerOptions, anonymous, authenticated, channel, createUplinkServer, everyone, memoryBroker, wsDoor } from '../../../src/server/index.ts'
import { bare, startServer } from './support.ts'

const good = (): UplinkServerOptions => ({ doors: [], authenticate: anonymous(), channels: [channel('news', { subscribe: everyone })] })

describe('an option that is wrong', () => {
  it.each<readonly [string, object, string]>([
    ['no authenticator', { authenticate: undefined }, 'authenticate must be a function'],
    ['no doors', { doors: undefined }, 'doors must be a list of doors'],
    ['an HTTP server as a door', { doors: [createServer()] }, 'doors must be a list of doors'],
    ['no channels', { channels: undefined }, 'channels must be a list of channels'],
    ['names as channels', { channels: ['news'] }, 'channels must be a list of channels'],
    ['a handler that is none', { handlers: { order: 1 } }, 'handlers.order must be a function'],
    ['a handler of the protocol', { handlers: { ping: () => 1 } }, 'handlers.ping must be of another name'],
    ['a broker that is none', { broker: {} }, 'broker must be a broker'],
    ['a misspelt option', { orgins: ['https://a.example'] }, 'options knows no orgins; it knows doors, authenticate'],
    ['a misspelt limit', { limits: { maxFrames: 1 } }, 'limits knows no maxFrames'],
    ['a misspelt rate', { limits: { rates: { messagess: {} } } }, 'limits.rates knows no messagess'],
    ['a rate that is none', { limits: { rates: { messages: 5 } } }, 'limits.rates.messages must be { max, windowMs }'],
    ['a limit that is no number', { limits: { maxFrame: 'many' } }, 'limits.maxFrame must be a number'],
    ['an origin with a path', { origins: ['https://a.example/app'] }, 'origins must be exact origins'],
    ['a recovery larger than a client may cost', { recovery: { size: 10_000_000 } }, 'recovery.size must be at most a quarter'],
    ['an interval of nothing', { pingIntervalMs: 0 }, 'pingIntervalMs must be a number of ms'],
  ])('%s is named', (_, wrong, message) => {
    expect(() => createUplinkServer({ ...good(), ...wrong })).toThrow(expect.objectContaining({ code: 'UPLINK_OPTION_INVALID', message: expect.stringContaining(message) }))
  })

  it('is missing origins in production', () => {
    process.env['NODE_ENV'] = 'production'
    try {
      expect(() => createUplinkServer(good())).toThrow('because NODE_ENV is production')
    } finally {
      process.env['NODE_ENV'] = 'test'
    }
  })

  it('is a path that another door answers, or that is none', async () => {
    const http = createServer()
    const server = createUplinkServer({ ...good(), doors: [wsDoor({ server: http })] })
    expect(() => createUplinkServer({ ...good(), doors: [wsDoor({ server: http })] })).toThrow('another door of this HTTP server answers /ws already')
    expect(() => createUplinkServer({ ...good(), doors: [wsDoor({ server: http, paths: ['ws'] })] })).toThrow('paths begin with a slash')
    await server.close()
  })
})

describe('an authenticator that answers something else', () => {
  it.each<readonly [string, unknown]>([
    ['true', true], ['a name', 'ann'], ['nothing', undefined], ['an object without identity', { id: 'ann' }], ['an empty name', { identity: '' }],
    ['a number as a name', { identity: 1 }], ['roles as text', { identity: 'ann', roles: 'admin' }],
  ])('(%s) lets nobody in, and is logged', async (_, answer) => {
    const errors: string[] = []
    const note = (fields: object): void => void errors.push((fields as { err: Error }).err.message)
    const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: note }
    const { url } = await startServer({ logger, authenticate: () => answer as never, channels: [channel('members', { subscribe: authenticated })] })
    const socket = await bare(url, [], { authorization: 'Bearer x' })
    expect(await socket.closed).toEqual([4401, 'credentials refused'])
    expect(errors[0]).toContain('identity is a text that is not empty, or null')
  })
})

describe('a call that is wrong', () => {
  it.each<readonly [string, object]>([['nothing', {}], ['a misspelt name', { user: 'ann' }], ['a name that is missing', { userId: undefined }], ['an empty name', { userId: '' }]])('revokes nobody with %s', async (_, revocation) => {
    const { server, url } = await startServer()
    const socket = await bare(url)
    await expect(server.revoke(revocation)).rejects.toMatchObject({ code: 'UPLINK_OPTION_INVALID' })
    expect(socket.socket.readyState).toBe(socket.socket.OPEN)
  })

  it('publishes to nobody with params that the channel does not take', async () => {
    const { server, url } = await startServer({ channels: [channel('p', { subscribe: everyone, stream: ({ symbol }) => (symbol === 'BTC' ? 'BTC' : null) }), channel('q', { subscribe: everyone })] })
    const socket = await bare(url)
    socket.say({ type: 'subscribe', channels: ['p', 'q'] })
    await expect.poll(() => socket.frames.length).toBe(3)
    await expect(server.publish('p', 1, { params: { symbol: 'XRP' } })).rejects.toMatchObject({ code: 'UPLINK_OPTION_INVALID' })
    await expect(server.publish('q', 1, { params: { symbol: 'BTC' } })).rejects.toMatchObject({ code: 'UPLINK_OPTION_INVALID' })
    await expect(server.publish('nowhere', 1)).rejects.toMatchObject({ code: 'UPLINK_OPTION_INVALID' })
    await server.publish('p', 1, { params: { symbol: 'BTC' } })
    await server.publish('q', 2)
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ channel: 'q', data: 2 })
    expect(socket.frames).toHaveLength(4)
  })

  it('publishes nothing once the server is closed', async () => {
    const { server } = await startServer({ broker: memoryBroker() })
    await server.drain()
    await expect(server.publish('news', 1)).rejects.toMatchObject({ code: 'UPLINK_DESTROYED' })
  })
})
