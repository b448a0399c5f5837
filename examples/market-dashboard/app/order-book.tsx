/** The order book: asks above, bids below, what lies between, and how much is offered up to each level. */
import { type ReactNode, memo } from 'react'
import { Freshness, SourceBadge } from 'uplink'
import { type Level, toNumber } from 'uplink/market'
import { ageOfResult, useOrderBook } from 'uplink/market/react'
import { amount, pairOf } from './numbers.ts'

const DEPTH = 14

interface LevelRowProps {
  readonly level: Level
  /** Quantity up to and with this level, as a share of the deepest. */
  readonly share: number
  readonly total: string
}

const LevelRow = memo(function LevelRow({ level: [price, quantity], share, total }: LevelRowProps): ReactNode {
  return (
    <tr style={{ '--share': `${(share * 100).toFixed(1)}%` } as React.CSSProperties}>
      <td className="number">{price}</td>
      <td className="number">{quantity}</td>
      <td className="number">{total}</td>
    </tr>
  )
})

/** Levels with the quantity up to each. */
function cumulated(levels: readonly Level[]): ReadonlyArray<{ readonly level: Level; readonly sum: number }> {
  let sum = 0
  return levels.map((level) => {
    sum += toNumber(level[1])
    return { level, sum }
  })
}

/** What lies between the best prices, in the quote and in hundredths of a percent. */
function spreadOf(bid: Level | undefined, ask: Level | undefined): string {
  if (bid === undefined || ask === undefined) return '–'
  const [low, high] = [toNumber(bid[0]), toNumber(ask[0])]
  const places = ask[0].split('.')[1]?.length ?? 0
  return `${(high - low).toFixed(places)} · ${(((high - low) / high) * 10_000).toFixed(1)} bp`
}

export function OrderBook({ symbol }: { readonly symbol: string }): ReactNode {
  const result = useOrderBook(symbol, { depth: DEPTH })
  const { data, source, updatedAt, error } = result
  const [asks, bids] = [cumulated(data?.asks ?? []), cumulated(data?.bids ?? [])]
  const most = Math.max(asks.at(-1)?.sum ?? 0, bids.at(-1)?.sum ?? 0, Number.MIN_VALUE)
  const side = (name: string, levels: typeof asks): ReactNode => (
    <tbody className={name} data-testid={name}>
      {levels.map(({ level, sum }) => <LevelRow key={level[0]} level={level} share={sum / most} total={amount(sum.toFixed(8))} />)}
    </tbody>
  )
  return (
    <section className="panel book" aria-label="Order book" data-testid="book" data-source={source} data-update={data?.lastUpdateId}>
      <div className="head"><h2>Order book</h2><SourceBadge source={source} updatedAt={updatedAt} /></div>
      <Freshness channel={ageOfResult(result)} className="fill">
        <table>
          <thead><tr><th scope="col">Price</th><th scope="col">Quantity {pairOf(symbol)[0]}</th><th scope="col">Total</th></tr></thead>
          {side('asks', asks.toReversed())}
          <tbody><tr className="spread"><th scope="row">Spread</th><td colSpan={2} className="number">{spreadOf(data?.bids[0], data?.asks[0])}</td></tr></tbody>
          {side('bids', bids)}
        </table>
        {data === null && <p className="empty">{error === null ? 'Waiting for the book' : error.message}</p>}
      </Freshness>
    </section>
  )
}
