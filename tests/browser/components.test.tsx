import { act, cleanup, render, screen } from '@testing-library/react'
import { userEvent } from 'vitest/browser'
import type { ReactNode } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConnectionBanner, ConnectionIndicator, ConnectionStatus, ConnectionStatusCard, ENGLISH, LabelsProvider } from 'uplink'
import { GERMAN } from 'uplink/labels/de'
import '../../src/styles.css'
import { SCENES, STATES, SceneProvider } from '../../stories/support/scenes.tsx'
import { flashOf, flashes } from './flash.ts'
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
          <ConnectionIndicator /><ConnectionStatus showDetails /><ConnectionStatusCard /><ConnectionBanner grace={0} actions={{ sign_in: () => undefined }} />
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

describe.each(['light', 'dark'])('in %s', (theme) => {
  it.each(STATES)('every mark of state "%s" has a contrast of 3 : 1 or more', (state) => {
    const { container } = render(
      <div data-theme={theme} style={{ background: theme === 'dark' ? '#101216' : '#fff' }}>
        <SceneProvider scene={SCENES[state]}>
          <ConnectionIndicator /><ConnectionIndicator variant="icon" /><ConnectionStatus /><ConnectionStatusCard /><ConnectionBanner grace={0} />
        </SceneProvider>
      </div>,
    )
    const marks = [...container.querySelectorAll('[data-slot="mark"], [data-slot="icon"]')]
    expect(marks.length).toBeGreaterThan(3)
    for (const mark of marks) expect(contrast(mark), mark.outerHTML).toBeGreaterThanOrEqual(3)
  })
})

const LONG = { states: { offline: 'Es wird auf eine Netzwerkverbindung gewartet' }, connect: 'Jetzt verbinden' }

