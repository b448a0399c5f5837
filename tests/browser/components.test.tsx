import { act, cleanup, render, screen, within } from '@testing-library/react'
import { userEvent } from 'vitest/browser'
import { StrictMode } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConnectionIndicator, ConnectionStatus, ConnectionStatusCard } from 'uplink'
import '../../src/styles.css'
import { SCENES, STATES, SceneProvider } from '../../stories/support/scenes.tsx'
import { stage } from './support.tsx'

afterEach(() => {
  cleanup()
  document.documentElement.removeAttribute('data-theme')
  document.documentElement.style.colorScheme = ''
})

/** Relative luminance and contrast of WCAG 2.2, read from what the browser paints. */
function rgb(color: string): [number, number, number, number] {
  const canvas = document.createElement('canvas')
  canvas.width = 1
  canvas.height = 1
  const context = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D
  context.fillStyle = color
  context.fillRect(0, 0, 1, 1)
  const [r = 0, g = 0, b = 0, a = 0] = context.getImageData(0, 0, 1, 1).data
  return [r, g, b, a / 255]
}
function luminance([r, g, b]: readonly number[]): number {
  const [lr = 0, lg = 0, lb = 0] = [r, g, b].map((value = 0) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * lr + 0.7152 * lg + 0.0722 * lb
}
function contrast(element: Element): number {
  let behind: Element | null = element
  while (behind !== null && rgb(getComputedStyle(behind).backgroundColor)[3] < 1) behind = behind.parentElement
  const back = behind === null ? [255, 255, 255] : rgb(getComputedStyle(behind).backgroundColor)
  const [a, b] = [luminance(rgb(getComputedStyle(element).color)), luminance(back)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

describe.each(['light', 'dark'])('in %s', (theme) => {
  it.each(STATES)('every text of state "%s" has a contrast of 4.5 : 1 or more', (state) => {
    render(
      <div data-theme={theme} style={{ background: theme === 'dark' ? '#101216' : '#fff' }}>
        <SceneProvider scene={SCENES[state]}>
          <ConnectionIndicator /><ConnectionStatus showDetails /><ConnectionStatusCard />
        </SceneProvider>
      </div>,
    )
    const texts = [...document.querySelectorAll('.uplink, .uplink *')].filter((element) =>
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '') &&
      !element.matches('[aria-disabled], :disabled, [class*="sr-only"], [class*="sr-only"] *, [class*="invisible"] *'))
    expect(texts.length).toBeGreaterThan(15)
    for (const text of texts) expect(contrast(text), `"${text.textContent}"`).toBeGreaterThanOrEqual(4.5)
  })
})

describe('every state', () => {
  it('has a word and a shape of its own', () => {
    const seen = STATES.filter((state) => state !== 'unknown latency').map((state) => {
      const { container, unmount } = render(<SceneProvider scene={SCENES[state]}><ConnectionIndicator /></SceneProvider>)
      const word = container.querySelector('[data-slot="label"]')?.textContent
      const shape = container.querySelector('svg')?.innerHTML
      unmount()
      return { word, shape }
    })
    expect(new Set(seen.map(({ word }) => word)).size).toBe(seen.length)
    expect(new Set(seen.map(({ shape }) => shape)).size).toBe(seen.length)
  })

  it('keeps a card at one size, so that nothing around it moves', () => {
    const sizes = STATES.filter((state) => state !== 'reconnecting').map((state) => {
      const { container, unmount } = render(<SceneProvider scene={SCENES[state]}><ConnectionStatusCard /></SceneProvider>)
      const { width, height } = (container.firstElementChild as Element).getBoundingClientRect()
      unmount()
      return `${width} x ${height}`
    })
    expect(new Set(sizes).size).toBe(1)
  })

  it('shows latency that is not known as a dash, never as 0', () => {
    const { container } = render(<SceneProvider scene={SCENES['unknown latency']}><ConnectionStatus /><ConnectionStatusCard /></SceneProvider>)
    const shown = [...container.querySelectorAll('[data-slot="latency"]')].map(({ textContent }) => textContent)
    expect(shown).toEqual(['Latency: unknown–', '–'])
  })

  it('has targets of 24 px or more', () => {
    render(<SceneProvider scene={SCENES['reconnecting']}><ConnectionIndicator /><ConnectionStatus showDetails /><ConnectionStatusCard /></SceneProvider>)
    for (const button of screen.getAllByRole('button')) expect(button.getBoundingClientRect().height, button.textContent ?? '').toBeGreaterThanOrEqual(24)
  })
})

describe('what a screen reader hears', () => {
  it('is exactly two sentences over an outage of 40 s with many retries', async () => {
    let up = true
    const { wrapper: Wrapper, server, pass } = stage({ maxReconnectAttempts: Infinity, reconnectInterval: 1_000, maxReconnectDelay: 4_000 }, {
      onDial: (socket) => (up ? socket.open() : socket.end()),
    })
    render(<StrictMode><Wrapper><ConnectionStatus /></Wrapper></StrictMode>)
    const region = screen.getByRole('status')
    const spoken: string[] = []
    new MutationObserver(() => spoken.push(region.textContent ?? '')).observe(region, { childList: true, characterData: true, subtree: true })
    expect(region).toHaveTextContent('')
    await pass(10_000)
    up = false
    await act(async () => server.socket().end())
    for (let second = 0; second < 40; second++) await pass(1_000)
    expect(server.sockets.length).toBeGreaterThan(8)
    up = true
    await pass(10_000)
    await vi.waitFor(() => expect(spoken).toHaveLength(2))
    expect(spoken[0]).toBe('Connection lost. Reconnecting.')
    expect(spoken[1]).toMatch(/^Connection restored after 4\d sec\.$/)
  })

  it('is nothing while a page connects for the first time, or drops for 400 ms', async () => {
    const { wrapper: Wrapper, server, pass } = stage({ reconnectInterval: 0 })
    render(<Wrapper><ConnectionIndicator /></Wrapper>)
    await pass(5_000)
    await act(async () => server.socket().end())
    await pass(10_000)
    expect(screen.getByRole('status')).toHaveTextContent('')
  })
})

describe('by keyboard', () => {
  it('the indicator opens its details, acts, and gives the focus back', async () => {
    const onReconnect = vi.fn<() => void>()
    render(<SceneProvider scene={SCENES['reconnecting']}><ConnectionIndicator onReconnect={onReconnect} /></SceneProvider>)
    await userEvent.tab()
    const trigger = screen.getByRole('button', { name: 'Connection: Reconnecting' })
    expect(trigger).toHaveFocus()
    await userEvent.keyboard('{Enter}')
    const details = await screen.findByRole('dialog', { name: 'Connection details' })
    await userEvent.click(within(details).getByRole('button', { name: 'Reconnect' }))
    expect(onReconnect).toHaveBeenCalledOnce()
    await userEvent.keyboard('{Escape}')
    await vi.waitFor(() => expect(trigger).toHaveFocus())
  })
})

describe('a countdown', () => {
  it('renders only its own text as it ticks', async () => {
    const { wrapper: Wrapper, server, pass } = stage({ jitter: 'none', reconnectInterval: 20_000 }, {
      onDial: (socket) => { if (server.sockets.length === 1) socket.open() },
    })
    render(<Wrapper><ConnectionStatus showDetails /></Wrapper>)
    await pass(10_000)
    await act(async () => server.socket().end())
    await pass(1_500)
    const root = document.querySelector('[data-slot="connection-status"]') as Element
    expect(root).toHaveTextContent('Next attempt in')
    const changed = new Set<string>()
    new MutationObserver((records) => {
      for (const { target } of records) changed.add((target.parentElement ?? (target as Element)).closest('[data-slot]')?.getAttribute('data-slot') ?? '?')
    }).observe(root, { childList: true, characterData: true, attributes: true, subtree: true })
    await pass(5_000)
    await vi.waitFor(() => expect([...changed]).toEqual(['countdown']))
  })
})

describe('motion', () => {
  it('is only there where it is wanted', () => {
    const { container } = render(<SceneProvider scene={SCENES['reconnecting']}><ConnectionIndicator /></SceneProvider>)
    const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.cssText).join('\n')
    expect(container.querySelector('svg')?.getAttribute('class')).toContain('motion-safe:animate-turn')
    expect(rules).toMatch(/prefers-reduced-motion: no-preference/)
  })
})

describe('labels', () => {
  it('can be replaced word by word, and numbers follow the locale', () => {
    render(
      <SceneProvider scene={SCENES['connected']}>
        <ConnectionStatusCard labels={{ locale: 'de', states: { connected: 'Verbunden' } as never, availability: 'Verfügbarkeit' }} />
      </SceneProvider>,
    )
    const card = screen.getByRole('region', { name: 'Connection' })
    expect(card).toHaveTextContent('Verbunden')
    expect(card).toHaveTextContent('1.440')
    expect(card).toHaveTextContent('Latency')
  })
})
