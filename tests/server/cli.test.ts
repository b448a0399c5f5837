/** `uplink-server` as a process of its own: what it says, whom it lets in, and how it goes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { SignJWT } from 'jose'
import { createClient } from 'redis'
import { io } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { anonymous, createUplinkServer, tradingChannels } from '../../src/server/index.ts'
import { fromNodeRedis, redisBroker } from '../../src/server/redis.ts'
import { hasRedis, redisTitle, startRedis } from './brokers/redis-server.ts'
import { bare } from './runtime/support.ts'

const SECRET = 'a secret of the tests, "quoted" and long enough'
const CLI = fileURLToPath(new URL('../../src/server/cli.ts', import.meta.url))
const SIGNED_IN = { JWT_SECRET: SECRET, JWT_ISSUER: 'https://id.example', JWT_AUDIENCE: 'dashboard' }

interface Running {
  readonly child: ChildProcess
  /** Everything it has said, on either way out. */
  readonly said: () => string
  readonly errors: () => string
  readonly lines: () => Array<Record<string, unknown>>
  readonly ended: Promise<number | null>
}

function run(env: Readonly<Record<string, string>> = {}, { args = [], without = [] }: { readonly args?: readonly string[]; readonly without?: readonly string[] } = {}): Running {
  // Packages that are not installed, as Node says it of real ones.
  const resolve = `export async function resolve(name, context, next) {
    if (!${JSON.stringify(without)}.includes(name)) return next(name, context)
    throw Object.assign(new Error("Cannot find package '" + name + "' imported from here"), { code: 'ERR_MODULE_NOT_FOUND' })
  }`
  const hook = `import { register } from 'node:module'; register('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(resolve))})`
  const hooks = without.length === 0 ? [] : ['--import', `data:text/javascript,${encodeURIComponent(hook)}`]
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', ...hooks, CLI, ...args], { env: { PATH, PORT: '0', HOST: '127.0.0.1', ...env } })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => { out += String(chunk) })
  child.stderr.on('data', (chunk) => { err += String(chunk) })
  return {
    child,
    said: () => out + err,
    errors: () => err,
    lines: () => out.split('\n').slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>),
    ended: once(child, 'close').then(([code]) => code as number | null),
  }
}

/** Starts one, and waits until it can be used. */
async function serve(env: Readonly<Record<string, string>> = {}, how: Parameters<typeof run>[1] = {}): Promise<Running & { readonly port: number }> {
  const running = run(env, how)
  const listening = () => running.lines().find(({ msg }) => msg === 'listening')
  await expect.poll(() => listening() ?? running.errors(), { timeout: 30_000 }).toMatchObject({ port: expect.any(Number) })
  const port = Number(listening()?.['port'])
  await expect.poll(async () => (await fetch(`http://127.0.0.1:${port}/ready`)).status).toBe(200)
  return { ...running, port }
}

async function ends(code: number, env: Readonly<Record<string, string>>, how: Parameters<typeof run>[1] = {}): Promise<string> {
  const running = run(env, how)
  expect(await running.ended).toBe(code)
  return running.errors()
}

