/** What a page's toaster is told: what has settled, once, under one id a connection. */
import { act, cleanup, render } from '@testing-library/react'
import { StrictMode } from 'react'
import { Toaster as Sonner, toast } from 'sonner'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConnectionIndicator, type ConnectionToast, ConnectionToasts, type Toaster } from 'uplink'
import { sonner } from '../../stories/support/sonner.ts'
import { resuming, SceneProvider } from '../../stories/support/scenes.tsx'
import { friendly, stage } from './support.tsx'

afterEach(() => {
  cleanup()
  toast.dismiss()
})

/** A toaster that remembers: what stands on the page by id, and all it was told. */
function recorder() {
  const told: string[] = []
  const page = new Map<string, ConnectionToast>()
  const toaster: Toaster = {
    show: (one) => { told.push(one.kind); page.set(one.id, one) },
    dismiss: (id) => { told.push('dismiss'); page.delete(id) },
  }
  return { told, page, toaster }
}

/** A server that can be taken away. */
function breakable(options: Parameters<typeof stage>[0] = {}) {
  let up = true
  const it = stage({ reconnectInterval: 500, maxReconnectDelay: 4_000, maxReconnectAttempts: Infinity, ...options }, { ...friendly, onDial: (socket) => (up ? socket.open() : socket.end()) })
  return {
    ...it,
    lose: (code = 1006) => act(async () => { up = false; it.server.socket().end({ code }) }),
    comeBack: () => { up = true },
  }
}

describe('the toaster', () => {
  it('hears of an outage with many retries exactly twice, under one id', async () => {
    const { wrapper: Wrapper, pass, lose, comeBack, server } = breakable()
    const { told, page, toaster } = recorder()
    render(<StrictMode><Wrapper><ConnectionToasts toaster={toaster} /></Wrapper></StrictMode>)
    await pass(10_000)
    await lose()
    await pass(40_000)
    expect(server.sockets.length).toBeGreaterThan(8)
    expect(told).toEqual(['lost'])
    expect(page.get('uplink')).toMatchObject({ severity: 'warning', title: 'Connection lost', isLasting: true, action: { label: 'Reconnect' } })
    comeBack()
    await pass(10_000)
    expect(told).toEqual(['lost', 'restored'])
    expect(page.get('uplink')).toMatchObject({ severity: 'success', title: 'Connection restored', isLasting: false, action: null })
    expect(page.get('uplink')?.description).toMatch(/^After 4\d sec\.$/)
  })

  it('hears nothing of a drop of 400 ms, nor of a first connect', async () => {
    const { wrapper: Wrapper, pass, server } = breakable({ reconnectInterval: 0 })
    const { told, toaster } = recorder()
    render(<Wrapper><ConnectionToasts toaster={toaster} /></Wrapper>)
    await pass(10_000)
    await act(async () => server.socket().end())
    await pass(10_000)
    expect(server.sockets.length).toBeGreaterThan(1)
    expect(told).toEqual([])
  })

  it('is given the action that helps: the page\'s own, or another attempt', async () => {
    const { wrapper: Wrapper, pass, lose, uplink } = breakable()
    const { page, toaster } = recorder()
    const signIn = vi.fn()
    render(<Wrapper><ConnectionToasts toaster={toaster} actions={{ sign_in: signIn }} /></Wrapper>)
    await pass(10_000)
    await lose(4403)
    await pass(2_000)
    expect(page.get('uplink')).toMatchObject({ kind: 'failed', severity: 'error' })
    expect(page.get('uplink')?.action?.label).toBe('Sign in')
    page.get('uplink')?.action?.run()
    expect(signIn).toHaveBeenCalledOnce()
    expect(uplink.getState().phase).toBe('failed')
  })

  it('is given another attempt where the page knows nothing better', async () => {
    const { wrapper: Wrapper, pass, lose, comeBack, uplink } = breakable()
    const { page, toaster } = recorder()
    render(<Wrapper><ConnectionToasts toaster={toaster} /></Wrapper>)
    await pass(10_000)
    await lose(4403)
    await pass(2_000)
    comeBack()
    await act(async () => page.get('uplink')?.action?.run())
    expect(uplink.getState().state).toBe('connected')
  })

  it('goes on from loss over catching up to recovery', async () => {
    const scene = resuming()
    const { told, page, toaster } = recorder()
    render(<SceneProvider scene={() => scene}><ConnectionToasts toaster={toaster} name="Prices" /></SceneProvider>)
    const pass = (ms: number) => act(async () => scene.platform.clock.advanceAsync(ms))
    await pass(10_000)
    await act(async () => scene.server.socket().end())
    await pass(25_000)
    await act(async () => scene.server.socket().receive({ type: 'tick', channel: 'prices', from: 5_001, offset: 5_400, data: 1 }))
    expect(told).toEqual(['lost', 'behind', 'restored'])
    expect([...page.keys()]).toEqual(['uplink:Prices'])
    expect(page.get('uplink:Prices')?.title).toBe('Prices: Connection restored')
  })

  it('is asked to take away what would stand there for ever', async () => {
    const { wrapper: Wrapper, pass, lose, uplink } = breakable()
    const { told, page, toaster } = recorder()
    const { rerender } = render(<Wrapper><ConnectionToasts toaster={toaster} /></Wrapper>)
    await pass(10_000)
    await lose()
    await pass(5_000)
    await act(async () => uplink.disconnect())
    expect([told, page.size]).toEqual([['lost', 'dismiss'], 0])
    await act(async () => { void uplink.connect() })
    await pass(5_000)
    rerender(<Wrapper><p>gone</p></Wrapper>)
    expect(page.size).toBe(0)
  })

  it('speaks in place of the page\'s live region, unless it cannot', async () => {
    for (const isSpoken of [true, false]) {
      const { wrapper: Wrapper, pass, lose } = breakable()
      render(<Wrapper><ConnectionIndicator /><ConnectionToasts toaster={recorder().toaster} isSpoken={isSpoken} /></Wrapper>)
      await pass(10_000)
      await lose()
      await pass(5_000)
      expect(document.querySelector('[role="status"]')?.textContent).toBe(isSpoken ? '' : 'Connection lost. Reconnecting.')
      cleanup()
    }
  })

  it('of sonner shows one toast, which changes', async () => {
    const { wrapper: Wrapper, pass, lose, comeBack } = breakable()
    render(<Wrapper><ConnectionToasts toaster={sonner} /><Sonner /></Wrapper>)
    const toasts = () => [...document.querySelectorAll('[data-sonner-toast]')]
    await pass(10_000)
    await lose()
    await pass(5_000)
    await vi.waitFor(() => expect(toasts()).toHaveLength(1))
    expect(toasts()[0]).toHaveTextContent('Connection lost')
    expect(toasts()[0]?.getAttribute('data-type')).toBe('warning')
    comeBack()
    await pass(10_000)
    await vi.waitFor(() => expect(toasts()[0]).toHaveTextContent('Connection restored'))
    expect(toasts()).toHaveLength(1)
    expect(toasts()[0]?.getAttribute('data-type')).toBe('success')
  })
})
