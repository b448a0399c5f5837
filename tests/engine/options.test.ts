import { describe, expect, it } from 'vitest'
import { createUplink } from 'uplink'
import { createConnection, redact, webSocket } from 'uplink/engine'
import { uplink } from 'uplink/protocols/uplink'
import { createFakePlatform } from 'uplink/testing'
import { ws } from 'uplink/transports/ws'
import { rig } from './support.ts'

const never = (): Promise<never> => new Promise(() => undefined)

describe('a bad option throws, naming itself and what is allowed', () => {
  it.each([
    [{ connectTimeout: 0 }, /connectTimeout is 0; allowed: a number from 1 to 600000/],
    [{ reconnectInterval: -1 }, /reconnectInterval is -1/],
    [{ maxReconnectAttempts: 1.5 }, /maxReconnectAttempts is 1.5; allowed: a whole number from 1 to Infinity/],
    [{ heartbeatInterval: Number.NaN }, /heartbeatInterval is NaN/],
    [{ jitter: 'some' as 'full' }, /jitter is 'some'; allowed: 'full', 'equal', 'none'/],
    [{ overflow: 'explode' as 'refuse' }, /overflow is 'explode'/],
    [{ heartbeat: 5 as unknown as boolean }, /heartbeat is 5; allowed: true, false, \{required: true\}/],
    [{ reconnect: 'yes' as unknown as boolean }, /reconnect is 'yes'; allowed: true, false/],
    [{ protocols: ['a b'] }, /protocols contains "a b"/],
    [{ protocols: ['a', 'a'] }, /protocols has a name twice/],
    [{ protocol: uplink as never }, /protocol has a wrong value; allowed: what json\(\) or uplink\(\) returns/],
    [{ protocol: 'uplink' as never }, /protocol has a wrong value/],
    [{ protocol: {} as never }, /protocol has a wrong value/],
    [{ protocol: null as never }, /protocol has a wrong value/],
    [{ transport: 'ws' as never }, /transport has a wrong value; allowed: what webSocket\(\) or ws\(\) returns/],
    [{ transport: {} as never }, /transport has a wrong value/],
    [{ transport: webSocket as never }, /transport has a wrong value/],
  ])('%o', (options, message) => {
    expect(() => createConnection({ url: 'wss://test.example', ...options })).toThrow(message)
  })
})

it('a transport that opens no socket, such as ws without its call, is a mistake that retrying does not mend', async () => {
  const { connection, platform } = rig({ transport: ws as never })
  const reason = connection.connect().catch((error: unknown) => error)
  await platform.clock.advanceAsync(60_000)
  expect(await reason).toMatchObject({ code: 'UPLINK_OPTION_INVALID', message: expect.stringContaining('as in ws()') as string })
  expect(connection.snapshot()).toMatchObject({ phase: 'failed', attempt: 1 })
})

describe('an option that does not exist', () => {
  it.each([
    ['heartbeatIntervall', 'heartbeatInterval'], ['reconectInterval', 'reconnectInterval'], ['maxReconnectAttempt', 'maxReconnectAttempts'], ['storagekey', 'storageKey'], ['URL', 'url'],
  ])('is written to the log, with the one that was meant: %s', (name, right) => {
    const lines: string[] = []
    const write = (message: string): void => void lines.push(message)
    createConnection({ url: 'wss://test.example', logger: { debug: write, info: write, warn: write, error: write }, [name]: 1 })
    expect(lines).toEqual([`there is no option "${name}"; the nearest is "${right}"`])
  })

  it('is not made up from those that do, and never keeps a connection from being made', () => {
    const lines: string[] = []
    const write = (message: string): void => void lines.push(message)
    createUplink({
      url: 'wss://test.example', heartbeat: { required: true }, heartbeatInterval: 1_000, rateLimit: { max: 1, windowMs: 1 }, connectionGrace: 5, display: {}, protocols: [],
      clientId: 'c', identity: 'ann', storageKey: 'k', credentialsInQuery: false, logger: { debug: write, info: write, warn: write, error: write },
    })
    expect(lines).toEqual([])
    expect(() => createConnection({ url: 'wss://test.example', other: 1 } as never)).not.toThrow()
  })
})

describe('what two applications keep lies under two scopes', () => {
  it.each([
    [{ storageKey: 'k|ann', identity: 'message' }, { storageKey: 'k', identity: 'ann|message' }],
    [{ storageKey: 'k%7Cann', identity: 'x' }, { storageKey: 'k|ann', identity: 'x' }],
  ])('%o and %o', (one, other) => {
    const scopes: string[] = []
    for (const user of [one, other]) {
      const storage = { name: 's', open: never, persistence: (_: unknown, scope: string) => { scopes.push(scope) ; return {} } } as never
      createConnection({ url: 'wss://test.example', storage, ...user })
    }
    expect(scopes).toHaveLength(2)
    expect(new Set(scopes).size).toBe(2)
  })
})

