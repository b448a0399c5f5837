import { describe, expect, it } from 'vitest'
import { type EventName, isUplinkError } from 'uplink/engine'
import { friendly, rig } from './support.ts'

describe('disconnect()', () => {
  const phases = {
    authorizing: () => rig({ url: () => new Promise<string>(() => undefined) }),
    dialing: () => rig({}, {}),
    greeting: () => rig({ protocol: {
      name: 'greeting', features: { acks: false, resume: false, latency: false },
      encode: (message) => JSON.stringify(message), decode: (frame) => ({ type: 'x', data: frame }), hello: () => 'hello',
    } }),
    open: () => rig(),
    waiting: () => rig({}, { onDial: (socket) => socket.end() }),
    paused: () => { const made = rig({}, { onDial: (socket) => socket.end() }); made.platform.fire('offline'); return made },
    closing: () => rig(),
    failed: () => rig({}, { onDial: (socket) => socket.end({ code: 4403 }) }),
  } as const

  it.each(Object.keys(phases) as (keyof typeof phases)[])('in phase %s is reported at once, and nothing follows or stays', (phase) => {
    const { connection, platform, server, log } = phases[phase]()
    void connection.connect()
    if (phase === 'closing') connection.disconnect({ graceful: true })
    expect(connection.snapshot().phase).toBe(phase)
    connection.disconnect()
    expect(connection.snapshot()).toMatchObject({ state: 'disconnected', phase: 'idle' })
    const told = log.length
    const received = connection.stats().messagesReceived
    for (const socket of server.sockets) {
      socket.open()
      socket.receive({ type: 'late', data: 1 })
      socket.end()
    }
    platform.fire('online')
    platform.clock.advance(600_000)
    expect(log).toHaveLength(told)
    expect(connection.stats().messagesReceived).toBe(received)
    expect(platform.clock.pending()).toBe(0)
    expect(platform.listeners()).toBe(0)
    expect(server.alive()).toBe(0)
  })

  it.each(['open', 'statechange', 'message', 'error', 'reconnecting', 'close', 'pong'] as EventName[])('works from inside a listener of "%s"', (name) => {
    const { connection, server, platform } = rig({}, { ...friendly, onDial: (socket) => { socket.open(); socket.receive({ type: 'hi', data: 1 }); if (['error', 'reconnecting', 'close'].includes(name)) socket.end() } })
    let calls = 0
    connection.on(name, () => {
      calls++
      connection.disconnect()
      expect(connection.snapshot().state).toBe('disconnected')
    })
    void connection.connect()
    platform.clock.advance(60_000)
    expect(calls).toBeGreaterThan(0)
    expect(connection.snapshot().state).toBe('disconnected')
    expect(server.alive()).toBe(0)
    expect(platform.clock.pending()).toBe(0)
  })

  it('from a message listener stops the other listeners of that message', () => {
    const { connection, server } = rig()
    const heard: string[] = []
    connection.subscribe('tick', () => { heard.push('first'); connection.disconnect() })
    connection.subscribe('tick', () => heard.push('second'))
    connection.subscribe('t*', () => heard.push('prefix'))
    void connection.connect()
    server.socket().receive({ type: 'tick' })
    expect(heard).toEqual(['first'])
  })

  it('gracefully waits for the server, and at most closeTimeout', () => {
    const { connection, server, platform } = rig()
    void connection.connect()
    connection.disconnect({ graceful: true })
    expect(connection.snapshot().state).toBe('disconnecting')
    expect(server.socket().closed).toEqual({ code: 1000, reason: 'client disconnected' })
    platform.clock.advance(2_000)
    expect(connection.snapshot().state).toBe('disconnected')
    void connection.connect()
    connection.disconnect({ graceful: true })
    server.socket().end({ code: 1000 })
    expect(connection.snapshot().state).toBe('disconnected')
  })

  it('2,000 times after as many connects leaves no timer, no listener and no socket', () => {
    const { connection, server, platform } = rig()
    for (let cycle = 0; cycle < 2_000; cycle++) {
      void connection.connect()
      connection.disconnect()
    }
    expect(server.sockets).toHaveLength(2_000)
    expect(server.alive()).toBe(0)
    expect(platform.clock.pending()).toBe(0)
    expect(platform.listeners()).toBe(0)
  })
})

describe('connect()', () => {
  it('resolves at the first connected, through retries', async () => {
    let tries = 0
    const { connection, platform } = rig({}, { onDial: (socket) => (++tries < 3 ? socket.end() : socket.open()) })
    const promise = connection.connect()
    platform.clock.advance(60_000)
    await expect(promise).resolves.toBeUndefined()
    expect(tries).toBe(3)
  })

  it('rejects with what ended it: a refusal, or disconnect()', async () => {
    const refused = rig({}, { onDial: (socket) => socket.end({ code: 4403 }) })
    await expect(refused.connection.connect()).rejects.toSatisfy((error) => isUplinkError(error) && error.code === 'UPLINK_REFUSED')
    const left = rig({}, {})
    const promise = left.connection.connect()
    left.connection.disconnect()
    await expect(promise).rejects.toMatchObject({ code: 'UPLINK_DISCONNECTED' })
  })

  it('begins anew after a failure, and from inside the failure', () => {
    let refuses = true
    const { connection } = rig({}, { onDial: (socket) => (refuses ? socket.end({ code: 4403 }) : socket.open()) })
    connection.on('reconnectFailed', () => { refuses = false; void connection.connect() })
    void connection.connect()
    expect(connection.snapshot().state).toBe('connected')
  })
})

describe('reconnect()', () => {
  it('skips any wait, drops the old socket, and starts counting anew', () => {
    const { connection, server } = rig()
    void connection.connect()
    const first = server.socket()
    connection.reconnect()
    expect(first.closed).toBeDefined()
    expect(server.sockets).toHaveLength(2)
    expect(connection.snapshot()).toMatchObject({ state: 'connected', attempt: 0 })
  })
})

describe('destroy()', () => {
  it('leaves nothing, tells nothing more, and what comes after is refused', async () => {
    const { connection, server, platform, log } = rig()
    connection.channel('btc')
    void connection.connect()
    connection.send({ type: 'x' })
    connection.destroy()
    const told = log.length
    expect(platform.clock.pending()).toBe(0)
    expect(platform.listeners()).toBe(0)
    expect(server.alive()).toBe(0)
    expect(connection.send({ type: 'x' })).toMatchObject({ outcome: 'refused', reason: 'destroyed' })
    await expect(connection.connect()).rejects.toMatchObject({ code: 'UPLINK_DESTROYED' })
    connection.reconnect()
    connection.destroy()
    expect(log).toHaveLength(told)
  })
})
