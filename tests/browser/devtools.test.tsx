/** The monitor in real Chromium, on scripted and simulated connections. */
import { act, cleanup, fireEvent, render, waitFor, within } from '@testing-library/react'
import { StrictMode } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { userEvent } from 'vitest/browser'
import { ConnectionMonitor, type ConnectionMonitorProps } from 'uplink/devtools'
import { faults } from 'uplink/devtools/faults'
import { createFakePlatform, scriptedTransport } from 'uplink/testing'
import { friendly, stage } from './support.tsx'

beforeEach(() => localStorage.removeItem('uplink.monitor'))
afterEach(cleanup)

const host = (): HTMLElement => document.querySelector<HTMLElement>('[data-uplink-monitor]') as HTMLElement
const root = (): HTMLElement => host().shadowRoot as unknown as HTMLElement
const inside = () => within(root())
const rows = (): HTMLElement[] => [...root().querySelectorAll<HTMLElement>('.row')]

function monitored(props: ConnectionMonitorProps = {}) {
  const platform = createFakePlatform()
  const server = scriptedTransport({ ...friendly, onClose: (socket) => socket.end(socket.closed) })
  const { transport, controller } = faults(server.transport, { platform, onNetwork: (isOnline) => platform.fire(isOnline ? 'online' : 'offline') })
  const made = stage({ platform, transport, jitter: 'none' })
  const view = render(<StrictMode><div style={{ height: 400, width: 900 }}><ConnectionMonitor mode="embedded" faults={controller} {...props} /></div></StrictMode>, { wrapper: made.wrapper })
  const receive = (frame: unknown): void => server.socket().receive(frame)
  return { ...made, server, controller, view, receive, tab: (name: RegExp | string) => userEvent.click(inside().getByRole('tab', { name })) }
}

async function withMessages(count: number, props: ConnectionMonitorProps = {}) {
  const made = monitored({ maxPerSecond: Infinity, initialTab: 'messages', ...props })
  await made.pass(1_000)
  for (let n = 0; n < count; n++) made.receive({ type: n % 2 === 0 ? 'tick' : 'order', channel: `c${n % 3}`, data: { n } })
  await made.pass(500)
  return made
}

describe('the floating monitor', () => {
  it('opens from its button, takes the focus, closes by Escape, gives it back, and remembers all of it', async () => {
    const { pass, view, wrapper, uplink } = monitored({ mode: 'floating' })
    await pass(1_000)
    const button = inside().getByRole('button', { name: 'Open the connection monitor of Connection: Connected' })
    await userEvent.click(button)
    await waitFor(() => expect((root() as unknown as ShadowRoot).activeElement).toBe(inside().getByRole('tab', { name: 'Connection' })))
    await userEvent.keyboard('{ArrowRight}')
    expect(inside().getByRole('tab', { name: 'Messages', selected: true })).toBeTruthy()
    const edge = inside().getByRole('separator', { name: 'Height of the monitor' })
    edge.focus()
    await userEvent.keyboard('{ArrowUp}')
    expect(edge.getAttribute('aria-valuenow')).toBe('484')
    view.unmount()
    render(<ConnectionMonitor uplink={uplink} />, { wrapper })
    await pass(0)
    expect(inside().getByRole('tab', { name: 'Messages', selected: true })).toBeTruthy()
    expect(inside().getByRole('separator', { name: 'Height of the monitor' }).getAttribute('aria-valuenow')).toBe('484')
    await userEvent.fill(inside().getByLabelText('Search messages'), 'x')
    await userEvent.keyboard('{Escape}')
    expect([inside().getByLabelText<HTMLInputElement>('Search messages').value, inside().queryAllByRole('tablist').length]).toEqual(['', 1])
    await userEvent.keyboard('{Escape}')
    await waitFor(() => expect((root() as unknown as ShadowRoot).activeElement?.className).toBe('launcher'))
  })

  it('can be resized by its edges, and not beyond the window', async () => {
    const { pass } = monitored({ mode: 'floating', initialIsOpen: true })
    await pass(100)
    const edge = inside().getByRole('separator', { name: 'Height of the monitor' })
    const height = (): number => root().querySelector('.floating')?.getBoundingClientRect().height ?? 0
    const { top, left } = edge.getBoundingClientRect()
    for (const [type, y] of [['pointerDown', top], ['pointerMove', top - 60], ['pointerUp', top - 60]] as const) {
      fireEvent[type](edge, { pointerId: 1, clientX: left + 5, clientY: y, isPrimary: true })
    }
    expect(height()).toBe(520)
    edge.focus()
    for (let n = 0; n < 40; n++) await userEvent.keyboard('{ArrowUp}')
    expect(height()).toBe(innerHeight - 24)
  })

  it('survives storage that is forbidden', async () => {
    const forbidden = vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => { throw new DOMException('no', 'SecurityError') })
    const { pass } = monitored({ mode: 'floating' })
    await pass(100)
    await userEvent.click(inside().getByRole('button', { name: /^Open/ }))
    expect(inside().getByRole('tablist')).toBeTruthy()
    forbidden.mockRestore()
  })
})