describe('every state', () => {
  it.each<[name: string, show: () => ReactNode]>([
    ['indicator', () => <ConnectionIndicator />],
    ['indicator without a label', () => <ConnectionIndicator showLabel={false} />],
    ['indicator in words of other lengths', () => <ConnectionIndicator labels={LONG} />],
    ['status line', () => <ConnectionStatus />],
    ['compact status line', () => <ConnectionStatus compact />],
    ['status line with details', () => <ConnectionStatus showDetails />],
    ['status line in words of other lengths', () => <ConnectionStatus showDetails labels={LONG} />],
    ['card', () => <ConnectionStatusCard />],
    ['pill of a card', () => <ConnectionStatusCard heading="Market data" />],
  ])('gives the %s one size, so that nothing around it moves', (name, show) => {
    const sizes = STATES.map((state) => {
      const { container, unmount } = render(<SceneProvider scene={SCENES[state]}>{show()}</SceneProvider>)
      const measured = name.startsWith('pill') ? container.querySelector('[data-slot="state"]') : container.firstElementChild
      const { width, height } = (measured as Element).getBoundingClientRect()
      unmount()
      return `${width} x ${height}`
    })
    expect(sizes).toHaveLength(11)
    expect(new Set(sizes).size, sizes.join(', ')).toBe(1)
  })

  it('reserves its room in no text that is read, found or copied', () => {
    const { container } = render(<SceneProvider scene={SCENES['connected']}><ConnectionStatus compact /></SceneProvider>)
    expect(container.textContent).toBe('Connected')
    const [selection, text] = [getSelection() as Selection, container.querySelector('button') as Element]
    selection.selectAllChildren(text)
    expect(selection.toString().trim()).toBe('Connected')
    selection.removeAllRanges()
  })

  it('fits into 12 rem, and into the narrowest phone', () => {
    for (const width of [192, 320]) {
      for (const state of STATES) {
        const { container, unmount } = render(
          <div style={{ width }}><SceneProvider scene={SCENES[state]}><ConnectionIndicator /><ConnectionStatus showDetails /><ConnectionStatusCard /></SceneProvider></div>,
        )
        expect((container.firstElementChild as Element).scrollWidth, `${state} in ${width} px`).toBeLessThanOrEqual(width)
        unmount()
      }
    }
  })

  it('has a word, a shape and a tone of its own kind', () => {
    const seen = STATES.filter((state) => state !== 'unknown latency').map((state) => {
      const { container, unmount } = render(<SceneProvider scene={SCENES[state]}><ConnectionIndicator /></SceneProvider>)
      const word = container.querySelector('[data-slot="label"]')?.textContent
      const icon = container.querySelector('svg') as Element
      const fill = container.querySelector('[data-fill]')?.getAttribute('data-fill')
      const [shape, tone] = [icon.innerHTML, getComputedStyle(icon).color]
      unmount()
      return { state, word, shape, fill, tone }
    })
    expect(new Set(seen.map(({ word }) => word)).size).toBe(seen.length)
    expect(new Set(seen.map(({ shape }) => shape)).size).toBe(seen.length)
    const filled = (name: string): string[] => seen.filter(({ fill }) => fill === name).map(({ state }) => state)
    expect(filled('solid')).toEqual(['connected'])
    expect(filled('half')).toEqual(['catching_up', 'delayed'])
    expect(filled('striped')).toEqual(['connecting', 'reconnecting', 'disconnecting'])
    expect(filled('hollow')).toEqual(['disconnected', 'offline', 'cooldown', 'error'])
    const alike = (name: string): string[] => seen.filter(({ tone }) => tone === seen.find(({ state }) => state === name)?.tone).map(({ state }) => state)
    expect(alike('catching_up')).toEqual(['catching_up', 'delayed'])
    expect(alike('error')).toEqual(['error'])
    expect(alike('connected')).toEqual(['connected'])
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

describe('labels', () => {
  it('can be replaced word by word, and numbers follow the locale', () => {
    render(
      <SceneProvider scene={SCENES['connected']}>
        <ConnectionStatusCard labels={{ locale: 'de', states: { connected: 'Verbunden' }, availability: 'Verfügbarkeit' }} />
      </SceneProvider>,
    )
    const card = screen.getByRole('region', { name: 'Connection' })
    expect(card).toHaveTextContent('Verbunden')
    expect(card).toHaveTextContent('1.400')
    expect(card).toHaveTextContent('Latency')
  })
})

describe('the German catalogue', () => {
  it('leaves no English word in any state, and formats as Germans do', () => {
    const english = Object.values({ ...ENGLISH.states, ...ENGLISH.causes, ...ENGLISH.remedies, ...ENGLISH.qualities }).filter((word) => word.length > 6)
    for (const state of STATES) {
      const { container, unmount } = render(
        <LabelsProvider labels={GERMAN}><SceneProvider scene={SCENES[state]}><ConnectionIndicator /><ConnectionStatus showDetails /><ConnectionStatusCard /><ConnectionBanner grace={0} /></SceneProvider></LabelsProvider>,
      )
      expect(english.filter((word) => container.textContent?.includes(word)), state).toEqual([])
      for (const named of container.querySelectorAll('[aria-label]')) expect(named.getAttribute('aria-label')).not.toMatch(/Connection|Latency|changes?\b/)
      unmount()
    }
    render(<LabelsProvider labels={GERMAN}><SceneProvider scene={SCENES.reconnecting}><ConnectionStatus showDetails /><ConnectionStatusCard /></SceneProvider></LabelsProvider>)
    expect(document.body).toHaveTextContent('Nächster Versuch in 12 Sek.')
    expect(document.body).toHaveTextContent('1.400')
    expect(screen.getByRole('img', { name: 'Die letzten 3 Wechsel' })).toBeInTheDocument()
  })

  it('fits where English does: one size in all states', () => {
    const sizes = STATES.map((state) => {
      const { container, unmount } = render(<LabelsProvider labels={GERMAN}><SceneProvider scene={SCENES[state]}><ConnectionStatus showDetails /></SceneProvider></LabelsProvider>)
      const { width } = (container.firstElementChild as Element).getBoundingClientRect()
      unmount()
      return width
    })
    expect(new Set(sizes).size, sizes.join(', ')).toBe(1)
  })
})

describe('words for a whole page', () => {
  it('come from the nearest provider, under those of the component itself', () => {
    render(
      <LabelsProvider labels={{ locale: 'de', connection: 'Verbindung', latency: 'Antwortzeit', states: { connected: 'Verbunden' } }}>
        <SceneProvider scene={SCENES['connected']}><ConnectionStatusCard labels={{ latency: 'Laufzeit' }} /><ConnectionIndicator /></SceneProvider>
      </LabelsProvider>,
    )
    expect(screen.getByRole('button', { name: 'Verbindung: Verbunden' })).toBeInTheDocument()
    const card = screen.getByRole('region', { name: 'Verbindung' })
    for (const word of ['Laufzeit', 'Uptime', '1.400']) expect(card).toHaveTextContent(word)
  })
})

describe('the history', () => {
  it('counts states, however often each was retried', async () => {
    const { wrapper: Wrapper, server, pass, uplink } = stage({ reconnectInterval: 1_000, jitter: 'none' }, { onDial: (socket) => (server.sockets.length === 1 ? socket.open() : socket.end()) })
    render(<Wrapper><ConnectionStatusCard /></Wrapper>)
    await pass(10_000)
    await act(async () => server.socket().end())
    await pass(10_000)
    expect(server.sockets.length).toBeGreaterThan(3)
    expect(uplink.history.getState().length).toBeGreaterThan(6)
    const strip = screen.getByRole('img', { name: 'The last 3 changes of state' })
    expect([...strip.children].map((bar) => bar.getAttribute('data-state'))).toEqual(['connecting', 'connected', 'reconnecting'])
  })
})

describe('plurals', () => {
  it('are those of the locale', () => {
    const forms: string[] = []
    const pl = { locale: 'pl', transitions: (count: string, plural: Intl.LDMLPluralRule) => { forms.push(`${count} ${plural}`); return `${count} zmian` } }
    for (const state of ['connecting', 'connected', 'reconnecting'] as const) {
      render(<SceneProvider scene={SCENES[state]}><ConnectionStatusCard labels={pl} /></SceneProvider>).unmount()
    }
    expect([...new Set(forms)]).toEqual(['1 one', '2 few', '3 few'])
  })

  it('are right in English', () => {
    render(<SceneProvider scene={SCENES['connecting']}><ConnectionStatusCard /></SceneProvider>)
    expect(screen.getByRole('img', { name: 'The last change of state' })).toBeInTheDocument()
  })
})

describe('the reconnect button', () => {
  const refusing = () => stage({ reconnectInterval: 20_000, jitter: 'none' }, { onDial: (socket) => socket.end() })

  it('works while a page that never connected waits for its next attempt', async () => {
    const { wrapper: Wrapper, server, pass, uplink } = refusing()
    render(<Wrapper><ConnectionStatus showDetails /></Wrapper>)
    await pass(3_000)
    expect(uplink.getState()).toMatchObject({ state: 'connecting', phase: 'waiting' })
    expect(document.body).toHaveTextContent('Next attempt in 17 sec')
    const button = screen.getByRole('button', { name: 'Reconnect' })
    expect(button).not.toHaveAttribute('aria-disabled')
    await userEvent.click(button)
    expect(server.sockets).toHaveLength(2)
  })

  it('shows at once that it was pressed, even where the attempt fails at once', async () => {
    const { wrapper: Wrapper, pass, uplink } = refusing()
    render(<Wrapper><ConnectionStatus /></Wrapper>)
    await pass(3_000)
    const button = screen.getByRole('button', { name: 'Reconnect' })
    expect(flashes(button)).toEqual([])
    const flash = await flashOf(button, () => userEvent.click(button))
    expect(uplink.getState().phase).toBe('waiting')
    expect(flash).toHaveLength(1)
  })

  it('shows that an attempt is under way, for as long as it is', async () => {
    const { wrapper: Wrapper, server, pass } = stage({ reconnectInterval: 20_000, jitter: 'none' }, { onDial: () => undefined })
    render(<Wrapper><ConnectionStatus /></Wrapper>)
    await act(async () => server.socket().end())
    await pass(3_000)
    const button = screen.getByRole('button', { name: 'Reconnect' })
    const shape = () => button.querySelector('svg')?.innerHTML
    const still = shape()
    expect(button).not.toHaveAttribute('data-trying')
    await userEvent.click(button)
    expect(button).toHaveAttribute('data-trying')
    expect(shape()).not.toBe(still)
    await act(async () => server.socket().open())
    expect(button).not.toHaveAttribute('data-trying')
    expect(shape()).toBe(still)
  })

  it('keeps the focus of who pressed it when the connection is back, and is gone for everybody else', async () => {
    const { wrapper: Wrapper, server, pass } = stage({ reconnectInterval: 20_000, jitter: 'none' }, { onDial: () => undefined })
    render(<Wrapper><ConnectionStatus /></Wrapper>)
    await act(async () => server.socket().end())
    await pass(3_000)
    const button = screen.getByRole('button', { name: 'Reconnect' })
    button.focus()
    await userEvent.keyboard('{Enter}')
    await act(async () => server.socket().open())
    await pass(1_000)
    expect(document.querySelector('[data-slot="connection-status"]')).toHaveAttribute('data-state', 'connected')
    expect(button).toHaveFocus()
    await userEvent.tab()
    expect(screen.queryByRole('button', { name: 'Reconnect' })).toBeNull()
  })
})
