import { describe, expect, it } from 'vitest'
import { type Credentials, type CredentialsProvider, type CredentialsRequest, type UplinkError, json } from 'uplink/engine'
import { uplink } from 'uplink/protocols/uplink'
import { rig } from './support.ts'
import { GREETING, type UplinkRig, settle, uplinkRig } from './uplink-rig.ts'

interface Signed {
  readonly rigged: UplinkRig
  readonly requests: CredentialsRequest[]
  readonly errors: UplinkError[]
  /** Tokens in the first frames of all sockets. */
  tokens(): unknown[]
}

function signed(provider: (request: CredentialsRequest, call: number) => Credentials | null | Promise<Credentials | null>, options: Parameters<typeof uplinkRig>[0] = {}, greeting: object = GREETING): Signed {
  const requests: CredentialsRequest[] = []
  const credentials: CredentialsProvider = (request) => {
    requests.push(request)
    return provider(request, requests.length)
  }
  const rigged = uplinkRig({ credentials, ...options }, () => greeting)
  const errors: UplinkError[] = []
  rigged.connection.on('error', (error) => errors.push(error))
  void rigged.connection.connect()
  return { rigged, requests, errors, tokens: () => rigged.server.sockets.map((socket) => socket.messages()[0]?.['credentials']) }
}

const reasons = ({ requests }: Signed): string[] => requests.map(({ reason }) => reason)
const never = (): Promise<never> => new Promise(() => undefined)

describe('credentials', () => {
  it('go out in the first message, and never in the address', async () => {
    const { rigged, tokens } = signed(async () => 'secret-token')
    await settle()
    expect(tokens()).toEqual(['secret-token'])
    expect(rigged.server.socket().request.url).not.toContain('secret')
    expect(rigged.connection.snapshot().state).toBe('connected')
  })

  it('are asked for once, and used again for later sockets while they are good', async () => {
    const made = signed(() => ({ token: 't1', expiresAt: Date.UTC(2026, 0, 1, 1) }))
    await settle()
    made.rigged.server.socket().end()
    await made.rigged.platform.clock.advanceAsync(2_000)
    expect(made.tokens()).toEqual(['t1', 't1'])
    expect(reasons(made)).toEqual(['connect'])
  })

  it('are asked for again before a dial once they have expired', async () => {
    const made = signed((_, call) => ({ token: `t${call}`, expiresAt: Date.UTC(2026, 0, 1) + 60_000 * call }))
    await settle()
    made.rigged.connection.disconnect()
    await made.rigged.platform.clock.advanceAsync(61_000)
    void made.rigged.connection.connect()
    await settle()
    expect(made.tokens()).toEqual(['t1', 't2'])
  })

  it.each([
    ['the provider says when they end', { token: 't', expiresAt: Date.UTC(2026, 0, 1) + 100_000 }, GREETING],
    ['the server says how long they last', 't', { ...GREETING, expiresIn: 100_000 }],
  ])('are renewed early and in place, without a new socket, when %s', async (_, first, greeting) => {
    const made = signed((request) => (request.reason === 'refresh' ? 'newer' : first), {}, greeting)
    await settle()
    await made.rigged.platform.clock.advanceAsync(69_000)
    expect(reasons(made)).toEqual(['connect'])
    await made.rigged.platform.clock.advanceAsync(12_000)
    expect(reasons(made)).toEqual(['connect', 'refresh'])
    expect(made.rigged.asked('authenticate')).toMatchObject([{ credentials: 'newer' }])
    expect(made.rigged.server.sockets).toHaveLength(1)
  })

  it('are not renewed while there is no connection', async () => {
    const made = signed(() => 't', {}, { ...GREETING, expiresIn: 10_000 })
    await settle()
    made.rigged.connection.disconnect()
    await made.rigged.platform.clock.advanceAsync(60_000)
    expect(reasons(made)).toEqual(['connect'])
  })

  it('that fail to renew are tried again before they end, and each failure is told', async () => {
    const made = signed((request) => {
      if (request.reason === 'refresh') throw new Error('token service is down')
      return 't'
    }, {}, { ...GREETING, expiresIn: 100_000 })
    await made.rigged.platform.clock.advanceAsync(99_000)
    expect(reasons(made).length).toBeGreaterThanOrEqual(3)
    expect(made.errors.map(({ code }) => code)).toContain('UPLINK_CREDENTIALS_FAILED')
    expect(made.rigged.connection.snapshot().state).toBe('connected')
  })

  it('that end before they begin do not make a storm of questions', async () => {
    const made = signed((_, call) => ({ token: `t${call}`, expiresAt: 0 }), {}, { ...GREETING, expiresIn: 0 })
    await made.rigged.platform.clock.advanceAsync(60_000)
    expect(made.requests.length).toBeLessThanOrEqual(14)
    expect(made.rigged.connection.snapshot().state).toBe('connected')
  })
})

