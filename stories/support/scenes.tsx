/** Every state a connection can be in, reached by a scripted server and a stopped clock. */
import { type ReactNode, useEffect, useState } from 'react'
import { type Connection, type ConnectionSnapshot, type DisplayState, type Frame, type Uplink, type UplinkOptions, UplinkProvider, createUplink } from 'uplink'
import { uplink as uplinkProtocol } from 'uplink/protocols/uplink'
import { type FakePlatform, type ScriptOptions, type ScriptedSocket, type ScriptedTransport, createFakePlatform, scriptedTransport } from 'uplink/testing'

export interface Scene {
  readonly platform: FakePlatform
  readonly server: ScriptedTransport
  readonly uplink: Uplink
}

const HOUR_MS = 3_600_000

function build(options: Partial<UplinkOptions> = {}, script: ScriptOptions = {}): Scene {
  const platform = createFakePlatform({ seed: 5 })
  const server = scriptedTransport(script)
  const uplink = createUplink({ url: 'wss://example.com/ws', platform, transport: server.transport, connectionGrace: HOUR_MS, ...options })
  return { platform, server, uplink }
}

/** Answers heartbeats after a time that wanders. */
function answersPings(scene: () => Scene): (socket: ScriptedSocket, frame: Frame) => void {
  let beat = 0
  return (socket, frame) => {
    if (!String(frame).includes('"ping"')) return
    const roundTripMs = Math.round(38 + 18 * Math.sin(++beat / 3) + (beat % 5) * 7)
    scene().platform.clock.setTimer(() => { if (socket.closed === undefined) socket.receive({ type: 'pong' }) }, roundTripMs)
  }
}

/** A server that is well. */
export function answering(options: Partial<UplinkOptions> = {}): Scene {
  const scene: Scene = build(options, { onDial: (socket) => socket.open(), onSend: answersPings(() => scene) })
  return scene
}

/** Lets a quarter of an hour of heartbeats and messages pass. */
function live(scene: Scene, ms = 200_000): Scene {
  void scene.uplink.connect()
  for (let elapsed = 0; elapsed < ms; elapsed += 1_000) {
    for (let n = 0; n < 7; n++) if (scene.uplink.getState().state === 'connected') scene.server.socket().receive({ type: 'tick', data: n })
    scene.platform.clock.advance(1_000)
    // Rates are measured from one look to the next.
    scene.uplink.stats.getState()
  }
  return scene
}

function dropped(options: Partial<UplinkOptions>, end: (scene: Scene) => void): Scene {
  let up = true
  const scene: Scene = build({ jitter: 'none', ...options }, {
    onDial: (socket) => (up ? socket.open() : scene.platform.clock.setTimer(() => socket.end(), 10)),
    onSend: answersPings(() => scene),
  })
  live(scene)
  up = false
  end(scene)
  return scene
}

/** A server of `uplink.v1` whose channel "prices" stands at 5,000 and that, after an outage, is slow to send what was missed. */
export function resuming(): Scene {
  let dials = 0
  const answerPing = answersPings(() => scene)
  const onSend = (socket: ScriptedSocket, frame: Frame): void => {
    answerPing(socket, frame)
    const { type, channels = [] } = JSON.parse(String(frame)) as { type: string; channels?: Array<{ channel: string; recover?: unknown }> }
    if (type === 'hello') socket.receive({ type: 'connection', version: 1, session: `session-${dials}`, serverTime: 0, resultsEpoch: 'results' })
    for (const { channel, recover } of type === 'subscribe' ? channels : []) {
      const recovered = recover !== undefined
      socket.receive({ type: 'subscription_confirmed', channel, stream: channel, epoch: 'epoch', offset: 5_000, top: recovered ? 5_400 : 5_000, recovered })
    }
  }
  const scene: Scene = build({ jitter: 'none', protocol: uplinkProtocol() }, { onDial: (socket) => { if (++dials !== 2) socket.open() }, onSend })
  scene.uplink.channel('prices')
  return scene
}

/** A connection beside which data comes by polling, every so many ms, whenever it is not open. */
function delayedBy(everyMs: number, connection: Connection): Connection {
  const snapshot = (): ConnectionSnapshot => {
    const now = connection.snapshot()
    return now.attempt > 0 ? { ...now, delayed: everyMs } : now
  }
  return Object.assign(Object.create(connection) as Connection, { snapshot })
}

