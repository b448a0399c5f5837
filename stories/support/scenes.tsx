/** Every state a connection can be in, reached by a scripted server and a stopped clock. */
import { type ReactNode, useEffect, useState } from 'react'
import { type DisplayState, type Uplink, type UplinkOptions, UplinkProvider, createUplink } from 'uplink'
import { type FakePlatform, type ScriptOptions, type ScriptedTransport, createFakePlatform, scriptedTransport } from 'uplink/testing'

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

/** A server that answers heartbeats after a time that wanders. */
export function answering(options: Partial<UplinkOptions> = {}): Scene {
  let beat = 0
  const scene = build(options, {
    onDial: (socket) => socket.open(),
    onSend: (socket, frame) => {
      if (!String(frame).includes('"ping"')) return
      const roundTripMs = Math.round(38 + 18 * Math.sin(++beat / 3) + (beat % 5) * 7)
      scene.platform.clock.setTimer(() => { if (socket.closed === undefined) socket.receive({ type: 'pong' }) }, roundTripMs)
    },
  })
  return scene
}

/** Lets a quarter of an hour of heartbeats and messages pass. */
function live(scene: Scene, ms = 200_000): Scene {
  void scene.uplink.connect()
  for (let elapsed = 0; elapsed < ms; elapsed += 1_000) {
    for (let n = 0; n < 7; n++) if (scene.uplink.getState().state === 'connected') scene.server.socket().receive({ type: 'tick', data: n })
    scene.platform.clock.advance(1_000)
  }
  return scene
}

function dropped(options: Partial<UplinkOptions>, end: (scene: Scene) => void): Scene {
  let up = true
  const scene: Scene = build({ jitter: 'none', ...options }, {
    onDial: (socket) => (up ? socket.open() : scene.platform.clock.setTimer(() => socket.end(), 10)),
    onSend: (socket, frame) => { if (String(frame).includes('"ping"')) scene.platform.clock.setTimer(() => { if (socket.closed === undefined) socket.receive({ type: 'pong' }) }, 41) },
  })
  live(scene)
  up = false
  end(scene)
  return scene
}

/** A scene for each state that can be shown, and for latency that is not known. */
export const SCENES: Readonly<Record<DisplayState | 'unknown latency', () => Scene>> = {
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
  offline: () => dropped({}, ({ server, platform }) => { platform.fire('offline'); server.socket().end(); platform.clock.advance(8_000) }),
  cooldown: () => dropped({ maxReconnectAttempts: 2 }, ({ server, platform }) => { server.socket().end(); platform.clock.advance(8_000) }),
  error: () => dropped({}, ({ server, platform }) => { server.socket().end({ code: 4403, reason: 'session revoked' }); platform.clock.advance(2_000) }),
}

export const STATES = Object.keys(SCENES) as (keyof typeof SCENES)[]

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
