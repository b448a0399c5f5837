import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { Desk } from './support/desk.tsx'

/** A trading desk over the real server logic. Break it: prices fade and say as of when, orders wait, and nothing is lost. */
const meta = {
  title: 'Dashboard',
  render: () => <Desk />,
} satisfies Meta

export default meta
type Story = StoryObj<typeof meta>

export const Dashboard: Story = {
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    const shows = (slot: string, state: string): Promise<void> => waitFor(() => expect(canvasElement.querySelector(`[data-slot="${slot}"]`)).toHaveAttribute('data-state', state), { timeout: 9_000 })
    await shows('connection-indicator', 'connected')
    await shows('freshness', 'fresh')
    await userEvent.click(canvas.getByRole('button', { name: 'Half-open' }))
    await shows('connection-indicator', 'reconnecting')
    await shows('freshness', 'stale')
    await userEvent.click(canvas.getByRole('button', { name: 'Buy 1 AAPL' }))
    await waitFor(() => expect(canvas.getByLabelText('Outbox')).toHaveTextContent('1 waiting for the connection'))
    await userEvent.click(canvas.getByRole('button', { name: 'Heal' }))
    await shows('freshness', 'fresh')
    await shows('connection-indicator', 'connected')
    await waitFor(() => expect(canvas.getByLabelText('Outbox')).toHaveTextContent('1 delivered'))
  },
}

export const Dark: Story = { globals: { theme: 'dark' } }
