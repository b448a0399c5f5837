/** Details on demand: by hover, by tap, by key, and in the looks of the place they belong to. */
import { cleanup, configure, render, screen, waitFor, within } from '@testing-library/react'
import type { ReactNode } from 'react'
import { cdp, userEvent } from 'vitest/browser'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConnectionIndicator, ConnectionStatus } from 'uplink'
import '../../src/styles.css'
import { SCENES, SceneProvider } from '../../stories/support/scenes.tsx'

// A tooltip takes its time to open; a busy machine takes more.
configure({ asyncUtilTimeout: 10_000 })

afterEach(async () => {
  cleanup()
  document.documentElement.className = ''
  await userEvent.unhover(document.body)
})

const NAME = 'Connection: Reconnecting'
const COMPONENTS: ReadonlyArray<readonly [name: string, show: (onReconnect?: () => void) => ReactNode]> = [
  ['ConnectionIndicator', (onReconnect) => <ConnectionIndicator onReconnect={onReconnect ?? (() => undefined)} />],
  ['ConnectionStatus', (onReconnect) => <ConnectionStatus compact onReconnect={onReconnect ?? (() => undefined)} />],
]

/** A finger on the glass, as the browser itself would report it. */
async function tap(element: Element): Promise<void> {
  const frame = window.frameElement?.getBoundingClientRect()
  const { left, top, width, height } = element.getBoundingClientRect()
  const scale = frame === undefined ? 1 : frame.width / window.innerWidth
  const point = { x: (frame?.left ?? 0) + (left + width / 2) * scale, y: (frame?.top ?? 0) + (top + height / 2) * scale }
  await cdp().send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [point] })
  await cdp().send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
}

describe.each(COMPONENTS)('the details of %s', (_, show) => {
  it('open by a tap, act, and close by another', async () => {
    const onReconnect = vi.fn<() => void>()
    render(<SceneProvider scene={SCENES['reconnecting']}>{show(onReconnect)}</SceneProvider>)
    const seen: string[] = []
    document.addEventListener('pointerdown', ({ pointerType }) => seen.push(pointerType), { once: true })
    await tap(screen.getByRole('button', { name: NAME }))
    const details = await screen.findByRole('dialog', { name: 'Connection details' })
    expect(seen).toEqual(['touch'])
    expect(screen.getByRole('button', { name: NAME, hidden: true })).toHaveAttribute('data-state', 'reconnecting')
    expect(details).toHaveTextContent('The connection was lost. Next attempt in')
    await tap(within(details).getByRole('button', { name: 'Reconnect' }))
    await waitFor(() => expect(onReconnect).toHaveBeenCalledOnce())
    await tap(screen.getByRole('button', { name: NAME, hidden: true }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  })

  it('open by key, act, and give the focus back without a tooltip over it', async () => {
    const onReconnect = vi.fn<() => void>()
    render(<SceneProvider scene={SCENES['reconnecting']}>{show(onReconnect)}</SceneProvider>)
    await userEvent.tab()
    const trigger = screen.getByRole('button', { name: NAME })
    expect(trigger).toHaveFocus()
    await userEvent.keyboard('{Enter}')
    const details = await screen.findByRole('dialog', { name: 'Connection details' })
    expect(screen.queryByRole('tooltip')).toBeNull()
    await userEvent.click(within(details).getByRole('button', { name: 'Reconnect' }))
    expect(onReconnect).toHaveBeenCalledOnce()
    await userEvent.keyboard('{Escape}')
    await waitFor(() => expect(trigger).toHaveFocus())
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(screen.queryByRole('tooltip')).toBeNull()
  })

  it('show as a tooltip on hover, and make way for the popover', async () => {
    render(<SceneProvider scene={SCENES['reconnecting']}>{show()}</SceneProvider>)
    const trigger = screen.getByRole('button', { name: NAME })
    await userEvent.hover(trigger)
    expect(await screen.findByRole('tooltip')).toHaveTextContent('Latency')
    await userEvent.click(trigger)
    await screen.findByRole('dialog', { name: 'Connection details' })
    expect(screen.queryByRole('tooltip')).toBeNull()
  })
})

describe('a panel in its portal', () => {
  /** A dark, right-to-left part with a token of its own, deep in a light page. */
  const inSidebar = (part: ReactNode): ReactNode => (
    <div className="light">
      <div className="dark" dir="rtl" style={{ '--uplink-color-line': 'rgb(1, 2, 3)', fontFamily: 'Georgia, serif' } as React.CSSProperties}>
        <div className="uplink" data-testid="place">{part}</div>
      </div>
    </div>
  )
  const looks = (element: Element) => {
    const { backgroundColor, color, borderTopColor, colorScheme, direction, fontFamily } = getComputedStyle(element)
    return { backgroundColor, color, borderTopColor, colorScheme, direction, fontFamily }
  }

  it.each(COMPONENTS)('of %s keeps the theme, the tokens, the font and the direction of its place', async (_, show) => {
    document.documentElement.className = 'light'
    render(<SceneProvider scene={SCENES['reconnecting']}>{inSidebar(<>{show()}<span data-testid="surface" className="uplink:border uplink:border-line uplink:bg-surface uplink:text-ink" /></>)}</SceneProvider>)
    const wanted = looks(screen.getByTestId('surface'))
    expect(wanted).toMatchObject({ colorScheme: 'dark', direction: 'rtl', borderTopColor: 'rgb(1, 2, 3)', fontFamily: 'Georgia, serif' })
    const trigger = screen.getByRole('button', { name: NAME })
    await userEvent.hover(trigger)
    await screen.findByRole('tooltip')
    expect(looks(document.querySelector('[data-slot="tooltip"]') as Element)).toEqual(wanted)
    await userEvent.click(trigger)
    const details = await screen.findByRole('dialog', { name: 'Connection details' })
    expect(screen.getByTestId('place').contains(details)).toBe(false)
    expect(looks(details)).toEqual(wanted)
  })

  it('follows the nearest theme, whichever lies in the other', async () => {
    const schemes = (outer: string, inner: string): string => {
      const { container, unmount } = render(<div className={outer}><div data-theme={inner}><SceneProvider scene={SCENES['connected']}><ConnectionIndicator /></SceneProvider></div></div>)
      const scheme = getComputedStyle(container.querySelector('button') as Element).colorScheme
      unmount()
      return scheme
    }
    expect(schemes('light', 'dark')).toBe('dark')
    expect(schemes('dark', 'light')).toBe('light')
    render(<div className="light"><SceneProvider scene={SCENES['connected']}><ConnectionIndicator className="dark" /></SceneProvider></div>)
    expect(getComputedStyle(screen.getByRole('button')).colorScheme).toBe('dark')
  })
})
