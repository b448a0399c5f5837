/** Three components over a server that accepts, and is lost for good when the page says so. */
import type { ComponentType } from 'react'
import { createRoot } from 'react-dom/client'
import { UplinkProvider, createUplink } from 'uplink'
import { createFakePlatform, scriptedTransport } from 'uplink/testing'

interface Shown {
  readonly ConnectionIndicator: ComponentType
  readonly ConnectionStatus: ComponentType<{ showDetails: boolean }>
  readonly ConnectionStatusCard: ComponentType<{ heading: string }>
}

export function show({ ConnectionIndicator, ConnectionStatus, ConnectionStatusCard }: Shown): void {
  const platform = createFakePlatform({ seed: 5 })
  const server = scriptedTransport({ onDial: (socket) => socket.open() })
  const uplink = createUplink({ url: 'wss://example.com/ws', platform, transport: server.transport })
  void uplink.connect()
  platform.clock.advance(1_000)
  Object.assign(window, { lose: () => server.socket().end({ code: 4403, reason: 'blocked' }) })
  createRoot(document.body.appendChild(document.createElement('main'))).render(
    <UplinkProvider uplink={uplink}>
      <ConnectionIndicator />
      <ConnectionStatus showDetails />
      <ConnectionStatusCard heading="Prices" />
    </UplinkProvider>,
  )
}
