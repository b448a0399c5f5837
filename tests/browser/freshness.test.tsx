/** Data that is old says so: not for a blip, at once when it is current again, and without moving anything. */
import { act, cleanup, render, screen } from '@testing-library/react'
import { StrictMode, type ReactNode } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import { Freshness, useChannel, useFreshness } from 'uplink'
import '../../src/styles.css'
import { friendly, stage } from './support.tsx'

afterEach(cleanup)

const box = (): HTMLElement => document.querySelector('[data-slot="freshness"]') as HTMLElement
const stateNow = (): string | null => box().getAttribute('data-state')
const tick = (bid: number) => ({ type: 'tick', channel: 'prices', data: bid })

/** A server that can be taken away. */
function breakable(options: Parameters<typeof stage>[0] = {}) {
  let up = true
  const it = stage({ reconnectInterval: 200, maxReconnectDelay: 500, jitter: 'none', maxReconnectAttempts: Infinity, ...options }, {
    ...friendly, onDial: (socket) => (up ? socket.open() : socket.end()),
  })
  return {
    ...it,
    lose: () => act(async () => { up = false; it.server.socket().end() }),
    comeBack: () => { up = true },
  }
}

function Price(): ReactNode {
  const { data } = useChannel<number>('prices')
  return <output>{data ?? 'none'}</output>
}

describe('a widget in Freshness', () => {
  it('waits for its first message, is fresh with it, stale while the connection is away, and never hidden', async () => {
    const { wrapper: Wrapper, pass, receive, lose, comeBack } = breakable()
    render(<StrictMode><Wrapper><Freshness channel="prices"><Price /></Freshness></Wrapper></StrictMode>)
    await pass(2_000)
    expect(stateNow()).toBe('waiting')
    await act(async () => receive(tick(7)))
    await pass(2_000)
    expect(stateNow()).toBe('fresh')
    const size = box().getBoundingClientRect().toJSON() as object
    await lose()
    await pass(3_000)
    expect(stateNow()).toBe('stale')
    expect(screen.getByText('7')).toBeVisible()
    expect(box().querySelector('time')).toHaveAttribute('datetime', '2026-01-01T00:00:04.000Z')
    expect(box().getBoundingClientRect().toJSON()).toEqual(size)
    comeBack()
    await pass(3_000)
    expect(stateNow()).toBe('fresh')
    expect(box()).not.toHaveTextContent('as of')
  })

  it('shows nothing of a drop that heals within the grace', async () => {
    const { wrapper: Wrapper, pass, receive, server, platform } = breakable()
    const seen = new Set<string>()
    function Probe(): ReactNode {
      seen.add(useFreshness('prices').state)
      return null
    }
    render(<Wrapper><Freshness channel="prices"><Price /></Freshness><Probe /></Wrapper>)
    await pass(2_000)
    await act(async () => receive(tick(7)))
    await pass(1_000)
    seen.clear()
    const before = box().outerHTML
    const mutations: MutationRecord[] = []
    const observer = new MutationObserver((records) => mutations.push(...records))
    observer.observe(box(), { subtree: true, childList: true, attributes: true, characterData: true })
    await act(async () => server.socket().end())
    for (let ms = 0; ms < 2_000; ms += 100) await pass(100)
    expect(server.sockets).toHaveLength(2)
    expect(platform.clock.now()).toBe(5_000)
    expect(mutations).toEqual([])
    expect(box().outerHTML).toBe(before)
    expect([...seen].filter((state) => state !== 'fresh')).toEqual([])
  })

  it('is stale by age at once, and says when its last message came, even where the connection is lost later', async () => {
    const { wrapper: Wrapper, pass, receive, lose } = breakable()
    render(<Wrapper><Freshness channel="prices" staleAfter={5_000}><Price /></Freshness></Wrapper>)
    await pass(1_000)
    await act(async () => receive(tick(1)))
    await pass(4_900)
    expect(stateNow()).toBe('fresh')
    await pass(600)
    expect(stateNow()).toBe('stale')
    const told = box().querySelector('time')?.getAttribute('datetime')
    expect(told).toBe('2026-01-01T00:00:01.000Z')
    await lose()
    await pass(5_000)
    expect(box().querySelector('time')).toHaveAttribute('datetime', told)
  })

  it('reads what useChannel returned, without a claim of its own', async () => {
    const { wrapper: Wrapper, pass, receive, lose, server } = breakable()
    function Widget(): ReactNode {
      const prices = useChannel<number>('prices')
      return <Freshness channel={prices} id="mine" className="host"><output>{prices.data}</output></Freshness>
    }
    render(<Wrapper><Widget /></Wrapper>)
    await pass(1_000)
    await act(async () => receive(tick(1)))
    await pass(500)
    expect(stateNow()).toBe('fresh')
    expect(server.socket().messages().filter(({ type }) => type === 'subscribe')).toHaveLength(1)
    await lose()
    await pass(900)
    expect(stateNow()).toBe('fresh')
    await pass(300)
    expect(stateNow()).toBe('stale')
    expect(box()).toHaveAttribute('id', 'mine')
    expect(box()).toHaveClass('host')
  })

  it('renders not once for messages, however many come', async () => {
    const { wrapper: Wrapper, pass, receive } = breakable()
    let renders = 0
    function Probe(): ReactNode {
      renders++
      return useFreshness('prices').state
    }
    render(<Wrapper><Probe /></Wrapper>)
    await pass(1_000)
    await act(async () => receive(tick(0)))
    await pass(1_000)
    const before = renders
    for (let second = 0; second < 5; second++) {
      await act(async () => { for (let n = 0; n < 200; n++) receive(tick(n)) })
      await pass(1_000)
    }
    expect(renders).toBe(before)
  })

  it('gives its claim and its timers back', async () => {
    const { wrapper: Wrapper, pass, receive, lose, server, platform, uplink } = breakable()
    const { unmount } = render(<Wrapper><Freshness channel="prices"><Price /></Freshness></Wrapper>)
    await pass(1_000)
    await act(async () => receive(tick(1)))
    await pass(500)
    await lose()
    unmount()
    await pass(5_000)
    uplink.destroy()
    expect(platform.clock.pending()).toBe(0)
    expect(server.alive()).toBe(0)
  })

  it('stamps to the second while what it shows is younger than an hour, then to the minute', async () => {
    const { wrapper: Wrapper, pass, platform } = breakable()
    await pass(1_000)
    const at = platform.time()
    render(<Wrapper><Freshness channel={{ status: 'waiting', isStale: true, asOf: at, updatedAt: at }} labels={{ locale: 'en-GB' }}>1</Freshness></Wrapper>)
    await pass(2_000)
    expect(box().querySelector('time')).toHaveTextContent(/^as of \d\d:\d\d:01$/)
    await act(async () => platform.clock.jump(3_600_000))
    await pass(2_000)
    expect(box().querySelector('time')).toHaveTextContent(/^as of (?!.*:.*:).*\d\d:\d\d$/)
  })

  it('leaves the styles of the widget to the host', () => {
    const { wrapper: Wrapper } = breakable()
    render(<Wrapper><Freshness channel={{ status: 'waiting', isStale: true, asOf: 0, updatedAt: 0 }}><div data-testid="host" style={{ boxSizing: 'content-box' }} className="x">1</div></Freshness></Wrapper>)
    expect(stateNow()).toBe('stale')
    expect(screen.getByTestId('host').closest('.uplink')).toBeNull()
  })
})
