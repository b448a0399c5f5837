import { describe, expect, it } from 'vitest'
import type { ScriptOptions } from 'uplink/testing'
import { rig } from './support.ts'

const quantile = (values: number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN

describe('a server that accepts and drops', () => {
  it('sees at most 8 connections in 30 s (quantile 0.99 of 1,000 virtual runs)', () => {
    const counts: number[] = []
    for (let seed = 1; seed <= 1_000; seed++) {
      const { platform, server, connection } = rig({}, { onDial: (socket) => socket.open() }, seed)
      void connection.connect()
      for (let elapsed = 0; elapsed < 30_000; elapsed += 50) {
        platform.clock.advance(50)
        const socket = server.socket()
        if (connection.snapshot().phase === 'open') socket.end()
      }
      counts.push(server.sockets.length)
      connection.destroy()
    }
    expect(quantile(counts, 0.99)).toBeLessThanOrEqual(8)
    expect(quantile(counts, 0.5)).toBeGreaterThanOrEqual(4)
  })

  it('sees no storm with reconnectInterval 0 either', () => {
    const counts: number[] = []
    for (let seed = 1; seed <= 200; seed++) {
      const { platform, server, connection } = rig({ reconnectInterval: 0 }, { onDial: (socket) => socket.open() }, seed)
      void connection.connect()
      for (let elapsed = 0; elapsed < 30_000; elapsed += 50) {
        platform.clock.advance(50)
        if (connection.snapshot().phase === 'open') server.socket().end()
      }
      counts.push(server.sockets.length)
    }
    expect(quantile(counts, 0.99)).toBeLessThanOrEqual(9)
  })
})

describe('a hung upgrade', () => {
  it('is given up at connectTimeout, and never has two sockets alive', () => {
    const { platform, server, connection, log } = rig({ connectTimeout: 4_000 }, {})
    void connection.connect()
    platform.clock.advance(3_999)
    expect(server.socket().closed).toBeUndefined()
    platform.clock.advance(1)
    expect(server.socket().closed).toBeDefined()
    expect(log).toContain('UPLINK_CONNECT_TIMEOUT')
    for (let second = 0; second < 120; second++) {
      platform.clock.advance(1_000)
      expect(server.alive()).toBeLessThanOrEqual(1)
    }
    expect(server.sockets.length).toBeGreaterThan(3)
  })
})

describe('500 clients dropped at once', () => {
  it('put no more than 15 % of their retries into any 100 ms (quantile 0.95 of 20 fleets of real engines)', () => {
    const shares: number[] = []
    for (let fleet = 0; fleet < 20; fleet++) {
      const bins = new Map<number, number>()
      for (let client = 0; client < 500; client++) {
        const { platform, connection, server } = rig({}, { onDial: (socket) => { if (server.sockets.length === 1) socket.open() } }, fleet * 500 + client + 1)
        void connection.connect()
        server.socket().end()
        const delayMs = (connection.snapshot().retryAt ?? Number.NaN) - platform.time()
        const bin = Math.floor(delayMs / 100)
        bins.set(bin, (bins.get(bin) ?? 0) + 1)
      }
      shares.push(Math.max(...bins.values()) / 500)
    }
    expect(quantile(shares, 0.95)).toBeLessThanOrEqual(0.15)
  })
})

describe('the breaker', () => {
  const refusing: ScriptOptions = { onDial: (socket) => socket.end() }

  it('opens after maxReconnectAttempts, shows an error, and probes once after the cool-down', () => {
    const { platform, server, connection, log } = rig({ maxReconnectAttempts: 3, breakerCooldown: 60_000 }, refusing)
    void connection.connect()
    platform.clock.advance(20_000)
    expect(server.sockets).toHaveLength(3)
    expect(connection.snapshot()).toMatchObject({ state: 'error', breakerOpen: true, attempt: 3 })
    expect(log.filter((name) => name === 'reconnectFailed')).toHaveLength(1)
    platform.clock.advance(60_000)
    expect(server.sockets).toHaveLength(4)
    expect(connection.snapshot().breakerOpen).toBe(true)
  })

  it('closes when the user says so, at once', () => {
    let up = false
    const { platform, connection } = rig({ maxReconnectAttempts: 2 }, { onDial: (socket) => (up ? socket.open() : socket.end()) })
    void connection.connect()
    platform.clock.advance(20_000)
    expect(connection.snapshot().state).toBe('error')
    up = true
    connection.reconnect()
    expect(connection.snapshot()).toMatchObject({ state: 'connected', breakerOpen: false })
  })

  it('grants one probe when the network comes back, or the machine wakes', () => {
    for (const event of ['online', 'resume'] as const) {
      const { platform, server, connection } = rig({ maxReconnectAttempts: 2 }, refusing)
      void connection.connect()
      platform.clock.advance(20_000)
      const before = server.sockets.length
      platform.fire(event)
      platform.fire(event)
      expect(server.sockets).toHaveLength(before + 1)
    }
  })

  it('does not count failures of a hidden page', () => {
    const { platform, connection } = rig({ maxReconnectAttempts: 3 }, refusing)
    platform.fire('hidden')
    void connection.connect()
    platform.clock.advance(600_000)
    expect(connection.snapshot().breakerOpen).toBe(false)
    expect(connection.snapshot().attempt).toBeGreaterThan(5)
  })
})

describe('advice of the server', () => {
  it('a fatal close code ends in error without another attempt', () => {
    const { platform, server, connection, log } = rig()
    const promise = connection.connect()
    server.socket().end({ code: 4403, reason: 'blocked' })
    platform.clock.advance(3_600_000)
    expect(server.sockets).toHaveLength(1)
    expect(connection.snapshot()).toMatchObject({ state: 'error', phase: 'failed', error: { code: 'UPLINK_REFUSED', closeCode: 4403 } })
    expect(log).toContain('reconnectFailed')
    return promise
  })

  it('an overloaded server is left alone for at least 5 s, also by a wake-up', () => {
    for (let seed = 1; seed < 50; seed++) {
      const { platform, server, connection } = rig({}, undefined, seed)
      void connection.connect()
      server.socket().end({ code: 1013, reason: '' })
      platform.fire('focus')
      platform.clock.advance(4_999)
      expect(server.sockets).toHaveLength(1)
    }
  })

  it('a time to come back that the server names is kept exactly', () => {
    const { platform, server, connection } = rig()
    void connection.connect()
    server.socket().end({ code: 1012, reason: '', retryAfterMs: 7_000 })
    platform.clock.advance(6_999)
    expect(server.sockets).toHaveLength(1)
    platform.clock.advance(1)
    expect(server.sockets).toHaveLength(2)
  })

  it('4401 asks the URL function again once, then ends', async () => {
    let asked = 0
    const { platform, connection } = rig({ url: () => `wss://test.example/?t=${++asked}` }, {
      onDial: (socket) => { socket.open(); socket.end({ code: 4401, reason: 'expired' }) },
    })
    void connection.connect()
    await platform.clock.advanceAsync(60_000)
    expect(asked).toBe(2)
    expect(connection.snapshot()).toMatchObject({ phase: 'failed', error: { code: 'UPLINK_UNAUTHORIZED', severity: 'fatal' } })
  })
})

describe('stability', () => {
  it('forgets failures only after stableAfter', () => {
    let failures = 3
    const { platform, connection } = rig({}, {
      onDial: (socket) => (failures-- > 0 ? socket.end() : socket.open()),
      onSend: (socket) => socket.receive({ type: 'pong' }),
    })
    void connection.connect()
    while (connection.snapshot().state !== 'connected') platform.clock.advance(100)
    expect(connection.snapshot().attempt).toBe(3)
    platform.clock.advance(4_900)
    expect(connection.snapshot().attempt).toBe(3)
    platform.clock.advance(200)
    expect(connection.snapshot().attempt).toBe(0)
  })
})
