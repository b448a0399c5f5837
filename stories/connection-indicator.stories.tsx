import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, within } from 'storybook/test'
import { ConnectionIndicator } from 'uplink'
import { EveryState, InScene, showsEveryState } from './support/every-state.tsx'

/**
 * In a header: the state at a glance; click, touch or Enter opens the details.
 *
 * Do put one where people look for the state of the page, and let it stand there while all is well. Do not put one beside
 * every widget (that is what `Freshness` is for), and do not wrap it in a button or a link: it is one.
 */
const meta = {
  title: 'Components/ConnectionIndicator',
  component: ConnectionIndicator,
  tags: ['autodocs'],
  args: { onReconnect: fn() },
  render: (args) => <InScene scene="reconnecting"><ConnectionIndicator {...args} /></InScene>,
} satisfies Meta<typeof ConnectionIndicator>

export default meta
type Story = StoryObj<typeof meta>

export const Default: Story = {}

export const AllStatesLight: Story = {
  render: (args) => <EveryState show={() => <ConnectionIndicator {...args} />} />,
  play: ({ canvasElement }) => showsEveryState(canvasElement, 'connection-indicator'),
}
export const AllStatesDark: Story = { ...AllStatesLight, globals: { theme: 'dark' } }
export const RightToLeft: Story = { ...AllStatesLight, globals: { direction: 'rtl' } }
export const DotOnly: Story = { ...AllStatesLight, args: { showLabel: false } }
export const IconLight: Story = { ...AllStatesLight, args: { variant: 'icon' } }
export const IconDark: Story = { ...AllStatesDark, args: { variant: 'icon' } }
export const IconAndText: Story = { ...AllStatesLight, args: { variant: 'icon', showLabel: true } }

export const OpensByKeyboard: Story = {
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

/** The panel in its portal looks like the place it belongs to. */
export const DetailsInADarkSidebar: Story = {
  globals: { direction: 'rtl' },
  decorators: [(Story) => <div className="dark" style={{ background: '#101216', padding: '1rem' }}><Story /></div>],
  play: async ({ canvasElement }) => {
    const trigger = within(canvasElement).getByRole('button', { name: 'Connection: Reconnecting' })
    await userEvent.click(trigger)
    const details = await within(canvasElement.ownerDocument.body).findByRole('dialog', { name: 'Connection details' })
    await expect(getComputedStyle(details)).toHaveProperty('colorScheme', 'dark')
    await expect(getComputedStyle(details)).toHaveProperty('direction', 'rtl')
  },
}
