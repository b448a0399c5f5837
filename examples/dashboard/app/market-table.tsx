/** A few hundred symbols, ticking. Every row is a component of its own and renders only when its row is new. */
import { type ReactNode, memo } from 'react'
import { type ChannelHandle, useChannel } from 'uplink'
import type { Row } from '../shared.ts'

type Rows = ReadonlyMap<string, Row>

const EMPTY: Rows = new Map()

/** Ten ticks a second come in; so long without one is news in itself, whatever the socket says. */
const STALE_AFTER_MS = 3_000

/** Folds changed rows in. A new map each time, because React compares; the rows themselves are shared. */
function fold(rows: Rows, changed: readonly Row[]): Rows {
  const next = new Map(rows)
  for (const row of changed) next.set(row.symbol, row)
  return next
}

const priceFormat = new Intl.NumberFormat('en', { maximumSignificantDigits: 8, minimumSignificantDigits: 6 })
const volumeFormat = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const timeFormat = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' })
const price = (value: number | null): string => (value === null ? '–' : priceFormat.format(value))

const MarketRow = memo(function MarketRow({ row }: { readonly row: Row }): ReactNode {
  return (
    <tr data-symbol={row.symbol} data-last={row.last ?? ''} data-bid={row.bid ?? ''} data-ask={row.ask ?? ''} data-volume={row.volume}>
      <th scope="row">{row.symbol}</th>
      {/* The key makes a new element of a new price, which starts its flash anew. */}
      <td key={row.at} className="flash">{price(row.last)}</td>
      <td>{price(row.bid)}</td>
      <td>{price(row.ask)}</td>
      <td>{volumeFormat.format(row.volume)}</td>
    </tr>
  )
})

/** What the last outage cost: a shorter one is made up for, a longer one ends in the present state. */
function costOf({ recovered, gap }: Pick<ChannelHandle<Rows>, 'recovered' | 'gap'>): string {
  if (gap !== null) return gap.to === null ? 'missed updates, present state shown' : `missed ${gap.to - gap.from + 1} updates, present state shown`
  return recovered === true ? 'caught up without a gap' : ''
}

export function MarketTable(): ReactNode {
  const { data: rows, isStale, updatedAt, recovered, gap } = useChannel<readonly Row[], Rows>('market', { initial: EMPTY, reduce: fold, staleAfter: STALE_AFTER_MS })
  return (
    <section className="panel market" data-stale={isStale} aria-label="Market">
      <div className="market-head">
        <h1>Market</h1>
        <span className="as-of" data-testid="cost">{costOf({ recovered, gap })}</span>
        <span className="as-of" data-testid="as-of">
          {updatedAt === null ? 'No data yet' : isStale ? `Stale: data as of ${timeFormat.format(updatedAt)}` : `${rows.size} symbols, live`}
        </span>
      </div>
      {/* A scrollable region must be reachable by keyboard. */}
      <div className="scroll" role="region" aria-label="Market table" tabIndex={0}>
        <table>
          <thead>
            <tr><th scope="col">Symbol</th><th scope="col">Last</th><th scope="col">Bid</th><th scope="col">Ask</th><th scope="col">Volume</th></tr>
          </thead>
          <tbody>{[...rows.values()].map((row) => <MarketRow key={row.symbol} row={row} />)}</tbody>
        </table>
      </div>
    </section>
  )
}
