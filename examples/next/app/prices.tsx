'use client'
import type { ReactNode } from 'react'
import { useChannel } from 'uplink'
import { type Price, merge } from './price.ts'

/** The table that the server has rendered, and that goes on live. */
export function Prices({ initial }: { readonly initial: readonly Price[] }): ReactNode {
  const { data, status } = useChannel<readonly Price[], readonly Price[]>('prices', { initial, reduce: merge })
  return (
    <table data-status={status}>
      <caption>Prices</caption>
      <thead><tr><th scope="col">Symbol</th><th scope="col">Bid</th></tr></thead>
      <tbody>
        {data.map(({ symbol, bid }) => <tr key={symbol}><th scope="row">{symbol}</th><td>{bid.toFixed(2)}</td></tr>)}
      </tbody>
    </table>
  )
}
