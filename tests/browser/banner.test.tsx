/** The banner: it comes late, says what is wrong, moves nothing, and leaves a receipt. */
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { userEvent } from 'vitest/browser'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConnectionBanner, type ConnectionBannerProps } from 'uplink'
import '../../src/styles.css'
import { type Scene, SCENES, SceneProvider, resuming } from '../../stories/support/scenes.tsx'
import { stage } from './support.tsx'

afterEach(async () => {
  cleanup()
  await userEvent.unhover(document.body)
})

const banner = (): HTMLElement => document.querySelector('[data-slot="connection-banner"]') as HTMLElement
const panel = (): HTMLElement | null => document.querySelector('[data-slot="banner-panel"]')
const advance = (scene: Scene) => (ms: number) => act(async () => scene.platform.clock.advanceAsync(ms))

/** A page that has been connected for ten seconds, and a server that can be away. */
async function page(props: ConnectionBannerProps = {}) {
  let up = true
  const { wrapper: Wrapper, server, pass, uplink } = stage({ jitter: 'none', reconnectInterval: 1_000, maxReconnectDelay: 8_000 }, {
    onDial: (socket) => (up ? socket.open() : socket.end()),
    onSend: (socket, frame) => { if (String(frame).includes('"ping"')) socket.receive({ type: 'pong' }) },
  })
  render(<Wrapper><ConnectionBanner {...props} /></Wrapper>)
  await pass(10_000)
  return {
    uplink, server, pass,
    async leave() {
      up = false
      await act(async () => server.socket().end())
    },
    async comeBack() {
      up = true
      await act(async () => uplink.reconnect())
    },
  }
}

