/** Several connections: each stands for itself, and all of them for one verdict. */
import { act, cleanup, render, screen, within } from '@testing-library/react'
import { StrictMode } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConnectionIndicator, ConnectionSummary, ConnectionSummaryIndicator, createUplink } from 'uplink'
import { poll } from 'uplink/fallback'
import { createFakePlatform, scriptedTransport } from 'uplink/testing'
import '../../src/styles.css'

afterEach(cleanup)

/** Feeds on one clock, each with a server of its own that can be taken away. */
function desk() {
  const platform = createFakePlatform()
  const feed = () => {
    const control = { up: true }
    const server = scriptedTransport({
      onDial: (socket) => (control.up ? socket.open() : socket.end()),
      onSend: (socket, frame) => { if (String(frame).includes('"ping"')) socket.receive({ type: 'pong' }) },
    })
    const uplink = createUplink({ url: 'wss://test.example', platform, transport: server.transport, reconnectInterval: 500, maxReconnectDelay: 2_000, maxReconnectAttempts: Infinity })
    return {
      uplink, server,
      lose: () => act(async () => { control.up = false; server.socket().end() }),
      comeBack: () => { control.up = true },
    }
  }
  const [orders, prices, news] = [feed(), feed(), feed()]
  const pass = (ms: number): Promise<void> => act(async () => { await platform.clock.advanceAsync(ms); platform.paint() })
  const connections = [{ name: 'Orders', uplink: orders.uplink, affects: 'Orders wait.' }, { name: 'Prices', uplink: prices.uplink }, { name: 'News', uplink: news.uplink, impact: 'background' as const }]
  const summary = <ConnectionSummary connections={connections} />
  return { connections, orders, prices, news, pass, summary, platform }
}

const verdict = (): string | null | undefined => document.querySelector('[data-slot="verdict"]')?.textContent
const level = (): string | null | undefined => document.querySelector('[data-slot="connection-summary"]')?.getAttribute('data-state')
const rows = (): string[] => screen.getAllByRole('listitem').map((row) => row.getAttribute('data-state') ?? '')

