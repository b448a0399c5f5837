'use client'
/** A line over the last minutes, with the value under the pointer. Drawn by hand: a chart library would weigh more than the monitor. */
import { type PointerEvent, type ReactNode, useState } from 'react'

/** One line of a chart; `null` where nothing was measured. */
export interface ChartLine {
  readonly label: string
  readonly tone: 'in' | 'out'
  readonly values: ReadonlyArray<number | null>
}

/** Props of {@link Chart}. All lines have as many values as `gaps`. */
export interface ChartProps {
  readonly title: string
  readonly lines: readonly ChartLine[]
  /** Where the connection was not there. */
  readonly gaps: readonly boolean[]
  readonly format: (value: number) => string
  /** How many values fill its width. */
  readonly length: number
}

const WIDTH = 240
const HEIGHT = 64

interface Dot { readonly x: number; readonly y: number }

/** Runs of values without a hole, as points. */
function runsOf(values: ReadonlyArray<number | null>, x: (index: number) => number, y: (value: number) => number): Dot[][] {
  const runs: Dot[][] = []
  let open = false
  values.forEach((value, index) => {
    if (value === null) {
      open = false
      return
    }
    if (!open) runs.push([])
    open = true
    runs.at(-1)?.push({ x: x(index), y: y(value) })
  })
  return runs
}

const pathThrough = (dots: readonly Dot[]): string => dots.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')

/** Values that are measured only now and then are joined: a line of single dots shows nothing. */
function joined(values: ReadonlyArray<number | null>, gaps: readonly boolean[]): Array<number | null> {
  let before: number | null = null
  return values.map((value, index) => {
    before = gaps[index] === true ? null : (value ?? before)
    return before
  })
}

/** A ceiling that people can read: 1, 2 or 5 times a power of ten. */
function ceilingOf(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1)))
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= most) ?? most
}

/** Draws a chart. */
export function Chart({ title, lines, gaps, format, length }: ChartProps): ReactNode {
  const [at, setAt] = useState<number | null>(null)
  const filled = lines.map((line) => ({ ...line, values: joined(line.values, gaps) }))
  const most = ceilingOf(Math.max(1, ...filled.flatMap(({ values }) => values.map((value) => value ?? 0))))
  const first = length - gaps.length
  const x = (index: number): number => ((first + index) / Math.max(1, length - 1)) * WIDTH
  const y = (value: number): number => HEIGHT - 2 - (value / most) * (HEIGHT - 6)
  const shown = at !== null && at >= 0 && at < gaps.length ? at : gaps.length - 1
  const read = (values: ReadonlyArray<number | null>): string => {
    const value = values[shown] ?? null
    return value === null ? '–' : format(value)
  }
  function follow(event: PointerEvent<SVGSVGElement>): void {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    setAt(Math.round(((event.clientX - left) / Math.max(1, width)) * (length - 1)) - first)
  }
  const summary = filled.map(({ label, values }) => `${label} ${read(values)}`).join(', ')
  return (
    <figure className="chart">
      <figcaption>
        <span className="title">{title}</span>
        {filled.map(({ label, tone, values }) => <span key={label} className="reading" data-tone={tone}><i aria-hidden="true" />{label} <b>{read(values)}</b></span>)}
      </figcaption>
      <div className="plot">
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${title}, last ${Math.round(length / 60)} minutes: now ${summary}`} onPointerMove={follow} onPointerLeave={() => setAt(null)}>
          {gaps.map((gap, index) => gap && <rect key={index} className="gap" x={x(index) - WIDTH / length / 2} y="0" width={WIDTH / length + 0.3} height={HEIGHT} />)}
          <line className="base" x1="0" x2={WIDTH} y1={y(most / 2)} y2={y(most / 2)} />
          {filled.map(({ label, tone, values }) => runsOf(values, x, y).map((dots) => (
            <g key={`${label}-${dots[0]?.x}`} data-tone={tone}>
              <path className="area" d={`${pathThrough(dots)}L${dots.at(-1)?.x.toFixed(1)} ${HEIGHT}L${dots[0]?.x.toFixed(1)} ${HEIGHT}Z`} />
              <path className="line" d={pathThrough(dots)} />
            </g>
          )))}
          {at !== null && <line className="cursor" x1={x(shown)} x2={x(shown)} y1="0" y2={HEIGHT} />}
        </svg>
        <span className="most">{format(most)}</span>
        <span className="since">{Math.round(length / 60)} min</span>
      </div>
    </figure>
  )
}
