import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, within } from 'storybook/test'
import { ConnectionTimeline } from 'uplink'
import { EveryLife, InLife, LIVES } from './support/hour.tsx'

/** The states of the last hour, each as long as it lasted, with its times and its reason. */
const meta = {
  title: 'Components/ConnectionTimeline',
  component: ConnectionTimeline,
  tags: ['autodocs'],
  render: (args) => <div className="story-hour"><InLife name="eventful"><ConnectionTimeline {...args} /></InLife></div>,
} satisfies Meta<typeof ConnectionTimeline>

export default meta
type Story = StoryObj<typeof meta>

const pane = (canvas: HTMLElement): HTMLElement => canvas.querySelector('[data-slot="reading"]') as HTMLElement

export const Default: Story = {}
export const WithItsList: Story = {
  args: { showList: true },
  play: async ({ canvasElement }) => {
    const items = within(canvasElement).getAllByRole('listitem')
    await expect(items.length).toBeGreaterThan(3)
    await expect(items[0]).toHaveTextContent(/^Connected since/)
    await expect(items[0]).toBeVisible()
  },
}

export const EveryLifeLight: Story = {
  render: (args) => <EveryLife><ConnectionTimeline {...args} /></EveryLife>,
  play: async ({ canvasElement }) => {
    const strips = [...canvasElement.querySelectorAll('[data-slot="connection-timeline"]')]
    await expect(strips).toHaveLength(Object.keys(LIVES).length)
    const heights = strips.map((strip) => Math.round(strip.getBoundingClientRect().height))
    await expect(new Set(heights).size, heights.join(' ')).toBe(1)
  },
}
export const EveryLifeDark: Story = { ...EveryLifeLight, globals: { theme: 'dark' } }
export const RightToLeft: Story = { ...EveryLifeLight, globals: { direction: 'rtl' } }
export const Narrow: Story = { render: (args) => <div style={{ width: '16rem' }}><InLife name="eventful"><ConnectionTimeline {...args} /></InLife></div> }

export const ReadByKeys: Story = {
  play: async ({ canvasElement }) => {
    const strip = within(canvasElement).getByRole('slider', { name: 'States of the last hour' })
    await userEvent.tab()
    await expect(strip).toHaveFocus()
    await expect(pane(canvasElement)).toHaveTextContent(/^Connected since/)
    await userEvent.keyboard('{ArrowLeft}')
    await expect(pane(canvasElement)).toHaveTextContent(/^Reconnecting from .* to .* The server stopped answering\.$/)
    await expect(strip).toHaveAttribute('aria-valuetext', pane(canvasElement).textContent)
    await expect(canvasElement.querySelector('[data-read]')).toHaveAttribute('data-state', 'reconnecting')
  },
}

export const ReadByPointer: Story = {
  play: async ({ canvasElement }) => {
    const strip = within(canvasElement).getByRole('slider', { name: 'States of the last hour' })
    const outage = canvasElement.querySelector('[data-slot="span"][data-state="reconnecting"]') as HTMLElement
    const { left, top, width } = outage.getBoundingClientRect()
    await userEvent.pointer({ target: strip, coords: { clientX: left + width / 2, clientY: top + 4 } })
    await expect(pane(canvasElement)).toHaveTextContent('The server is restarting.')
  },
}