describe('its page', () => {
  it('lets no rule of the page in and none of its own out, and shows the nonce it is given', async () => {
    const style = document.createElement('style')
    style.textContent = '* { color: rgb(1, 2, 3) !important; font-size: 40px !important; } button { display: none !important; }'
    document.head.append(style)
    const { pass } = monitored({ nonce: 'abc123' })
    await pass(500)
    const tab = inside().getByRole('tab', { name: 'Messages' })
    expect(getComputedStyle(tab).fontSize).toBe('12px')
    expect(getComputedStyle(tab).color).not.toBe('rgb(1, 2, 3)')
    expect(tab.getBoundingClientRect().height).toBeGreaterThan(20)
    expect(root().querySelector('style')?.nonce).toBe('abc123')
    style.remove()
  })

  it.each([['abc123', 0], ['another', 1]] as const)('keeps to a strict Content-Security-Policy: with the nonce %s, %i things are blocked', async (nonce, blocked) => {
    const frame = document.createElement('iframe')
    frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-abc123'"><body></body>`
    document.body.append(frame)
    await new Promise((resolve) => { frame.onload = resolve })
    const page = frame.contentDocument as Document
    const violations: string[] = []
    page.addEventListener('securitypolicyviolation', ({ effectiveDirective, sample }) => violations.push(`${effectiveDirective} ${sample}`))
    const { uplink, pass } = stage()
    render(<ConnectionMonitor uplink={uplink} mode="embedded" nonce={nonce} />, { container: page.body })
    act(() => void uplink.connect())
    await pass(2_000)
    const shadow = within(page.querySelector('[data-uplink-monitor]')?.shadowRoot as unknown as HTMLElement)
    for (const name of ['Messages', 'Channels', 'Outbox', 'Timeline', 'Faults']) act(() => shadow.getByRole('tab', { name }).click())
    await waitFor(() => expect(violations).toHaveLength(blocked))
    expect(page.defaultView?.getComputedStyle(shadow.getByRole('tab', { name: 'Faults' })).fontSize === '12px').toBe(blocked === 0)
    frame.remove()
  })

  it.each([['dark', 'dark'], ['light', 'light']] as const)('follows the theme of the page: %s', async (theme, expected) => {
    const { pass } = monitored()
    await pass(100)
    document.documentElement.dataset['theme'] = theme
    await waitFor(() => expect(root().querySelector('.monitor')?.getAttribute('data-theme')).toBe(expected))
    delete document.documentElement.dataset['theme']
  })

  it('does not keep the connection open, and goes with its recorder', async () => {
    const platform = createFakePlatform()
    const server = scriptedTransport(friendly)
    const { uplink } = stage({ platform, transport: server.transport })
    const view = render(<ConnectionMonitor uplink={uplink} mode="embedded" />)
    await act(async () => platform.clock.advance(5_000))
    expect(server.sockets).toHaveLength(0)
    view.unmount()
    expect(platform.clock.pending()).toBe(0)
  })
})

describe('the connection tab', () => {
  it('shows the phase, the way it came, and how long until the next attempt', async () => {
    const { pass, controller } = monitored()
    await pass(1_000)
    const picture = (): HTMLElement => inside().getByRole('img', { name: /phase/ })
    expect(picture().getAttribute('aria-label')).toBe('Connected: phase open, carries messages, came from dialing')
    controller.set({ offline: true })
    await pass(300)
    expect(picture().getAttribute('aria-label')).toBe('Reconnecting: phase waiting, waits for the next attempt, came from open')
    expect(picture().textContent).toMatch(/next attempt in \d+ ms/)
    await pass(3_000)
    expect(root().querySelector('[data-mark="current"]')?.getAttribute('data-phase')).toBe('paused')
    controller.heal()
    await pass(1_000)
    expect(root().querySelector('[data-mark="current"]')?.getAttribute('data-phase')).toBe('open')
  })

  it('draws latency, messages and bytes, and when the connection was not there', async () => {
    const { pass, receive, controller } = monitored()
    for (let second = 0; second < 8; second++) {
      await pass(1_000)
      for (let n = 0; n < 20; n++) receive({ type: 'tick' })
    }
    await pass(400)
    expect(inside().getByRole('img', { name: /^Messages, last 2 minutes: now in 20\/s/ })).toBeTruthy()
    expect(root().querySelectorAll('.gap')).toHaveLength(0)
    controller.close(1013)
    await pass(3_000)
    expect(root().querySelectorAll('.gap').length).toBeGreaterThan(1)
  })
})

