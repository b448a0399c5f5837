/** Each limit of the policy, set to something other than its default, and what happens at it. */
import { describe, expect, it } from 'vitest'
import type { ScriptOptions } from 'uplink/testing'
import { friendly, rig } from './support.ts'

const silent: ScriptOptions = { onDial: (socket) => socket.open() }

describe('closeTimeout', () => {
  it('is how long a graceful disconnect waits for a server that does not answer the close', () => {
    const { connection, platform } = rig({ closeTimeout: 400 }, { ...friendly, onClose: () => {} })
    void connection.connect()
    void connection.disconnect({ graceful: true })
    platform.clock.advance(399)
    expect(connection.snapshot().state).toBe('disconnecting')
    platform.clock.advance(1)
    expect(connection.snapshot().state).toBe('disconnected')
  })
})

describe('backoffFactor', () => {
  it('multiplies the delay at every attempt', () => {
    const { connection, server, platform } = rig({ jitter: 'none', reconnectInterval: 100, backoffFactor: 3 }, { onDial: (socket) => socket.end() })
    void connection.connect().catch(() => {})
    const waits = [100, 300, 900].map((waitMs) => {
      const before = server.sockets.length
      platform.clock.advance(waitMs - 1)
      const early = server.sockets.length - before
      platform.clock.advance(1)
      return [early, server.sockets.length - before]
    })
    expect(waits).toEqual([[0, 1], [0, 1], [0, 1]])
  })
})

describe('stableAfter', () => {
  it.each([[2_999, 2], [3_000, 1]])('a connection that lasted %i ms of 3,000 makes the next loss attempt %i', (lastedMs, attempt) => {
    let dials = 0
    const { connection, server, platform } = rig(
      { stableAfter: 3_000, jitter: 'none' },
      { ...friendly, onDial: (socket) => (++dials === 1 ? socket.end() : socket.open()) },
    )
    void connection.connect()
    platform.clock.advance(1_000)
    expect(connection.snapshot().state).toBe('connected')
    platform.clock.advance(lastedMs)
    server.socket().end()
    expect(connection.snapshot()).toMatchObject({ state: 'reconnecting', attempt })
  })
})

describe('maxMissedHeartbeats', () => {
  it.each([1, 2, 3])('%i: so many pings in a row go unanswered before the link is dead', (maxMissedHeartbeats) => {
    const { connection, server, platform, log } = rig(
      { maxMissedHeartbeats, heartbeatInterval: 1_000, heartbeatTimeout: 500, heartbeat: { required: true } }, silent,
    )
    void connection.connect()
    while (!log.includes('heartbeatTimeout') && platform.clock.now() < 60_000) platform.clock.advance(10)
    expect(server.sockets[0]?.messages().filter(({ type }) => type === 'ping')).toHaveLength(maxMissedHeartbeats)
    expect(log).toContain('heartbeatTimeout')
  })
})

describe('maxMessageSize', () => {
  it('lets a frame of that size in, and reports and drops one that is larger', () => {
    const { connection, server, log } = rig({ maxMessageSize: 64 })
    void connection.connect()
    const heard: unknown[] = []
    connection.subscribe('note', (data) => heard.push(data))
    const around = JSON.stringify({ type: 'note', data: '' }).length
    for (const size of [64, 65, 40]) server.socket().receive({ type: 'note', data: 'x'.repeat(size - around) })
    expect(heard.map((data) => String(data).length + around)).toEqual([64, 40])
    expect(log.filter((entry) => entry.startsWith('UPLINK_'))).toHaveLength(1)
    expect(connection.snapshot().state).toBe('connected')
  })
})

describe('channelGrace', () => {
  it('is how long a channel is kept that nobody uses', async () => {
    const { connection, server, platform } = rig({ channelGrace: 250 })
    void connection.connect()
    const lease = connection.channel('btc')
    await Promise.resolve()
    const left = (): number => server.socket().messages().filter(({ type }) => type === 'unsubscribe').length
    lease.release()
    platform.clock.advance(249)
    expect(left()).toBe(0)
    platform.clock.advance(1)
    expect(left()).toBe(1)
  })
})