describe('a summary of connections', () => {
  it('keeps a warning until its own connection is back, whatever the others do', async () => {
    const { orders, prices, news, pass, summary } = desk()
    render(<StrictMode>{summary}</StrictMode>)
    await pass(10_000)
    expect([verdict(), level()]).toEqual(['All 3 connected', 'fine'])
    await orders.lose()
    await prices.lose()
    await news.lose()
    await pass(5_000)
    expect(rows()).toEqual(['reconnecting', 'reconnecting', 'reconnecting'])
    expect([verdict(), level()]).toEqual(['Orders: Reconnecting', 'down'])
    expect(screen.getByRole('region')).toHaveTextContent('Orders wait. 2 more are affected.')
    prices.comeBack()
    news.comeBack()
    await pass(5_000)
    expect(rows()).toEqual(['reconnecting', 'connected', 'connected'])
    expect([verdict(), level()]).toEqual(['Orders: Reconnecting', 'down'])
    orders.comeBack()
    await pass(5_000)
    expect([verdict(), level()]).toEqual(['All 3 connected', 'fine'])
  })

  it('weighs what is lost by what depends on it', async () => {
    const { news, pass, summary } = desk()
    render(summary)
    await pass(10_000)
    await news.lose()
    await pass(5_000)
    expect([verdict(), level()]).toEqual(['News: Reconnecting', 'degraded'])
  })

  it('keeps its size over all of it, and shows nothing of a short drop', async () => {
    const { orders, news, pass, summary } = desk()
    render(summary)
    await pass(10_000)
    const box = screen.getByRole('region')
    const size = JSON.stringify(box.getBoundingClientRect())
    const before = box.outerHTML
    await act(async () => orders.server.socket().end())
    await pass(400)
    expect(box.outerHTML.replaceAll(/–|\d+ ms/g, '')).toBe(before.replaceAll(/–|\d+ ms/g, ''))
    await pass(5_000)
    await orders.lose()
    await news.lose()
    await pass(5_000)
    expect(level()).toBe('down')
    expect(JSON.stringify(box.getBoundingClientRect())).toBe(size)
  })

  it('speaks of each critical connection by its name, in place of others that show it, and not of the background', async () => {
    const { orders, news, pass, summary } = desk()
    render(<><ConnectionIndicator uplink={orders.uplink} />{summary}</>)
    await pass(10_000)
    const spoken: string[] = []
    new MutationObserver((records) => {
      for (const { target } of records) if ((target.parentElement ?? (target as Element)).closest('[role="status"]') !== null) spoken.push(target.textContent ?? '')
    }).observe(document.body, { childList: true, characterData: true, subtree: true })
    await orders.lose()
    await news.lose()
    await pass(10_000)
    await vi.waitFor(() => expect(spoken).toEqual(['Orders: Connection lost. Reconnecting.']))
  })

  it('says of which one data is delayed', async () => {
    const platform = createFakePlatform()
    const server = scriptedTransport({ onDial: (socket) => socket.end() })
    const uplink = createUplink({ url: 'wss://test.example', platform, transport: server.transport, maxReconnectAttempts: Infinity, fallback: poll({ fetch: () => ({ data: 1 }) }) })
    uplink.channel('btc')
    render(<ConnectionSummary connections={[{ name: 'Orders', uplink }]} />)
    for (let second = 0; second < 10; second++) await act(async () => { await platform.clock.advanceAsync(1_000); platform.paint() })
    expect(rows()).toEqual(['delayed'])
    await vi.waitFor(() => expect(document.querySelector('[role="status"]')).toHaveTextContent(/^Orders: Data is delayed/))
  })

  it('reconnects the one that was asked for', async () => {
    const { orders, prices, pass, summary } = desk()
    render(summary)
    await pass(10_000)
    await orders.lose()
    await pass(2_000)
    orders.comeBack()
    const [dialed, others] = [orders.server.sockets.length, prices.server.sockets.length]
    await act(async () => within(screen.getAllByRole('listitem')[0] as HTMLElement).getByRole('button', { name: 'Reconnect' }).click())
    expect([orders.server.sockets.length, prices.server.sockets.length]).toEqual([dialed + 1, others])
  })

  it('lets go of all of them when it goes', async () => {
    const { orders, news, pass, summary } = desk()
    const { unmount } = render(<StrictMode>{summary}</StrictMode>)
    await pass(5_000)
    expect(news.server.alive()).toBe(1)
    unmount()
    await pass(2_000)
    expect([orders, news].map(({ uplink }) => uplink.getState().state)).toEqual(['disconnected', 'disconnected'])
  })
})

describe('its indicator', () => {
  it('says the verdict at one width, and speaks of critical connections while its rows are closed', async () => {
    const { orders, news, pass, connections } = desk()
    render(<StrictMode><ConnectionSummaryIndicator connections={connections} className="mine" /></StrictMode>)
    await pass(10_000)
    const pill = screen.getByRole('button', { name: 'All 3 connected' })
    expect(pill).toHaveClass('mine')
    const { width } = pill.getBoundingClientRect()
    await news.lose()
    await pass(5_000)
    expect(pill).toHaveAccessibleName('News: Reconnecting')
    expect(pill).toHaveAttribute('data-level', 'degraded')
    expect(document.querySelector('[role="status"]')).toHaveTextContent('')
    await orders.lose()
    await pass(5_000)
    expect(pill).toHaveAccessibleName('Orders: Reconnecting')
    expect(pill.getBoundingClientRect().width).toBe(width)
    await vi.waitFor(() => expect(document.querySelector('[role="status"]')).toHaveTextContent('Orders: Connection lost. Reconnecting.'))
  })
})
