/** Every pair of the venue: only the rows that can be seen exist, and of those only the ones with news render. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, memo, useDeferredValue, useMemo, useRef, useState } from 'react'
import { SourceBadge } from 'uplink'
import { useTicker } from 'uplink/market/react'
import { changeOf, pairOf } from './numbers.ts'

/** Props of {@link WatchList}. */
export interface WatchListProps {
  readonly symbols: readonly string[]
  readonly chosen: string
  readonly onChoose: (symbol: string) => void
}

interface RowProps {
  readonly symbol: string
  readonly isChosen: boolean
  readonly onChoose: (symbol: string) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

const ROW_PX = 36

const Row = memo(function Row({ symbol, isChosen, onChoose, onKeyDown }: RowProps): ReactNode {
  const { data, source, updatedAt } = useTicker(symbol)
  const [base, quote] = pairOf(symbol)
  const change = data === null ? null : changeOf(data)
  return (
    <button type="button" className="row" data-symbol={symbol} data-source={source} aria-pressed={isChosen} onClick={() => onChoose(symbol)} onKeyDown={onKeyDown}>
      <span className="pair">{base}<small>/{quote}</small></span>
      {/* The key makes a new element of a new price, which starts its flash anew. */}
      <span key={data?.lastPrice} className="number flash">{data?.lastPrice ?? '–'}</span>
      <span className="number" data-direction={change?.direction}>{change?.text ?? '–'}</span>
      <SourceBadge compact source={source} updatedAt={updatedAt} />
    </button>
  )
})

export function WatchList({ symbols, chosen, onChoose }: WatchListProps): ReactNode {
  const [query, setQuery] = useState('')
  const wanted = useDeferredValue(query.trim().toUpperCase())
  const shown = useMemo(() => symbols.filter((symbol) => symbol.includes(wanted)), [symbols, wanted])
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({ count: shown.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_PX, overscan: 6 })

  /** Arrows go from row to row; list and focus follow. */
  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const next = shown[shown.indexOf(chosen) + step]
    if (step === 0 || next === undefined) return
    event.preventDefault()
    onChoose(next)
    rows.scrollToIndex(shown.indexOf(next))
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-symbol="${next}"]`)?.focus())
  }

  return (
    <section className="panel watch" aria-label="Watch list">
      <div className="head">
        <h2>Watch list</h2>
        <span className="soft" data-testid="symbols">{symbols.length} pairs</span>
      </div>
      <input type="search" placeholder="Search a pair" aria-label="Search a pair" value={query} onChange={({ target }) => setQuery(target.value)} />
      <div className="row columns" aria-hidden="true"><span>Pair</span><span>Last</span><span>24 h</span><span /></div>
      <div ref={scroller} className="scroll" role="region" aria-label="Pairs" tabIndex={0}>
        <div className="tall" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const symbol = shown[index] as string
            return (
              <div key={symbol} className="place" style={{ transform: `translateY(${start}px)` }}>
                <Row symbol={symbol} isChosen={symbol === chosen} onChoose={onChoose} onKeyDown={onKeyDown} />
              </div>
            )
          })}
        </div>
        {symbols.length > 0 && shown.length === 0 && <p className="empty">No pair is called so.</p>}
      </div>
    </section>
  )
}
