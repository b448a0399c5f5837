/** The last hour of a connection: true to what was shown, bounded, and free for who does not ask. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { connectionRecord, createUplink } from 'uplink'
import { type ScriptOptions, createFakePlatform, scriptedTransport } from 'uplink/testing'

const HOUR = 3_600_000

/** A server that can be taken away; round trips take `roundTripMs`. */
function make(options: object = {}, script: ScriptOptions = {}) {
  const platform = createFakePlatform()
  const control = { up: true, roundTripMs: 40 }
  const server = scriptedTransport({
    onDial: (socket) => (control.up ? socket.open() : platform.clock.setTimer(() => socket.end(), 10)),
    onSend: (socket, frame) => {
      if (String(frame).includes('"ping"')) platform.clock.setTimer(() => { if (socket.closed === undefined) socket.receive({ type: 'pong' }) }, control.roundTripMs)
    },
    ...script,
  })
  const uplink = createUplink({ url: 'wss://test.example', platform, transport: server.transport, jitter: 'none', reconnectInterval: 300, maxReconnectDelay: 1_000, maxReconnectAttempts: Infinity, ...options })
  const pass = (ms: number): void => platform.clock.advance(ms)
  return { platform, server, uplink, pass, control, record: () => connectionRecord(uplink).getState() }
}

const words = (spans: ReadonlyArray<{ readonly state: string }>): string[] => spans.map(({ state }) => state)

