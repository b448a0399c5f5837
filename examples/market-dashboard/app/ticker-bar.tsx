/** The chosen pair in a line: price, what it has gained, and the day. */
import { type ReactNode, useState } from 'react'
import { SourceBadge } from 'uplink'
import { toNumber } from 'uplink/market'
import { useTicker } from 'uplink/market/react'
import { type Direction, amount, changeOf, directionOf, pairOf } from './numbers.ts'

/** Which way the price went last. */
function useDirection(price: string | undefined): Direction {
  const [seen, setSeen] = useState<{ readonly price: string | undefined; readonly direction: Direction }>({ price, direction: 'flat' })
  if (price === seen.price) return seen.direction
  const direction = price === undefined || seen.price === undefined ? 'flat' : directionOf(toNumber(price) - toNumber(seen.price))
  setSeen({ price, direction })
  return direction
}

export function TickerBar({ symbol }: { readonly symbol: string }): ReactNode {
  const { data, source, updatedAt } = useTicker(symbol)
  const direction = useDirection(data?.lastPrice)
  const [base, quote] = pairOf(symbol)
  const change = data === null ? null : changeOf(data)
  const facts: ReadonlyArray<readonly [string, string | undefined]> = [
    ['24 h high', data?.highPrice], ['24 h low', data?.lowPrice], [`Volume ${base}`, data === null ? undefined : amount(data.volume)], [`Volume ${quote}`, data === null ? undefined : amount(data.quoteVolume)],
  ]
  return (
    <div className="panel ticker" data-source={source} data-testid="ticker">
      <h1>{base}<small>/{quote}</small></h1>
      <div className="price">
        <strong className="number" data-direction={direction} data-testid="price">{data?.lastPrice ?? '–'}</strong>
        <SourceBadge source={source} updatedAt={updatedAt} />
      </div>
      <dl>
        <div><dt>24 h change</dt><dd className="number" data-direction={change?.direction}>{change?.text ?? '–'}</dd></div>
        {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd className="number">{value ?? '–'}</dd></div>)}
      </dl>
    </div>
  )
}
