/** What people set in their system: forced colours, less motion; and paper. */
import { cleanup, render, screen } from '@testing-library/react'
import { cdp, userEvent } from 'vitest/browser'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConnectionBanner, ConnectionIndicator, ConnectionStatus, ConnectionStatusCard } from 'uplink'
import '../../src/styles.css'
import { SCENES, STATES, SceneProvider } from '../../stories/support/scenes.tsx'
import { flashOf } from './flash.ts'

const emulate = (features: Readonly<Record<string, string>>): Promise<unknown> =>
  cdp().send('Emulation.setEmulatedMedia', { features: Object.entries(features).map(([name, value]) => ({ name, value })) })

afterEach(async () => {
  cleanup()
  await emulate({ 'forced-colors': '', 'prefers-reduced-motion': '', 'prefers-color-scheme': '' })
})

/** A colour of the user's system, as it is where `element` is. */
const systemColor = (name: string, element: Element): string => {
  const probe = element.appendChild(document.createElement('i'))
  probe.style.cssText = `color: ${name}; forced-color-adjust: none`
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

describe('with forced colours', () => {
  beforeEach(() => emulate({ 'forced-colors': 'active' }))

  it.each(STATES)('state "%s" is drawn in the colours of the user alone, light and dark', async (state) => {
    for (const scheme of ['light', 'dark']) {
      await emulate({ 'forced-colors': 'active', 'prefers-color-scheme': scheme })
      expect(matchMedia('(forced-colors: active)').matches).toBe(true)
      const { container, unmount } = render(
        <div data-theme="dark"><SceneProvider scene={SCENES[state]}><ConnectionIndicator /><ConnectionIndicator variant="icon" /><ConnectionStatus showDetails /><ConnectionStatusCard /><ConnectionBanner grace={0} /></SceneProvider></div>,
      )
      const place = container.querySelector('section') as Element
      const [text, button] = [systemColor('CanvasText', place), systemColor('ButtonText', place)]
      const marks = [...container.querySelectorAll('[data-slot="mark"], [data-slot="icon"], [data-slot="sparkline"], [data-slot="quality-bars"], [data-slot="label"]')]
      expect(marks.length).toBeGreaterThan(8)
      for (const mark of marks) expect([text, button], mark.outerHTML).toContain(getComputedStyle(mark).color)
      for (const fill of container.querySelectorAll('[data-slot="fill"]')) expect(getComputedStyle(fill).borderTopColor).toBe(text)
      for (const bar of container.querySelectorAll('[data-slot="history"] [data-fill]')) {
        const { fill, stroke } = getComputedStyle(bar)
        expect(bar.getAttribute('data-fill') === 'hollow' ? stroke : fill).toBe(text)
      }
      unmount()
    }
  })

  it('shape and fill still tell the states apart', () => {
    const seen = STATES.filter((state) => state !== 'unknown latency').map((state) => {
      const { container, unmount } = render(<SceneProvider scene={SCENES[state]}><ConnectionIndicator variant="icon" /></SceneProvider>)
      const { backgroundColor, backgroundImage } = getComputedStyle(container.querySelector('[data-slot="fill"]') as Element)
      const shape = container.querySelector('svg')?.innerHTML
      unmount()
      return { state, shape, fill: `${backgroundColor} ${backgroundImage}` }
    })
    expect(new Set(seen.map(({ shape }) => shape)).size).toBe(seen.length)
    expect(new Set(seen.map(({ fill }) => fill)).size).toBe(4)
  })
})

describe('the marks of the states', () => {
  /** The ink of a mark, pixel by pixel, 0 to 1, in black and without motion. */
  async function inkOf(state: keyof typeof SCENES, size: number): Promise<number[]> {
    const { container, unmount } = render(<SceneProvider scene={SCENES[state]}><ConnectionIndicator showLabel={false} /></SceneProvider>)
    const mark = (container.querySelector('[data-slot="mark"]') as SVGElement).cloneNode(true) as SVGElement
    unmount()
    mark.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
    mark.setAttribute('width', String(size))
    mark.setAttribute('height', String(size))
    const image = new Image()
    image.src = `data:image/svg+xml,${encodeURIComponent(mark.outerHTML)}`
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = size
    const context = canvas.getContext('2d') as CanvasRenderingContext2D
    context.drawImage(image, 0, 0)
    const { data } = context.getImageData(0, 0, size, size)
    return Array.from({ length: size * size }, (_, pixel) => (data[pixel * 4 + 3] ?? 0) / 255)
  }

  it.each([14, 28])('differ at %i px by their ink alone: without colour and motion', async (size) => {
    const states = STATES.filter((state) => state !== 'unknown latency')
    const inks = await Promise.all(states.map((state) => inkOf(state, size)))
    inks.forEach((ink, first) => inks.slice(first + 1).forEach((other, rest) => {
      const total = ink.reduce((sum, value) => sum + value, 0)
      const differs = ink.reduce((sum, value, pixel) => sum + Math.abs(value - (other[pixel] ?? 0)), 0)
      expect(total).toBeGreaterThan(0)
      expect(differs / total, `${states[first]} and ${states[first + 1 + rest]}`).toBeGreaterThan(0.2)
    }))
  })
})

describe('motion', () => {
  const running = (element: Element): number => element.getAnimations({ subtree: true }).length
  const show = (state: keyof typeof SCENES): HTMLElement =>
    render(<SceneProvider scene={SCENES[state]}><ConnectionIndicator /><ConnectionIndicator variant="icon" /><ConnectionStatus showDetails /><ConnectionStatusCard /><ConnectionBanner grace={0} /></SceneProvider>).container

  it.each(STATES)('is nowhere in state "%s" for who wants less of it', async (state) => {
    await emulate({ 'prefers-reduced-motion': 'reduce' })
    expect(running(show(state))).toBe(0)
  })

  it('turns the icon of what is under way for everybody else', async () => {
    await emulate({ 'prefers-reduced-motion': 'no-preference' })
    expect(running(show('reconnecting'))).toBeGreaterThan(0)
    cleanup()
    expect(running(show('connected'))).toBe(0)
  })

  it('is not needed to see that a press was taken', async () => {
    await emulate({ 'prefers-reduced-motion': 'reduce' })
    render(<SceneProvider scene={SCENES['error']}><ConnectionStatus /></SceneProvider>)
    const button = screen.getByRole('button', { name: 'Reconnect' })
    const [flash] = await flashOf(button, () => userEvent.click(button))
    const changed = (flash?.effect as KeyframeEffect | undefined)?.getKeyframes().flatMap((frame) => Object.keys(frame)) ?? []
    expect(changed.some((name) => name.startsWith('outline'))).toBe(true)
    expect(changed.filter((name) => /transform|translate|rotate|scale|left|top/.test(name))).toEqual([])
  })
})
