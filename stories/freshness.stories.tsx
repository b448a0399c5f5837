import type { Meta, StoryObj } from '@storybook/react-vite'
import { type ReactNode, useState } from 'react'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { type AgeOfData, Freshness, UplinkProvider, useChannel } from 'uplink'
import { BreakableFeed, createFeed } from './support/feed.tsx'

function Quote({ name, bid, change }: { readonly name: string; readonly bid: string; readonly change: number }): ReactNode {
  return (
    <div className="story-widget">
      <span>{name}</span>
      <strong>{bid}</strong>
      <span className={change < 0 ? 'story-down' : 'story-up'}>{change < 0 ? '▼' : '▲'} {Math.abs(change).toFixed(2)} %</span>
    </div>
  )
}

function LiveQuote(): ReactNode {
  const { data } = useChannel<{ readonly bid: number }>('prices')
  return <Quote name="EUR/USD" bid={data === undefined ? '–' : data.bid.toFixed(2)} change={0.42} />
}

/** A moment before the clock of the scene, on the same day in most of the world. */
const AT = Date.UTC(2026, 0, 1, 10, 42)
const AGES: Readonly<Record<string, AgeOfData>> = {
  fresh: { status: 'live', isStale: false, asOf: null, updatedAt: AT },
  'waiting for the first message': { status: 'waiting', isStale: false, asOf: null, updatedAt: null },
  'stale: the connection is away': { status: 'waiting', isStale: true, asOf: AT, updatedAt: AT - 5_000 },
  'stale: nothing new for too long': { status: 'live', isStale: true, asOf: null, updatedAt: AT },
  'stale since two days ago': { status: 'waiting', isStale: true, asOf: AT - 172_800_000, updatedAt: null },
}

function EveryAge(): ReactNode {
  const [{ uplink }] = useState(() => {
    const feed = createFeed()
    feed.platform.clock.jump(11 * 3_600_000)
    return feed
  })
  return (
    <UplinkProvider uplink={uplink}>
      <div className="story-grid">
        {Object.entries(AGES).map(([name, age], index) => (
          <figure key={name} className="story-figure">
            <Freshness channel={age}><Quote name="EUR/USD" bid="1.0842" change={index - 2.16} /></Freshness>
            <figcaption>{name}</figcaption>
          </figure>
        ))}
      </div>
    </UplinkProvider>
  )
}

/** Around any widget: while its channel is old, the widget's colours fade, and a stamp says when it was true. Nothing is hidden, and nothing moves. */
const meta = {
  title: 'Components/Freshness',
  component: Freshness,
  tags: ['autodocs'],
  args: { channel: 'prices' },
  render: (args) => <BreakableFeed>{() => <Freshness {...args}><LiveQuote /></Freshness>}</BreakableFeed>,
} satisfies Meta<typeof Freshness>

export default meta
type Story = StoryObj<typeof meta>

const box = (canvas: HTMLElement): HTMLElement => canvas.querySelector('[data-slot="freshness"]') as HTMLElement
const press = (canvas: HTMLElement, name: string): Promise<void> => userEvent.click(within(canvas).getByRole('button', { name }))

export const GoesStaleAndComesBack: Story = {
  play: async ({ canvasElement }) => {
    await waitFor(() => expect(box(canvasElement)).toHaveAttribute('data-state', 'waiting'))
    await waitFor(async () => {
      await press(canvasElement, 'Publish a price')
      await expect(box(canvasElement)).toHaveAttribute('data-state', 'fresh')
    })
    const { width, height } = box(canvasElement).getBoundingClientRect()
    const shown = box(canvasElement).textContent
    await press(canvasElement, 'Lose the connection')
    await waitFor(() => expect(box(canvasElement)).toHaveAttribute('data-state', 'stale'), { timeout: 5_000 })
    await expect(box(canvasElement)).toHaveTextContent(/as of \d/)
    await expect(box(canvasElement)).toHaveTextContent(shown)
    await expect(box(canvasElement).getBoundingClientRect()).toMatchObject({ width, height })
    await press(canvasElement, 'Bring it back')
    await waitFor(() => expect(box(canvasElement)).toHaveAttribute('data-state', 'fresh'), { timeout: 5_000 })
  },
}

export const EveryStateLight: Story = {
  render: () => <EveryAge />,
  play: async ({ canvasElement }) => {
    const shown = [...canvasElement.querySelectorAll('[data-slot="freshness"]')].map((element) => element.getAttribute('data-state'))
    await expect(shown).toEqual(['fresh', 'waiting', 'stale', 'stale', 'stale'])
  },
}
export const EveryStateDark: Story = { ...EveryStateLight, globals: { theme: 'dark' } }
export const RightToLeft: Story = { ...EveryStateLight, globals: { direction: 'rtl' } }
