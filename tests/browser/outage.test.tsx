/** A page over whole outages, as the browser itself sees it: what moves, what flickers, what is said, what can be reached. */
import { act, cleanup, render, screen } from '@testing-library/react'
import type { ReactNode } from 'react'
import { userEvent } from 'vitest/browser'
import { afterEach, describe, expect, it } from 'vitest'
import { ConnectionBanner, ConnectionIndicator, ConnectionStatus, ConnectionStatusCard, ConnectionSummary, ConnectionTimeline, Freshness, LatencyChart, useUplink } from 'uplink'
import '../../src/styles.css'
import { type Scene, SCENES, SITUATIONS, STATES, SceneProvider, resuming } from '../../stories/support/scenes.tsx'
import { friendly, stage } from './support.tsx'

afterEach(cleanup)

const Feeds = (): ReactNode => <ConnectionSummary connections={[{ name: 'Prices', uplink: useUplink(), affects: 'Prices are not current.' }]} />

/** Shifts count only inside the window, so it stands beside the rest. */
const Pictures = (): ReactNode => (
  <div style={{ position: 'absolute', top: 60, left: 660, width: 330 }}>
    <Freshness channel="prices"><p>EUR/USD 1.0842</p></Freshness>
    <LatencyChart />
    <ConnectionTimeline />
    <Feeds />
    <p>Below the pictures</p>
  </div>
)

const Everything = (): ReactNode => (
  <div style={{ width: 640 }}>
    <ConnectionBanner />
    <header style={{ display: 'flex', gap: 8 }}><b>Desk</b><ConnectionIndicator /><ConnectionIndicator variant="icon" /><i>after it</i></header>
    <p>Before the line</p>
    <ConnectionStatus showDetails /><span>beside the line</span>
    <ConnectionStatusCard />
    <p data-testid="below">Below the card</p>
    <Pictures />
  </div>
)

const painted = (): Promise<void> => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(() => resolve())) })

interface Shift extends PerformanceEntry {
  readonly value: number
  readonly sources: ReadonlyArray<{ readonly node: Node | null; readonly previousRect: DOMRectReadOnly; readonly currentRect: DOMRectReadOnly }>
}

/** Which elements moved, for whoever has to mend it. */
const blame = (shifts: readonly Shift[]): string => shifts.flatMap(({ sources }) => sources.map(({ node, previousRect, currentRect }) => {
  const element = node instanceof Element ? node : node?.parentElement
  const place = ({ x, y, width, height }: DOMRectReadOnly): string => [x, y, width, height].map(Math.round).join(' ')
  return `${element?.closest('[data-slot]')?.getAttribute('data-slot') ?? element?.tagName} "${node?.textContent}": ${place(previousRect)} -> ${place(currentRect)}`
})).join('\n')

/** What the browser counts as layout shifts from now on. */
function watchShifts() {
  const shifts: Shift[] = []
  const observer = new PerformanceObserver((list) => shifts.push(...(list.getEntries() as Shift[])))
  observer.observe({ type: 'layout-shift' })
  return async (): Promise<Shift[]> => {
    await painted()
    shifts.push(...(observer.takeRecords() as Shift[]))
    return shifts
  }
}

describe('over a whole outage', () => {
  it('nothing on the page is shifted: lost, tried again, given up for now, back, caught up, and after the receipt', async () => {
    const scene = resuming()
    const pass = async (ms: number): Promise<void> => {
      await act(async () => scene.platform.clock.advanceAsync(ms))
      await painted()
    }
    render(<SceneProvider scene={() => scene}><Everything /></SceneProvider>)
    await pass(10_000)
    const shifts = watchShifts()
    const seen = new Set<string>()
    const look = (): void => { seen.add(document.querySelector('[data-slot="connection-status"]')?.getAttribute('data-state') ?? '') }
    look()
    await act(async () => scene.server.socket().end())
    for (let second = 0; second < 30; second++) { await pass(1_000); look() }
    await act(async () => scene.server.socket().receive({ type: 'tick', channel: 'prices', from: 5_001, offset: 5_400, data: 1 }))
    for (let second = 0; second < 15; second++) { await pass(1_000); look() }
    expect([...seen]).toEqual(['connected', 'reconnecting', 'catching_up'])
    expect(blame(await shifts())).toBe('')
    // The measure measures: this moves all that is below.
    const wedge = document.createElement('div')
    wedge.style.height = '80px'
    document.body.prepend(wedge)
    expect((await shifts()).length).toBeGreaterThan(0)
    wedge.remove()
  })

  it('nothing on the page is shifted by a breaker that opens, a network that goes, and a refusal for good', async () => {
    let answer: 'open' | 'end' | 'refuse' = 'open'
    const { wrapper: Wrapper, pass, server, platform, uplink } = stage({ maxReconnectAttempts: 2, reconnectInterval: 1_000, jitter: 'none' }, {
      ...friendly,
      onDial: (socket) => (answer === 'open' ? socket.open() : socket.end(answer === 'refuse' ? { code: 4403, reason: 'no' } : undefined)),
    })
    render(<Wrapper><Everything /></Wrapper>)
    await pass(10_000)
    await painted()
    const shifts = watchShifts()
    const seen = new Set<string>()
    const watch = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        await pass(1_000)
        await painted()
        seen.add(document.querySelector('[data-slot="connection-status"]')?.getAttribute('data-state') ?? '')
      }
    }
    answer = 'end'
    await act(async () => server.socket().end())
    await watch(10)
    answer = 'open'
    await act(async () => uplink.reconnect())
    await watch(2)
    answer = 'end'
    await act(async () => { platform.fire('offline'); server.socket().end() })
    await watch(6)
    answer = 'refuse'
    await act(async () => uplink.reconnect())
    await watch(2)
    expect([...seen]).toEqual(expect.arrayContaining(['cooldown', 'connected', 'offline', 'error']))
    expect(blame(await shifts())).toBe('')
  })
})