describe('the message log', () => {
  it('holds ten thousand messages, and the page has as many rows as are seen', async () => {
    const { receive, pass } = await withMessages(12_000)
    expect(root().querySelector('.status')?.textContent).toContain('10,000 messages')
    expect(rows().length).toBeGreaterThan(5)
    expect(rows().length).toBeLessThan(60)
    expect(rows().at(-1)?.getAttribute('aria-posinset')).toBe('10000')
    expect(rows().at(-1)?.textContent).toContain('{"n":11999}')
    expect(root().querySelectorAll('*').length).toBeLessThan(900)
    receive({ type: 'tick', data: { n: 'last' } })
    await pass(300)
    expect(rows().at(-1)?.textContent).toContain('{"n":"last"}')
  })

  it('stands still for who reads, says how much is new, and follows again', async () => {
    const { receive, pass } = await withMessages(2_000)
    const box = inside().getByRole('listbox', { name: 'Messages' })
    await act(async () => { box.scrollTop = 3_000; await new Promise(requestAnimationFrame) })
    await pass(300)
    const seen = rows().map((row) => row.textContent)
    for (let n = 0; n < 12; n++) receive({ type: 'tick', data: { n: 'new' } })
    await pass(300)
    expect(rows().map((row) => row.textContent)).toEqual(seen)
    await userEvent.click(inside().getByRole('button', { name: '12 new' }))
    await waitFor(() => expect(rows().at(-1)?.textContent).toContain('"new"'))
    await userEvent.click(inside().getByRole('button', { name: 'Pause' }))
    receive({ type: 'tick', data: { n: 'newer' } })
    await pass(300)
    expect(rows().at(-1)?.textContent).not.toContain('"newer"')
    await userEvent.click(inside().getByRole('button', { name: 'Follow' }))
    await waitFor(() => expect(rows().at(-1)?.textContent).toContain('"newer"'))
  })

  it('filters by direction, type, channel and protocol, and searches', async () => {
    const { uplink, pass } = await withMessages(60)
    act(() => void uplink.send({ type: 'hi', data: 'there' }))
    await pass(300)
    const shown = (): string => root().querySelector('.status span')?.textContent ?? ''
    await userEvent.click(inside().getByRole('button', { name: 'Out' }))
    await waitFor(() => expect(rows().map((row) => row.dataset['direction'])).toEqual(expect.not.arrayContaining(['in'])))
    expect(rows().at(-1)?.textContent).toContain('hi')
    await userEvent.click(inside().getByRole('button', { name: 'All' }))
    await userEvent.selectOptions(inside().getByLabelText('Type'), 'order')
    await waitFor(() => expect(shown()).toContain('30 of'))
    await userEvent.selectOptions(inside().getByLabelText('Channel'), 'c1')
    await waitFor(() => expect(shown()).toContain('10 of'))
    await userEvent.selectOptions(inside().getByLabelText('Channel'), '')
    await userEvent.selectOptions(inside().getByLabelText('Type'), '')
    await userEvent.fill(inside().getByLabelText('Search messages'), '"N":59')
    await waitFor(() => expect(rows()).toHaveLength(1))
    await userEvent.fill(inside().getByLabelText('Search messages'), 'nowhere to be found')
    await waitFor(() => expect(inside().getByText('No message fits the filter.')).toBeTruthy())
    await userEvent.fill(inside().getByLabelText('Search messages'), '')
    const before = rows().filter((row) => row.dataset['control'] === 'true').length
    await userEvent.click(inside().getByLabelText('Protocol'))
    await waitFor(() => expect(rows().length).toBeGreaterThan(0))
    expect([before >= 0, rows().some((row) => row.dataset['control'] === 'true')]).toEqual([true, false])
  })

  it('shows no secret: not in a row, not in details, not by search, not in what is copied or exported', async () => {
    const { receive, pass } = await withMessages(0, { secrets: /iban/ })
    receive({ type: 'login', data: { user: 'ann', password: 'hunter2', iban: 'DE0217', nested: { accessToken: 'abc.def' }, url: 'https://x.example/?token=tok3n' } })
    receive('no JSON, but Bearer tok4n')
    await pass(300)
    const copied = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue(undefined)
    const saved: Blob[] = []
    const blobs = vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => { saved.push(blob as Blob); return 'blob:none' })
    const clicked = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined)
    fireEvent.mouseDown(rows().find((row) => row.textContent?.includes('login')) as HTMLElement)
    const details = inside().getByRole('region', { name: 'Content' })
    expect(details.textContent).toContain('"user": "ann"')
    await userEvent.click(inside().getByRole('button', { name: 'Copy message' }))
    await userEvent.click(inside().getByRole('button', { name: 'Copy shown messages' }))
    await waitFor(() => expect(inside().getByText(/^Copied \d+ messages$/)).toBeTruthy())
    await userEvent.click(inside().getByRole('button', { name: 'Export shown messages' }))
    const exported = await (saved[0] as Blob).text()
    const everything = [root().textContent, ...copied.mock.calls.flat(), exported].join('\n')
    for (const secret of ['hunter2', 'DE0217', 'abc.def', 'tok3n', 'tok4n']) expect(everything).not.toContain(secret)
    expect(exported.trimEnd().split('\n').map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(expect.arrayContaining(['login', '(text)', 'ping', 'pong']))
    await userEvent.fill(inside().getByLabelText('Search messages'), 'hunter2')
    await waitFor(() => expect(rows()).toHaveLength(0))
    for (const spy of [copied, blobs, clicked]) spy.mockRestore()
  })

  it('is walked through by the keyboard', async () => {
    await withMessages(300)
    const box = inside().getByRole('listbox', { name: 'Messages' })
    box.focus()
    await userEvent.keyboard('{ArrowUp}')
    const chosen = (): HTMLElement | null => root().querySelector<HTMLElement>('.row[aria-selected="true"]')
    expect(chosen()?.textContent).toContain('{"n":299}')
    await userEvent.keyboard('{ArrowUp}{ArrowUp}')
    expect(chosen()?.textContent).toContain('{"n":297}')
    expect(box.getAttribute('aria-activedescendant')).toBe(chosen()?.id)
    await userEvent.keyboard('{Home}')
    await waitFor(() => expect(chosen()?.getAttribute('aria-posinset')).toBe('1'))
    expect(inside().getByRole('region', { name: 'Message' })).toBeTruthy()
    inside().getByRole('button', { name: 'Close message' }).focus()
    await userEvent.keyboard('{Enter}')
    expect((root() as unknown as ShadowRoot).activeElement).toBe(box)
  })

  it('says that it samples, and how much', async () => {
    const { pass, receive } = monitored({ initialTab: 'messages' })
    await pass(1_000)
    for (let tenth = 0; tenth < 30; tenth++) {
      for (let n = 0; n < 500; n++) receive({ type: 'tick', data: n })
      await pass(100)
    }
    expect(inside().getByText(/^showing 1 of 5 \(5,\d{3}\/s\)$/)).toBeTruthy()
  })

  it('is emptied', async () => {
    await withMessages(50)
    await userEvent.click(inside().getByRole('button', { name: 'Clear log' }))
    await waitFor(() => expect(inside().getByText('No message yet.')).toBeTruthy())
  })
})

