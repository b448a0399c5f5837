/** A page that shows every component of the package, and has a part that is loaded later. */
import { type ReactNode, Suspense, lazy, useState } from 'react'
import { createRoot } from 'react-dom/client'
import {
  ConnectionBanner, ConnectionIndicator, ConnectionStatus, ConnectionStatusCard, ConnectionSummary, ConnectionTimeline, Freshness, LatencyChart, SourceBadge,
  UplinkProvider, createUplink,
} from 'uplink'
import { uplink as uplinkProtocol } from 'uplink/protocols/uplink'

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
      <ConnectionBanner grace={0} placement="bottom" />
      <ConnectionIndicator className={className} />
      <ConnectionStatus showDetails />
      <ConnectionStatusCard heading="Prices" />
      <LatencyChart />
      <ConnectionTimeline />
      <Freshness channel="prices"><p>Price 42</p></Freshness>
      <SourceBadge source="live" updatedAt={null} />
      <ConnectionSummary connections={[{ name: 'Prices', uplink }, { name: 'Orders', uplink }]} />
      <OnDemand />
    </UplinkProvider>,
  )
}
