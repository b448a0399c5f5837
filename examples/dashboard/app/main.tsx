/** The page: one uplink, provided to everything. */
import { StrictMode, Suspense, lazy } from 'react'
import { createRoot } from 'react-dom/client'
import { UplinkProvider, createUplink, webSocket } from 'uplink'
import { faults } from 'uplink/devtools/faults'
import { uplink as uplinkProtocol } from 'uplink/protocols/uplink'
import 'uplink/styles.css'
import './dashboard.css'
import { PATH } from '../shared.ts'
import { Dashboard } from './dashboard.tsx'

// The panel of the page breaks the server and the path to it; the monitor's breaks this client.
const { transport, controller } = faults(webSocket())
const uplink = createUplink({ url: PATH, protocol: uplinkProtocol(), transport })
// Asked for here although this is a production build, and loaded after the page.
const ConnectionMonitor = lazy(() => import('uplink/devtools').then((module) => ({ default: module.ConnectionMonitor })))
const root = document.getElementById('root')
if (root === null) throw new Error('the page has no #root')
createRoot(root).render(
  <StrictMode>
    <UplinkProvider uplink={uplink}>
      <Dashboard />
      <Suspense><ConnectionMonitor enabled name="Market feed" position="bottom-left" faults={controller} /></Suspense>
    </UplinkProvider>
  </StrictMode>,
)
