import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { ConnectionStatus } from 'uplink'
import { Application } from '../support/application.tsx'
import { Market } from '../support/market.tsx'
import { Playground } from '../support/playground.tsx'

/**
 * A grid of prices must never look live while it is not. `Freshness` around it fades it and stamps it with the time it
 * was true; after the outage `useChannel` goes on from where it was, and only then is the stamp gone.
 *
 * ```tsx
 * const { data } = useChannel('quotes', { initial: {}, reduce: (known, quotes) => ({ ...known, ...bySymbol(quotes) }) })
 * return <Freshness channel="quotes" staleAfter={4_000}><Table rows={data} /></Freshness>
 * ```
 */
const meta = {
  title: 'Recipes/Trading grid',
  tags: ['autodocs'],
  render: () => (
    <Playground only={['cut', 'half-open', 'restart', 'slow']}>
      <Application end={<ConnectionStatus />}>
        <main className="p-main"><section className="p-card" aria-label="Quotes"><Market /></section></main>
      </Application>
    </Playground>
  ),
} satisfies Meta

export default meta
type Story = StoryObj<typeof meta>

export const TradingGrid: Story = {
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    const grid = canvasElement.querySelector('[data-slot="freshness"]') as HTMLElement
    const is = (state: string): Promise<void> => waitFor(() => expect(grid).toHaveAttribute('data-state', state), { timeout: 9_000 })
    await is('fresh')
    await userEvent.click(canvas.getByRole('button', { name: 'Cut the network' }))
    await is('stale')
    await expect(grid).toHaveTextContent('BTC-USD')
    await userEvent.click(canvas.getByRole('button', { name: 'Heal' }))
    await is('fresh')
  },
}

export const Dark: Story = { globals: { theme: 'dark' } }
