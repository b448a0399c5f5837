import { act, cleanup, render, renderHook, screen } from '@testing-library/react'
import { StrictMode, useState } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import {
  UplinkProvider, createUplink, useChannel, useConnection, useConnectionDisplay, useConnectionStats, useLatency, useUplink, useWebSocket,
} from 'uplink'
import { createFakePlatform, scriptedTransport } from 'uplink/testing'
import { friendly, stage } from './support.tsx'

afterEach(cleanup)

describe('useWebSocket', () => {
  it('connects while mounted, renders on transitions only, and disconnects a grace after unmount', async () => {
    const { wrapper, server, pass, receive, uplink } = stage()
    let renders = 0
    const { result, unmount } = renderHook(() => { renders++; return useWebSocket() }, { wrapper })
    expect(result.current).toMatchObject({ state: 'connected', isConnected: true, attempt: 0, error: null })
    const before = renders
    await act(async () => { for (let n = 0; n < 1_000; n++) receive({ type: 'tick', data: n }) })
    await pass(20_000)
    expect(renders).toBe(before)
    await act(async () => server.socket().end())
    expect(result.current).toMatchObject({ state: 'reconnecting', attempt: 1 })
    unmount()
    await pass(1_500)
    expect(uplink.getState().state).toBe('disconnected')
  })

  it('keeps its functions from render to render', async () => {
    const { wrapper, server } = stage()
    const { result } = renderHook(() => useWebSocket(), { wrapper })
    const { send, reconnect } = result.current
    await act(async () => server.socket().end())
    expect(result.current.send).toBe(send)
    expect(result.current.reconnect).toBe(reconnect)
    expect(send({ type: 'x' })).toMatchObject({ outcome: 'queued' })
  })

  it('dials once under StrictMode, and not again after a remount within the grace', async () => {
    const { wrapper: Wrapper, server, pass } = stage()
    function Switch() {
      const [shown, setShown] = useState(true)
      return <><button type="button" onClick={() => setShown(!shown)}>toggle</button>{shown && <Reader />}</>
    }
    function Reader() {
      return <p>{useWebSocket().state}</p>
    }
    render(<StrictMode><Wrapper><Switch /></Wrapper></StrictMode>)
    expect(server.sockets).toHaveLength(1)
    act(() => screen.getByRole('button').click())
    await pass(500)
    act(() => screen.getByRole('button').click())
    await pass(5_000)
    expect(server.sockets).toHaveLength(1)
  })

  it('stays disconnected after disconnect(), whoever mounts, until connect() or reconnect()', async () => {
    const { wrapper, server, uplink } = stage()
    const { result } = renderHook(() => useWebSocket(), { wrapper })
    act(() => result.current.disconnect())
    renderHook(() => useWebSocket(uplink))
    expect(server.sockets).toHaveLength(1)
    expect(result.current.state).toBe('disconnected')
    act(() => result.current.reconnect())
    expect(result.current.state).toBe('connected')
  })

  it('shares one connection among components that name one URL, and gives it back', async () => {
    const platform = createFakePlatform()
    const server = scriptedTransport(friendly)
    const options = { platform, transport: server.transport }
    const url = 'wss://shared.example/ws'
    const first = renderHook(() => useWebSocket(url, options))
    const second = renderHook(() => useWebSocket(url, options))
    expect(first.result.current.state).toBe('connected')
    expect(server.sockets).toHaveLength(1)
    first.unmount()
    await act(() => platform.clock.advanceAsync(5_000))
    expect(second.result.current.state).toBe('connected')
    second.unmount()
    await act(() => platform.clock.advanceAsync(5_000))
    expect(server.alive()).toBe(0)
    expect(platform.clock.pending()).toBe(0)
    expect(platform.listeners()).toBe(0)
  })

  it('moves to another URL when it is given one', async () => {
    const platform = createFakePlatform()
    const server = scriptedTransport(friendly)
    const { rerender, result } = renderHook(({ url }) => useWebSocket(url, { platform, transport: server.transport }), { initialProps: { url: 'wss://a.example' } })
    rerender({ url: 'wss://b.example' })
    await act(() => platform.clock.advanceAsync(2_000))
    expect(server.sockets.map((socket) => [socket.request.url, socket.closed === undefined])).toEqual([['wss://a.example/', false], ['wss://b.example/', true]])
    expect(result.current.state).toBe('connected')
  })

  it('without provider, uplink or URL says what to do', () => {
    expect(() => renderHook(() => useWebSocket())).toThrow(/wrap the tree in <UplinkProvider uplink=/)
  })

  it('with a URL function asks for a key', () => {
    expect(() => renderHook(() => useWebSocket(() => 'wss://x.example'))).toThrow(/needs options.key/)
  })
})

