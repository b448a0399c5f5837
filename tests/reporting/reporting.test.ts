/** Errors told to a tracker: over real sockets whose path breaks, and in virtual time. */
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { UplinkError, createUplink } from 'uplink'
import { createConnection } from 'uplink/engine'
import { type ErrorReport, type ReportErrorsOptions, consoleReporter, reportErrors } from 'uplink/reporting'
import { type ScriptOptions, createFakePlatform, scriptedTransport } from 'uplink/testing'
import { startFaultProxy } from 'uplink/testing/node'
import { ws } from 'uplink/transports/ws'

const ends: Array<() => unknown> = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** A connection in virtual time, and what is reported of it. */
function virtual(options: Partial<ReportErrorsOptions> = {}, script: ScriptOptions = { onDial: (socket) => socket.end() }) {
  const platform = createFakePlatform()
  const server = scriptedTransport(script)
  const connection = createConnection({ url: 'wss://test.example/ws?token=hunter2', platform, transport: server.transport, reconnectInterval: 1_000, maxReconnectDelay: 1_000, maxReconnectAttempts: Infinity, jitter: 'none' })
  const reports: ErrorReport[] = []
  const stop = reportErrors(connection, { to: (report) => { reports.push(report) }, platform, ...options })
  ends.push(stop, () => connection.destroy())
  const pass = (ms: number): void => platform.clock.advance(ms)
  return { platform, server, connection, reports, stop, pass, codes: () => reports.map(({ error }) => error.code) }
}

const fault = (code: ConstructorParameters<typeof UplinkError>[0], text: string, details = {}): UplinkError => new UplinkError(code, text, details)

describe('over real sockets', () => {
  it('one report goes out for an outage with many attempts, and one more with their number', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await new Promise((resolve) => server.once('listening', resolve))
    ends.push(() => { for (const client of server.clients) client.terminate(); return new Promise((resolve) => server.close(resolve)) })
    const proxy = await startFaultProxy({ target: { port: (server.address() as AddressInfo).port } })
    ends.push(() => proxy.close())

    // A tracker as it is: something that takes JSON by HTTP.
    const tracked: Array<{ error: { code: string; message: string }; occurrences: number; context: { phase: string } }> = []
    const tracker: Server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => { body += String(chunk) }).on('end', () => { tracked.push(JSON.parse(body) as (typeof tracked)[number]); response.end() })
    })
    await new Promise<void>((resolve) => { tracker.listen(0, '127.0.0.1', resolve) })
    ends.push(() => new Promise((resolve) => tracker.close(resolve)))
    const address = `http://127.0.0.1:${(tracker.address() as AddressInfo).port}/`

    const connection = createConnection({ url: `ws://127.0.0.1:${proxy.port}/?access_token=hunter2`, transport: ws(), reconnectInterval: 20, maxReconnectDelay: 20, maxReconnectAttempts: Infinity })
    ends.push(() => connection.destroy())
    const stop = reportErrors(connection, {
      to: (report) => fetch(address, { method: 'POST', body: JSON.stringify(report), headers: { connection: 'close' } }), dedupeMs: 60_000,
    })
    await connection.connect()
    proxy.refuse()
    proxy.reset()
    await vi.waitFor(() => expect(connection.snapshot().attempt).toBeGreaterThan(6), { timeout: 10_000 })
    await vi.waitFor(() => expect(tracked.map(({ error }) => error.code).toSorted()).toEqual(['UPLINK_CONNECTION_LOST', 'UPLINK_DIAL_FAILED']), { timeout: 10_000 })
    expect(tracked.every(({ occurrences }) => occurrences === 1)).toBe(true)
    stop()
    await vi.waitFor(() => expect(tracked).toHaveLength(3), { timeout: 10_000 })
    expect(tracked[2]).toMatchObject({ error: { code: 'UPLINK_DIAL_FAILED' } })
    expect(tracked[2]?.occurrences).toBeGreaterThan(4)
    expect(JSON.stringify(tracked)).not.toContain('hunter2')
  })
})

