/** What is shown while data comes another way, and how the socket gets its chance again. */
import { afterEach, describe, expect, it } from 'vitest'
import { type Uplink, type UplinkOptions, createUplink } from 'uplink'
import { type PollOptions, poll } from 'uplink/fallback'
import { type FakePlatform, type ScriptOptions, createFakePlatform, scriptedTransport } from 'uplink/testing'
import { createChannelView } from '../../src/store/channel-view.ts'
import { confirming } from './support.ts'

let uplinks: Array<{ readonly uplink: Uplink; readonly platform: FakePlatform }> = []
afterEach(() => {
  for (const { uplink, platform } of uplinks) {
    uplink.destroy()
    expect(platform.clock.pending(), 'timers left').toBe(0)
  }
  uplinks = []
})

function setup(options: Partial<PollOptions> & { readonly seed?: number } = {}, { onDial, ...more }: Partial<UplinkOptions> & ScriptOptions = {}) {
  let open = false
  let works = true
  const { seed = 1, ...polling } = options
  const platform = createFakePlatform({ seed })
  const dials: number[] = []
  const server = scriptedTransport({ ...confirming, onDial: onDial ?? ((socket) => { dials.push(platform.now()); if (open) socket.open(); else socket.end() }) })
  let price = 0
  const fallback = poll({ fetch: () => { if (works) return { data: ++price }; throw new Error('down') }, ...polling })
  const uplink = createUplink({ url: 'wss://test.example', platform, transport: server.transport, heartbeat: false, fallback, ...more })
  uplinks.push({ uplink, platform })
  const view = createChannelView<number, number | undefined>({}, { ...uplink, lease: () => uplink.channel('btc') as never })
  const detach = view.attach()
  void uplink.connect()
  const pass = async (ms: number): Promise<void> => {
    await platform.clock.advanceAsync(ms)
    platform.paint()
  }
  return { platform, server, uplink, view, detach, pass, dials, opens: (now: boolean) => { open = now }, restWorks: (now: boolean) => { works = now }, stats: () => uplink.stats.getState().fallback }
}

describe('the view of a channel', () => {
  it('says where its data came from and how old it is: polled, kept when polls fail too, live again', async () => {
    const { platform, server, view, pass, opens, restWorks } = setup()
    await pass(2_500)
    expect(view.getState()).toMatchObject({ data: 1, source: 'fallback', isStale: false, status: 'waiting' })
    const asOf = view.getState().asOf ?? 0
    expect(platform.time() - asOf).toBeLessThan(600)
    restWorks(false)
    await pass(40_000)
    expect(view.getState()).toMatchObject({ data: 1, source: 'cache', isStale: true, asOf })
    opens(true)
    await pass(61_000)
    server.socket().receive({ type: 't', channel: 'btc', data: 99 })
    await pass(16)
    expect(view.getState()).toMatchObject({ data: 99, source: 'live', isStale: false, status: 'live', asOf: null })
  })

  it('calls its data kept from the moment the socket is gone, polled with the first answer, and live once the socket serves it', async () => {
    let up = true
    const { server, view, pass } = setup({ fallbackAfter: 2_000 }, { onDial: (socket) => (up ? socket.open() : socket.end()) })
    await pass(100)
    server.socket().receive({ type: 't', channel: 'btc', data: 41 })
    await pass(16)
    expect(view.getState()).toMatchObject({ data: 41, source: 'live', isStale: false })
    up = false
    server.socket().end()
    await pass(16)
    expect(view.getState()).toMatchObject({ data: 41, source: 'cache', isStale: true, status: 'waiting' })
    await pass(1_800)
    expect(view.getState()).toMatchObject({ data: 41, source: 'cache' })
    await pass(2_000)
    expect(view.getState()).toMatchObject({ data: 1, source: 'fallback', isStale: false })
    up = true
    await pass(61_000)
    server.socket().receive({ type: 't', channel: 'btc', data: 99 })
    await pass(16)
    expect(view.getState()).toMatchObject({ data: 99, source: 'live', isStale: false, status: 'live' })
  })

  it('is not called stale by one poll that fails', async () => {
    const { view, pass, restWorks } = setup({ interval: 5_000 })
    await pass(2_500)
    restWorks(false)
    await pass(5_100)
    expect(view.getState()).toMatchObject({ source: 'fallback', isStale: false })
  })

  it('keeps its last value, marked so, when the connection is given up', async () => {
    const { uplink, view, pass } = setup()
    await pass(2_500)
    uplink.disconnect()
    await pass(16)
    expect(view.getState()).toMatchObject({ data: 1, source: 'cache', isStale: true })
  })
})

describe('the display', () => {
  it('says "delayed" and how often, while polls bring data; what it was when they fail; and connected at once', async () => {
    const { uplink, pass, opens, restWorks } = setup({ interval: 5_000 })
    await pass(2_000)
    expect(uplink.display.getState().state).toBe('connecting')
    await pass(1_200)
    expect(uplink.display.getState()).toMatchObject({ state: 'delayed', cause: 'never_connected', delayed: 5_000, quiet: false })
    expect(uplink.getState()).toMatchObject({ state: 'connecting', delayed: 5_000 })
    restWorks(false)
    await pass(40_000)
    expect(uplink.display.getState()).toMatchObject({ delayed: null })
    expect(uplink.display.getState().state).not.toBe('delayed')
    opens(true)
    await pass(61_000)
    expect(uplink.display.getState()).toMatchObject({ state: 'connected', delayed: null })
    expect(uplink.getState().delayed ?? null).toBeNull()
  })

  it('stays "error" where somebody has to do something, though data is polled', async () => {
    const { uplink, pass, view } = setup({}, { onDial: (socket) => { socket.open(); socket.end({ code: 4403 }) } })
    await pass(5_000)
    expect(view.getState()).toMatchObject({ source: 'fallback', data: 1 })
    expect(uplink.display.getState()).toMatchObject({ state: 'error', delayed: null })
  })
})

