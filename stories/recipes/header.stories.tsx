import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { ConnectionIndicator } from 'uplink'
import { Application } from '../support/application.tsx'
import { Market } from '../support/market.tsx'
import { Playground } from '../support/playground.tsx'

/**
 * The indicator at the end of a header: a glance says whether what is below is live; one press says why not, and what to
 * do. It is as wide in every state, so nothing beside it moves.
 *
 * ```tsx
 * <UplinkProvider uplink={uplink}>
 *   <header><Logo /><Navigation /><ConnectionIndicator /></header>
 * </UplinkProvider>
 * ```
 */
const meta = {
  title: 'Recipes/Header',
  tags: ['autodocs'],
  render: () => (
    <Playground only={['cut', 'half-open', 'offline', 'restart', 'blocked']}>
      <Application end={<ConnectionIndicator />}>
        <main className="p-main"><section className="p-card" aria-label="Quotes"><Market symbols={['BTC-USD', 'ETH-USD', 'EUR-USD']} /></section></main>
      </Application>
    </Playground>
  ),
} satisfies Meta

export default meta
type Story = StoryObj<typeof meta>

export const Header: Story = {
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    const indicator = canvasElement.querySelector('[data-slot="connection-indicator"]') as HTMLElement
    await waitFor(() => expect(indicator).toHaveAttribute('data-state', 'connected'))
    // A font that arrives in between would be as wide as it is in every state, but not as wide as the one before it.
    await document.fonts.ready
    const { width } = indicator.getBoundingClientRect()
    await userEvent.click(canvas.getByRole('button', { name: 'Device offline' }))
    await waitFor(() => expect(indicator).toHaveAttribute('data-state', 'offline'), { timeout: 5_000 })
    await expect(indicator.getBoundingClientRect().width).toBe(width)
    await userEvent.click(canvas.getByRole('button', { name: 'Heal' }))
    await waitFor(() => expect(indicator).toHaveAttribute('data-state', 'connected'), { timeout: 5_000 })
  },
}

export const Dark: Story = { globals: { theme: 'dark' } }