describe('a report', () => {
  it('has what a tracker groups by, and what was going on', () => {
    const { connection, reports, pass } = virtual({}, { onDial: (socket) => socket.open() })
    void connection.connect()
    pass(10_000)
    connection.report(fault('UPLINK_CHANNEL_REFUSED', 'no', { channel: 'prices' }))
    expect(reports).toHaveLength(1)
    expect(reports[0]).toMatchObject({
      severity: 'error', fingerprint: ['uplink', 'UPLINK_CHANNEL_REFUSED', 'prices'], occurrences: 1, omitted: 0,
      context: { state: 'connected', phase: 'open', attempt: 0, generation: 1, everConnected: true },
    })
    expect(reports[0]?.trail.at(-1)).toMatchObject({ to: 'open' })
  })

  it('keeps channels and close codes apart', () => {
    const { connection, reports } = virtual()
    for (const channel of ['a', 'b', 'a']) connection.report(fault('UPLINK_CHANNEL_REFUSED', 'no', { channel }))
    for (const closeCode of [1006, 4000, 1006]) connection.report(fault('UPLINK_CONNECTION_LOST', 'gone', { closeCode }))
    expect(reports.map(({ fingerprint }) => fingerprint.slice(1).join())).toEqual([
      'UPLINK_CHANNEL_REFUSED,a', 'UPLINK_CHANNEL_REFUSED,b', 'UPLINK_CONNECTION_LOST,1006', 'UPLINK_CONNECTION_LOST,4000',
    ])
  })

  it('holds no secret, in message, stack or cause, nor what the page wants taken out', () => {
    const { connection, reports } = virtual({ redact: (text) => text.replaceAll(/account \d+/g, 'account ***') })
    const cause = Object.assign(new TypeError('Bearer abc.def was refused for account 12345'), { headers: { authorization: 'abc.def' } })
    connection.report(fault('UPLINK_PROVIDER_FAILED', 'wss://user:pass@host/ws?token=hunter2 failed', { cause }))
    const [report] = reports
    const seen = [JSON.stringify(report), report?.error.stack, String(report?.error.cause), JSON.stringify(report?.error.cause, Object.getOwnPropertyNames(report?.error.cause))].join()
    expect(seen).not.toMatch(/hunter2|abc\.def|user:pass|12345/)
    expect(report?.error.cause).toMatchObject({ name: 'TypeError', message: 'Bearer *** was refused for account ***' })
    expect(report?.error).toBeInstanceOf(UplinkError)
  })
})

describe('the same problem', () => {
  it('is told at once, then once a minute with how often it happened', () => {
    const { connection, reports, pass } = virtual()
    void connection.connect().catch(() => undefined)
    pass(500)
    expect(reports.map(({ occurrences }) => occurrences)).toEqual([1])
    pass(60_000)
    expect(reports.map(({ occurrences }) => occurrences)).toEqual([1, 60])
    connection.disconnect()
    pass(3_600_000)
    expect(reports.reduce((sum, { occurrences }) => sum + occurrences, 0)).toBe(connection.stats().errors)
  })

  it('and others together never come faster than the limit', () => {
    const { connection, reports, pass } = virtual({ limit: { max: 3, windowMs: 30_000 } })
    for (let n = 0; n < 20; n++) connection.report(fault('UPLINK_CHANNEL_REFUSED', 'no', { channel: String(n) }))
    expect(reports).toHaveLength(3)
    pass(30_000)
    expect(reports).toHaveLength(6)
    pass(300_000)
    expect(reports).toHaveLength(20)
  })
})

describe('what is reported', () => {
  it.each([
    ['minSeverity', { minSeverity: 'fatal' as const }, ['UPLINK_REFUSED']],
    ['ignore by code', { ignore: ['UPLINK_REFUSED' as const] }, ['UPLINK_CHANNEL_GAP']],
    ['ignore by function', { ignore: (error: UplinkError) => error.severity === 'fatal' }, ['UPLINK_CHANNEL_GAP']],
    ['neither', { minSeverity: 'warning' as const }, ['UPLINK_CONTROL_FLOOD', 'UPLINK_CHANNEL_GAP', 'UPLINK_REFUSED']],
  ])('is chosen by %s', (_, options, expected) => {
    const { connection, codes } = virtual(options)
    connection.report(fault('UPLINK_CONTROL_FLOOD', 'x', { severity: 'warning' }))
    connection.report(fault('UPLINK_CHANNEL_GAP', 'x'))
    connection.report(fault('UPLINK_REFUSED', 'x', { severity: 'fatal' }))
    expect(codes()).toEqual(expected)
  })

  it('of an offline device waits for its network, unless it is not to', () => {
    for (const holdWhileOffline of [true, false]) {
      const { connection, reports, platform } = virtual({ holdWhileOffline })
      platform.fire('offline')
      for (let n = 0; n < 5; n++) connection.report(fault('UPLINK_DIAL_FAILED', 'x'))
      expect(reports).toHaveLength(holdWhileOffline ? 0 : 1)
      platform.fire('online')
      expect(reports.map(({ occurrences, context }) => [occurrences, context.isOnline])).toEqual(holdWhileOffline ? [[5, false]] : [[1, false]])
    }
  })

  it('and still waits, goes when the page does, and can be told of again when it is back', () => {
    const { connection, reports, platform, pass } = virtual()
    for (let n = 0; n < 3; n++) connection.report(fault('UPLINK_CHANNEL_GAP', 'x'))
    platform.fire('pagehide')
    expect(reports.map(({ occurrences }) => occurrences)).toEqual([1, 2])
    connection.report(fault('UPLINK_CHANNEL_GAP', 'x'))
    pass(60_000)
    expect(reports.map(({ occurrences }) => occurrences)).toEqual([1, 2, 1])
  })
})