describe('good polls grant the socket an attempt', () => {
  it('every three to four seconds, and no more often', async () => {
    const { dials, pass, stats } = setup({}, { jitter: 'none', reconnectInterval: 600_000, maxReconnectDelay: 600_000 })
    await pass(60_000)
    const granted = dials.slice(1)
    const waits = granted.slice(1).map((at, index) => at - (granted[index] ?? 0))
    expect(granted.length).toBeGreaterThanOrEqual(14)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(3_000)
    expect(Math.max(...waits)).toBeLessThanOrEqual(4_001)
    expect(new Set(waits).size).toBeGreaterThan(5)
    expect(stats()?.probes).toBe(granted.length)
  })

  it('so that it is live within five seconds of being unblocked, whenever that is', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { opens, pass, uplink, platform } = setup({ seed })
      await pass(20_000 + 700 * seed)
      opens(true)
      const since = platform.now()
      while (uplink.getState().state !== 'connected' && platform.now() - since < 10_000) await pass(50)
      expect(platform.now() - since, `seed ${seed}`).toBeLessThan(4_100)
    }
  })

  it('without closing the breaker, which lets each through and opens again', async () => {
    const { uplink, pass, dials } = setup({}, { maxReconnectAttempts: 3, jitter: 'none' })
    await pass(60_000)
    expect(uplink.getState()).toMatchObject({ state: 'error', breakerOpen: true })
    expect(uplink.getState().attempt).toBe(dials.length)
    expect(uplink.display.getState().state).toBe('delayed')
  })

  it('not while polls fail, not while the page is hidden, not against what the server asked for', async () => {
    const failing = setup({}, { jitter: 'none', reconnectInterval: 600_000, maxReconnectDelay: 600_000 })
    failing.restWorks(false)
    await failing.pass(60_000)
    expect(failing.dials).toHaveLength(1)
    const hidden = setup({}, { jitter: 'none', reconnectInterval: 600_000, maxReconnectDelay: 600_000 })
    hidden.platform.fire('hidden')
    await hidden.pass(60_000)
    expect(hidden.dials).toHaveLength(1)
    const asked: number[] = []
    const overloaded = setup({}, { onDial: (socket) => { asked.push(1); socket.end({ code: 1013, retryAfterMs: 120_000 }) } })
    await overloaded.pass(60_000)
    expect(asked).toHaveLength(1)
  })

  it('not where probeInterval is Infinity, and not to a socket that is open', async () => {
    const never = setup({ probeInterval: Infinity }, { jitter: 'none', reconnectInterval: 600_000, maxReconnectDelay: 600_000 })
    await never.pass(60_000)
    expect(never.dials).toHaveLength(1)
    const open = setup({ staleAfter: 1_000 })
    open.opens(true)
    await open.pass(60_000)
    expect(open.stats()?.messages).toBeGreaterThan(3)
    expect(open.stats()?.probes).toBe(0)
  })

  it('in place of a handshake that hangs', async () => {
    const dials: number[] = []
    const { pass } = setup({}, { connectTimeout: 600_000, onDial: () => { dials.push(1) } })
    await pass(20_000)
    expect(dials.length).toBeGreaterThanOrEqual(4)
  })
})

describe('a cache', () => {
  it('shows its value until anything newer comes, and is given newer ones, once in five seconds at most', async () => {
    const kept = new Map<string, { data: unknown; at: number }>([['btc', { data: 41, at: 1_000 }]])
    const writes: unknown[] = []
    const cache = { get: async (channel: string) => kept.get(channel), set: (_: string, __: unknown, value: { data: unknown; at: number }) => { writes.push(value.data) } }
    const { pass, view, opens, server, detach, uplink } = setup({ cache })
    opens(true)
    uplink.reconnect()
    await pass(16)
    expect(view.getState()).toMatchObject({ data: 41, source: 'cache', isStale: true, asOf: 1_000, status: 'live' })
    for (let data = 1; data <= 20; data++) {
      server.socket().receive({ type: 't', channel: 'btc', data })
      await pass(500)
    }
    expect(view.getState()).toMatchObject({ data: 20, source: 'live', isStale: false })
    expect(writes).toEqual([1, 11])
    detach()
    await pass(0)
    expect(writes).toEqual([1, 11, 20])
  })

  it('that throws, rejects or lies is reported, and costs nothing else', async () => {
    for (const get of [() => { throw new Error('no') }, () => Promise.reject(new Error('no')), () => 7 as never]) {
      const { pass, view, uplink } = setup({ cache: { get, set: () => { throw new Error('full') } } })
      const errors: string[] = []
      uplink.on('error', ({ code }) => errors.push(code))
      await pass(2_500)
      expect(view.getState()).toMatchObject({ data: 1, source: 'fallback' })
      expect(errors.filter((code) => code === 'UPLINK_LISTENER_FAILED')).toHaveLength(1)
    }
  })
})