describe('the record of a connection', () => {
  it('is one for all who ask, and keeps, hears and sets nothing before it is begun', () => {
    const { uplink, platform, pass, record } = make()
    void uplink.connect()
    pass(60_000)
    const timers = platform.clock.pending()
    expect(connectionRecord(uplink)).toBe(connectionRecord(uplink))
    expect(record()).toMatchObject({ from: 0, until: 0, spans: [], latency: [], p50: null, availability: null })
    expect(platform.clock.pending()).toBe(timers)
  })

  it('costs no timer while nobody listens, and goes on all the same', () => {
    const { uplink, platform, pass, record } = make()
    void uplink.connect()
    pass(1_000)
    const before = platform.clock.pending()
    const stop = connectionRecord(uplink).subscribe(() => undefined)
    expect(platform.clock.pending()).toBe(before + 1)
    stop()
    expect(platform.clock.pending()).toBe(before)
    pass(60_000)
    expect(record().latency.length).toBeGreaterThan(5)
  })

  it('dates an outage from when the socket went, though it is shown a grace later, and says why', () => {
    const { uplink, server, platform, pass, control, record } = make()
    connectionRecord(uplink).begin()
    void uplink.connect()
    pass(30_000)
    control.up = false
    const lostAt = platform.time()
    server.socket().end()
    pass(20_000)
    control.up = true
    pass(10_000)
    const { spans, availability } = record()
    expect(words(spans)).toEqual(['connected', 'reconnecting', 'connected'])
    expect(spans[1]).toMatchObject({ from: lostAt, cause: 'lost' })
    expect(spans[2]?.from).toBe(spans[1]?.to)
    expect(spans[2]?.to).toBeNull()
    const lostMs = (spans[1]?.to ?? 0) - lostAt
    expect(lostMs).toBeGreaterThanOrEqual(20_000)
    expect(availability).toBeCloseTo(1 - lostMs / 60_000, 5)
  })

  it('says of an outage what began it, not what its attempts failed with', () => {
    const { uplink, server, pass, control, record } = make()
    connectionRecord(uplink).begin()
    void uplink.connect()
    pass(30_000)
    control.up = false
    server.socket().end({ code: 1012 })
    pass(10_000)
    expect(uplink.display.getState()).toMatchObject({ state: 'reconnecting', cause: 'unreachable' })
    expect(record().spans[1]).toMatchObject({ state: 'reconnecting', cause: 'restarting' })
  })

  it('counts a drop that was not shown, and takes its time off the availability', () => {
    const { uplink, server, pass, record } = make({ reconnectInterval: 400 })
    connectionRecord(uplink).begin()
    void uplink.connect()
    pass(30_000)
    server.socket().end()
    pass(30_000)
    const { spans, availability } = record()
    expect(words(spans)).toEqual(['connected'])
    expect(spans[0]).toMatchObject({ drops: 1, droppedMs: 400 })
    expect(availability).toBeCloseTo(1 - 400 / 60_000, 5)
  })

  it('knows the states from before it was begun, as they were shown', () => {
    const live = make()
    const late = make()
    connectionRecord(live.uplink).begin()
    for (const { uplink, server, pass, control } of [live, late]) {
      void uplink.connect()
      pass(30_000)
      control.up = false
      server.socket().end()
      pass(8_000)
      control.up = true
      pass(8_000)
      server.socket().end()
      pass(8_000)
      uplink.disconnect()
      pass(8_000)
    }
    connectionRecord(late.uplink).begin()
    expect(words(live.record().spans)).toEqual(['connected', 'reconnecting', 'connected', 'disconnected'])
    expect(late.record().spans).toEqual(live.record().spans)
    expect(late.record().spans[2]).toMatchObject({ drops: 1 })
    expect(late.record().latency).toEqual([])
  })

  it('shows the same of any life, whether it was there from the start or came at the end', () => {
    const event = fc.record({ what: fc.constantFrom('drop', 'outage', 'disconnect', 'connect'), ms: fc.integer({ min: 100, max: 20_000 }) })
    fc.assert(fc.property(fc.array(event, { minLength: 1, maxLength: 12 }), (events) => {
      const [live, late] = [make(), make()]
      connectionRecord(live.uplink).begin()
      for (const { uplink, server, pass, control } of [live, late]) {
        void uplink.connect().catch(() => undefined)
        pass(5_000)
        for (const { what, ms } of events) {
          control.up = what !== 'outage'
          if (what === 'disconnect') uplink.disconnect()
          else if (what === 'connect') void uplink.connect().catch(() => undefined)
          else if (uplink.getState().state === 'connected') server.socket().end()
          pass(ms)
        }
      }
      connectionRecord(late.uplink).begin()
      // The history is shorter than an hour can be eventful; what it holds has to agree.
      if (late.uplink.history.getState().length < 100) expect(late.record().spans).toEqual(live.record().spans)
      const { spans } = live.record()
      spans.slice(1).forEach(({ from }, index) => expect(from).toBe(spans[index]?.to))
    }), { numRuns: 60 })
  })

  it('gathers ten seconds of round trips into a point, and leaves out those without', () => {
    const { uplink, server, pass, control, record } = make({ heartbeatInterval: 1_000 })
    connectionRecord(uplink).begin()
    void uplink.connect()
    pass(30_000)
    control.roundTripMs = 500
    pass(30_000)
    control.up = false
    server.socket().end()
    pass(60_000)
    control.up = true
    pass(30_000)
    const { latency, p50, p95, highest } = record()
    const steps = latency.map(({ at }, index) => at - (latency[index - 1]?.at ?? at - 10_000))
    expect(steps.filter((ms) => ms !== 10_000)).toHaveLength(1)
    expect(latency.every(({ low, median, high }) => low <= median && median <= high)).toBe(true)
    expect(latency[0]).toMatchObject({ low: 40, median: 40, high: 40 })
    expect([p50, p95, highest]).toEqual([500, 500, 500])
  })

  it('forgets what is older than an hour, and stays bounded whatever happens', () => {
    const { uplink, server, pass, control, record } = make({ heartbeatInterval: 500, display: { grace: 0, dwell: 0 } })
    connectionRecord(uplink).begin()
    void uplink.connect()
    for (let n = 0; n < 600; n++) {
      control.up = false
      server.socket().end()
      pass(1_000)
      control.up = true
      pass(2_000)
    }
    expect(record().spans).toHaveLength(1_000)
    pass(2 * HOUR)
    const { from, until, spans, latency } = record()
    expect(until - from).toBe(HOUR)
    expect(words(spans)).toEqual(['connected'])
    expect(latency).toHaveLength(360)
    expect(latency[0]?.at).toBeGreaterThanOrEqual(from)
  })

  it('is the same object until something changes or ten seconds have passed', () => {
    const { uplink, pass, record } = make({ heartbeat: false })
    connectionRecord(uplink).begin()
    void uplink.connect()
    pass(12_000)
    const first = record()
    pass(5_000)
    expect(record()).toBe(first)
    pass(5_000)
    expect(record()).not.toBe(first)
  })

  it('tells listeners of a change in the next frame, not ten seconds later', () => {
    const { uplink, platform, pass } = make()
    void uplink.connect()
    pass(1_000)
    const told: string[] = []
    connectionRecord(uplink).subscribe(({ spans }) => told.push(spans.at(-1)?.state ?? 'none'))
    uplink.disconnect()
    platform.paint()
    expect(told).toEqual(['disconnected'])
  })
})