describe('a URL', () => {
  it.each([
    ['ftp://test.example', /scheme "ftp:"; allowed: ws:, wss:, http:, https:/],
    ['wss://user:pass@test.example', /carries a user name or password/],
    ['', /is not a URL/],
    [undefined as unknown as string, /url is missing/],
    ['wss://', /is not an absolute URL/],
  ])('%s is refused with what to write instead', (url, message) => {
    expect(() => createConnection({ url })).toThrow(message)
  })

  it('never shows its secrets in the error', () => {
    expect(() => createConnection({ url: 'wss://user:hunter2@test.example?token=abc' })).toThrow(/^(?!.*(hunter2|abc)).*$/)
  })

  it('of plain ws: on an https page is refused, except on this machine', () => {
    const platform = createFakePlatform({ pageUrl: 'https://app.example/' })
    expect(() => createConnection({ url: 'ws://test.example', platform })).toThrow(/use 'wss:'/)
    expect(() => createConnection({ url: 'ws://localhost:1', platform })).not.toThrow()
  })

  it('may be http, and relative on a page', () => {
    const platform = createFakePlatform({ pageUrl: 'https://app.example/path/' })
    const { connection, server } = rig({ url: '/ws#part', platform })
    void connection.connect()
    expect(server.socket().request.url).toBe('wss://app.example/ws')
    expect(() => createConnection({ url: '/ws' })).not.toThrow()
  })
})

it('a URL may be promised; a broken promise is a failed attempt, not an unhandled rejection', async () => {
  const kept = rig({ url: Promise.resolve('wss://later.example/ws') })
  void kept.connection.connect()
  await kept.platform.clock.advanceAsync(1)
  expect(kept.server.socket().request.url).toBe('wss://later.example/ws')
  const broken = rig({ url: Promise.reject(new Error('no config')) })
  void broken.connection.connect()
  await broken.platform.clock.advanceAsync(1)
  expect(broken.log).toContain('UPLINK_PROVIDER_FAILED')
})

describe('a URL function', () => {
  it('is asked before every attempt, with the attempt and a signal that ends with it', async () => {
    const asked: Array<{ attempt: number; aborted: boolean }> = []
    const { connection, platform } = rig({
      url: ({ attempt, signal }) => {
        const one = { attempt, aborted: false }
        asked.push(one)
        signal.addEventListener('abort', () => { one.aborted = true })
        return asked.length === 1 ? new Promise<string>(() => undefined) : Promise.resolve('wss://test.example/b')
      },
    })
    void connection.connect()
    await platform.clock.advanceAsync(10_000)
    expect(asked[0]).toEqual({ attempt: 0, aborted: true })
    await platform.clock.advanceAsync(2_000)
    expect(connection.snapshot().state).toBe('connected')
    expect(asked).toHaveLength(2)
  })

  it.each([
    ['throws', () => { throw new Error('no token') }],
    ['rejects', () => Promise.reject(new Error('no token'))],
  ])('that %s once is a failed attempt, and the next one is made', async (_, fail) => {
    let calls = 0
    const { connection, platform, log } = rig({ url: () => (++calls === 1 ? fail() : 'wss://test.example') })
    void connection.connect()
    await platform.clock.advanceAsync(2_000)
    expect(log).toContain('UPLINK_PROVIDER_FAILED')
    expect(connection.snapshot().state).toBe('connected')
  })

  it('whose answer comes after disconnect() and connect() is not dialed', async () => {
    const answers: Array<(url: string) => void> = []
    const { connection, platform, server } = rig({ url: () => new Promise<string>((resolve) => answers.push(resolve)) })
    void connection.connect()
    connection.disconnect()
    void connection.connect()
    answers[0]?.('wss://old.example')
    answers[1]?.('wss://new.example')
    await platform.clock.advanceAsync(10)
    expect(server.sockets.map((socket) => socket.request.url)).toEqual(['wss://new.example/'])
  })

  it('that answers with a bad URL is a mistake that retrying does not mend', async () => {
    const { connection, platform } = rig({ url: () => 'ftp://test.example' })
    void connection.connect()
    await platform.clock.advanceAsync(10)
    expect(connection.snapshot()).toMatchObject({ phase: 'failed', error: { code: 'UPLINK_URL_INVALID' } })
  })
})

describe('logging', () => {
  it('prints no secret', () => {
    expect(redact('wss://a.example/?token=abc&room=1&api_key=k#x')).toBe('wss://a.example/?token=***&room=1&api_key=***#x')
    expect(redact('Authorization: Bearer abc.def')).toBe('Authorization: Bearer ***')
    const lines: string[] = []
    const write = (message: string, details?: object) => lines.push(message + JSON.stringify(details))
    const { connection, server } = rig({ logger: { debug: write, info: write, warn: write, error: write } })
    void connection.connect()
    server.socket().end({ code: 1006, reason: 'wss://x.example/?token=abc' })
    expect(lines.length).toBeGreaterThan(3)
    expect(lines.join('\n')).not.toContain('abc')
  })

  it('by a logger that throws does no harm', () => {
    const fail = () => { throw new Error('disk full') }
    const { connection } = rig({ logger: { debug: fail, info: fail, warn: fail, error: fail } })
    void connection.connect()
    expect(connection.snapshot().state).toBe('connected')
  })
})

it('a link that never was is not said to be lost', () => {
  const { connection, server } = rig({}, { onDial: () => undefined })
  void connection.connect()
  server.socket().end()
  expect(connection.snapshot().error).toMatchObject({ code: 'UPLINK_DIAL_FAILED', message: 'could not connect (1006)' })
})