describe('credentials whose expiresAt is wrong', () => {
  it('because it counts seconds are told of once, and asked for again less and less often', async () => {
    const made = signed((_, call) => ({ token: `t${call}`, expiresAt: Date.UTC(2026, 0, 1) / 1_000 + 3_600 }))
    await made.rigged.platform.clock.advanceAsync(600_000)
    expect(made.errors.map(({ code, message }) => [code, message])).toEqual([['UPLINK_CREDENTIALS_FAILED', 'expiresAt lies in the past; it is epoch milliseconds']])
    expect(made.requests.length).toBeLessThanOrEqual(8)
    expect(made.rigged.connection.snapshot().state).toBe('connected')
  })

  it('are renewed in time again once the server says how long they last', async () => {
    const made = signed(() => ({ token: 't', expiresAt: 1 }), {}, { ...GREETING, expiresIn: 100_000 })
    await made.rigged.platform.clock.advanceAsync(69_000)
    expect(reasons(made)).toEqual(['connect'])
    await made.rigged.platform.clock.advanceAsync(11_000)
    expect(reasons(made)).toContain('refresh')
  })

  it.each([['a word', 'soon'], ['no number', Number.NaN], ['less than nothing', -1]])('because it is %s are a failed attempt', async (_, expiresAt) => {
    const made = signed((_request, call) => ({ token: 't', ...(call === 1 ? { expiresAt: expiresAt as number } : {}) }))
    await made.rigged.platform.clock.advanceAsync(3_000)
    expect(made.errors.map(({ message }) => message)).toEqual(['expiresAt has a wrong value; it is epoch milliseconds'])
    expect(made.rigged.connection.snapshot().state).toBe('connected')
  })
})

it('a notice that credentials end soon has them renewed in time, and is no error', async () => {
  const made = signed((_, call) => `t${call}`)
  await settle()
  made.rigged.server.socket().receive({ type: 'notice', code: 'credentials_expiring', message: 'soon', expiresIn: 20_000 })
  await made.rigged.platform.clock.advanceAsync(16_000)
  expect(reasons(made)).toEqual(['connect', 'refresh'])
  expect(made.errors).toEqual([])
})

describe('a server that refuses credentials', () => {
  it('where no credentials option is set is told with that hint', async () => {
    const { connection, server } = uplinkRig()
    void connection.connect()
    await settle()
    server.socket().end({ code: 4401 })
    expect(connection.snapshot().error?.message).toBe('not signed in (4401); no credentials option is set')
  })

  it('is shown other ones once; refused again, the connection ends with "sign in"', async () => {
    const made = signed((_, call) => `t${call}`, {}, GREETING)
    await settle()
    for (let round = 0; round < 2; round++) {
      made.rigged.server.socket().end({ code: 4401, reason: 'expired' })
      await settle()
    }
    expect(reasons(made)).toEqual(['connect', 'rejected'])
    expect(made.tokens()).toEqual(['t1', 't2'])
    expect(made.rigged.connection.snapshot()).toMatchObject({ state: 'error', error: { code: 'UPLINK_UNAUTHORIZED', severity: 'fatal' } })
  })

  it('may refuse again after a stable connection, and is shown other ones again', async () => {
    const made = signed((_, call) => `t${call}`)
    await settle()
    for (let round = 0; round < 3; round++) {
      made.rigged.server.socket().end({ code: 4401 })
      await made.rigged.platform.clock.advanceAsync(10_000)
    }
    expect(made.tokens()).toEqual(['t1', 't2', 't3', 't4'])
    expect(made.rigged.connection.snapshot().state).toBe('connected')
  })

  it('ends it at once with 4403', async () => {
    const made = signed(() => 't')
    await settle()
    made.rigged.server.socket().end({ code: 4403 })
    await made.rigged.platform.clock.advanceAsync(60_000)
    expect(made.rigged.connection.snapshot()).toMatchObject({ state: 'error', error: { code: 'UPLINK_REFUSED' } })
    expect(made.requests).toHaveLength(1)
  })
})

