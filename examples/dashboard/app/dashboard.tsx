/** The layout: header, market, and the column about the connection. */
import { type ReactNode, useState } from 'react'
import { ConnectionIndicator, ConnectionStatus, ConnectionStatusCard, useChannel } from 'uplink'
import type { Source } from '../shared.ts'
import { BreakIt } from './break-it.tsx'
import { MarketTable } from './market-table.tsx'

type Theme = 'light' | 'dark'

const systemTheme = (): Theme => (window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')

export function Dashboard(): ReactNode {
  const [theme, setTheme] = useState<Theme>(systemTheme)
  const { data: system } = useChannel<{ source: Source }>('system')
  return (
    <div className="page" data-theme={theme}>
      <header className="bar">
        <strong className="brand">uplink <span>live market</span></strong>
        <span className="source" data-testid="source">{system?.source.label ?? 'Waiting for data'}</span>
        <span className="spacer" />
        <button type="button" className="plain" onClick={() => setTheme(theme === 'dark' ? 'light' : 'dark')}>
          {theme === 'dark' ? 'Light' : 'Dark'}
        </button>
        <ConnectionIndicator />
      </header>
      <main className="columns">
        <MarketTable />
        <aside className="side" aria-label="Connection">
          <section className="panel"><ConnectionStatus showDetails /></section>
          <ConnectionStatusCard heading="Market feed" className="wide" />
          <BreakIt />
        </aside>
      </main>
    </div>
  )
}
