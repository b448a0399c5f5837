/** The layout: header, market, and the column about the connection. */
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react'
import { ConnectionIndicator, ConnectionStatus, ConnectionStatusCard, useChannel } from 'uplink'
import type { SystemState } from '../shared.ts'
import { BreakIt } from './break-it.tsx'
import { MarketTable } from './market-table.tsx'
import { Orders } from './orders.tsx'

type Theme = 'light' | 'dark'

const DARK = '(prefers-color-scheme: dark)'

const systemTheme = (): Theme => (window.matchMedia(DARK).matches ? 'dark' : 'light')

function onSystemTheme(listener: () => void): () => void {
  const query = window.matchMedia(DARK)
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}

/** Follows the system until somebody chooses. Set on the root, because popovers live outside the page's element. */
function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const system = useSyncExternalStore(onSystemTheme, systemTheme)
  const [chosen, choose] = useState<Theme | null>(null)
  const theme = chosen ?? system
  useEffect(() => { document.documentElement.dataset['theme'] = theme }, [theme])
  return [theme, choose]
}

export function Dashboard(): ReactNode {
  const [theme, setTheme] = useTheme()
  const { data: system } = useChannel<SystemState>('system')
  return (
    <div className="page">
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
          <section className="panel"><ConnectionStatus showDetails className="wide" /></section>
          <ConnectionStatusCard heading="Market feed" className="wide" />
          <Orders />
          <BreakIt />
        </aside>
      </main>
    </div>
  )
}
