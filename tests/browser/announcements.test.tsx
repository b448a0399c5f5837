/** What a screen reader hears: once a page, settled news only, nothing on mount. */
import { act, cleanup, render, screen } from '@testing-library/react'
import { StrictMode } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Announcer, ConnectionBanner, ConnectionIndicator, ConnectionStatus, ConnectionStatusCard } from 'uplink'
import { openLine } from '../../src/components/parts/live-region.ts'
import { type Scene, SCENES, SceneProvider, resuming } from '../../stories/support/scenes.tsx'
import { stage } from './support.tsx'

afterEach(cleanup)

/** Collects what all live regions of the page say from now on: of a region that is not atomic, what changed in it. */
function listen(): string[] {
  const spoken: string[] = []
  new MutationObserver((records) => {
    for (const { target, addedNodes } of records) {
      const place = target instanceof Element ? target : target.parentElement
      const region = place?.closest('[role="status"]')
      if (region === null || region === undefined || place === null) continue
      const said = region.getAttribute('aria-atomic') === 'false' ? place : region
      if (said.textContent !== '' && (target.nodeType === Node.TEXT_NODE || addedNodes.length > 0)) spoken.push(said.textContent ?? '')
    }
  }).observe(document.body, { childList: true, characterData: true, subtree: true })
  return spoken
}

const LOST = 'Connection lost. Reconnecting.'
const passing = (scene: Scene) => (ms: number) => act(async () => scene.platform.clock.advanceAsync(ms))

/** An outage of about 40 s with many retries, seen by whatever `show` renders. */
function outage() {
  let up = true
  const { wrapper, server, pass } = stage({ maxReconnectAttempts: Infinity, reconnectInterval: 1_000, maxReconnectDelay: 4_000 }, {
    onDial: (socket) => (up ? socket.open() : socket.end()),
  })
  return {
    Wrapper: wrapper,
    server,
    pass,
    async begin() {
      up = false
      await act(async () => server.socket().end())
      for (let second = 0; second < 40; second++) await pass(1_000)
    },
    async end() {
      up = true
      await pass(10_000)
    },
  }
}

describe('the live region', () => {
  it('is one for all components and connections of a page, and goes with the last of them', async () => {
    const [one, other] = [outage(), outage()]
    const page = (all: boolean) => <>{all && <one.Wrapper><ConnectionIndicator /><ConnectionStatusCard /></one.Wrapper>}<other.Wrapper><ConnectionStatus /></other.Wrapper></>
    const { rerender, unmount } = render(page(true))
    expect(screen.getAllByRole('status')).toHaveLength(1)
    const region = screen.getByRole('status')
    rerender(page(false))
    expect(screen.getByRole('status')).toBe(region)
    unmount()
    expect(screen.queryByRole('status')).toBeNull()
  })

  it('takes no room, and is not hidden from those who listen', () => {
    render(<SceneProvider scene={SCENES['connected']}><Announcer /></SceneProvider>)
    const region = screen.getByRole('status')
    expect(region.getBoundingClientRect()).toMatchObject({ width: 1, height: 1 })
    expect(getComputedStyle(region)).toMatchObject({ position: 'fixed', display: 'block', visibility: 'visible' })
  })

  it('follows into an open modal, outside of which nothing is read, and back', async () => {
    const { Wrapper, pass, begin, end } = outage()
    render(<Wrapper><ConnectionIndicator /><dialog data-testid="modal">Sure?</dialog></Wrapper>)
    await pass(10_000)
    const modal = screen.getByTestId<HTMLDialogElement>('modal')
    modal.showModal()
    await begin()
    await vi.waitFor(() => expect(modal.querySelector('[role="status"]')).toHaveTextContent(LOST))
    modal.close()
    await end()
    await vi.waitFor(() => expect(document.body.lastElementChild).toHaveTextContent(/^Connection restored/))
    expect(screen.getAllByRole('status')).toHaveLength(1)
  })

  it('says the newest sentence last, where an older one waits for the region to settle in a modal', async () => {
    const line = openLine()
    render(<dialog data-testid="modal">Sure?</dialog>)
    const modal = screen.getByTestId<HTMLDialogElement>('modal')
    modal.showModal()
    const spoken = listen()
    line.say(LOST)
    line.say('Connection restored.')
    await vi.waitFor(() => expect(spoken).toEqual(['Connection restored.']))
    await new Promise((resolve) => { setTimeout(resolve, 200) })
    expect(spoken).toEqual(['Connection restored.'])
    line.close()
  })

  it('is silent where the page takes the sentences for an announcer of its own, wherever that stands', async () => {
    const { Wrapper, pass, begin, end } = outage()
    const announce = vi.fn<(sentence: string) => void>()
    render(<Wrapper><ConnectionIndicator /><ConnectionStatusCard /><Announcer announce={announce} labels={{ announceLost: 'Weg.' }} /></Wrapper>)
    const spoken = listen()
    await pass(10_000)
    await begin()
    await end()
    expect(announce.mock.calls.map(([sentence]) => sentence)).toEqual(['Weg.', expect.stringMatching(/^Connection restored after 4\d sec\.$/)])
    expect(spoken).toEqual([])
  })
})