/** A connection that is well until its server is away, which is as soon as its socket is; `admit` brings the server back. */
export function outageOf(options: Partial<UplinkOptions> = {}): Scene & { readonly server: { admit(): void } } {
  let dials = 0
  let isAway = true
  const scene = build({ jitter: 'none', ...options }, {
    onDial: (socket) => (++dials === 1 || !isAway ? socket.open() : socket.end()),
    onSend: answersPings(() => scene),
  })
  void scene.uplink.connect()
  scene.platform.clock.advance(10_000)
  return { ...scene, server: { ...scene.server, admit: () => { isAway = false } } }
}

/** The state that a scene shows, or what is special about it. */
export type SceneName = DisplayState | 'unknown latency'

/** A scene for each state that can be shown, and for latency that is not known. */
export const SCENES: Readonly<Record<SceneName, () => Scene>> = {
  disconnected: () => {
    const scene = build()
    scene.uplink.disconnect()
    return scene
  },
  connecting: () => {
    const scene = build()
    void scene.uplink.connect()
    scene.platform.clock.advance(2_000)
    return scene
  },
  connected: () => live(answering()),
  'unknown latency': () => live(build({}, { onDial: (socket) => socket.open() })),
  reconnecting: () => dropped({ reconnectInterval: 14_000 }, ({ server, platform }) => { server.socket().end(); platform.clock.advance(2_000) }),
  disconnecting: () => dropped({ closeTimeout: 60_000 }, ({ uplink }) => uplink.disconnect({ graceful: true })),
  catching_up: () => {
    const scene = live(resuming())
    scene.server.socket().end()
    scene.platform.clock.advance(25_000)
    return scene
  },
  offline: () => dropped({}, ({ server, platform }) => { platform.fire('offline'); server.socket().end(); platform.clock.advance(8_000) }),
  delayed: () => {
    const scene = build({ fallback: { over: (create, options) => delayedBy(5_000, create(options)) } }, { onDial: (socket) => socket.end() })
    void scene.uplink.connect()
    scene.platform.clock.advance(4_000)
    return scene
  },
  cooldown: () => dropped({ maxReconnectAttempts: 2 }, ({ server, platform }) => { server.socket().end(); platform.clock.advance(8_000) }),
  error: () => dropped({}, ({ server, platform }) => { server.socket().end({ code: 4403, reason: 'session revoked' }); platform.clock.advance(2_000) }),
}

/** Five situations that look alike on the wire, and must not on the screen. */
export const SITUATIONS = {
  'device offline': SCENES.offline,
  'server gone': () => dropped({ reconnectInterval: 14_000 }, ({ server, platform }) => { server.socket().end(); platform.clock.advance(20_000) }),
  'token expired': () => dropped({}, ({ server, platform }) => {
    // The credentials are asked for once more, and void once more.
    for (let attempt = 0; attempt < 2; attempt++) {
      server.socket().end({ code: 4401, reason: 'token expired' })
      platform.clock.advance(2_000)
    }
  }),
  'server overloaded': () => dropped({}, ({ server, platform }) => { server.socket().end({ code: 1013, reason: 'try later' }); platform.clock.advance(2_000) }),
  'never connected': () => {
    const scene = build({ jitter: 'none', reconnectInterval: 14_000 }, { onDial: (socket) => socket.end() })
    void scene.uplink.connect()
    scene.platform.clock.advance(3_000)
    return scene
  },
} as const satisfies Record<string, () => Scene>

/** THE list of states, for all stories and tests. */
export const STATES = Object.keys(SCENES) as SceneName[]

/** Shows `children` under the uplink of a scene, made once. */
export function SceneProvider({ scene: make, children }: { readonly scene: () => Scene; readonly children: ReactNode }): ReactNode {
  const [scene] = useState(make)
  return <UplinkProvider uplink={scene.uplink}>{children}</UplinkProvider>
}

/** Lets the scene's clock follow the real one, so that it lives. */
export function LiveProvider({ scene: make, children }: { readonly scene: () => Scene; readonly children: ReactNode }): ReactNode {
  const [scene] = useState(make)
  useEffect(() => {
    const timer = setInterval(() => scene.platform.clock.advance(100), 100)
    return () => clearInterval(timer)
  }, [scene])
  return <UplinkProvider uplink={scene.uplink}>{children}</UplinkProvider>
}
