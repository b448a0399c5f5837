import { describe, expect, it } from 'vitest'
import { uplink } from 'uplink/protocols/uplink'
import type { ScriptOptions } from 'uplink/testing'
import { rig } from './support.ts'
import { GREETING } from './uplink-rig.ts'

/** A server whose answers take `roundTripMs` on the rig's clock, until `cut` makes it silent. */
function distant(roundTripMs: (ping: number) => number): { script: ScriptOptions; clock: { later: (run: () => void, ms: number) => void }; cut: () => void } {
  const clock = { later: (run: () => void, _ms: number) => run() }
  let silent = false
  let pings = 0
  return {
    clock,
    cut: () => { silent = true },
    script: {
      onDial: (socket) => { if (!silent) socket.open() },
      onSend: (socket) => {
        if (!silent) clock.later(() => { if (!silent && socket.closed === undefined) socket.receive({ type: 'pong' }) }, roundTripMs(pings++))
      },
    },
  }
}

function detectionMs(options: object, roundTripMs: number, cutAt: number): number {
  const far = distant(() => roundTripMs)
  const { platform, connection } = rig(options, far.script)
  far.clock.later = (run, ms) => platform.clock.setTimer(run, ms)
  void connection.connect()
  platform.clock.advance(cutAt)
  expect(connection.snapshot().state).toBe('connected')
  far.cut()
  const from = platform.clock.now()
  while (connection.snapshot().state === 'connected') platform.clock.advance(10)
  return platform.clock.now() - from
}

describe('a half-open link', () => {
  it('is noticed within 10 s by default, whenever it goes silent', () => {
    for (let cutAt = 10_000; cutAt < 16_000; cutAt += 137) expect(detectionMs({}, 20, cutAt)).toBeLessThanOrEqual(10_000)
  })

  it('is noticed within 2.2 s at 1 s + 1 s', () => {
    const fast = { heartbeatInterval: 1_000, heartbeatTimeout: 1_000 }
    for (let cutAt = 5_000; cutAt < 7_000; cutAt += 53) expect(detectionMs(fast, 20, cutAt)).toBeLessThanOrEqual(2_200)
  })

  it('is noticed within 10 s by default on a slow link too', () => {
    expect(detectionMs({}, 900, 30_000)).toBeLessThanOrEqual(10_000)
  })

  it('is reported once, and dialed again', () => {
    const far = distant(() => 20)
    const { platform, connection, server, log } = rig({}, far.script)
    far.clock.later = (run, ms) => platform.clock.setTimer(run, ms)
    void connection.connect()
    platform.clock.advance(6_000)
    far.cut()
    platform.clock.advance(12_000)
    expect(log.filter((name) => name === 'heartbeatTimeout')).toHaveLength(1)
    expect(server.sockets.length).toBeGreaterThan(1)
    expect(server.alive()).toBe(1)
  })
})

