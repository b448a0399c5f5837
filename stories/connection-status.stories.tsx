import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, within } from 'storybook/test'
import { ConnectionStatus } from 'uplink'
import { EveryState, InScene, showsEveryState } from './support/every-state.tsx'

/**
 * In a line: state, latency, cause and remedy, and a way out. The state opens the details.
 *
 * Do give it `showDetails` where there is room for two more lines: the reason is worth more than the state. Do not put it
 * into running text: its room is that of its longest state.
 */
const meta = {
  title: 'Components/ConnectionStatus',
  component: ConnectionStatus,
  tags: ['autodocs'],
  args: { showDetails: true, onReconnect: fn() },
  render: (args) => <InScene scene="reconnecting"><ConnectionStatus {...args} /></InScene>,
} satisfies Meta<typeof ConnectionStatus>

export default meta
type Story = StoryObj<typeof meta>

export const Default: Story = {}

export const AllStatesLight: Story = {
  render: (args) => <EveryState show={() => <ConnectionStatus {...args} />} />,
  play: ({ canvasElement }) => showsEveryState(canvasElement, 'connection-status'),
}
export const AllStatesDark: Story = { ...AllStatesLight, globals: { theme: 'dark' } }
export const RightToLeft: Story = { ...AllStatesLight, globals: { direction: 'rtl' } }
export const Compact: Story = { ...AllStatesLight, args: { compact: true } }

export const Narrow: Story = {
  render: (args) => <EveryState show={() => <div style={{ width: '12rem' }}><ConnectionStatus {...args} /></div>} />,
  play: async ({ canvasElement }) => {
    for (const shown of canvasElement.querySelectorAll('[data-slot="connection-status"]')) await expect(shown.scrollWidth).toBeLessThanOrEqual(192)
  },
}

export const ReconnectsByHand: Story = {
  render: (args) => <InScene scene="error"><ConnectionStatus {...args} /></InScene>,
  play: async ({ canvasElement, args }) => {
    await userEvent.click(within(canvasElement).getByRole('button', { name: 'Reconnect' }))
    await expect(args.onReconnect).toHaveBeenCalledOnce()
  },
}

export const OpensByTap: Story = {
  args: { compact: true },
  play: async ({ canvasElement }) => {
    const trigger = within(canvasElement).getByRole('button', { name: 'Connection: Reconnecting' })
    await userEvent.pointer({ keys: '[TouchA]', target: trigger })
    const details = await within(canvasElement.ownerDocument.body).findByRole('dialog', { name: 'Connection details' })
    await expect(details).toHaveTextContent('Next attempt in')
  },
}