describe('the other tabs', () => {
  it('channels: a row each, sorted by what is asked for', async () => {
    const { uplink, receive, pass, tab } = monitored()
    await pass(500)
    uplink.channel('b')
    uplink.channel('a')
    await pass(500)
    for (let n = 0; n < 6; n++) receive({ type: 'tick', channel: 'b', data: n, timestamp: 0 })
    await pass(1_200)
    await tab('Channels')
    const names = (): (string | null)[] => [...root().querySelectorAll('tbody th')].map((cell) => cell.textContent)
    expect(names()).toEqual(['a', 'b'])
    expect(root().querySelector('tbody tr:nth-child(2)')?.textContent).toContain('live')
    await userEvent.click(inside().getByRole('button', { name: 'Messages' }))
    expect(names()).toEqual(['b', 'a'])
  })

  it('outbox: what waits, and what became of it', async () => {
    const { uplink, pass, controller, tab } = monitored()
    await pass(500)
    controller.set({ offline: true })
    await pass(500)
    act(() => void uplink.send({ id: 'm1', type: 'order' }, { ttl: 2_000 }))
    await pass(500)
    await tab(/^Outbox/)
    const fate = (): string | null | undefined => root().querySelector('tbody .chip')?.textContent
    expect(fate()).toBe('queued')
    await pass(3_000)
    expect(fate()).toBe('dropped')
    expect(root().querySelector('tbody')?.textContent).toContain('expired')
  })

  it('timeline: transitions and what went wrong, the newest first', async () => {
    const { pass, controller, tab } = monitored()
    await pass(500)
    controller.close(1012, 'restarting')
    await pass(3_000)
    await tab('Timeline')
    const lines = [...root().querySelectorAll('tbody tr')].map((row) => row.textContent ?? '')
    expect(lines.findIndex((line) => line.includes('1012'))).toBeGreaterThan(lines.findIndex((line) => line.includes('dialing → open')))
    await userEvent.click(inside().getByLabelText('Transitions only'))
    expect([...root().querySelectorAll('tbody tr')].every((row) => row.textContent?.includes('→'))).toBe(true)
  })
})