/** Every change in the page's tree from now on, but for text that counts and statistics: they are meant to change. */
function watchChanges(): string[] {
  const changes: string[] = []
  new MutationObserver((records) => {
    for (const { target, attributeName } of records) {
      const element = target instanceof Element ? target : target.parentElement
      const slot = element?.closest('[data-slot]')?.getAttribute('data-slot') ?? element?.tagName ?? '?'
      if (!['elapsed', 'tiles'].includes(slot)) changes.push(`${slot} ${attributeName ?? ''}`)
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })
  return changes
}

describe('flicker', () => {
  it('is not caused by a drop of 400 ms: nothing on the screen changes', async () => {
    const { wrapper: Wrapper, pass, server, uplink } = stage({ jitter: 'none', reconnectInterval: 400 }, friendly)
    render(<Wrapper><ConnectionBanner grace={0} /><ConnectionIndicator /><ConnectionIndicator variant="icon" /><ConnectionStatus showDetails /><ConnectionStatusCard /></Wrapper>)
    await pass(12_000)
    const changes = watchChanges()
    const connectedAt = uplink.getState().connectedAt as number
    await act(async () => server.socket().end())
    await pass(200)
    expect(uplink.getState().state).toBe('reconnecting')
    await pass(2_000)
    expect(uplink.getState().state).toBe('connected')
    expect(uplink.getState().connectedAt).toBeGreaterThan(connectedAt)
    // The history of the card remembers it: that is what it is for. The new socket's first round trip is news.
    expect(changes.filter((change) => !/^(history|sparkline|latency) /.test(change))).toEqual([])
    expect(document.body).not.toHaveTextContent('unknown')
  })

  it('is not caused by attempts that fail: one calm state, however often it is tried', async () => {
    let up = true
    const { wrapper: Wrapper, pass, server, uplink } = stage({ jitter: 'none', reconnectInterval: 300, maxReconnectDelay: 700, maxReconnectAttempts: Infinity }, {
      onDial: (socket) => { if (up) socket.open() },
      onSend: (socket, frame) => { if (String(frame).includes('"ping"')) socket.receive({ type: 'pong' }) },
    })
    render(<Wrapper><ConnectionIndicator /><ConnectionStatus /></Wrapper>)
    await pass(10_000)
    up = false
    await act(async () => server.socket().end())
    await pass(1_500)
    const shown = () => [...document.querySelectorAll('[data-slot="connection-indicator"], [data-slot="connection-status"]')].map((element) => element.getAttribute('data-state'))
    expect(shown()).toEqual(['reconnecting', 'reconnecting'])
    const phases = new Set<string>()
    const forget = uplink.subscribe(({ phase }) => phases.add(phase))
    const changes = watchChanges()
    for (let n = 0; n < 20; n++) {
      await pass(350)
      if (uplink.getState().phase === 'dialing') await act(async () => server.socket().end())
    }
    forget()
    expect([...phases]).toEqual(expect.arrayContaining(['dialing', 'waiting']))
    expect(shown()).toEqual(['reconnecting', 'reconnecting'])
    // The button says that an attempt is under way; no state, word or mark comes or goes.
    expect(changes.filter((change) => !/^(reconnect|icon)/.test(change))).toEqual([])
  })
})

describe('five situations', () => {
  const read = (make: () => Scene): string => {
    const { unmount } = render(<SceneProvider scene={make}><ConnectionStatus showDetails actions={{ sign_in: () => undefined }} /></SceneProvider>)
    const sentence = document.querySelector('[data-slot="explanation"]')?.textContent ?? ''
    const buttons = screen.getAllByRole('button').slice(1).map(({ textContent }) => textContent)
    unmount()
    return `${sentence.replace(/\d+/, 'n')} [${buttons.join(', ')}]`
  }
  it('are five sentences, each with what helps', () => {
    expect(Object.values(SITUATIONS).map(read)).toEqual([
      'This device is offline. Check your network; it resumes by itself. [Reconnect]',
      'The server cannot be reached. Next attempt in n sec [Reconnect]',
      'Your session has expired or is not valid here. Sign in again. [Sign in]',
      'The server is overloaded. Next attempt in n sec [Reconnect]',
      'This page has not been able to connect yet. Next attempt in n sec [Reconnect]',
    ])
  })
})

describe('the keyboard', () => {
  it.each(STATES)('reaches everything in state "%s" that a pointer reaches', async (state) => {
    render(<SceneProvider scene={SCENES[state]}><Everything /></SceneProvider>)
    const wanted = screen.getAllByRole('button').filter((button) => !button.matches(':disabled'))
    const reached = new Set<Element>()
    for (let press = 0; press <= wanted.length + 1; press++) {
      await userEvent.tab()
      if (document.activeElement !== null) reached.add(document.activeElement)
    }
    expect(wanted.length).toBeGreaterThan(3)
    expect(wanted.filter((button) => !reached.has(button)).map(({ textContent }) => textContent)).toEqual([])
  })
})
