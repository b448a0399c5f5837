/** The layout: watch list, chart, book, trades; and what can be broken. */
import { type ReactNode, useState } from 'react'
import { ConnectionIndicator } from 'uplink'
import { Candles } from './candles.tsx'
import { Footer } from './footer.tsx'
import { OrderBook } from './order-book.tsx'
import { Switchboard } from './switchboard.tsx'
import { TickerBar } from './ticker-bar.tsx'
import { Trades } from './trades.tsx'
import { useServer } from './use-server.ts'
import { useTheme } from './use-theme.ts'
import { WatchList } from './watch-list.tsx'

const NO_SYMBOLS: readonly string[] = []

export function Dashboard(): ReactNode {
  const { server, block } = useServer()
  const [theme, setTheme] = useTheme()
  const [chosen, choose] = useState<string | null>(null)
  const symbols = server?.symbols ?? NO_SYMBOLS
  const symbol = chosen ?? symbols[0] ?? 'BTCUSDT'
  return (
    <div className="page">
      <header className="bar">
        <strong className="brand"><span aria-hidden="true" className="logo" />uplink <span>markets</span></strong>
        <span className="chip">{server?.source ?? 'Connecting'}</span>
        <span className="spacer" />
        <Switchboard blocked={server?.blocked} onBlock={block} />
        <button type="button" className="plain" onClick={() => setTheme(theme === 'dark' ? 'light' : 'dark')}>
          {theme === 'dark' ? 'Light' : 'Dark'}
        </button>
        <ConnectionIndicator />
      </header>
      <main className="grid">
        <WatchList symbols={symbols} chosen={symbol} onChoose={choose} />
        {/* A key for each symbol: what was known of another is never shown beside this one's name. */}
        <section key={symbol} className="market" aria-label={symbol}>
          <TickerBar symbol={symbol} />
          <Candles symbol={symbol} />
          <OrderBook symbol={symbol} />
          <Trades symbol={symbol} />
        </section>
      </main>
      <Footer />
    </div>
  )
}
