/** How the service fares: where data comes from, and the figures that an operator asks for. */
import { type ReactNode, useEffect, useState } from 'react'
import type { MarketMetrics, MarketStatus } from 'uplink/market'
import { useMarketData } from 'uplink/market/react'

const SOURCES: Readonly<Record<MarketStatus['source'], string>> = { live: 'Streaming', fallback: 'Polling REST every 2 s', cache: 'No data comes in' }

const ALERTS: Readonly<Record<MarketStatus['alerts'][number]['kind'], string>> = { latency: 'slow link', errors: 'many errors', staleness: 'nothing heard' }

/** Status and metrics, once a second. */
function useFigures(): readonly [MarketStatus, MarketMetrics] {
  const market = useMarketData()
  const [figures, setFigures] = useState(() => [market.getStatus(), market.getMetrics()] as const)
  useEffect(() => market.subscribe((status, metrics) => setFigures([status, metrics])), [market])
  return figures
}

export function Footer(): ReactNode {
  const market = useMarketData()
  const [{ source, alerts }, { messageRate, latency, usedWeight, reconnections, errorCount, requests, feeds }] = useFigures()
  // What a socket took that is gone says nothing about now.
  const isKnown = source === 'live' && latency !== null
  const facts: ReadonlyArray<readonly [string, string]> = [
    ['Messages', `${Math.round(messageRate)}/s`], ['Latency', isKnown ? `${Math.round(latency)} ms` : '–'], ['Feeds', String(feeds)],
    ['REST requests', String(requests)], ['REST weight', usedWeight === null ? '–' : String(usedWeight)], ['Reconnections', String(reconnections)], ['Errors', String(errorCount)],
  ]
  return (
    <footer className="foot" data-source={source}>
      <strong data-testid="source">{SOURCES[source]}</strong>
      {alerts.map(({ kind }) => <span key={kind} className="alert" role="status">{ALERTS[kind]}</span>)}
      <dl>{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd className="number">{value}</dd></div>)}</dl>
      <span className="spacer" />
      <button type="button" className="plain" onClick={() => market.forceReconnect()}>Reconnect now</button>
    </footer>
  )
}
