/** A stage whose server a test scripts frame by frame, in real Chromium. */
import { act } from '@testing-library/react'
import type { ReactNode } from 'react'
import { type Uplink, json } from 'uplink'
import { type FakePlatform, type ScriptOptions, type ScriptedTransport, scriptedTransport } from 'uplink/testing'
import { type StageOptions, createStage } from 'uplink/testing/react'

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

export function stage(options: Omit<StageOptions, 'server'> = {}, script: ScriptOptions = friendly): Stage {
  const server = scriptedTransport(script)
  const { uplink, platform, wrapper, pass } = createStage({ url: 'wss://test.example/ws', protocol: json(), transport: server.transport, ...options })
  return {
    platform, server, uplink, wrapper, pass,
    receive: (frame) => server.socket().receive(frame),
    paint: () => act(async () => platform.paint()),
  }
}
