import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, within } from 'storybook/test'
import { ConnectionIndicator } from 'uplink'
import { SCENES, STATES, SceneProvider } from './support/scenes.tsx'

/** In a header: the state at a glance; click, touch or Enter opens the details. */
const meta = {
  title: 'Components/ConnectionIndicator',
  component: ConnectionIndicator,
  tags: ['autodocs'],
  args: { onReconnect: fn() },
} satisfies Meta<typeof ConnectionIndicator>

export default meta
type Story = StoryObj<typeof meta>

const inState = (state: keyof typeof SCENES): Story => ({
  render: (args) => <SceneProvider scene={SCENES[state]}><ConnectionIndicator {...args} /></SceneProvider>,
  play: async ({ canvasElement }) => {
    const shown = canvasElement.querySelector('[data-slot="connection-indicator"]')
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
    <div className="story-grid">{STATES.map((state) => <SceneProvider key={state} scene={SCENES[state]}><ConnectionIndicator {...args} /></SceneProvider>)}</div>
  ),
}

export const AllStatesDark: Story = { ...AllStatesLight, globals: { theme: 'dark' } }

export const RightToLeft: Story = {
  ...inState('reconnecting'),
  decorators: [(Story) => <div dir="rtl"><Story /></div>],
}

export const IconOnly: Story = { ...inState('connected'), args: { showLabel: false } }

export const OpensByKeyboard: Story = {
  ...inState('reconnecting'),
  play: async ({ canvasElement, args }) => {
    const body = within(canvasElement.ownerDocument.body)
    const trigger = within(canvasElement).getByRole('button', { name: 'Connection: Reconnecting' })
    trigger.focus()
    await userEvent.keyboard('{Enter}')
    const details = await body.findByRole('dialog', { name: 'Connection details' })
    await expect(details).toHaveTextContent('The connection was lost.')
    await userEvent.click(within(details).getByRole('button', { name: 'Reconnect' }))
    await expect(args.onReconnect).toHaveBeenCalledOnce()
    await userEvent.keyboard('{Escape}')
    await expect(trigger).toHaveFocus()
  },
}
