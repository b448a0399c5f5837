/** A trading desk: what an application looks like with every part of uplink in its place. */
import { type ReactNode, useState } from 'react'
import { ConnectionBanner, ConnectionIndicator, ConnectionStatusCard, UplinkProvider, useOutbox, useWebSocket } from 'uplink'
import { Application } from './application.tsx'
import { Market } from './market.tsx'
import { FaultBar, useWorld } from './playground.tsx'
import type { World } from './world.ts'

function Orders(): ReactNode {
  const { sendWithAck } = useWebSocket()
  const { queued, inFlight, delivered } = useOutbox()
  const [last, setLast] = useState('')
  const waits = queued + inFlight
  return (
    <section className="p-card" aria-label="Orders">
      <h2>Orders</h2>
      <div className="p-row">
        <p className="p-dim" aria-label="Outbox">{waits > 0 ? `${waits} waiting for the connection` : `${delivered} delivered${last}`}</p>
        <button
          type="button"
          className="p-button p-primary"
          onClick={() => {
            setLast('')
            void sendWithAck({ type: 'order', data: { symbol: 'AAPL', quantity: 1 } }).then(({ latencyMs }) => setLast(latencyMs > 1_000 ? ', the last one after an outage' : ''))
          }}
        >
          Buy 1 AAPL
        </button>
      </div>
    </section>
  )
}

/** The desk alone, over a world that somebody else lets live. */
export function DeskOf({ world }: { readonly world: World }): ReactNode {
  return (
    <UplinkProvider uplink={world.uplink}>
      <Application end={<ConnectionIndicator />} notice={<ConnectionBanner />}>
        <div className="p-titlebar"><h1>Overview</h1><span className="p-dim">Eight symbols, one account</span></div>
        <main className="p-main p-columns">
          <div className="p-column">
            <section className="p-card" aria-label="Quotes"><h2>Quotes</h2><Market /></section>
            <Orders />
          </div>
          <ConnectionStatusCard heading="Market data" />
        </main>
      </Application>
    </UplinkProvider>
  )
}

/** The desk, with what breaks its connection below it. */
export function Desk(): ReactNode {
  const world = useWorld()
  return (
    <div className="p-playground p-wide">
      <DeskOf world={world} />
      <FaultBar world={world} />
    </div>
  )
}
