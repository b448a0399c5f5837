import type { Meta, StoryObj } from '@storybook/react-vite'
import type { ReactNode } from 'react'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { ConnectionStatus, ConnectionSummary } from 'uplink'
import { FaultBar, useWorld } from '../support/playground.tsx'
import type { Fault, World } from '../support/world.ts'

const FAULTS: readonly Fault[] = ['cut', 'blocked', 'slow']

function Feed({ name, what, world }: { readonly name: string; readonly what: string; readonly world: World }): ReactNode {
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

function Desk(): ReactNode {
  const [market, orders, news] = [useWorld(), useWorld(), useWorld()]
  return (
    <div className="p-playground">
      <ConnectionSummary
        connections={[
          { name: 'Market data', uplink: market.uplink, impact: 'critical' },
          { name: 'Orders', uplink: orders.uplink, impact: 'critical', affects: 'Orders wait until it is back.' },
          { name: 'News', uplink: news.uplink, impact: 'background' },
        ]}
      />
      <Feed name="Market data" what="Prices, several a second" world={market} />
      <Feed name="Orders" what="What you send, and what became of it" world={orders} />
      <Feed name="News" what="Nice to have" world={news} />
    </div>
  )
}

/**
 * Each feed is a connection of its own: what one loses, the others keep. A component is told its connection by `uplink`
 * (or by a URL), so no provider is needed around every row. The summary shows the worst of them, weighed by what depends on
 * each.
 *
 * ```tsx
 * const market = createUplink({ url: 'wss://market.example' })
 * const orders = createUplink({ url: 'wss://orders.example' })
 *
 * <ConnectionSummary connections={[{ name: 'Market data', uplink: market, impact: 'critical' }, …]} />
 * <ConnectionStatus uplink={orders} />
 * ```
 */
const meta = {
  title: 'Recipes/Several feeds',
  tags: ['autodocs'],
  render: () => <Desk />,
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
