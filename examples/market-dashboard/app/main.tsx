/** The page: one uplink that falls back to REST, and the market data service over it. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { UplinkProvider, createUplink } from 'uplink'
import { poll } from 'uplink/fallback'
import { binance, createMarketData, pollStreams } from 'uplink/market'
import { binanceRest } from 'uplink/market/rest'
import 'uplink/styles.css'
import './base.css'
import './panels.css'
import { REST_PATH, STREAM_PATH } from '../shared.ts'
import { Dashboard } from './dashboard.tsx'

const rest = binanceRest({ url: REST_PATH, timeout: 5_000 })
const uplink = createUplink({
  url: STREAM_PATH, protocol: binance(), reconnectInterval: 500, maxReconnectDelay: 3_000, maxReconnectAttempts: Infinity,
  fallback: poll({ ...pollStreams(rest), interval: 2_000, fallbackAfter: 1_000, probeInterval: 3_000 }),
})
createMarketData({ uplink, rest, tickers: 'all', alerts: { staleMs: 6_000 } })

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no #root')
createRoot(root).render(
  <StrictMode>
    <UplinkProvider uplink={uplink}>
      <Dashboard />
    </UplinkProvider>
  </StrictMode>,
)