const tokenOf = (claims: object, secret = SECRET): Promise<string> =>
  new SignJWT({ iss: 'https://id.example', aud: 'dashboard', ...claims }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('5m').sign(new TextEncoder().encode(secret))

describe('uplink-server', () => {
  it('lets users follow what is theirs, refuses wrong tokens, drains on SIGTERM, and tells no secret', async () => {
    const server = await serve({ ...SIGNED_IN, FRONTEND_URL: 'https://app.example, https://admin.example', LOG_LEVEL: 'debug' })
    const url = `ws://127.0.0.1:${server.port}/ws`
    const health = await fetch(`http://127.0.0.1:${server.port}/health`)
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok', roundTripMs: expect.any(Number), lagMs: null }])
    const token = await tokenOf({ sub: 'ann' })
    const ann = await bare(url, ['uplink.v1'])
    ann.say({ type: 'hello', versions: [1], clientId: 'page of ann', credentials: token, maxFrame: 65_536 })
    await expect.poll(() => ann.frames.at(-1)).toMatchObject({ type: 'connection', identity: 'ann' })
    ann.say({ type: 'subscribe', channels: ['user_ann_trades', 'user_bob_trades', 'trading_signals', 'admin_alerts'] })
    await expect.poll(() => ann.frames.length).toBe(5)
    expect(ann.frames.slice(1).map(({ type, channel }) => `${String(channel)}: ${String(type)}`).toSorted()).toEqual([
      'admin_alerts: error', 'trading_signals: subscription_confirmed', 'user_ann_trades: subscription_confirmed', 'user_bob_trades: error',
    ])

    const wrong = await tokenOf({ sub: 'ann' }, 'another secret that is also long enough')
    const elsewhere = await tokenOf({ sub: 'ann', aud: 'elsewhere' })
    for (const credentials of [wrong, elsewhere]) {
      const eve = await bare(url, ['uplink.v1'])
      eve.say({ type: 'hello', versions: [1], clientId: 'page of eve', credentials, maxFrame: 65_536 })
      expect((await eve.closed)[0]).toBe(4401)
    }
    await expect(bare(url, [], { authorization: `Bearer ${wrong}` }).then(({ closed }) => closed)).resolves.toEqual([4401, expect.any(String)])
    await expect(bare(url, [], { origin: 'https://evil.example' })).rejects.toThrow('HTTP 403')
    await bare(url, [], { origin: 'https://admin.example' })
    await expect(bare(`ws://127.0.0.1:${server.port}/elsewhere`)).rejects.toThrow('HTTP 404')

    server.child.kill('SIGTERM')
    expect((await ann.closed)[0]).toBe(1012)
    expect(ann.frames.at(-1)).toMatchObject({ type: 'goodbye', reason: 'restarting', retryAfter: expect.any(Number) })
    expect(await server.ended).toBe(0)
    expect(server.errors()).toBe('')
    for (const line of server.lines()) expect(line).toMatchObject({ level: expect.any(Number), time: expect.any(Number), pid: server.child.pid, hostname: expect.any(String), msg: expect.any(String) })
    expect(server.lines().map(({ msg }) => msg)).toContain('refused a token')
    for (const secret of [SECRET, 'a secret of the tests', token, wrong, elsewhere, token.split('.')[2] ?? '']) expect(server.said()).not.toContain(secret)
  })

  it('without a secret says loudly that nobody can sign in, and serves what is public through both doors', async () => {
    const server = await serve()
    expect(server.lines().find(({ level }) => level === 40)?.['msg']).toContain('JWT_SECRET is not set')
    const socket = await bare(`ws://127.0.0.1:${server.port}/ws/trading`)
    socket.say({ type: 'subscribe', channels: ['system_status', 'market_data'] })
    await expect.poll(() => socket.frames.map(({ type }) => type).toSorted()).toEqual(['connection', 'error', 'subscription_confirmed'])
    const stock = io(`http://127.0.0.1:${server.port}`, { reconnection: false })
    onTestFinished(() => void stock.disconnect())
    const heard: Array<Record<string, unknown>> = []
    stock.on('message', (frame: Record<string, unknown>) => heard.push(frame))
    stock.emit('subscribe', { channels: ['system_status'] })
    await expect.poll(() => heard.at(-1)).toMatchObject({ type: 'subscription_confirmed', channel: 'system_status' })
    expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(404)
    expect((await fetch(`http://127.0.0.1:${server.port}/ready`, { method: 'POST' })).status).toBe(405)
    server.child.kill('SIGINT')
    expect(await server.ended).toBe(0)
  })

  it.each([[[]], [['socket.io']]])('answers upgrades of what is no path, and lives on (without %j)', async (without) => {
    const server = await serve({}, { without })
    for (const path of ['//', '/%', '*', 'http://[', '/elsewhere?x=//']) {
      const socket = connect(server.port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`)
      await once(socket, 'data')
      socket.resetAndDestroy()
    }
    expect((await fetch(`http://127.0.0.1:${server.port}/ready`)).status).toBe(200)
  })

  it('goes without the Socket.IO door where socket.io is not installed', async () => {
    const server = await serve({}, { without: ['socket.io'] })
    expect(server.lines().find(({ msg }) => msg === 'listening')).toMatchObject({ doors: ['ws'] })
    await expect(bare(`ws://127.0.0.1:${server.port}/socket.io/`)).rejects.toThrow('HTTP 404')
  })

  it.each([
    ['ws', {}, 'uplink-server needs the package ws: npm install ws\n'],
    ['jose', SIGNED_IN, 'JWT_SECRET needs the package jose: npm install jose\n'],
    ['redis', { REDIS_URL: 'redis://127.0.0.1:1' }, 'REDIS_URL needs the package redis: npm install redis\n'],
  ])('without %s ends with the command that brings it', async (name, env, sentence) => {
    expect(await ends(1, env, { without: [name] })).toBe(sentence)
  })

  it('says what is wrong with the environment, a sentence each, and repeats no secret', async () => {
    const said = await ends(2, {
      NODE_ENV: 'production', JWT_SECRET: 'short', REDIS_URL: 'http://user:hunter2@redis', PORT: '70000', TRUSTED_PROXIES: 'two', LOG_LEVEL: 'loud',
    })
    expect(said.split('\n').toSorted()).toEqual([
      '',
      'FRONTEND_URL is not set; in production it must hold the origins of the pages that may connect, such as https://app.example.',
      'JWT_SECRET is too short; it must have 32 bytes or more.',
      'LOG_LEVEL is "loud"; it must be debug, info, warn, error or silent.',
      'PORT is "70000"; it must be a whole number from 0 to 65535.',
      'REDIS_URL cannot be read; it must look like redis://user:password@host:6379/0.',
      'TRUSTED_PROXIES is "two"; it must be a whole number from 0 to 100.',
    ])
  })

  it.each([
    [{ FRONTEND_URL: 'https://app.example/' }, 'FRONTEND_URL holds "https://app.example/"; it must hold exact origins such as https://app.example, without a path or a slash at the end.\n'],
    [{ FRONTEND_URL: '*' }, 'FRONTEND_URL holds "*"; it must hold exact origins such as https://app.example, without a path or a slash at the end.\n'],
    [{ JWT_ISSUER: 'https://id.example' }, 'JWT_ISSUER is set and JWT_SECRET is not; it must be, or no token can be checked.\n'],
  ])('refuses %j', async (env, sentence) => expect(await ends(2, env)).toBe(sentence))

  it('says that its port is taken', async () => {
    const { port } = await serve()
    expect(await ends(1, { PORT: String(port) })).toBe(`Cannot listen on 127.0.0.1:${port} (EADDRINUSE); PORT and HOST say where.\n`)
  })

  it('explains itself, names its version, and knows no other flag', async () => {
    const [help, version] = [run({}, { args: ['--help'] }), run({}, { args: ['--version'] })]
    expect([await help.ended, await version.ended]).toEqual([0, 0])
    for (const name of ['FRONTEND_URL', 'JWT_SECRET', 'JWT_ISSUER', 'JWT_AUDIENCE', 'REDIS_URL', 'PORT', 'HOST', 'TRUSTED_PROXIES', 'LOG_LEVEL']) expect(help.said()).toContain(`  ${name} `)
    expect(version.said()).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(await ends(2, {}, { args: ['--prot', '1'] })).toContain('--prot')
  })
})

describe.skipIf(!hasRedis)(redisTitle('uplink-server with Redis'), () => {
  it('brings its clients what another node publishes, which has no door of its own', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.close())
    const server = await serve({ REDIS_URL: redis.url })
    const backend = createUplinkServer({
      doors: [], authenticate: anonymous(), channels: tradingChannels(), broker: redisBroker({ client: fromNodeRedis(createClient({ url: redis.url })) }),
    })
    onTestFinished(() => backend.close())
    await backend.ready
    const socket = await bare(`ws://127.0.0.1:${server.port}/ws`)
    socket.say({ type: 'subscribe', channels: ['system_status'] })
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'subscription_confirmed' })
    await backend.publish('system_status', { market: 'open' })
    await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'system_status', data: { market: 'open' }, offset: 1 })
  })

  it('says that it waits for Redis, lets nobody in until then, and can be ended meanwhile', async () => {
    const server = run({ REDIS_URL: 'redis://127.0.0.1:1' })
    await expect.poll(() => server.lines().map(({ msg }) => msg)).toContain('the broker is not there yet: nobody is let in until it is')
    const { port } = server.lines().find(({ msg }) => msg === 'listening') ?? {}
    expect((await fetch(`http://127.0.0.1:${String(port)}/ready`)).status).toBe(503)
    await expect(bare(`ws://127.0.0.1:${String(port)}/ws`)).rejects.toThrow('HTTP 503')
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    expect(server.errors()).toBe('')
  })

  it('is not ready while Redis is away, is when it is back, and never writes down its password', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.close())
    await redis.command('CONFIG', 'SET', 'requirepass', 'hunter2-hunter2')
    const server = await serve({ REDIS_URL: redis.url.replace('//', '//:hunter2-hunter2@'), LOG_LEVEL: 'debug' })
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${server.port}${path}`)).status
    expect(server.lines().find(({ msg }) => msg === 'listening')).toMatchObject({ broker: 'redis' })
    await redis.stop('SIGKILL')
    await expect.poll(async () => [await status('/ready'), await status('/health')]).toEqual([503, 503])
    await redis.start()
    await redis.command('CONFIG', 'SET', 'requirepass', 'hunter2-hunter2')
    await expect.poll(async () => [await status('/ready'), await status('/health')], { timeout: 20_000 }).toEqual([200, 200])
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    expect(server.said()).not.toContain('hunter2')
  })
})
