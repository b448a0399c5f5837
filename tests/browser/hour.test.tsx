/** Pictures of the last hour: true, readable without eyes and without a pointer, of one size, and cheap. */
import { act, cleanup, render, screen, within } from '@testing-library/react'
import { Profiler, StrictMode } from 'react'
import { cdp, userEvent } from 'vitest/browser'
import { afterEach, describe, expect, it } from 'vitest'
import { type ConnectionRecord, ConnectionTimeline, LatencyChart, UplinkProvider } from 'uplink'
import '../../src/styles.css'
import { InLife, createLife } from '../../stories/support/hour.tsx'
import { stage } from './support.tsx'

afterEach(cleanup)

const part = (slot: string): HTMLElement => document.querySelector(`[data-slot="${slot}"]`) as HTMLElement
const all = (slot: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(`[data-slot="${slot}"]`)]

const AT = Date.UTC(2026, 0, 1, 10)
const point = (minute: number, median: number, spread = 0) => ({ at: AT + minute * 60_000, low: median - spread, median, high: median + spread })
const RECORD: ConnectionRecord = {
  from: AT, until: AT + 3_600_000,
  spans: [
    { state: 'connected', cause: 'none', from: AT - 60_000, to: AT + 1_800_000, drops: 2, droppedMs: 700 },
    { state: 'reconnecting', cause: 'silent', from: AT + 1_800_000, to: AT + 1_890_000, drops: 0, droppedMs: 0 },
    { state: 'connected', cause: 'none', from: AT + 1_890_000, to: null, drops: 0, droppedMs: 0 },
  ],
  latency: [...Array.from({ length: 30 }, (_, minute) => point(minute, 40, 5)), point(40, 700), ...Array.from({ length: 19 }, (_, n) => point(41 + n, 120))],
  p50: 40, p95: 120, highest: 700, availability: 0.9746,
}

function show(ui: React.ReactNode) {
  const { uplink } = createLife()
  return render(<StrictMode><UplinkProvider uplink={uplink}>{ui}</UplinkProvider></StrictMode>)
}

describe('the latency chart', () => {
  it('draws a line for each run of round trips, and hatches what is not known between', () => {
    show(<LatencyChart record={RECORD} />)
    expect(document.querySelectorAll('[data-slot="plot"] path[stroke="currentColor"]')).toHaveLength(2)
    const gaps = all('unknown').map((gap) => [Number.parseFloat(gap.getAttribute('x') ?? ''), Number.parseFloat(gap.getAttribute('width') ?? '')])
    expect(gaps).toHaveLength(1)
    expect(gaps[0]?.[0]).toBeCloseTo((29 / 60) * 100, 1)
    expect(gaps[0]?.[1]).toBeCloseTo((11 / 60) * 100, 1)
  })

  it('marks what is higher than the picture', () => {
    show(<LatencyChart record={{ ...RECORD, latency: [...RECORD.latency.slice(0, 49), point(60, 9_000)], highest: 9_000 }} />)
    expect(all('clipped')).toHaveLength(1)
  })

  it('says in words what it shows, and reads every value by keys, from newest to oldest', async () => {
    show(<LatencyChart record={RECORD} />)
    const plot = screen.getByRole('slider', { name: 'Latency of the last hour' })
    const summary = 'Half of the round trips took 40 ms or less, 95 % took 120 ms or less, and the longest took 700 ms.'
    expect(plot).toHaveAccessibleDescription(summary)
    expect(part('reading')).toHaveTextContent(summary)
    await userEvent.tab()
    expect(plot).toHaveFocus()
    expect(plot.getAttribute('aria-valuetext')).toMatch(/: 120 ms, good$/)
    await userEvent.keyboard('{Home}')
    expect(plot.getAttribute('aria-valuetext')).toMatch(/: 40 ms, excellent \(35 ms to 45 ms\)$/)
    await userEvent.keyboard('{ArrowRight}{ArrowUp}{PageUp}')
    expect(plot).toHaveAttribute('aria-valuenow', '8')
    await userEvent.keyboard('{End}{PageDown}')
    expect(plot).toHaveAttribute('aria-valuenow', String(RECORD.latency.length - 7))
    await userEvent.tab()
    expect(part('reading')).toHaveTextContent(summary)
  })

  it('turns its keys around where time runs from right to left', async () => {
    show(<div dir="rtl"><LatencyChart record={RECORD} /></div>)
    await userEvent.tab()
    await userEvent.keyboard('{Home}{ArrowLeft}')
    expect(screen.getByRole('slider')).toHaveAttribute('aria-valuenow', '1')
  })

  it('says that a moment between is unknown, and never 0', async () => {
    show(<LatencyChart record={RECORD} />)
    const { left, top, width } = part('plot').getBoundingClientRect()
    await cdp().send('Input.dispatchMouseEvent', { type: 'mouseMoved', ...inPage(left + width * (35 / 60), top + 20) })
    await expect.poll(() => part('reading').textContent).toMatch(/: unknown$/)
    expect(all('cursor')).toHaveLength(0)
  })

  it('is a plain picture while nothing was measured', () => {
    show(<LatencyChart record={{ ...RECORD, latency: [], p50: null, p95: null, highest: null }} />)
    expect(screen.getByRole('img', { name: 'Latency of the last hour' })).toHaveAccessibleDescription('No round trip was measured yet.')
    expect(screen.queryByRole('slider')).toBeNull()
    expect(part('latency-chart')).toHaveTextContent('Median –')
  })

  it('takes class, ref and attributes of its place', () => {
    let element: HTMLElement | null = null
    show(<LatencyChart record={RECORD} ref={(node) => { element = node }} className="mine" id="chart" />)
    expect(element).toBe(part('latency-chart'))
    expect(element).toHaveClass('mine', 'uplink')
    expect(element).toHaveAttribute('id', 'chart')
  })
})

