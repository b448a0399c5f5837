import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, within } from 'storybook/test'
import { ConnectionStatusCard } from 'uplink'
import { SCENES, STATES, SceneProvider } from './support/scenes.tsx'

/** On a dashboard: state, latency, statistics, history and actions. */
const meta = {
  title: 'Components/ConnectionStatusCard',
  component: ConnectionStatusCard,
  tags: ['autodocs'],
  args: { onReconnect: fn() },
} satisfies Meta<typeof ConnectionStatusCard>

export default meta
type Story = StoryObj<typeof meta>

const inState = (state: keyof typeof SCENES): Story => ({
  render: (args) => <SceneProvider scene={SCENES[state]}><ConnectionStatusCard {...args} /></SceneProvider>,
  play: async ({ canvasElement }) => {
    const shown = canvasElement.querySelector('[data-slot="connection-status-card"]')
    await expect(shown).toHaveAttribute('data-state', state === 'unknown latency' ? 'connected' : state)
  },
})

export const Disconnected: Story = inState('disconnected')
export const Connecting: Story = inState('connecting')
export const Connected: Story = inState('connected')
export const UnknownLatency: Story = inState('unknown latency')
export const Reconnecting: Story = inState('reconnecting')
export const Disconnecting: Story = inState('disconnecting')
export const WaitingForNetwork: Story = inState('offline')
export const BreakerCooldown: Story = inState('cooldown')
export const Failed: Story = inState('error')

export const AllStatesLight: Story = {
  render: (args) => (
    <div className="story-grid">{STATES.map((state) => <SceneProvider key={state} scene={SCENES[state]}><ConnectionStatusCard {...args} heading={state} /></SceneProvider>)}</div>
  ),
}

export const AllStatesDark: Story = { ...AllStatesLight, globals: { theme: 'dark' } }

export const RightToLeft: Story = {
  ...inState('reconnecting'),
  decorators: [(Story) => <div dir="rtl"><Story /></div>],
}

export const DisconnectsAndConnects: Story = {
  ...inState('connected'),
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    await userEvent.click(canvas.getByRole('button', { name: 'Disconnect' }))
    await expect(await canvas.findByText('Disconnected on request.', { exact: false })).toBeVisible()
    await userEvent.click(canvas.getByRole('button', { name: 'Connect' }))
    await expect((await canvas.findAllByText('Connected'))[0]).toBeVisible()
  },
}
