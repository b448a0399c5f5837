/** Candles on a canvas: where each stands, and how it is drawn. Pure but for the canvas it draws on. */
import { type Kline, toNumber } from 'uplink/market'

/** Colours that a canvas understands. */
export interface Palette {
  readonly up: string
  readonly down: string
  readonly ink: string
  readonly soft: string
  readonly line: string
  readonly panel: string
}

interface Bar {
  readonly x: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** Where everything stands, in CSS pixels. */
export interface Layout {
  /** Candles that fit, oldest first. */
  readonly shown: readonly Kline[]
  readonly bars: readonly Bar[]
  readonly width: number
  readonly height: number
  readonly step: number
  readonly plotWidth: number
  readonly plotHeight: number
  readonly ticks: readonly { readonly y: number; readonly text: string }[]
  yOf(price: number): number
  indexAt(x: number): number
}

const STEP_PX = 8
const AXIS_BOTTOM_PX = 20
const VOLUME_SHARE = 0.18
const LABEL_FONT = '11px ui-monospace, SFMono-Regular, Menlo, monospace'
const LETTER_PX = 6.7
/** Half the height of a label: nearer to the top it would be cut. */
const LABEL_HALF_PX = 7

/** A round distance between grid lines: 1, 2 or 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const share = rough / power
  return power * (share > 5 ? 10 : share > 2 ? 5 : share > 1 ? 2 : 1)
}

function ticksOf(low: number, high: number, height: number, places: number, yOf: (price: number) => number): Layout['ticks'] {
  if (!(high > low) || height <= 0) return []
  const step = roundStep((high - low) / Math.max(2, height / 56))
  const ticks = []
  // `yOf` falls as the price rises, so this ends at the first label that the top edge would cut.
  for (let price = Math.ceil(low / step) * step; yOf(price) >= LABEL_HALF_PX; price += step) ticks.push({ y: yOf(price), text: price.toFixed(places) })
  return ticks
}

/** Lays candles out: the newest at the right, as many as fit. */
export function layoutOf(klines: readonly Kline[], width: number, height: number): Layout {
  const places = klines.at(-1)?.close.split('.')[1]?.length ?? 0
  const axis = Math.ceil((klines.at(-1)?.high.length ?? 8) * LETTER_PX) + 14
  const plotWidth = Math.max(0, width - axis)
  const plotHeight = Math.max(0, height - AXIS_BOTTOM_PX)
  const shown = klines.slice(-Math.max(1, Math.floor(plotWidth / STEP_PX)))
  const first = plotWidth - shown.length * STEP_PX
  const bars = shown.map(({ open, high, low, close, volume }, index): Bar => ({
    x: first + (index + 0.5) * STEP_PX, open: toNumber(open), high: toNumber(high), low: toNumber(low), close: toNumber(close), volume: toNumber(volume),
  }))
  const [lowest, highest] = [Math.min(...bars.map(({ low }) => low)), Math.max(...bars.map(({ high }) => high))]
  const margin = (highest - lowest) * 0.06 || highest * 0.001 || 1
  const [low, high] = [lowest - margin, highest + margin]
  const priceHeight = plotHeight * (1 - VOLUME_SHARE)
  const yOf = (price: number): number => priceHeight * (1 - (price - low) / (high - low))
  return {
    shown, bars, width, height, step: STEP_PX, plotWidth, plotHeight, yOf,
    ticks: bars.length === 0 ? [] : ticksOf(low, high, priceHeight, places, yOf),
    indexAt: (x) => Math.max(0, Math.min(shown.length - 1, Math.floor((x - first) / STEP_PX))),
  }
}

/** Lines of one pixel are sharp on half pixels. */
const sharp = (value: number): number => Math.round(value) + 0.5

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath()
  context.moveTo(x1, y1)
  context.lineTo(x2, y2)
  context.stroke()
}

const hourAndMinute = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

function drawGrid(context: CanvasRenderingContext2D, { ticks, shown, bars, plotWidth, plotHeight, height }: Layout, { line: colour, soft }: Palette): void {
  context.strokeStyle = colour
  context.fillStyle = soft
  context.lineWidth = 1
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  for (const { y, text } of ticks) {
    line(context, 0, sharp(y), plotWidth, sharp(y))
    context.fillText(text, plotWidth + 8, y)
  }
  line(context, 0, sharp(plotHeight), plotWidth, sharp(plotHeight))
  context.textAlign = 'center'
  const every = Math.max(1, Math.ceil(90 / STEP_PX))
  for (let index = bars.length - every; index >= 0; index -= every) {
    const [bar, kline] = [bars[index], shown[index]]
    if (bar !== undefined && kline !== undefined && bar.x > 24) context.fillText(hourAndMinute.format(kline.openTime), bar.x, height - AXIS_BOTTOM_PX / 2)
  }
}

function drawBars(context: CanvasRenderingContext2D, { bars, step, plotHeight, yOf }: Layout, { up, down }: Palette): void {
  const most = Math.max(...bars.map(({ volume }) => volume), Number.MIN_VALUE)
  const body = step - 3
  for (const { x, open, high, low, close, volume } of bars) {
    const colour = close >= open ? up : down
    context.fillStyle = colour
    context.globalAlpha = 0.28
    const tall = (volume / most) * plotHeight * VOLUME_SHARE * 0.9
    context.fillRect(x - body / 2, plotHeight - tall, body, tall)
    context.globalAlpha = 1
    context.fillRect(Math.round(x) - 0.5, yOf(high), 1, Math.max(1, yOf(low) - yOf(high)))
    const top = yOf(Math.max(open, close))
    context.fillRect(x - body / 2, top, body, Math.max(1, yOf(Math.min(open, close)) - top))
  }
}

/** The last price: a dashed line, and its number on the axis. */
function drawLast(context: CanvasRenderingContext2D, { bars, shown, plotWidth, width, yOf }: Layout, { up, down, panel }: Palette): void {
  const [bar, kline] = [bars.at(-1), shown.at(-1)]
  if (bar === undefined || kline === undefined) return
  const colour = bar.close >= bar.open ? up : down
  const y = yOf(bar.close)
  context.strokeStyle = colour
  context.setLineDash([3, 3])
  line(context, 0, sharp(y), plotWidth, sharp(y))
  context.setLineDash([])
  context.fillStyle = colour
  context.beginPath()
  context.roundRect(plotWidth + 2, y - 9, width - plotWidth - 2, 18, 3)
  context.fill()
  context.fillStyle = panel
  context.textAlign = 'left'
  context.fillText(kline.close, plotWidth + 8, y + 0.5)
}

/** Draws everything; `read` is the place of the candle under the pointer, -1 for none. */
export function drawCandles(context: CanvasRenderingContext2D, layout: Layout, palette: Palette, read: number): void {
  context.clearRect(0, 0, layout.width, layout.height)
  if (layout.bars.length === 0) return
  context.font = LABEL_FONT
  drawGrid(context, layout, palette)
  drawBars(context, layout, palette)
  drawLast(context, layout, palette)
  const bar = layout.bars[read]
  if (bar === undefined) return
  context.strokeStyle = palette.soft
  context.setLineDash([2, 3])
  line(context, sharp(bar.x), 0, sharp(bar.x), layout.plotHeight)
  context.setLineDash([])
}
