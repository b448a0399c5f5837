import { describe, expect, it } from 'vitest'
import { uplink } from 'uplink/protocols/uplink'
import { rig } from './support.ts'

const pings = (frames: readonly unknown[]): number => frames.filter((frame) => String(frame).includes('"ping"')).length

describe('waking up', () => {
  it.each(['focus', 'visible', 'online', 'resume', 'pageshow'] as const)('%s probes an open link at once', (event) => {
    const { platform, server, connection } = rig()
    void connection.connect()
    platform.clock.advance(6_500)
    const before = pings(server.socket().sent)
    platform.fire(event)
    expect(pings(server.socket().sent)).toBe(before + 1)
  })

  it.each(['focus', 'visible', 'online', 'resume', 'pageshow'] as const)('%s cuts a wait short, at most once in 5 s', (event) => {
    const { platform, server, connection } = rig({ jitter: 'none', reconnectInterval: 60_000 }, { onDial: (socket) => socket.end() })
    void connection.connect()
    platform.clock.advance(10)
    platform.fire(event)
    platform.fire(event)
    platform.fire('focus')
    expect(server.sockets).toHaveLength(2)
    platform.clock.advance(5_000)
    platform.fire(event)
    expect(server.sockets).toHaveLength(3)
  })

  it('a network that is back too soon after another wake-up is tried when the 5 s are over', () => {
    const { platform, server, connection } = rig({ jitter: 'none', reconnectInterval: 60_000 }, { onDial: (socket) => socket.end() })
    void connection.connect()
    platform.clock.advance(10)
    platform.fire('focus')
    platform.fire('offline')
    platform.clock.advance(1_000)
    platform.fire('online')
    expect(server.sockets).toHaveLength(2)
    platform.clock.advance(4_000)
    expect(server.sockets).toHaveLength(3)
  })

  it('a connection that was begun without network comes with it', () => {
    const { platform, server, connection } = rig({ jitter: 'none' }, { onDial: (socket) => (platform.isOnline() === false ? socket.end() : socket.open()) })
    platform.fire('offline')
    void connection.connect()
    platform.clock.advance(10_000)
    expect(connection.snapshot().phase).toBe('paused')
    platform.fire('online')
    platform.clock.advance(10)
    expect(connection.snapshot().state).toBe('connected')
    expect(server.sockets).toHaveLength(2)
  })

  it('a burst of wake events sends one probe', () => {
    const { platform, server, connection } = rig()
    void connection.connect()
    platform.clock.advance(6_500)
    const before = pings(server.socket().sent)
    for (const event of ['visible', 'focus', 'online'] as const) platform.fire(event)
    expect(pings(server.socket().sent)).toBe(before + 1)
  })

  it('a dead link is noticed within the heartbeat timeout after a sleep', () => {
    let asleep = false
    const { platform, connection, log } = rig({}, {
      onDial: (socket) => { if (!asleep) socket.open() },
      onSend: (socket) => { if (!asleep) socket.receive({ type: 'pong' }) },
    })
    void connection.connect()
    platform.clock.advance(6_000)
    asleep = true
    platform.clock.stall(600_000)
    expect(connection.snapshot().state).toBe('connected')
    platform.clock.advance(3_100)
    expect(log).toContain('heartbeatTimeout')
  })

  it('a link that survived the sleep is kept', () => {
    const { platform, server, connection, log } = rig()
    void connection.connect()
    platform.clock.advance(6_000)
    platform.fire('freeze')
    platform.clock.stall(600_000)
    platform.fire('resume')
    platform.clock.advance(30_000)
    expect(server.sockets).toHaveLength(1)
    expect(log).not.toContain('heartbeatTimeout')
  })

  it('a dial begun before the sleep is dropped for a fresh one', () => {
    const { platform, server, connection } = rig({ connectTimeout: 60_000 }, {})
    void connection.connect()
    platform.clock.advance(1_000)
    platform.fire('resume')
    expect(server.sockets).toHaveLength(2)
    expect(server.sockets[0]?.closed).toBeDefined()
  })

  it('a sleep is also seen when only the wall clock has moved on', () => {
    const { platform, server, connection } = rig()
    void connection.connect()
    platform.clock.advance(6_500)
    const before = pings(server.socket().sent)
    platform.clock.jump(600_000)
    platform.fire('focus')
    expect(pings(server.socket().sent)).toBe(before + 1)
  })
})

