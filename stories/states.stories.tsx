import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect } from 'storybook/test'
import { ConnectionIndicator, ConnectionStatus, ConnectionStatusCard } from 'uplink'
import { InScene, shownIn } from './support/every-state.tsx'
import { STATES, type SceneName } from './support/scenes.tsx'

interface Args {
  readonly scene: SceneName
}

/** Each state in all components side by side: they always agree. */
const meta = {
  title: 'States',
  argTypes: { scene: { control: 'select', options: STATES } },
  render: ({ scene }) => (
    <InScene scene={scene}>
      <div className="story-stack"><ConnectionIndicator /><ConnectionStatus showDetails /><ConnectionStatusCard /></div>
    </InScene>
  ),
  play: async ({ canvasElement, args }) => {
    const shown = [...canvasElement.querySelectorAll('[data-slot="connection-indicator"], [data-slot="connection-status"], [data-slot="connection-status-card"]')]
    await expect(shown.map((element) => element.getAttribute('data-state'))).toEqual(Array.from({ length: 3 }, () => shownIn(args.scene)))
  },
} satisfies Meta<Args>

export default meta
type Story = StoryObj<Args>

export const Disconnected: Story = { args: { scene: 'disconnected' } }
export const Connecting: Story = { args: { scene: 'connecting' } }
export const Connected: Story = { args: { scene: 'connected' } }
export const UnknownLatency: Story = { args: { scene: 'unknown latency' } }
export const Reconnecting: Story = { args: { scene: 'reconnecting' } }
export const CatchingUp: Story = { args: { scene: 'catching_up' } }
export const Delayed: Story = { args: { scene: 'delayed' } }
export const Disconnecting: Story = { args: { scene: 'disconnecting' } }
export const NoNetwork: Story = { args: { scene: 'offline' } }
export const RetryPaused: Story = { args: { scene: 'cooldown' } }
export const Failed: Story = { args: { scene: 'error' } }