/** Mouse events count from the page, the test lives in a frame of it. */
function inPage(x: number, y: number): { readonly x: number; readonly y: number } {
  const { left, top } = window.frameElement?.getBoundingClientRect() ?? { left: 0, top: 0 }
  const scale = window.frameElement === null ? 1 : window.frameElement.getBoundingClientRect().width / window.innerWidth
  return { x: left + x * scale, y: top + y * scale }
}

describe('with colours of the user', () => {
  const emulate = (value: string): Promise<unknown> => cdp().send('Emulation.setEmulatedMedia', { features: [{ name: 'forced-colors', value }, { name: 'prefers-color-scheme', value: value === '' ? '' : 'dark' }] })
  afterEach(() => emulate(''))

  it('the chart is drawn in them alone, whatever theme the page has', async () => {
    await emulate('active')
    show(<div data-theme="light"><LatencyChart record={RECORD} /></div>)
    const probe = part('latency-chart').appendChild(document.createElement('i'))
    const system = (name: string): string => {
      probe.style.cssText = `color: ${name}; forced-color-adjust: none`
      return getComputedStyle(probe).color
    }
    const [canvas, text] = [system('Canvas'), system('CanvasText')]
    const drawn = [...document.querySelectorAll('[data-slot="plot"] svg *')].filter((shape) => shape.closest('[class*="forced-colors:hidden"]') === null)
    const colours = new Set(drawn.flatMap((shape) => { const { fill, stroke } = getComputedStyle(shape); return [fill, stroke] }).filter((colour) => colour.startsWith('rgb')))
    expect([...colours].filter((colour) => ![canvas, text, 'rgb(0, 0, 0)'].includes(colour))).toEqual([])
    expect(colours).toContain(canvas)
    expect(getComputedStyle(document.querySelector('[data-band]') as Element).visibility === 'hidden' || document.querySelector('[data-band]')?.getBoundingClientRect().width === 0).toBe(true)
  })
})

