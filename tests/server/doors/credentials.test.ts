/** Credentials through both doors: what is wrong is refused with 4401 and counted, and nothing secret is written. */
import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import type { Transport } from '../../../src/engine/transport.ts'
import { socketIoDoor } from '../../../src/server/doors/socket-io.ts'
import { type Door, type ServerLogger, type UplinkServerOptions, authenticated, channel, role, wsDoor } from '../../../src/server/index.ts'
import { jwt } from '../../../src/server/jwt.ts'
import { socketIo } from '../../../src/transports/socket-io.ts'
import { ws } from '../../../src/transports/ws.ts'
import { type Running, bare, client, startServer } from '../runtime/support.ts'

const SECRET = 'a-secret-that-nobody-may-ever-read-in-a-log'
const KEY = new TextEncoder().encode(SECRET)
const DOORS: ReadonlyArray<readonly [name: string, path: string, transport: () => Transport]> = [
  ['ws', '/ws', () => ws()], ['socket.io', '', () => socketIo({ transports: ['websocket'] })],
]
const CHANNELS = [channel('members', { subscribe: authenticated }), channel('admins', { subscribe: role('admin') })]

const sign = (claims: Record<string, unknown> = {}, { alg = 'HS256', expires = '1h' } = {}): Promise<string> =>
  new SignJWT({ sub: 'ann', iss: 'login', aud: 'dash', ...claims }).setProtectedHeader({ alg }).setIssuedAt().setExpirationTime(expires).sign(alg === 'HS256' ? KEY : randomBytes(64))

const start = (options: Partial<UplinkServerOptions> = {}, how: Partial<Parameters<typeof jwt>[0]> = {}): Promise<Running> => startServer({
  doorsOf: (http: Server): Door[] => [wsDoor({ server: http, tokenInQuery: 'token' }), socketIoDoor({ server: http })], channels: CHANNELS,
  authenticate: jwt({ secret: SECRET, algorithms: ['HS256'], issuer: 'login', audience: 'dash', ...how } as Parameters<typeof jwt>[0]), ...options,
})

