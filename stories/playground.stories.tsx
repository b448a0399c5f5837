import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { GUIDES } from './support/guides.tsx'
import { Playground } from './support/playground.tsx'

interface Args {
  readonly component: string
}

/** Any component over a live connection, with all that can break it. */
const meta = {
  title: 'Playground',
  argTypes: { component: { control: 'select', options: Object.keys(GUIDES) } },
  render: ({ component }) => <Playground key={component}>{GUIDES[component]?.play()}</Playground>,
} satisfies Meta<Args>

export default meta
type Story = StoryObj<Args>

/** Every fault shows what it is called, and heals. */
export const EveryFault: Story = {
  args: { component: 'ConnectionStatus' },
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    const shows = (state: string): Promise<void> => waitFor(() => expect(canvasElement.querySelector('[data-slot="connection-status"]')).toHaveAttribute('data-state', state), { timeout: 9_000 })
    await shows('connected')
    for (const [fault, state] of [['Device offline', 'offline'], ['Block this user', 'error'], ['Cut the network', 'reconnecting'], ['Overloaded', 'reconnecting'], ['Restart the server', 'reconnecting']] as const) {
      await userEvent.click(canvas.getByRole('button', { name: fault }))
      await shows(state)
      await userEvent.click(canvas.getByRole('button', { name: 'Heal' }))
      await shows('connected')
    }
  },
}

export const Card: Story = { args: { component: 'ConnectionStatusCard' } }
export const CardDark: Story = { ...Card, globals: { theme: 'dark' } }