describe('a screen reader hears', () => {
  it('exactly two sentences over an outage of 40 s with many retries', async () => {
    const { Wrapper, server, pass, begin, end } = outage()
    render(<StrictMode><Wrapper><ConnectionStatus /></Wrapper></StrictMode>)
    expect(screen.getByRole('status')).toHaveTextContent('')
    const spoken = listen()
    await pass(10_000)
    await begin()
    expect(server.sockets.length).toBeGreaterThan(8)
    await end()
    await vi.waitFor(() => expect(spoken).toHaveLength(2))
    expect(spoken[0]).toBe(LOST)
    expect(spoken[1]).toMatch(/^Connection restored after 4\d sec\.$/)
  })

  it('the same two sentences however many components show the outage', async () => {
    const { Wrapper, pass, begin, end } = outage()
    render(<StrictMode><Wrapper><ConnectionIndicator /><ConnectionStatus showDetails /><ConnectionStatusCard /><ConnectionStatus compact /><ConnectionBanner /></Wrapper></StrictMode>)
    const spoken = listen()
    await pass(10_000)
    await begin()
    await end()
    await vi.waitFor(() => expect(spoken).toHaveLength(2))
    expect(spoken[0]).toBe(LOST)
    expect(spoken[1]).toMatch(/^Connection restored after/)
  })

  it('the end of an outage from the next component when the one that told its beginning has gone', async () => {
    const { Wrapper, pass, begin, end } = outage()
    const page = (both: boolean) => <StrictMode><Wrapper>{both && <ConnectionIndicator />}<ConnectionStatusCard /></Wrapper></StrictMode>
    const { rerender } = render(page(true))
    const spoken = listen()
    await pass(10_000)
    await begin()
    rerender(page(false))
    await end()
    await vi.waitFor(() => expect(spoken).toHaveLength(2))
    expect(spoken[1]).toMatch(/^Connection restored after 4\d sec\.$/)
    expect(screen.getByRole('status')).toHaveTextContent(/^Connection restored/)
  })

  it('of each connection on a page, from one component each', async () => {
    const [one, other] = [outage(), outage()]
    render(<><one.Wrapper><ConnectionIndicator /><ConnectionStatus /></one.Wrapper><other.Wrapper><ConnectionIndicator /></other.Wrapper></>)
    const spoken = listen()
    await one.pass(10_000)
    await other.pass(10_000)
    await one.begin()
    await other.begin()
    await vi.waitFor(() => expect(spoken).toEqual([LOST, LOST]))
  })

  it.each(['reconnecting', 'error', 'cooldown', 'offline', 'catching_up', 'delayed', 'disconnected'] as const)('nothing when a component appears in state "%s": that is on the screen, and no news', async (state) => {
    const spoken = listen()
    render(<SceneProvider scene={SCENES[state]}><ConnectionIndicator /><ConnectionStatusCard /></SceneProvider>)
    await act(async () => undefined)
    expect(screen.getAllByRole('status').map(({ textContent }) => textContent)).toEqual([''])
    expect(spoken).toEqual([])
  })

  it('the recovery from an outage that was under way when the component appeared', async () => {
    const { Wrapper, pass, begin, end, server } = outage()
    const { rerender } = render(<Wrapper><p>no status yet</p></Wrapper>)
    await pass(10_000)
    await begin()
    expect(server.alive()).toBe(0)
    rerender(<Wrapper><ConnectionIndicator /></Wrapper>)
    const spoken = listen()
    await end()
    await vi.waitFor(() => expect(spoken).toHaveLength(1))
    expect(spoken[0]).toMatch(/^Connection restored after 4\d sec\.$/)
  })

  it('nothing while a page connects for the first time, or drops for 400 ms', async () => {
    const { wrapper: Wrapper, server, pass } = stage({ reconnectInterval: 0 })
    render(<Wrapper><ConnectionIndicator /></Wrapper>)
    const spoken = listen()
    await pass(5_000)
    await act(async () => server.socket().end())
    await pass(10_000)
    expect(screen.getByRole('status')).toHaveTextContent('')
    expect(spoken).toEqual([])
  })

  it('that it catches up when the socket is back, and that it is restored when the data is', async () => {
    const scene = resuming()
    const pass = passing(scene)
    render(<SceneProvider scene={() => scene}><ConnectionIndicator /><ConnectionStatus /></SceneProvider>)
    const spoken = listen()
    await pass(10_000)
    await act(async () => scene.server.socket().end())
    await pass(25_000)
    await vi.waitFor(() => expect(spoken).toEqual([LOST, 'Connected again. Catching up.']))
    await act(async () => scene.server.socket().receive({ type: 'tick', channel: 'prices', from: 5_001, offset: 5_400, data: 1 }))
    await vi.waitFor(() => expect(spoken).toHaveLength(3))
    expect(spoken[2]).toMatch(/^Connection restored after \d+ sec\.$/)
  })

  it('of a link that comes and goes while it catches up only once', async () => {
    const scene = resuming()
    const pass = passing(scene)
    render(<SceneProvider scene={() => scene}><ConnectionIndicator /></SceneProvider>)
    const spoken = listen()
    await pass(10_000)
    for (let drop = 0; drop < 5; drop++) {
      await act(async () => scene.server.socket().end())
      await pass(25_000)
    }
    expect(scene.server.sockets.length).toBeGreaterThan(5)
    await vi.waitFor(() => expect(spoken).toEqual([LOST, 'Connected again. Catching up.']))
  })
})
