import type { Meta, StoryObj } from '@storybook/react-vite'
import type { ReactNode } from 'react'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { ConnectionStatus } from 'uplink'
import { FaultBar, useWorld } from '../support/playground.tsx'
import type { Fault } from '../support/world.ts'

const FAULTS: readonly Fault[] = ['cut', 'blocked', 'slow']

function Feed({ name, what }: { readonly name: string; readonly what: string }): ReactNode {
  const world = useWorld()
  return (
    <section className="p-card p-column" aria-label={name}>
      <div className="p-row">
        <div><strong>{name}</strong><p className="p-dim">{what}</p></div>
        <ConnectionStatus uplink={world.uplink} />
      </div>
      <FaultBar world={world} only={FAULTS} />
    </section>
  )
}

/**
 * Each feed is a connection of its own: what one loses, the others keep. A component is told its connection by `uplink`
 * (or by a URL), so no provider is needed around every row.
 *
 * ```tsx
 * const market = createUplink({ url: 'wss://market.example' })
 * const orders = createUplink({ url: 'wss://orders.example' })
 *
 * <ConnectionStatus uplink={market} />
 * <ConnectionStatus uplink={orders} />
 * ```
 */
const meta = {
  title: 'Recipes/Several feeds',
  tags: ['autodocs'],
  render: () => (
    <div className="p-playground">
      <Feed name="Market data" what="Prices, ten a second" />
      <Feed name="Orders" what="What you send, and what became of it" />
      <Feed name="News" what="Nice to have" />
    </div>
  ),
} satisfies Meta

export default meta
type Story = StoryObj<typeof meta>

export const SeveralFeeds: Story = {
  play: async ({ canvasElement }) => {
    const states = (): Array<string | null> => [...canvasElement.querySelectorAll('[data-slot="connection-status"]')].map((status) => status.getAttribute('data-state'))
    await waitFor(() => expect(states()).toEqual(['connected', 'connected', 'connected']))
    await userEvent.click(within(within(canvasElement).getByRole('region', { name: 'Orders' })).getByRole('button', { name: 'Block this user' }))
    await waitFor(() => expect(states()).toEqual(['connected', 'error', 'connected']), { timeout: 5_000 })
  },
}

export const Dark: Story = { globals: { theme: 'dark' } }