describe('the banner', () => {
  it('is not there while all is well, nor for an outage within its grace', async () => {
    const { pass, leave, comeBack } = await page()
    expect(panel()).toBeNull()
    await leave()
    await pass(2_500)
    expect(banner()).toHaveAttribute('data-state', 'reconnecting')
    expect(panel()).toBeNull()
    await comeBack()
    await pass(5_000)
    expect(panel()).toBeNull()
  })

  it('says what is wrong when the grace is over, and what to do', async () => {
    const { pass, leave, server } = await page()
    await leave()
    await pass(10_000)
    expect(panel()).toHaveTextContent('Reconnecting')
    expect(panel()).toHaveTextContent('The server cannot be reached.')
    const before = server.sockets.length
    await userEvent.click(screen.getByRole('button', { name: 'Reconnect' }))
    expect(server.sockets.length).toBe(before + 1)
  })

  it('shows a failure for good at once, with the button that helps', () => {
    const signIn = vi.fn<() => void>()
    render(<SceneProvider scene={SCENES['error']}><ConnectionBanner grace={60_000} actions={{ sign_in: signIn }} /></SceneProvider>)
    expect(panel()).toHaveTextContent('Your session has expired or is not valid here. Sign in again.')
    screen.getByRole('button', { name: 'Sign in' }).click()
    expect(signIn).toHaveBeenCalledOnce()
  })

  it('leaves a receipt: how long, how many sent, dropped and received', async () => {
    const { pass, leave, comeBack, uplink, server } = await page()
    await leave()
    for (let n = 0; n < 3; n++) uplink.send({ type: 'order', data: n })
    await pass(42_000)
    await comeBack()
    await act(async () => { for (let n = 0; n < 128; n++) server.socket().receive({ type: 'tick', data: n }) })
    await pass(1_000)
    expect(panel()).toHaveTextContent('Back after 42 sec')
    expect(panel()).toHaveTextContent('3 sent, 0 dropped, 128 received')
    expect(banner()).toHaveAttribute('data-state', 'connected')
    await pass(8_000)
    expect(panel()).toBeNull()
  })

  it('says in the receipt what the outbox had to drop', async () => {
    const { pass, leave, comeBack, uplink } = await page()
    await leave()
    uplink.send({ type: 'order', data: 1 }, { ttl: 5_000 })
    uplink.send({ type: 'order', data: 2 })
    await pass(42_000)
    await comeBack()
    await pass(1_000)
    expect(panel()).toHaveTextContent('1 sent, 1 dropped, 0 received')
  })

  it('keeps the receipt while the pointer is on it', async () => {
    const { pass, leave, comeBack } = await page()
    await leave()
    await pass(20_000)
    await comeBack()
    await pass(1_000)
    await userEvent.hover(panel() as HTMLElement)
    await pass(60_000)
    expect(panel()).toHaveTextContent('Back after')
    await userEvent.unhover(panel() as HTMLElement)
    await waitFor(() => expect(panel()).toBeNull())
  })

  it('has no receipt for an outage that it did not show, nor where none is wanted', async () => {
    const { pass, leave, comeBack } = await page({ receiptTime: 0 })
    await leave()
    await pass(20_000)
    expect(panel()).not.toBeNull()
    await comeBack()
    await pass(1_000)
    expect(panel()).toBeNull()
  })

  it('opens to the course of the outage, by keyboard alone', async () => {
    const { pass, leave, comeBack } = await page()
    await leave()
    await pass(7_500)
    const toggle = screen.getByRole('button', { name: 'Details' })
    for (let tab = 0; tab < 2; tab++) await userEvent.tab()
    expect(toggle).toHaveFocus()
    await userEvent.keyboard('{Enter}')
    expect(toggle).toHaveAttribute('aria-expanded', 'true')
    const course = () => within(screen.getByRole('list', { name: 'Course of the outage' })).getAllByRole('listitem').map(({ lastChild }) => lastChild?.textContent)
    expect(course()).toEqual(['Connection lost', 'Attempt 1', 'Attempt 2', 'Attempt 3'])
    await comeBack()
    await pass(30_000)
    // Who looks at it is not interrupted.
    expect(course().at(-1)).toBe('Connected again')
    await userEvent.keyboard('{Enter}')
    await waitFor(() => expect(panel()).toBeNull())
  })

  it('begins anew for the next outage when it went while it was open and under the pointer', async () => {
    const { pass, leave, comeBack, uplink } = await page()
    await leave()
    await pass(10_000)
    fireEvent.pointerEnter(panel() as HTMLElement)
    fireEvent.click(screen.getByRole('button', { name: 'Details' }))
    expect(screen.getByRole('button', { name: 'Details' })).toHaveAttribute('aria-expanded', 'true')
    await act(async () => uplink.disconnect())
    expect(panel()).toBeNull()
    await comeBack()
    await pass(10_000)
    await leave()
    await pass(10_000)
    expect(screen.getByRole('button', { name: 'Details' })).toHaveAttribute('aria-expanded', 'false')
    await comeBack()
    await pass(30_000)
    expect(panel()).toBeNull()
  })

  it('can be hidden for this outage, and comes for the next one', async () => {
    const { pass, leave, comeBack } = await page()
    await leave()
    await pass(10_000)
    await userEvent.click(screen.getByRole('button', { name: 'Hide' }))
    expect(panel()).toBeNull()
    await pass(30_000)
    await comeBack()
    await pass(20_000)
    expect(panel()).toBeNull()
    await leave()
    await pass(10_000)
    expect(panel()).toHaveTextContent('Reconnecting')
  })

  it('says that the data is still coming in, between the outage and the receipt', async () => {
    const scene = resuming()
    const pass = advance(scene)
    render(<SceneProvider scene={() => scene}><ConnectionBanner /></SceneProvider>)
    await pass(10_000)
    await act(async () => scene.server.socket().end())
    await pass(25_000)
    expect(panel()).toHaveTextContent('Catching up')
    await act(async () => scene.server.socket().receive({ type: 'tick', channel: 'prices', from: 5_001, offset: 5_400, data: 1 }))
    await pass(1_000)
    expect(panel()).toHaveTextContent(/Back after \d+ sec/)
  })

  it('says that a page has never connected, when it has tried for longer than the grace', async () => {
    const { wrapper: Wrapper, pass } = stage({ reconnectInterval: 20_000, jitter: 'none' }, { onDial: (socket) => socket.end() })
    render(<Wrapper><ConnectionBanner /></Wrapper>)
    await pass(2_000)
    expect(panel()).toBeNull()
    await pass(2_000)
    expect(panel()).toHaveTextContent('This page has not been able to connect yet.')
  })
})
