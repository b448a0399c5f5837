/** The page: one uplink, provided to everything. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { UplinkProvider, createUplink } from 'uplink'
import 'uplink/styles.css'
import './dashboard.css'
import { Dashboard } from './dashboard.tsx'

const uplink = createUplink({ url: '/ws/market' })
const root = document.getElementById('root')
if (root === null) throw new Error('the page has no #root')
createRoot(root).render(
  <StrictMode>
    <UplinkProvider uplink={uplink}>
      <Dashboard />
    </UplinkProvider>
  </StrictMode>,
)