describe('the network hint', () => {
  it('offline probes an open link and believes the answer', () => {
    const { platform, server, connection } = rig()
    void connection.connect()
    platform.clock.advance(6_500)
    const before = pings(server.socket().sent)
    platform.fire('offline')
    expect(pings(server.socket().sent)).toBe(before + 1)
    platform.clock.advance(60_000)
    expect(connection.snapshot().state).toBe('connected')
  })

  it('offline and a failed dial pause; it is tried once a minute all the same', () => {
    const { platform, server, connection } = rig({}, { onDial: (socket) => { if (server.sockets.length === 1) socket.open(); else socket.end() } })
    void connection.connect()
    platform.fire('offline')
    server.socket().end()
    expect(connection.snapshot().phase).toBe('waiting')
    platform.clock.advance(1_100)
    expect(connection.snapshot()).toMatchObject({ phase: 'paused', state: 'reconnecting', network: 'offline' })
    const before = server.sockets.length
    platform.clock.advance(60_000)
    expect(server.sockets).toHaveLength(before + 1)
    platform.clock.advance(6_000)
    platform.fire('online')
    expect(server.sockets).toHaveLength(before + 2)
  })

  it('a device that starts offline is known to be', () => {
    const { platform, connection } = rig({}, { onDial: (socket) => socket.end() })
    platform.fire('offline')
    void connection.connect()
    expect(connection.snapshot()).toMatchObject({ phase: 'paused', state: 'connecting' })
  })
})

describe('a server that answers pings late', () => {
  it('and begins to after hundreds of them is measured by the newest', () => {
    const { platform, server, connection } = rig({}, { onDial: (socket) => socket.open() })
    void connection.connect()
    for (let time = 0; time < 200; time++) {
      platform.clock.advance(5_000)
      server.socket().receive({ type: 'd' })
    }
    platform.clock.advance(30)
    server.socket().receive({ type: 'pong' })
    expect(connection.latency().current).toBeLessThanOrEqual(100)
    platform.clock.advance(5_000)
    server.socket().receive({ type: 'pong' })
    expect(connection.latency().current).toBeLessThanOrEqual(100)
  })

  it('one after the other is measured by each of them', () => {
    const pongs: number[] = []
    const { platform, server, connection } = rig({ heartbeatInterval: 1_000, heartbeatTimeout: 8_000 }, {
      onDial: (socket) => socket.open(),
      onSend: (_, frame) => { if (String(frame).includes('ping')) platform.clock.setTimer(() => server.socket().receive({ type: 'pong' }), 2_500) },
    })
    connection.on('pong', ({ latencyMs }) => pongs.push(latencyMs))
    void connection.connect()
    platform.clock.advance(20_000)
    expect(new Set(pongs)).toEqual(new Set([2_500]))
  })
})

describe('the breaker', () => {
  it('says once that it has opened, when it has', () => {
    const { platform, connection, log } = rig({ maxReconnectAttempts: 3, reconnectInterval: 10 }, { onDial: (socket) => socket.end() })
    void connection.connect()
    platform.clock.advance(60_000)
    expect(connection.snapshot()).toMatchObject({ state: 'error', breakerOpen: true })
    expect(log.filter((name) => name === 'UPLINK_BREAKER_OPEN')).toHaveLength(1)
    expect(log.indexOf('UPLINK_BREAKER_OPEN')).toBeLessThan(log.indexOf('reconnectFailed'))
  })
})

describe('what takes longer than connectTimeout', () => {
  const never = (): Promise<string> => new Promise(() => undefined)
  it.each([
    ['the credentials provider', { credentials: never, protocol: uplink() }, 'UPLINK_CREDENTIALS_FAILED'],
    ['the url function', { url: never }, 'UPLINK_PROVIDER_FAILED'],
  ])('is named: %s', (_, options, code) => {
    const { platform, connection, log } = rig({ ...options, connectTimeout: 1_000 })
    void connection.connect()
    platform.clock.advance(1_000)
    expect(log.filter((name) => name.startsWith('UPLINK_'))).toEqual([code])
  })
})

describe('the back/forward cache', () => {
  it('pagehide closes the socket before it returns, and pageshow connects again', () => {
    const { platform, server, connection } = rig()
    void connection.connect()
    platform.fire('pagehide')
    expect(server.socket().closed).toBeDefined()
    expect(connection.snapshot().state).toBe('reconnecting')
    platform.clock.advance(30_000)
    expect(server.sockets).toHaveLength(1)
    platform.fire('pageshow')
    expect(connection.snapshot()).toMatchObject({ state: 'connected', attempt: 0 })
  })

  it('a page that was hidden while waiting is not dialing', () => {
    const { platform, server, connection } = rig({}, { onDial: (socket) => socket.end() })
    void connection.connect()
    platform.fire('pagehide')
    platform.fire('focus')
    platform.clock.advance(50_000)
    expect(server.sockets).toHaveLength(1)
    platform.fire('pageshow')
    expect(server.sockets).toHaveLength(2)
  })
})
