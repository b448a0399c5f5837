#!/usr/bin/env node
/** `npx uplink-server`: a server that its environment configures. Everything it cannot do, it says in one sentence. */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { createRequire } from 'node:module'
import { type AddressInfo, isIP } from 'node:net'
import { hostname } from 'node:os'
import { parseArgs } from 'node:util'
import { tradingChannels } from './access/trading-channels.ts'
import { anonymous } from './auth/anonymous.ts'
import { firstOf } from './auth/first-of.ts'
import type { Broker } from './brokers/broker.ts'
import { memoryBroker } from './brokers/memory.ts'
import { fromNodeRedis } from './brokers/redis-client.ts'
import { redisBroker } from './brokers/redis.ts'
import type { Door } from './doors/door.ts'
import type { Health } from './runtime/health.ts'
import type { ServerLogger } from './runtime/options.ts'
import { createUplinkServer } from './runtime/server.ts'
import type { Authenticator } from './user.ts'

const HELP = `uplink-server [--help] [--version]

A server for uplink.v1 on /ws, /ws/trading and, where socket.io is installed, /socket.io, with the trading
channels of docs/access.md. /health and /ready answer over HTTP, logs are JSON on stdout.

  FRONTEND_URL     pages that may connect: exact origins, separated by commas (pages of this machine; required in production)
  JWT_SECRET       secret of the tokens that users show (HS256), 32 bytes or more; without it nobody can sign in
  JWT_ISSUER       who must have issued them (not checked)
  JWT_AUDIENCE     whom they must be meant for (not checked)
  REDIS_URL        Redis behind all nodes, redis: or rediss: (memory, for one node)
  PORT             0 to 65535, 0 for any (3000)
  HOST             address to listen on (all)
  TRUSTED_PROXIES  proxies before it, whose X-Forwarded-For is believed (0)
  LOG_LEVEL        debug, info, warn, error or silent (info)
`

const LEVELS = { debug: 20, info: 30, warn: 40, error: 50, silent: Infinity } as const
type Level = keyof typeof LEVELS

const WS_PATHS: readonly string[] = ['/ws', '/ws/trading']
const SOCKET_IO_PATH = '/socket.io'
/** HS256 wants as many as its hash has (RFC 7518, section 3.2). */
const SECRET_LEAST_BYTES = 32
/** A check costs Redis a write: however often it is asked for, it is made once in this time. */
const HEALTH_FOR_MS = 1_000
/** A broker that is not there by then is worth a word. */
const BROKER_LATE_MS = 2_000

interface Settings {
  readonly origins: readonly string[] | null
  readonly secret: string | null
  readonly issuer: string | false
  readonly audience: string | false
  readonly redisUrl: string | null
  readonly port: number
  readonly host: string | null
  readonly trustedProxies: number
  readonly level: Level
}

/** Ends with one sentence a line; 2: the configuration is wrong, 1: something else is. */
function end(code: 1 | 2, ...sentences: readonly string[]): never {
  process.stderr.write(`${sentences.join('\n')}\n`)
  process.exit(code)
}

function isRedisUrl(text: string): boolean {
  try {
    const { protocol, pathname, username, password } = new URL(text)
    decodeURIComponent(username + password)
    return (protocol === 'redis:' || protocol === 'rediss:') && /^\/?\d*$/.test(pathname)
  } catch {
    return false
  }
}