describe('a reporter', () => {
  it('that throws or rejects stops nothing, and is told of', async () => {
    const failures: unknown[] = []
    const onFailure = (thrown: unknown): void => { failures.push(thrown) }
    const { connection } = virtual({ to: () => { throw new Error('sync') }, onFailure })
    const { connection: other } = virtual({ to: () => Promise.reject(new Error('async')), onFailure })
    const heard: string[] = []
    connection.on('error', ({ code }) => heard.push(code))
    connection.report(fault('UPLINK_CHANNEL_GAP', 'x'))
    other.report(fault('UPLINK_CHANNEL_GAP', 'x'))
    await vi.waitFor(() => expect(failures.map(String)).toEqual(['Error: sync', 'Error: async']))
    expect(heard).toEqual(['UPLINK_CHANNEL_GAP'])
    expect(connection.stats().errors).toBe(1)
  })

  it('of the console writes one line a report, at its level', () => {
    const lines: string[] = []
    const target = { warn: (text: string) => { lines.push(`warn ${text}`) }, error: (text: string) => { lines.push(`error ${text}`) } }
    const { connection, pass } = virtual({ to: consoleReporter(target), minSeverity: 'warning' })
    connection.report(fault('UPLINK_CONTROL_FLOOD', 'too many', { severity: 'warning' }))
    for (let n = 0; n < 4; n++) connection.report(fault('UPLINK_CHANNEL_GAP', 'lost at ?token=hunter2'))
    pass(60_000)
    expect(lines).toEqual([
      'warn UPLINK_CONTROL_FLOOD: too many', 'error UPLINK_CHANNEL_GAP: lost at ?token=***', 'error UPLINK_CHANNEL_GAP: lost at ?token=*** (3 times)',
    ])
  })

  it('takes an uplink as well as a connection, with its own clock', () => {
    const platform = createFakePlatform()
    const uplink = createUplink({ url: 'wss://test.example', platform, transport: scriptedTransport({ onDial: (socket) => socket.open() }).transport })
    const reports: ErrorReport[] = []
    const stop = reportErrors(uplink, { to: (report) => { reports.push(report) } })
    void uplink.connect()
    for (let n = 0; n < 3; n++) uplink.report(fault('UPLINK_CHANNEL_GAP', 'x'))
    platform.clock.advance(60_000)
    expect(reports.map(({ occurrences, context }) => [occurrences, context.state])).toEqual([[1, 'connected'], [2, 'connected']])
    stop()
    uplink.destroy()
    expect([platform.clock.pending(), platform.listeners()]).toEqual([0, 0])
  })

  it('hears nothing after the end, which tells what still waits, once', () => {
    const { connection, reports, stop, platform } = virtual()
    for (let n = 0; n < 3; n++) connection.report(fault('UPLINK_CHANNEL_GAP', 'x'))
    const timers = platform.clock.pending()
    stop()
    stop()
    expect(platform.clock.pending()).toBe(timers - 1)
    connection.report(fault('UPLINK_CHANNEL_GAP', 'x'))
    expect(reports.map(({ occurrences }) => occurrences)).toEqual([1, 2])
  })
})

describe('an option', () => {
  it.each([
    ['minSeverity', { minSeverity: 'loud' }], ['dedupeMs', { dedupeMs: -1 }], ['limit.max', { limit: { max: 0, windowMs: 1_000 } }], ['holdWhileOffline', { holdWhileOffline: 'no' }], ['to', { to: undefined }],
  ])('that is not allowed is named: %s', (name, options) => {
    expect(() => virtual(options as object)).toThrow(name)
  })
})