describe('a provider', () => {
  it('that says no ends the connection with "sign in", and reconnect() asks it again', async () => {
    let user: string | null = null
    const made = signed(() => user)
    await settle()
    expect(made.rigged.connection.snapshot()).toMatchObject({ state: 'error', error: { code: 'UPLINK_SIGNED_OUT' } })
    expect(made.rigged.server.sockets).toHaveLength(0)
    user = 'ann'
    made.rigged.connection.reconnect()
    await settle()
    expect(made.rigged.connection.snapshot().state).toBe('connected')
  })

  it('that says no while the connection is open ends it too', async () => {
    const made = signed((request) => (request.reason === 'refresh' ? null : 't'), {}, { ...GREETING, expiresIn: 20_000 })
    await made.rigged.platform.clock.advanceAsync(20_000)
    expect(made.rigged.connection.snapshot()).toMatchObject({ state: 'error', error: { code: 'UPLINK_SIGNED_OUT' } })
    expect(made.rigged.server.alive()).toBe(0)
  })

  it.each([
    ['throws', () => { throw new Error('broken') }], ['rejects', () => Promise.reject(new Error('broken'))], ['gives an empty token', () => ''],
    ['gives an object without a token', () => ({}) as Credentials], ['gives a number', () => 7 as never], ['gives nothing', () => undefined as never],
  ])('that %s is a failed attempt, retried with backoff', async (_, provider) => {
    const made = signed((_request, call) => (call < 3 ? provider() : 't'))
    await made.rigged.platform.clock.advanceAsync(10_000)
    expect(made.errors.map(({ code }) => code)).toEqual(['UPLINK_CREDENTIALS_FAILED', 'UPLINK_CREDENTIALS_FAILED'])
    expect(made.tokens()).toEqual(['t'])
  })

  it('that hangs is given up after connectTimeout, told so, and its late answer is ignored', async () => {
    let answer: (token: string) => void = () => undefined
    const made = signed((_, call) => (call === 1 ? new Promise<string>((resolve) => { answer = resolve }) : 'second'), { connectTimeout: 2_000 })
    await made.rigged.platform.clock.advanceAsync(2_000)
    expect(made.requests[0]?.signal.aborted).toBe(true)
    answer('first')
    await made.rigged.platform.clock.advanceAsync(3_000)
    expect(made.tokens()).toEqual(['second'])
  })

  it('that hangs while renewing is given up, and costs the connection nothing', async () => {
    const made = signed((request) => (request.reason === 'refresh' ? never() : 't'), { connectTimeout: 2_000 }, { ...GREETING, expiresIn: 100_000 })
    await made.rigged.platform.clock.advanceAsync(95_000)
    expect(made.requests[1]?.signal.aborted).toBe(true)
    expect(made.errors.map(({ code }) => code)).toContain('UPLINK_CREDENTIALS_FAILED')
    expect(made.rigged.connection.snapshot().state).toBe('connected')
  })

  it('is aborted by disconnect(), and nothing is dialed with its answer', async () => {
    const made = signed(() => Promise.resolve('t'))
    made.rigged.connection.disconnect()
    await settle()
    expect(made.requests[0]?.signal.aborted).toBe(true)
    expect(made.rigged.server.sockets).toHaveLength(0)
  })
})

describe('signedOut()', () => {
  it('ends the connection, forgets the credentials and everything that waits', async () => {
    const made = signed((_, call) => `t${call}`)
    await settle()
    const sent = made.rigged.connection.sendWithAck({ type: 'n' })
    await made.rigged.connection.signedOut()
    const { outcome } = await sent
    expect(outcome).toBe('unknown')
    expect(made.rigged.connection.snapshot().state).toBe('disconnected')
    void made.rigged.connection.connect()
    await settle()
    expect(made.tokens()).toEqual(['t1', 't2'])
    expect(made.rigged.received()).toHaveLength(1)
  })
})