/** Reads the environment. Values that may hold secrets are not repeated in what is said about them. */
function readSettings(env: NodeJS.ProcessEnv): Settings {
  const problems: string[] = []
  const given = (name: string): string | null => env[name]?.trim() ? (env[name] as string) : null

  function whole(name: string, byDefault: number, most: number): number {
    const text = given(name) ?? String(byDefault)
    const value = Number(text)
    if (!Number.isInteger(value) || value < 0 || value > most) problems.push(`${name} is ${JSON.stringify(text)}; it must be a whole number from 0 to ${most}.`)
    return value
  }

  function originsOf(text: string): string[] {
    const all = text.split(',').map((one) => one.trim()).filter((one) => one !== '')
    for (const one of all) {
      const isExact = URL.canParse(one) && new URL(one).origin === one
      if (!isExact) problems.push(`FRONTEND_URL holds ${JSON.stringify(one)}; it must hold exact origins such as https://app.example, without a path or a slash at the end.`)
    }
    return all
  }

  const frontend = given('FRONTEND_URL')
  const secret = given('JWT_SECRET')
  const redisUrl = given('REDIS_URL')
  const level = given('LOG_LEVEL') ?? 'info'
  if (frontend === null && env['NODE_ENV'] === 'production') problems.push('FRONTEND_URL is not set; in production it must hold the origins of the pages that may connect, such as https://app.example.')
  if (secret !== null && Buffer.byteLength(secret) < SECRET_LEAST_BYTES) problems.push(`JWT_SECRET is too short; it must have ${SECRET_LEAST_BYTES} bytes or more.`)
  for (const name of ['JWT_ISSUER', 'JWT_AUDIENCE']) {
    if (secret === null && given(name) !== null) problems.push(`${name} is set and JWT_SECRET is not; it must be, or no token can be checked.`)
  }
  if (redisUrl !== null && !isRedisUrl(redisUrl)) problems.push('REDIS_URL cannot be read; it must look like redis://user:password@host:6379/0.')
  if (!Object.hasOwn(LEVELS, level)) problems.push(`LOG_LEVEL is ${JSON.stringify(level)}; it must be ${Object.keys(LEVELS).join(', ').replace(/, (?=\w+$)/, ' or ')}.`)
  const settings: Settings = {
    origins: frontend === null ? null : originsOf(frontend),
    secret, issuer: given('JWT_ISSUER') ?? false, audience: given('JWT_AUDIENCE') ?? false,
    redisUrl, host: given('HOST'), level: level as Level,
    port: whole('PORT', 3_000, 65_535), trustedProxies: whole('TRUSTED_PROXIES', 0, 100),
  }
  return problems.length > 0 ? end(2, ...problems) : settings
}

