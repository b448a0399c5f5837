/** The page: one uplink, provided to everything. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { UplinkProvider, createUplink } from 'uplink'
import { uplink as uplinkProtocol } from 'uplink/protocols/uplink'
import 'uplink/styles.css'
import './dashboard.css'
import { PATH } from '../shared.ts'
import { Dashboard } from './dashboard.tsx'

const uplink = createUplink({ url: PATH, protocol: uplinkProtocol() })
const root = document.getElementById('root')
if (root === null) throw new Error('the page has no #root')
createRoot(root).render(
  <StrictMode>
    <UplinkProvider uplink={uplink}>
      <Dashboard />
    </UplinkProvider>
  </StrictMode>,
)
