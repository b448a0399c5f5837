/** A page that shows every component of the package, and has a part that is loaded later. */
import { type ReactNode, Suspense, lazy, useState } from 'react'
import { createRoot } from 'react-dom/client'
import * as Uplink from 'uplink'
import { uplink as uplinkProtocol } from 'uplink/protocols/uplink'

const { ConnectionIndicator, ConnectionStatus, ConnectionStatusCard, ConnectionTimeline, Freshness, LatencyChart, UplinkProvider, createUplink } = Uplink

const Later = lazy(() => import('./later.tsx').then(({ Report }) => ({ default: Report })))

function OnDemand(): ReactNode {
  const [wanted, setWanted] = useState(false)
  return <><button type="button" onClick={() => setWanted(true)}>Report</button>{wanted && <Suspense fallback="loading"><Later /></Suspense>}</>
}

/** Renders the page; `className` is what the host adds to the indicator. */
export function start(className = ''): void {
  const uplink = createUplink({
    url: '/ws', protocol: uplinkProtocol(), heartbeatInterval: 500, reconnectInterval: 300, jitter: 'none', maxReconnectAttempts: 3,
    display: { grace: 0, dwell: 0 },
  })
  createRoot(document.querySelector('main') as HTMLElement).render(
    <UplinkProvider uplink={uplink}>
      <ConnectionIndicator className={className} />
      <ConnectionStatus showDetails />
      <ConnectionStatusCard heading="Prices" />
      <LatencyChart />
      <ConnectionTimeline />
      <Freshness channel="prices"><p>Price 42</p></Freshness>
      <OnDemand />
    </UplinkProvider>,
  )
}
