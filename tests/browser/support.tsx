/** A provider on a scripted server and a virtual clock, in real Chromium. */
import { act } from '@testing-library/react'
import type { ReactNode } from 'react'
import { type Uplink, type UplinkOptions, UplinkProvider, createUplink } from 'uplink'
import { type FakePlatform, type ScriptOptions, type ScriptedTransport, createFakePlatform, scriptedTransport } from 'uplink/testing'

export const friendly: ScriptOptions = {
  onDial: (socket) => socket.open(),
  onSend: (socket, frame) => {
    if (typeof frame !== 'string') return
    if (frame.includes('"type":"ping"')) socket.receive({ type: 'pong' })
    if (frame.includes('"type":"subscribe"')) {
      const { channels } = JSON.parse(frame) as { channels: Array<{ channel: string }> }
      for (const { channel } of channels) socket.receive({ type: 'subscription_confirmed', channel })
    }
  },
}

export interface Stage {
  readonly platform: FakePlatform
  readonly server: ScriptedTransport
  readonly uplink: Uplink
  readonly wrapper: (props: { children: ReactNode }) => ReactNode
  /** Lets virtual time pass and paints, as React's act wants it. */
  readonly pass: (ms: number) => Promise<void>
  readonly receive: (frame: unknown) => void
  readonly paint: () => Promise<void>
}

export function stage(options: Partial<UplinkOptions> = {}, script: ScriptOptions = friendly): Stage {
  const platform = createFakePlatform()
  const server = scriptedTransport(script)
  const uplink = createUplink({ url: 'wss://test.example/ws', platform, transport: server.transport, ...options })
  return {
    platform,
    server,
    uplink,
    wrapper: ({ children }) => <UplinkProvider uplink={uplink}>{children}</UplinkProvider>,
    pass: (ms) => act(async () => { await platform.clock.advanceAsync(ms); platform.paint() }),
    receive: (frame) => server.socket().receive(frame),
    paint: () => act(async () => platform.paint()),
  }
}
