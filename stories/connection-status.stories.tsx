import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, within } from 'storybook/test'
import { ConnectionStatus } from 'uplink'
import { SCENES, STATES, SceneProvider } from './support/scenes.tsx'

/** In a line: state, latency, cause and remedy, and a way out. */
const meta = {
  title: 'Components/ConnectionStatus',
  component: ConnectionStatus,
  tags: ['autodocs'],
  args: { showDetails: true, onReconnect: fn() },
} satisfies Meta<typeof ConnectionStatus>

export default meta
type Story = StoryObj<typeof meta>

const inState = (state: keyof typeof SCENES): Story => ({
  render: (args) => <SceneProvider scene={SCENES[state]}><ConnectionStatus {...args} /></SceneProvider>,
  play: async ({ canvasElement }) => {
    const shown = canvasElement.querySelector('[data-slot="connection-status"]')
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
    <div className="story-grid">{STATES.map((state) => <SceneProvider key={state} scene={SCENES[state]}><ConnectionStatus {...args} /></SceneProvider>)}</div>
  ),
}

export const AllStatesDark: Story = { ...AllStatesLight, globals: { theme: 'dark' } }

export const RightToLeft: Story = {
  ...inState('reconnecting'),
  decorators: [(Story) => <div dir="rtl"><Story /></div>],
}

export const Compact: Story = { ...inState('reconnecting'), args: { compact: true } }

export const Narrow: Story = {
  ...inState('cooldown'),
  decorators: [(Story) => <div style={{ width: '12rem' }}><Story /></div>],
}

export const ReconnectsByHand: Story = {
  ...inState('error'),
  play: async ({ canvasElement, args }) => {
    await userEvent.click(within(canvasElement).getByRole('button', { name: 'Reconnect' }))
    await expect(args.onReconnect).toHaveBeenCalledOnce()
  },
}
