import { describe, expect, it } from 'vitest'
import { createConnection, redact } from 'uplink/engine'
import { createFakePlatform } from 'uplink/testing'
import { rig } from './support.ts'

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
  ])('%o', (options, message) => {
    expect(() => createConnection({ url: 'wss://test.example', ...options })).toThrow(message)
  })
})

describe('a URL', () => {
  it.each([
    ['ftp://test.example', /scheme "ftp:"; allowed: ws:, wss:, http:, https:/],
    ['wss://user:pass@test.example', /carries a user name or password/],
    ['', /is not a URL/],
    [undefined as unknown as string, /is not a URL/],
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