describe('the fault panel', () => {
  it('says how to get one where there is none', async () => {
    const { uplink } = stage()
    render(<ConnectionMonitor uplink={uplink} mode="embedded" initialTab="faults" />)
    await waitFor(() => expect(inside().getByRole('region', { name: 'How to add it' }).textContent).toContain('faults(webSocket())'))
  })

  async function panel() {
    const made = monitored({ initialTab: 'faults' })
    await made.pass(1_000)
    return { ...made, state: () => made.uplink.getState(), shown: () => inside().getByTestId('state').textContent }
  }

  it.each([
    ['Offline', 'Reconnecting', 3_000],
    ['Half-open', 'Reconnecting', 12_000],
  ] as const)('%s: shows as %s, and heals', async (name, during, ms) => {
    const { pass, shown } = await panel()
    await userEvent.click(inside().getByRole('switch', { name }))
    await pass(ms)
    expect(shown()).toBe(during)
    expect(inside().getByRole('tab', { name: 'Faults 1 on' })).toBeTruthy()
    await userEvent.click(inside().getByRole('button', { name: 'Heal everything' }))
    await pass(40_000)
    expect(shown()).toBe('Connected')
    expect(inside().getByRole('tab', { name: 'Faults' })).toBeTruthy()
  })

  it('Stale token: sockets are closed with 4401, and nothing but a person helps', async () => {
    const { pass, shown, state } = await panel()
    await userEvent.click(inside().getByRole('switch', { name: 'Stale token' }))
    await pass(5_000)
    expect(shown()).toBe('Failed')
    expect(state().error?.code).toBe('UPLINK_UNAUTHORIZED')
    await userEvent.click(inside().getByRole('switch', { name: 'Stale token' }))
    await userEvent.click(inside().getByRole('button', { name: 'Reconnect' }))
    await pass(2_000)
    expect(shown()).toBe('Connected')
  })

  it('Close: with the code that was chosen', async () => {
    const { pass, state } = await panel()
    await userEvent.selectOptions(inside().getByLabelText('Close code'), '4403')
    expect(inside().getByText(/the client will not try again/)).toBeTruthy()
    await userEvent.click(inside().getByRole('button', { name: 'Close' }))
    await pass(500)
    expect(state().phase).toBe('failed')
  })

  it('Latency and Jitter: heartbeats take as long', async () => {
    const { pass, uplink } = await panel()
    fireEvent.change(inside().getByLabelText('Latency'), { target: { value: '400' } })
    fireEvent.change(inside().getByLabelText('Jitter'), { target: { value: '100' } })
    await pass(12_000)
    expect(uplink.latency.getState().current).toBeGreaterThanOrEqual(800)
    expect(uplink.latency.getState().current).toBeLessThanOrEqual(1_000)
  })

  it('Lose: the next n, and no more', async () => {
    const { pass, uplink, receive } = await panel()
    const heard: unknown[] = []
    uplink.subscribe('n', (data) => heard.push(data))
    await userEvent.fill(inside().getByLabelText('Lose incoming: how many'), '2')
    await userEvent.click(inside().getAllByRole('button', { name: 'Lose' })[0] as HTMLElement)
    for (let n = 0; n < 4; n++) receive({ type: 'n', data: n })
    await pass(300)
    expect(heard).toEqual([2, 3])
    expect(inside().getByText(/2 lost on purpose/)).toBeTruthy()
  })

  it('Slow consumer: frames wait, and come', async () => {
    const { pass, uplink, receive } = await panel()
    const heard: unknown[] = []
    uplink.subscribe('n', (data) => heard.push(data))
    fireEvent.change(inside().getByLabelText('Slow consumer'), { target: { value: '10' } })
    for (let n = 0; n < 30; n++) receive({ type: 'n', data: n })
    await pass(1_000)
    expect(heard.length).toBeLessThan(15)
    expect(inside().getByText(/[12]\d frames held/)).toBeTruthy()
    await pass(3_000)
    expect(heard).toHaveLength(30)
  })
})