describe('a live link is never declared dead', () => {
  const fast = { heartbeatInterval: 1_000, heartbeatTimeout: 1_000 }

  it('with 900 ms round trips that vary', () => {
    const far = distant((ping) => 800 + ((ping * 37) % 200))
    const { platform, connection, log } = rig(fast, far.script)
    far.clock.later = (run, ms) => platform.clock.setTimer(run, ms)
    void connection.connect()
    platform.clock.advance(600_000)
    expect(log).not.toContain('heartbeatTimeout')
    expect(connection.latency().average).toBeGreaterThan(700)
  })

  it('by a 5 s stall of the event loop at any moment', () => {
    for (let at = 3_000; at < 5_000; at += 97) {
      const far = distant(() => 30)
      const { platform, connection, log } = rig(fast, far.script)
      far.clock.later = (run, ms) => platform.clock.setTimer(run, ms)
      void connection.connect()
      platform.clock.advance(at)
      platform.clock.stall(5_000)
      platform.clock.advance(20_000)
      expect(log).not.toContain('heartbeatTimeout')
    }
  })

  it('by a stall whose answers come only some time after it', () => {
    let held = false
    const { platform, connection, server, log } = rig(fast, {
      onDial: (socket) => socket.open(),
      onSend: (socket) => { if (!held) socket.receive({ type: 'pong' }) },
    })
    void connection.connect()
    platform.clock.advance(3_500)
    held = true
    platform.clock.advance(600)
    platform.clock.stall(5_000)
    platform.clock.advance(300)
    server.socket().receive({ type: 'pong' })
    held = false
    platform.clock.advance(20_000)
    expect(log).not.toContain('heartbeatTimeout')
  })

  it('nor even doubted, when its answer was queued behind the late timer', () => {
    let held = false
    const { platform, connection, server } = rig(fast, {
      onDial: (socket) => socket.open(),
      onSend: (socket) => { if (!held) socket.receive({ type: 'pong' }) },
    })
    void connection.connect()
    platform.clock.advance(3_500)
    held = true
    platform.clock.advance(600)
    const pinged = server.socket().sent.length
    // Behind the heartbeat's timer in the queue of the event loop, as a frame is that came in during a stall.
    let doubted = Number.NaN
    platform.clock.setTimer(() => {
      doubted = server.socket().sent.length - pinged
      server.socket().receive({ type: 'pong' })
    }, 4_900)
    platform.clock.stall(5_000)
    expect(doubted).toBe(0)
    expect(connection.latency().current).toBeGreaterThan(4_000)
  })

  it('by a jump of the wall clock, either way', () => {
    for (const jump of [3_600_000, -3_600_000, 6_000, -6_000]) {
      const far = distant(() => 30)
      const { platform, connection, log, server } = rig({}, far.script)
      far.clock.later = (run, ms) => platform.clock.setTimer(run, ms)
      void connection.connect()
      platform.clock.advance(7_000)
      platform.clock.jump(jump)
      platform.clock.advance(60_000)
      expect(log).not.toContain('heartbeatTimeout')
      expect(server.sockets).toHaveLength(1)
    }
  })

  it('for not answering pings, if it never has', () => {
    const { platform, connection, log } = rig({}, { onDial: (socket) => socket.open() })
    void connection.connect()
    platform.clock.advance(120_000)
    expect(connection.snapshot().state).toBe('connected')
    expect(connection.latency()).toMatchObject({ current: null, quality: 'unknown' })
    expect(log).not.toContain('heartbeatTimeout')
  })

  it('while data arrives, though no ping is answered any more', () => {
    let answers = true
    const { platform, connection, server, log } = rig({}, {
      onDial: (socket) => socket.open(),
      onSend: (socket) => { if (answers) socket.receive({ type: 'pong' }) },
    })
    void connection.connect()
    answers = false
    for (let second = 0; second < 60; second++) {
      platform.clock.advance(1_000)
      server.socket().receive({ type: 'tick', data: second })
    }
    expect(log).not.toContain('heartbeatTimeout')
  })
})

describe('strictness and silence', () => {
  it('a required heartbeat declares a server dead that never answered', () => {
    const { platform, connection, log } = rig({ heartbeat: { required: true } }, { onDial: (socket) => socket.open() })
    void connection.connect()
    platform.clock.advance(8_100)
    expect(log).toContain('heartbeatTimeout')
  })

  it.each([[true, true], [{ required: true }, true], [{ required: false }, false], [{}, true]])(
    'a protocol whose servers must answer pings requires the heartbeat, unless the options do not (%j)', (heartbeat, dead) => {
      const { platform, connection, log } = rig({ protocol: uplink(), heartbeat }, {
        onDial: (socket) => socket.open(),
        onSend: (socket, frame) => { if (String(frame).includes('"hello"')) socket.receive(GREETING) },
      })
      void connection.connect()
      platform.clock.advance(8_100)
      expect(log.includes('heartbeatTimeout')).toBe(dead)
    })

  it('no ping is sent when the heartbeat is off', () => {
    const { platform, connection, server } = rig({ heartbeat: false })
    void connection.connect()
    platform.clock.advance(60_000)
    expect(server.socket().sent).toEqual([])
    expect(platform.clock.pending()).toBe(0)
  })

  it('in a tab whose timers run once a minute a dead link is found by the second timer', () => {
    const far = distant(() => 20)
    const { platform, connection, log } = rig({}, far.script)
    far.clock.later = (run, ms) => platform.clock.setTimer(run, ms)
    void connection.connect()
    platform.clock.advance(6_000)
    far.cut()
    for (let minute = 0; minute < 3; minute++) platform.clock.stall(60_000)
    expect(log).toContain('heartbeatTimeout')
  })
})
