import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, within } from 'storybook/test'
import { ConnectionStatusCard } from 'uplink'
import { EveryState, InScene, showsEveryState } from './support/every-state.tsx'

/**
 * On a dashboard: state, latency, statistics, history and actions.
 *
 * Do name it (`heading`) by what flows over the connection. Do not show one for each of many connections: `ConnectionSummary`
 * sums them up.
 */
const meta = {
  title: 'Components/ConnectionStatusCard',
  component: ConnectionStatusCard,
  tags: ['autodocs'],
  args: { onReconnect: fn() },
  render: (args) => <InScene scene="connected"><ConnectionStatusCard {...args} /></InScene>,
} satisfies Meta<typeof ConnectionStatusCard>

export default meta
type Story = StoryObj<typeof meta>

export const Default: Story = {}

export const AllStatesLight: Story = {
  render: (args) => <EveryState show={(scene) => <ConnectionStatusCard {...args} heading={scene} />} />,
  play: ({ canvasElement }) => showsEveryState(canvasElement, 'connection-status-card'),
}
export const AllStatesDark: Story = { ...AllStatesLight, globals: { theme: 'dark' } }
export const RightToLeft: Story = { ...AllStatesLight, globals: { direction: 'rtl' } }

export const DisconnectsAndConnects: Story = {
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    await userEvent.click(canvas.getByRole('button', { name: 'Disconnect' }))
    await expect(await canvas.findByText('Disconnected on request.', { exact: false })).toBeVisible()
    await userEvent.click(canvas.getByRole('button', { name: 'Connect' }))
    await expect((await canvas.findAllByText('Connected'))[0]).toBeVisible()
  },
}
