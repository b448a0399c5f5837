/** The candle chart: drawn by hand on a canvas, read with the pointer or the arrow keys. */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { Freshness, SourceBadge } from 'uplink'
import type { Kline, KlineInterval } from 'uplink/market'
import { ageOfResult, useKlines } from 'uplink/market/react'
import { type Palette, drawCandles, layoutOf } from './candle-chart.ts'
import { amount, timeOfDay } from './numbers.ts'

const INTERVALS: readonly KlineInterval[] = ['1m', '5m', '15m', '1h']

const NONE: readonly Kline[] = []

/** Colours are the page's own, whatever its theme. */
function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  return { up: colour('--up-plain'), down: colour('--down-plain'), ink: colour('--ink-plain'), soft: colour('--soft-plain'), line: colour('--line-plain'), panel: colour('--panel-plain') }
}

/** The size of an element in CSS pixels. */
function useSize(element: React.RefObject<HTMLElement | null>): readonly [number, number] {
  const [size, setSize] = useState<readonly [number, number]>([0, 0])
  useEffect(() => {
    if (element.current === null) return undefined
    const observer = new ResizeObserver(([entry]) => { if (entry !== undefined) setSize([Math.floor(entry.contentRect.width), Math.floor(entry.contentRect.height)]) })
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return size
}

/** The colours, and the other ones once the theme changes. */
function usePalette(element: React.RefObject<HTMLElement | null>): Palette | null {
  const [palette, setPalette] = useState<Palette | null>(null)
  useEffect(() => {
    const read = (): void => { if (element.current !== null) setPalette(paletteOf(element.current)) }
    read()
    const observer = new MutationObserver(read)
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    return () => observer.disconnect()
  }, [element])
  return palette
}

interface ChartProps {
  readonly klines: readonly Kline[]
  readonly name: string
}

function Chart({ klines, name }: ChartProps): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [width, height] = useSize(box)
  const palette = usePalette(box)
  /** Open time of the candle that is read; it stays the same candle while new ones come. */
  const [readAt, setReadAt] = useState<number | null>(null)
  const layout = layoutOf(klines, width, height)
  const read = layout.shown.findIndex(({ openTime }) => openTime === readAt)
  const candle = layout.shown[read] ?? layout.shown.at(-1)

  useEffect(() => {
    const target = canvas.current
    const context = target?.getContext('2d') ?? null
    if (target === null || context === null || palette === null || width === 0) return
    const scale = window.devicePixelRatio
    target.width = width * scale
    target.height = height * scale
    context.setTransform(scale, 0, 0, scale, 0, 0)
    drawCandles(context, layout, palette, read)
  }, [canvas, layout, palette, width, height, read])

  function onPointer(event: PointerEvent<HTMLDivElement>): void {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left
    setReadAt(layout.shown[layout.indexAt(x)]?.openTime ?? null)
  }

  function onKeyDown({ key }: KeyboardEvent): void {
    if (key === 'Escape') setReadAt(null)
    const step = key === 'ArrowLeft' ? -1 : key === 'ArrowRight' ? 1 : 0
    const from = read < 0 ? layout.shown.length : read
    if (step !== 0) setReadAt(layout.shown[Math.max(0, Math.min(layout.shown.length - 1, from + step))]?.openTime ?? null)
  }

  return (
    <>
      <p className="reading number" aria-live="off" data-testid="reading">
        {candle === undefined ? ' ' : (
          <>
            <time dateTime={new Date(candle.openTime).toISOString()}>{timeOfDay(candle.openTime)}</time>
            {([['O', candle.open], ['H', candle.high], ['L', candle.low], ['C', candle.close], ['V', amount(candle.volume)]] as const).map(([letter, value]) => <span key={letter}><i>{letter}</i> {value}</span>)}
          </>
        )}
      </p>
      {/* The picture says the newest candle; arrow keys read the others. */}
      <div
        ref={box} className="canvas" role="slider" tabIndex={0} aria-label={name} aria-valuemin={0} aria-valuemax={Math.max(0, layout.shown.length - 1)}
        aria-valuenow={read < 0 ? Math.max(0, layout.shown.length - 1) : read} aria-valuetext={candle === undefined ? 'no candle yet' : `${timeOfDay(candle.openTime)}: open ${candle.open}, high ${candle.high}, low ${candle.low}, close ${candle.close}`}
        onPointerMove={onPointer} onPointerLeave={() => setReadAt(null)} onKeyDown={onKeyDown}
      >
        <canvas ref={canvas} style={{ width, height }} />
      </div>
    </>
  )
}

export function Candles({ symbol }: { readonly symbol: string }): ReactNode {
  const [interval, setInterval] = useState<KlineInterval>('1m')
  const result = useKlines(symbol, interval)
  const { data, source, updatedAt, error } = result
  return (
    <section className="panel candles" aria-label="Candles" data-testid="candles" data-source={source} data-count={data?.length ?? 0} data-last={data?.at(-1)?.close}>
      <div className="head">
        <h2>Candles</h2>
        <div className="tabs" role="group" aria-label="Length of a candle">
          {INTERVALS.map((one) => <button key={one} type="button" aria-pressed={one === interval} onClick={() => setInterval(one)}>{one}</button>)}
        </div>
        <SourceBadge source={source} updatedAt={updatedAt} />
      </div>
      {error !== null && data !== null && source !== 'cache' && <p className="notice" role="status">{error.message}</p>}
      <Freshness channel={ageOfResult(result)} className="fill">
        <Chart klines={data ?? NONE} name={`Candles of ${symbol}, ${interval}`} />
      </Freshness>
    </section>
  )
}
