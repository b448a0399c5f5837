/** A trading desk: what an application looks like with every part of uplink in its place. */
import { type ReactNode, useState } from 'react'
import { ConnectionIndicator, ConnectionStatusCard, UplinkProvider, useOutbox, useWebSocket } from 'uplink'
import { Application } from './application.tsx'
import { Market } from './market.tsx'
import { FaultBar, useWorld } from './playground.tsx'

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

/** The desk, with what breaks its connection below it. */
export function Desk({ faults = true }: { readonly faults?: boolean }): ReactNode {
  const world = useWorld()
  return (
    <UplinkProvider uplink={world.uplink}>
      <div className="p-playground p-wide">
        <Application end={<ConnectionIndicator />}>
          <main className="p-main p-columns">
            <div className="p-column">
              <section className="p-card" aria-label="Quotes"><h2>Quotes</h2><Market /></section>
              <Orders />
            </div>
            <ConnectionStatusCard heading="Market data" />
          </main>
        </Application>
        {faults && <FaultBar world={world} />}
      </div>
    </UplinkProvider>
  )
}