describe('useChannel', () => {
  it('shows the latest data once a frame, and hands every message to onMessage', async () => {
    const { wrapper, receive, paint } = stage()
    const heard: number[] = []
    let renders = 0
    const { result } = renderHook(() => {
      renders++
      return useChannel<number>('btc', { onMessage: (data) => heard.push(data) })
    }, { wrapper })
    await paint()
    const before = renders
    for (let frame = 0; frame < 60; frame++) {
      await act(async () => { for (let n = 0; n < 333; n++) receive({ type: 'tick', channel: 'btc', data: frame * 333 + n }) })
      await paint()
    }
    expect(renders - before).toBeLessThanOrEqual(60)
    expect(result.current.data).toBe(60 * 333 - 1)
    expect(heard).toEqual(Array.from({ length: 60 * 333 }, (_, index) => index))
    expect(result.current).toMatchObject({ status: 'live', source: 'live', isStale: false, error: null })
  })

  it('in a hidden page hears every message at once, and shows at most once a second', async () => {
    const { wrapper, receive, paint, pass, platform } = stage()
    const heard: number[] = []
    let renders = 0
    const { result } = renderHook(() => {
      renders++
      return useChannel<number>('btc', { onMessage: (data) => heard.push(data) })
    }, { wrapper })
    await paint()
    platform.fire('hidden')
    const before = renders
    for (let n = 0; n < 5_000; n++) {
      receive({ type: 'tick', channel: 'btc', data: n })
      if (n % 100 === 99) await pass(100)
    }
    expect(heard).toHaveLength(5_000)
    expect(renders - before).toBeLessThanOrEqual(6)
    await pass(1_000)
    expect(result.current.data).toBe(4_999)
  })

  it('folds every message, also those of one frame', async () => {
    const { wrapper, receive, paint } = stage()
    const { result } = renderHook(() => useChannel<number, number>('trades', { initial: 0, reduce: (sum, data) => sum + data }), { wrapper })
    for (let n = 1; n <= 100; n++) receive({ type: 'trade', channel: 'trades', data: n })
    await paint()
    expect(result.current.data).toBe(5_050)
  })

  it('keeps a bounded buffer', async () => {
    const { wrapper, receive, paint } = stage()
    const { result } = renderHook(() => useChannel<number>('trades', { buffer: 3 }), { wrapper })
    expect(result.current.data).toEqual([])
    for (let n = 1; n <= 100; n++) receive({ type: 'trade', channel: 'trades', data: n })
    await paint()
    receive({ type: 'trade', channel: 'trades', data: 101 })
    await paint()
    expect(result.current.data).toEqual([99, 100, 101])
  })

  it('is stale by age, or when the connection is gone, and keeps its data', async () => {
    const { wrapper, receive, paint, pass, server } = stage()
    const { result } = renderHook(() => useChannel<number>('btc', { staleAfter: 3_000 }), { wrapper })
    receive({ type: 'tick', channel: 'btc', data: 1 })
    await paint()
    expect(result.current).toMatchObject({ data: 1, isStale: false })
    await pass(3_100)
    expect(result.current).toMatchObject({ data: 1, isStale: true })
    receive({ type: 'tick', channel: 'btc', data: 2 })
    await paint()
    expect(result.current.isStale).toBe(false)
    await act(async () => server.socket().end())
    await paint()
    expect(result.current).toMatchObject({ data: 2, isStale: true, status: 'waiting' })
  })

  it('leaves out what does not fit its schema, and says so', async () => {
    const { wrapper, receive, paint } = stage()
    const schema = { '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => (typeof value === 'number' ? { value } : { issues: [{ message: 'not a number' }] }) } }
    const { result } = renderHook(() => useChannel<number>('btc', { schema }), { wrapper })
    receive({ type: 'tick', channel: 'btc', data: 1 })
    receive({ type: 'tick', channel: 'btc', data: 'two' })
    await paint()
    expect(result.current).toMatchObject({ data: 1, error: { code: 'UPLINK_MESSAGE_INVALID' } })
  })

  it('throttles what it shows, and ends on the last value', async () => {
    const { wrapper, receive, pass } = stage()
    let renders = 0
    const { result } = renderHook(() => { renders++; return useChannel<number>('btc', { throttle: 500 }) }, { wrapper })
    await pass(1_000)
    const before = renders
    for (let n = 0; n < 20; n++) {
      receive({ type: 'tick', channel: 'btc', data: n })
      await pass(100)
    }
    await pass(1_000)
    expect(renders - before).toBeLessThanOrEqual(6)
    expect(result.current.data).toBe(19)
  })

  it('reports params that conflict instead of throwing', async () => {
    const { wrapper } = stage()
    const { result } = renderHook(() => [useChannel('t', { params: { a: 1 } }), useChannel('t', { params: { a: 2 } })] as const, { wrapper })
    expect(result.current[1].error?.code).toBe('UPLINK_CHANNEL_CONFLICT')
  })

  it('a reduce that throws costs onMessage nothing', async () => {
    const { wrapper, receive } = stage()
    const heard: number[] = []
    renderHook(() => useChannel<number, number>('btc', { initial: 0, reduce: () => { throw new Error('boom') }, onMessage: (data) => heard.push(data) }), { wrapper })
    for (let n = 0; n < 5; n++) receive({ type: 'tick', channel: 'btc', data: n })
    expect(heard).toEqual([0, 1, 2, 3, 4])
  })

  it('a listener that throws is reported and does not stop the data', async () => {
    const { wrapper, receive, paint, uplink } = stage()
    const codes: string[] = []
    uplink.on('error', (error) => codes.push(error.code))
    const { result } = renderHook(() => useChannel<number>('btc', { onMessage: () => { throw new Error('boom') } }), { wrapper })
    receive({ type: 'tick', channel: 'btc', data: 1 })
    receive({ type: 'tick', channel: 'btc', data: 2 })
    await paint()
    expect(result.current.data).toBe(2)
    expect(codes).toEqual(['UPLINK_LISTENER_FAILED'])
  })
})

describe('the other hooks', () => {
  it('useLatency is unknown at first, and known after a heartbeat', async () => {
    const { wrapper, server, platform, pass } = stage({}, { onDial: (socket) => socket.open() })
    const { result } = renderHook(() => useLatency(), { wrapper })
    expect(result.current).toMatchObject({ current: null, quality: 'unknown' })
    platform.clock.advance(40)
    await act(async () => server.socket().receive({ type: 'pong' }))
    expect(result.current).toMatchObject({ current: 40, quality: 'excellent', samples: [40] })
    await act(async () => server.socket().end())
    await pass(1)
    expect(result.current).toMatchObject({ current: null, quality: 'unknown', samples: [40] })
  })

  it('useConnection renders only when what it selects changes', async () => {
    const { wrapper, server } = stage()
    let renders = 0
    const { result } = renderHook(() => { renders++; return useConnection(({ everConnected }) => ({ everConnected })) }, { wrapper })
    const before = renders
    await act(async () => server.socket().end())
    expect(renders).toBe(before)
    expect(result.current).toEqual({ everConnected: true })
  })

  it('useConnectionStats shows counters at most four times a second', async () => {
    const { wrapper, receive, pass } = stage()
    let renders = 0
    const { result } = renderHook(() => { renders++; return useConnectionStats() }, { wrapper })
    const before = renders
    for (let n = 0; n < 100; n++) {
      receive({ type: 'tick', data: n })
      await pass(10)
    }
    expect(renders - before).toBeLessThanOrEqual(5)
    await pass(250)
    expect(result.current.messagesReceived).toBeGreaterThanOrEqual(100)
    expect(result.current.availability).toBe(1)
  })

  it('useConnectionDisplay leaves a short drop unseen', async () => {
    const { wrapper, server, pass } = stage()
    const seen: string[] = []
    renderHook(() => { const { state } = useConnectionDisplay(); if (seen.at(-1) !== state) seen.push(state) }, { wrapper })
    await act(async () => server.socket().end())
    await pass(990)
    await pass(60_000)
    expect(seen.filter((state) => state !== 'disconnected')).toEqual(['connected'])
  })

  it('an explicit uplink wins over the provider', () => {
    const { wrapper } = stage()
    const other = createUplink({ url: 'wss://other.example', platform: createFakePlatform(), transport: scriptedTransport().transport })
    const { result } = renderHook(() => useUplink(other), { wrapper })
    expect(result.current).toBe(other)
  })

  it('a provider never renders its children anew', async () => {
    const { server, uplink } = stage()
    let renders = 0
    function Child() {
      renders++
      return null
    }
    const child = <Child />
    render(<UplinkProvider uplink={uplink}>{child}</UplinkProvider>)
    await act(async () => server.socket().end())
    expect(renders).toBe(1)
  })
})