describe('credentials in the query, for servers that read them nowhere else', () => {
  it('are put there only by opt-in, and appear in no error', async () => {
    const { connection, server, log } = rig({ protocol: uplink(), credentials: () => 's3cr3t/+', credentialsInQuery: 'k', transport: ({ url }) => { throw new Error(`cannot open ${url}`) } })
    const errors: UplinkError[] = []
    connection.on('error', (error) => errors.push(error))
    void connection.connect()
    await settle()
    expect(server.sockets).toHaveLength(0)
    expect(log).toContain('UPLINK_DIAL_FAILED')
    expect(JSON.stringify(errors.map((error) => [error.message, String(error.cause), error.stack]))).not.toContain('s3cr3t')
  })

  // What each way of writing an address makes of it: encodeURIComponent leaves ~ ( ) as they are, URLSearchParams does not.
  const token = 'se~cret(1) +/%'
  const forms = [token, encodeURIComponent(token), new URLSearchParams({ k: token }).toString().slice(2)]

  it.each([
    ['throws', (text: string) => { throw new Error(text) }],
    ['ends the socket', (text: string, end: (reason: string, cause: unknown) => void) => end(text, new Error(text))],
  ])('appear in no event, log line or statistic, however a transport that %s writes them', async (_, fail) => {
    for (const form of forms) {
      const lines: unknown[] = []
      const write = (message: string, details?: object): void => void lines.push(message, details)
      const { connection, platform } = rig({
        protocol: uplink(), credentials: () => token, credentialsInQuery: 'k', logger: { debug: write, info: write, warn: write, error: write },
        transport: ({ url }, events) => {
          fail(`refused ${url} (${form})`, (reason, cause) => events.closed({ code: 1006, reason, cause }))
          return { send: () => undefined, close: () => undefined, bufferedAmount: 0 }
        },
      })
      const told: unknown[] = []
      connection.on('error', (error) => told.push(error.message, error.stack, String(error.cause)))
      void connection.connect()
      await settle()
      await platform.clock.advanceAsync(1)
      const all = JSON.stringify([told, lines, connection.stats().lastError, connection.snapshot(), connection.history()])
      expect(told.length).toBeGreaterThan(0)
      for (const each of forms) expect(all).not.toContain(each)
      expect(all).not.toMatch(/se~?.{0,3}cret/)
    }
  })

  it('that a URL function puts there are hidden as well, with the path, in reasons and causes', async () => {
    for (const url of ['wss://h.example/ws?token=SECRET', 'wss://h.example/link/SECRET?x=1']) {
      for (const sync of [true, false]) {
        const { connection } = rig({
          url: () => url,
          transport: (request, events) => {
            if (sync) throw new Error(`Refused to connect to '${request.url}'`)
            queueMicrotask(() => events.closed({ code: 1006, reason: `no ${request.url}`, cause: new Error(request.url) }))
            return { send: () => undefined, close: () => undefined, bufferedAmount: 0 }
          },
        })
        const told: unknown[] = []
        connection.on('error', (error) => told.push(error.message, String(error.cause)))
        void connection.connect()
        await settle()
        expect(told).toHaveLength(2)
        expect(JSON.stringify([told, connection.stats().lastError])).not.toContain('SECRET')
      }
    }
  })

  it('do not take the cause away from a failure whose address holds no secret', async () => {
    const cause = new Error('connect ECONNREFUSED')
    const { connection, server } = rig({}, { onDial: () => undefined })
    const told: unknown[] = []
    connection.on('error', (error) => told.push(error.cause))
    void connection.connect()
    server.socket().end({ code: 1006, reason: 'refused', cause })
    expect(told).toEqual([cause])
  })

  it('are added to what the address has already', async () => {
    const { connection, server } = rig({ url: 'wss://test.example/ws?room=1', protocol: uplink(), credentials: () => 'a b', credentialsInQuery: 'token' })
    void connection.connect()
    await settle()
    expect(server.socket().request.url).toBe('wss://test.example/ws?room=1&token=a+b')
  })

  it.each([
    [{ credentials: () => 't', protocol: json() }, /knows nothing of credentials/], [{ identity: 'ann', storage: { name: 'mine' } as never }, /storage has no persistence/], [{ credentials: 'token' as never }, /credentials/], [{ credentialsInQuery: true as never }, /credentialsInQuery/],
    [{ identity: '' }, /identity/], [{ storage: { name: 's', open: never } as never }, /identity/],
  ])('and every option about the user that cannot work is refused at the door', (options, sentence) => {
    expect(() => rig(options)).toThrow(sentence)
  })
})