describe('the timeline', () => {
  it('shows each state as long as it lasted, one after the other', () => {
    show(<ConnectionTimeline record={RECORD} />)
    const { left, width } = part('strip').getBoundingClientRect()
    const shares = all('span').map((bar) => bar.getBoundingClientRect()).map((box) => [(box.left - left) / width, box.width / width])
    expect(shares.flat().map((share) => Math.round(share * 1_000) / 1_000)).toEqual([0, 0.5, 0.5, 0.025, 0.525, 0.475])
    expect(part('connection-timeline')).toHaveTextContent('97.4% available')
  })

  it('is a list for who cannot see it, newest first, with times, durations, reasons and short drops', () => {
    show(<ConnectionTimeline record={RECORD} />)
    const items = within(screen.getByRole('list')).getAllByRole('listitem').map(({ textContent }) => textContent)
    expect(items).toHaveLength(3)
    expect(items[0]).toMatch(/^Connected since \d+:31:30/)
    expect(items[1]).toMatch(/^Reconnecting from \d+:30:00.* to \d+:31:30.*, 1 min\. The server stopped answering\.$/)
    expect(items[2]).toMatch(/, 31 min\. 2 short drops\.$/)
  })

  it('is read by keys, state by state', async () => {
    show(<ConnectionTimeline record={RECORD} />)
    await userEvent.tab()
    await userEvent.keyboard('{ArrowLeft}')
    expect(part('reading')).toHaveTextContent('The server stopped answering.')
    expect(all('span').map((bar) => bar.hasAttribute('data-read'))).toEqual([false, true, false])
    await userEvent.keyboard('{Escape}')
    expect(all('span').some((bar) => bar.hasAttribute('data-read'))).toBe(false)
  })

  it('tells its states apart without colour, also in colours of the user', async () => {
    const states = ['connected', 'reconnecting', 'error', 'disconnected', 'catching_up'] as const
    const spans = states.map((state, index) => ({ state, cause: 'none' as const, from: AT + index * 600_000, to: AT + (index + 1) * 600_000, drops: 0, droppedMs: 0 }))
    await cdp().send('Emulation.setEmulatedMedia', { features: [{ name: 'forced-colors', value: 'active' }] })
    show(<ConnectionTimeline record={{ ...RECORD, spans }} />)
    const seen = all('span').map((bar) => `${bar.getBoundingClientRect().height} ${getComputedStyle(bar).backgroundImage} ${getComputedStyle(bar).backgroundColor}`)
    const borders = all('span').map((bar) => getComputedStyle(bar).borderTopColor)
    await cdp().send('Emulation.setEmulatedMedia', { features: [{ name: 'forced-colors', value: '' }] })
    expect(new Set(seen).size, seen.join('\n')).toBe(states.length)
    expect(new Set(borders).size).toBe(1)
  })
})

describe('both pictures', () => {
  it('live with the connection, and keep their size over a whole outage', async () => {
    let up = true
    const { wrapper: Wrapper, server, pass } = stage({ reconnectInterval: 500, maxReconnectDelay: 2_000, maxReconnectAttempts: Infinity }, {
      onDial: (socket) => (up ? socket.open() : socket.end()),
      onSend: (socket, frame) => { if (String(frame).includes('"ping"')) socket.receive({ type: 'pong' }) },
    })
    render(<Wrapper><div style={{ width: 400 }}><LatencyChart /><ConnectionTimeline /></div></Wrapper>)
    const size = (): string => ['latency-chart', 'connection-timeline'].map((slot) => JSON.stringify(part(slot).getBoundingClientRect())).join()
    const before = size()
    await pass(60_000)
    expect(all('span').map((bar) => bar.dataset['state'])).toEqual(['connected'])
    expect(size()).toBe(before)
    up = false
    await act(async () => server.socket().end())
    await pass(600)
    expect(all('span')).toHaveLength(1)
    await pass(40_000)
    expect(all('span').map((bar) => bar.dataset['state'])).toEqual(['connected', 'reconnecting'])
    expect(part('connection-timeline')).toHaveTextContent('The connection was lost.')
    expect(size()).toBe(before)
    up = true
    await pass(20_000)
    expect(all('span')).toHaveLength(3)
    expect(size()).toBe(before)
  })

  it('render a few times a minute, however many messages come', async () => {
    const { wrapper: Wrapper, receive, pass } = stage()
    let renders = 0
    render(<Wrapper><Profiler id="hour" onRender={() => { renders++ }}><LatencyChart /><ConnectionTimeline /></Profiler></Wrapper>)
    await pass(30_000)
    renders = 0
    for (let second = 0; second < 60; second++) {
      await act(async () => { for (let n = 0; n < 100; n++) receive({ type: 'tick', data: n }) })
      await pass(1_000)
    }
    expect(renders).toBeGreaterThan(5)
    expect(renders).toBeLessThanOrEqual(20)
  })

  it('fit into the narrowest phone', () => {
    for (const width of [240, 320]) {
      const { container, unmount } = render(<div style={{ width }}><InLife name="eventful"><LatencyChart /><ConnectionTimeline showList /></InLife></div>)
      expect((container.firstElementChild as Element).scrollWidth).toBeLessThanOrEqual(width)
      unmount()
    }
  })
})