describe.each(DOORS)('through %s', (_, path, transport) => {
  it.each<readonly [string, () => Promise<string>]>([
    ['that has expired', () => sign({}, { expires: '-1h' })],
    ['without a signature', async () => new UnsecuredJWT({ sub: 'ann', iss: 'login', aud: 'dash' }).setExpirationTime('1h').encode()],
    ['signed by another algorithm', () => sign({}, { alg: 'HS512' })],
    ['of another issuer', () => sign({ iss: 'evil' })],
    ['for another audience', () => sign({ aud: 'else' })],
    ['that is none', async () => 'no token'],
  ])('a token %s gets 4401, and is counted', async (__, token) => {
    const { server, port } = await start()
    const shown = await token()
    const connection = client(`ws://127.0.0.1:${port}${path}`, { transport: transport(), credentials: () => shown })
    await expect.poll(() => connection.snapshot().state).toBe('error')
    expect(connection.snapshot().error).toMatchObject({ code: 'UPLINK_UNAUTHORIZED', closeCode: 4401 })
    expect(server.stats().counters.authenticationFailed).toBeGreaterThan(0)
    expect(server.stats().counters.turnedAway['credentials']).toBeGreaterThan(0)
  })

  it('a token that may be used once opens one connection', async () => {
    const { port } = await start({}, { once: true })
    const token = await sign({ jti: 'ticket-1' })
    const first = client(`ws://127.0.0.1:${port}${path}`, { transport: transport(), credentials: () => token })
    await expect.poll(() => first.snapshot().state).toBe('connected')
    const second = client(`ws://127.0.0.1:${port}${path}`, { transport: transport(), credentials: () => token })
    await expect.poll(() => second.snapshot().state).toBe('error')
    expect(first.snapshot().state).toBe('connected')
  })

  it('credentials that end are renewed in place, without a new connection', async () => {
    const { server, port } = await start({ limits: { expiry: { graceMs: 500, warnMs: 1_000 } } })
    let tokens = 0
    const connection = client(`ws://127.0.0.1:${port}${path}`, { transport: transport(), credentials: () => sign({}, { expires: ++tokens === 1 ? '2s' : '1h' }) })
    await expect.poll(() => tokens, { timeout: 10_000 }).toBe(2)
    await expect.poll(() => connection.snapshot().state).toBe('connected')
    expect(server.stats().counters).toMatchObject({ connectionsOpened: 1, closes: {} })
  })

  it('a user who is revoked is out at once, and stays out with what was signed before', async () => {
    const { server, port } = await start()
    const token = await sign()
    const connection = client(`ws://127.0.0.1:${port}${path}`, { transport: transport(), credentials: () => token })
    await expect.poll(() => connection.snapshot().state).toBe('connected')
    await server.revoke({ userId: 'ann' })
    await expect.poll(() => connection.snapshot().state, { timeout: 5_000 }).toBe('error')
    expect(connection.snapshot().error).toMatchObject({ closeCode: 4401 })
    expect(server.stats().counters.turnedAway).toEqual({ revoked: expect.any(Number) })
  })

  it('a user who is revoked and signs in again is back a second later', async () => {
    const { server, port } = await start()
    const connection = client(`ws://127.0.0.1:${port}${path}`, { transport: transport(), credentials: () => sign() })
    await expect.poll(() => connection.snapshot().state).toBe('connected')
    await server.revoke({ userId: 'ann' })
    await expect.poll(() => connection.snapshot().state).toBe('reconnecting')
    await expect.poll(() => connection.snapshot().state, { timeout: 5_000 }).toBe('connected')
  })

  it('a user who was shut out of a channel while away receives nothing of it at any resume', async () => {
    const { server, port } = await start()
    const token = await sign({ roles: ['admin'] })
    const connection = client(`ws://127.0.0.1:${port}${path}`, { transport: transport(), credentials: () => token })
    const heard: unknown[] = []
    const lease = connection.channel('admins')
    lease.onMessage((data) => void heard.push(data))
    await expect.poll(() => server.stats().channelStats['admins']).toBe(1)
    await server.publish('admins', 'before')
    await expect.poll(() => heard).toEqual(['before'])
    connection.disconnect()
    await expect.poll(() => server.stats().connectedClients).toBe(0)
    await server.publish('admins', 'secret')
    // The next token says less than the last.
    const less = await sign({ roles: ['user'] })
    const again = client(`ws://127.0.0.1:${port}${path}`, { transport: transport(), credentials: () => less })
    again.channel('admins').onMessage((data) => void heard.push(data))
    await expect.poll(() => again.channel('admins').snapshot().error?.code).toBe('UPLINK_CHANNEL_REFUSED')
    await server.publish('admins', 'more secret')
    expect(heard).toEqual(['before'])
  })

  it('roles that change take channels away at once', async () => {
    const { server, port } = await start()
    const token = await sign({ roles: ['admin'] })
    const connection = client(`ws://127.0.0.1:${port}${path}`, { transport: transport(), credentials: () => token })
    const lease = connection.channel('admins')
    await expect.poll(() => lease.snapshot().status).toBe('live')
    await server.setRoles('ann', ['user'])
    await expect.poll(() => lease.snapshot().status).toBe('refused')
    expect(server.stats().channelStats).toEqual({})
  })
})

it('nothing that is written holds a token, a secret or what a message says', async () => {
  const lines: string[] = []
  const write = (fields: object, text: string): void => void lines.push(JSON.stringify([text, fields, Object.values(fields).map((value) => (value instanceof Error ? [value.message, value.stack] : value))]))
  const logger: ServerLogger = { debug: write, info: write, warn: write, error: write }
  const { server, port, url } = await start({
    logger, handlers: { order: () => { throw new Error('the handler broke') } }, origins: ['https://app.example'],
    limits: { rates: { commands: { max: 1, windowMs: 10_000 }, refusals: { max: 1, windowMs: 10_000 } } },
  })
  const good = await sign()
  const bad = await sign({ iss: 'evil' })
  const queried = await bare(`${url}?token=${good}`)
  queried.say({ type: 'order', id: '1', data: 'a payload that is nobody else\'s' })
  for (let frame = 0; frame < 5; frame++) queried.say(`no JSON ${good}`)
  await queried.closed
  await bare(url, [], { authorization: `Bearer ${bad}` }).then(({ closed }) => closed)
  await bare(`${url}?token=${bad}`, [], { origin: 'https://evil.example' }).catch(() => undefined)
  const connection = client(`ws://127.0.0.1:${port}`, { transport: socketIo(), credentials: () => bad })
  await expect.poll(() => connection.snapshot().state).toBe('error')
  await server.drain({ graceMs: 0, spreadMs: 0 })
  expect(lines.length).toBeGreaterThan(5)
  for (const line of lines) for (const secret of [good, bad, SECRET, 'payload']) expect(line).not.toContain(secret)
})
