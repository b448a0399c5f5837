import { describe, expect, it } from 'vitest'
import { devtools } from 'zustand/middleware'
import { createUplink } from 'uplink'
import { createFakePlatform, scriptedTransport } from 'uplink/testing'
import { createRegistry } from '../../src/store/registry.ts'

function make(options: object = {}) {
  const platform = createFakePlatform()
  const server = scriptedTransport({ onDial: (socket) => socket.open() })
  return { platform, server, options: { platform, transport: server.transport, ...options } }
}

describe('createUplink', () => {
  it('touches no network, no timer and no page before the first lease', () => {
    const { platform, server, options } = make()
    const uplink = createUplink({ url: 'wss://test.example', ...options })
    expect(uplink.getState().state).toBe('disconnected')
    expect([server.sockets.length, platform.clock.pending(), platform.listeners()]).toEqual([0, 0, 0])
    const release = uplink.lease()
    expect(uplink.getState().state).toBe('connected')
    release()
    release()
    platform.clock.advance(1_000)
    expect(uplink.getState().state).toBe('disconnected')
    expect([platform.clock.pending(), platform.listeners()]).toEqual([0, 0])
  })

  it.each([
    [{ fallback: () => undefined }, 'fallback has a wrong value; allowed: what poll() returns'],
    [{ fallback: 'poll' }, 'fallback has a wrong value; allowed: what poll() returns'],
    [{ servers: ['wss://a.example/ws', 'wss://b.example/ws'] }, 'servers has a wrong value; allowed: what pool() returns'],
    [{ servers: 'wss://a.example/ws' }, 'servers has a wrong value; allowed: what pool() returns'],
  ])('refuses %o, and says what is allowed', (wrong, message) => {
    expect(() => createUplink({ url: 'wss://test.example', ...make().options, ...(wrong as object) })).toThrow(expect.objectContaining({ code: 'UPLINK_OPTION_INVALID', message }))
  })

  it('stays connected without leases when connect() was called by hand', async () => {
    const { platform, options } = make()
    const uplink = createUplink({ url: 'wss://test.example', ...options })
    await uplink.connect()
    uplink.lease()()
    platform.clock.advance(60_000)
    expect(uplink.getState().state).toBe('connected')
  })

  it('does not reopen what a server has refused because another component mounts', () => {
    const { server, options } = make()
    const uplink = createUplink({ url: 'wss://test.example', ...options })
    uplink.lease()
    server.socket().end({ code: 4403 })
    uplink.lease()
    expect(server.sockets).toHaveLength(1)
    expect(uplink.getState().state).toBe('error')
  })

  it('shows what somebody has sent in the next frame, and looks for nobody who does not listen', () => {
    const { platform, options } = make()
    const uplink = createUplink({ url: 'wss://test.example', ...options })
    uplink.send({ type: 'order' }, { ttl: Infinity })
    expect(platform.clock.pending()).toBe(0)
    const shown: number[] = []
    const forget = uplink.outbox.subscribe(({ queued }) => shown.push(queued))
    uplink.send({ type: 'order' })
    void uplink.sendWithAck({ type: 'order' })
    platform.paint()
    expect(shown).toEqual([2])
    forget()
  })

  it('survives a listener of its state that throws, and tells the others', () => {
    const { options } = make()
    const uplink = createUplink({ url: 'wss://test.example', ...options })
    const codes: string[] = []
    const states: string[] = []
    uplink.on('error', (error) => codes.push(error.code))
    uplink.subscribe(() => { throw new Error('boom') })
    uplink.subscribe(({ state }) => states.push(state))
    void uplink.connect()
    uplink.disconnect()
    expect(states).toEqual(['connecting', 'connected', 'disconnected'])
    expect(new Set(codes)).toEqual(new Set(['UPLINK_LISTENER_FAILED']))
  })

  it('takes zustand middleware: Redux DevTools shows each phase as an action', () => {
    const actions: string[] = []
    // The browser extension is not ours; this stands where it would.
    const extension = { connect: () => ({ init: () => undefined, subscribe: () => () => undefined, send: (action: { type: string }) => actions.push(action.type) }) }
    Object.assign(globalThis, { window: { __REDUX_DEVTOOLS_EXTENSION__: extension } })
    try {
      const { server, options } = make()
      const uplink = createUplink({ url: 'wss://test.example', middleware: (initializer) => devtools(initializer, { name: 'uplink', enabled: true }), ...options })
      void uplink.connect()
      server.socket().end()
      expect(actions).toEqual(['uplink/dialing', 'uplink/open', 'uplink/waiting'])
    } finally {
      Reflect.deleteProperty(globalThis, 'window')
    }
  })

  it.each([[{ connectionGrace: -1 }, /connectionGrace is -1/], [{ display: { grace: 1e9 } }, /display.grace is 1000000000/]])('refuses %o', (bad, message) => {
    expect(() => createUplink({ url: 'wss://test.example', ...bad })).toThrow(message)
  })
})

describe('the registry of URLs', () => {
  it('shares by URL and sub-protocols, keeps the first options, and reports a conflict', () => {
    const { options, platform } = make()
    const registry = createRegistry()
    const first = registry.acquire('wss://a.example', { ...options, heartbeatInterval: 1_000 })
    const codes: string[] = []
    first.uplink.on('error', (error) => codes.push(error.code))
    const second = registry.acquire('wss://a.example', { ...options, heartbeatInterval: 2_000 })
    const other = registry.acquire('wss://a.example', { ...options, protocols: ['v2'] })
    expect(second.uplink).toBe(first.uplink)
    expect(other.uplink).not.toBe(first.uplink)
    expect(codes).toEqual(['UPLINK_LEASE_CONFLICT'])
    for (const lease of [first, second, other]) lease.release()
    platform.clock.advance(1_000)
    expect(registry.size()).toBe(0)
    expect(platform.clock.pending()).toBe(0)
  })
})
