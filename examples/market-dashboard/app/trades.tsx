/** What was traded last, newest first. A hole that could not be filled is said. */
import { type ReactNode, memo } from 'react'
import { Freshness, SourceBadge } from 'uplink'
import type { AggTrade } from 'uplink/market'
import { ageOfResult, useTrades } from 'uplink/market/react'
import { timeOfDay } from './numbers.ts'

const SHOWN = 40

const TradeRow = memo(function TradeRow({ trade }: { readonly trade: AggTrade }): ReactNode {
  return (
    <tr data-id={trade.id}>
      <td className="number" data-direction={trade.isBuyerMaker ? 'down' : 'up'}>{trade.price}</td>
      <td className="number">{trade.quantity}</td>
      <td className="number soft"><time dateTime={new Date(trade.time).toISOString()}>{timeOfDay(trade.time)}</time></td>
    </tr>
  )
})

export function Trades({ symbol }: { readonly symbol: string }): ReactNode {
  const result = useTrades(symbol, { limit: SHOWN })
  const { data, source, updatedAt, error } = result
  return (
    <section className="panel trades" aria-label="Trades" data-testid="trades" data-source={source}>
      <div className="head"><h2>Trades</h2><SourceBadge source={source} updatedAt={updatedAt} /></div>
      {error !== null && <p className="notice" role="status">{error.message}</p>}
      <Freshness channel={ageOfResult(result)} className="fill">
        <div className="scroll" role="region" aria-label="Last trades" tabIndex={0}>
          <table>
            <thead><tr><th scope="col">Price</th><th scope="col">Quantity</th><th scope="col">Time</th></tr></thead>
            <tbody>{(data ?? []).toReversed().map((trade) => <TradeRow key={trade.id} trade={trade} />)}</tbody>
          </table>
          {data === null && <p className="empty">Waiting for trades</p>}
        </div>
      </Freshness>
    </section>
  )
}