/** Lines like pino's. What is secret is taken out of every text, whoever put it there. */
function createLogger({ level, secret, redisUrl }: Settings): ServerLogger {
  const password = redisUrl === null ? '' : new URL(redisUrl).password
  const secrets = [secret, redisUrl, password, decodeURIComponent(password)].filter((one): one is string => one !== null && one !== '')
  const base = { pid: process.pid, hostname: hostname() }
  const hide = (text: string): string =>
    secrets.reduce((rest, one) => rest.replaceAll(one, '[secret]'), text).replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[token]')

  function readable(_key: string, value: unknown): unknown {
    if (value instanceof Error) return { type: value.name, message: value.message, stack: value.stack }
    return typeof value === 'string' ? hide(value) : value
  }

  const at = (name: Level) => (fields: object, msg: string): void => {
    if (LEVELS[name] < LEVELS[level]) return
    process.stdout.write(`${JSON.stringify({ level: LEVELS[name], time: Date.now(), ...base, ...fields, msg }, readable)}\n`)
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Loads what needs a package that need not be there; `null` where it is not. */
async function peer<Module>(name: string, load: () => Promise<Module>): Promise<Module | null> {
  try {
    return await load()
  } catch (error) {
    const { code, message = '' } = error as { readonly code?: unknown; readonly message?: string }
    if (code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${name}'`)) return null
    throw error
  }
}

async function needed<Module>(name: string, who: string, load: () => Promise<Module>): Promise<Module> {
  return (await peer(name, load)) ?? end(1, `${who} needs the package ${name}: npm install ${name}`)
}

async function authenticatorFor({ secret, issuer, audience }: Settings, logger: ServerLogger): Promise<Authenticator> {
  if (secret === null) {
    logger.warn({}, 'JWT_SECRET is not set: nobody can sign in, and only public channels can be followed')
    return anonymous()
  }
  const { jwt } = await needed('jose', 'JWT_SECRET', () => import('./auth/jwt.ts'))
  if (issuer === false) logger.warn({}, 'JWT_ISSUER is not set: tokens count whoever has issued them')
  if (audience === false) logger.warn({}, 'JWT_AUDIENCE is not set: tokens count whomever they were meant for')
  // Who shows nothing sees what is public; who shows something is who it says, or nobody.
  return firstOf(anonymous(), jwt({ secret, issuer, audience, onRefused: (reason) => logger.info({ reason }, 'refused a token') }))
}

async function brokerFor({ redisUrl }: Settings): Promise<Broker> {
  if (redisUrl === null) return memoryBroker()
  const { createClient } = await needed('redis', 'REDIS_URL', () => import('redis'))
  return redisBroker({ client: fromNodeRedis(createClient({ url: redisUrl })) })
}

function help(): void {
  const { values } = (() => {
    try {
      return parseArgs({ options: { help: { type: 'boolean' }, version: { type: 'boolean' } } })
    } catch (error) {
      return end(2, (error as Error).message, 'There are --help and --version; everything else is said by the environment.')
    }
  })()
  if (values.help !== true && values.version !== true) return
  // Not by a URL of `import.meta.url`, which the build would take for an asset.
  const { version } = createRequire(import.meta.url)('../../package.json') as { readonly version: string }
  process.stdout.write(values.help === true ? HELP : `${version}\n`)
  process.exit(0)
}

async function main(): Promise<void> {
  help()
  const settings = readSettings(process.env)
  const { origins, port, host, trustedProxies } = settings
  const logger = createLogger(settings)
  const { wsDoor } = await needed('ws', 'uplink-server', () => import('./doors/ws.ts'))
  const socketIo = await peer('socket.io', () => import('./doors/socket-io.ts'))
  const http = createServer(respond)
  const doors: Door[] = [wsDoor({ server: http, paths: WS_PATHS, trustedProxies })]
  if (socketIo !== null) doors.push(socketIo.socketIoDoor({ server: http, path: SOCKET_IO_PATH, trustedProxies }))
  const broker = await brokerFor(settings)
  const server = createUplinkServer({
    doors, broker, logger, channels: tradingChannels(), authenticate: await authenticatorFor(settings, logger), ...(origins === null ? {} : { origins }),
  })
  let checked: { readonly at: number; readonly health: Promise<Health> } | null = null

  function respond({ method, url = '/' }: IncomingMessage, response: ServerResponse): void {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body))
    }
    const path = url.split('?', 1)[0]
    if (method !== 'GET' && method !== 'HEAD') return answer(405, { message: 'GET only' })
    if (path === '/ready') return answer(server.isReady() ? 200 : 503, { ready: server.isReady() })
    if (path !== '/health') return answer(404, { message: 'there are /health and /ready' })
    if (checked === null || performance.now() - checked.at >= HEALTH_FOR_MS) checked = { at: performance.now(), health: server.health() }
    // Why it is not well is for the log: it may name what nobody outside should know.
    return void checked.health.then(({ status, roundTripMs, lagMs }) => answer(status === 'ok' ? 200 : 503, { status, roundTripMs, lagMs }))
  }

  // Doors leave the upgrades of other paths alone, which would then hang.
  http.on('upgrade', ({ url = '/' }, carrier) => {
    carrier.on('error', () => undefined)
    const path = url.split('?', 1)[0] ?? '/'
    if (!WS_PATHS.includes(path) && !(socketIo !== null && path.startsWith(SOCKET_IO_PATH))) carrier.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
  })
  http.once('error', (error: NodeJS.ErrnoException) => {
    const where = host !== null && isIP(host) === 6 ? `[${host}]` : (host ?? '')
    end(1, `Cannot listen on ${where}:${port} (${error.code ?? error.message}); PORT and HOST say where.`)
  })
  http.listen({ port, ...(host === null ? {} : { host }) }, () => {
    const at = http.address() as AddressInfo
    logger.info({ port: at.port, host: at.address, doors: doors.map(({ name }) => name), broker: broker.name, nodeId: server.nodeId }, 'listening')
  })
  const waiting = setTimeout(() => logger.warn({ broker: broker.name }, 'the broker is not there yet: nobody is let in until it is'), BROKER_LATE_MS).unref()
  let isLeaving = false
  server.ready.then(
    () => {
      clearTimeout(waiting)
      logger.info({ nodeId: server.nodeId }, 'ready')
    },
    () => { if (!isLeaving) end(1, 'The broker cannot be opened; the log says why.') },
  )

  async function leave(signal: NodeJS.Signals): Promise<void> {
    logger.info({ signal, clients: server.stats().connectedClients }, 'draining')
    await server.drain()
    http.closeAllConnections()
    http.close()
    logger.info({ signal }, 'ended')
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // Who asks twice does not want to wait.
      if (isLeaving) process.exit(1)
      isLeaving = true
      void leave(signal)
    })
  }
}

await main()
