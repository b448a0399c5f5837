/** A market, as an application shows it: rows that change, and that say so when they are old. */
import type { ReactNode } from 'react'
import { Freshness, useChannel } from 'uplink'
import { type Quote, SYMBOLS } from './world.ts'

const none: Readonly<Record<string, Quote>> = {}
const FORMATS = [2, 4].map((digits) => new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }))
const priceOf = (price: number): string => (price < 10 ? FORMATS[1] : FORMATS[0])?.format(price) ?? ''

function Row({ symbol, quote }: { readonly symbol: string; readonly quote: Quote | undefined }): ReactNode {
  const change = quote?.change ?? 0
  return (
    <tr>
      <td>{symbol}</td>
      <td>{quote === undefined ? '–' : priceOf(quote.price)}</td>
      <td className={change < 0 ? 'p-down' : 'p-up'}>{quote === undefined ? '–' : `${change < 0 ? '▼' : '▲'} ${Math.abs(change).toFixed(2)} %`}</td>
    </tr>
  )
}

/** A table of quotes, faded and stamped while the data is old. */
export function Market({ symbols = Object.keys(SYMBOLS) }: { readonly symbols?: readonly string[] }): ReactNode {
  const { data } = useChannel<readonly Quote[], Readonly<Record<string, Quote>>>('quotes', {
    initial: none, reduce: (known, quotes) => ({ ...known, ...Object.fromEntries(quotes.map((quote) => [quote.symbol, quote])) }),
  })
  return (
    <Freshness channel="quotes" staleAfter={4_000}>
      <table className="p-table">
        <thead><tr><th scope="col">Symbol</th><th scope="col">Price</th><th scope="col">Today</th></tr></thead>
        <tbody>{symbols.map((symbol) => <Row key={symbol} symbol={symbol} quote={data[symbol]} />)}</tbody>
      </table>
    </Freshness>
  )
}
