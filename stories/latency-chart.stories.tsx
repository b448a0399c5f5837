import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, within } from 'storybook/test'
import { LatencyChart } from 'uplink'
import { EveryLife, InLife, LIVES } from './support/hour.tsx'

/** Round trips of the last hour: median, spread, quality, and hatching where nothing is known. */
const meta = {
  title: 'Components/LatencyChart',
  component: LatencyChart,
  tags: ['autodocs'],
  render: (args) => <div className="story-hour"><InLife name="eventful"><LatencyChart {...args} /></InLife></div>,
} satisfies Meta<typeof LatencyChart>

export default meta
type Story = StoryObj<typeof meta>

const pane = (canvas: HTMLElement): HTMLElement => canvas.querySelector('[data-slot="reading"]') as HTMLElement

export const Default: Story = {}

export const EveryLifeLight: Story = {
  render: (args) => <EveryLife><LatencyChart {...args} /></EveryLife>,
  play: async ({ canvasElement }) => {
    const charts = [...canvasElement.querySelectorAll('[data-slot="latency-chart"]')]
    await expect(charts).toHaveLength(Object.keys(LIVES).length)
    const heights = charts.map((chart) => Math.round(chart.getBoundingClientRect().height))
    await expect(new Set(heights).size, heights.join(' ')).toBe(1)
  },
}
export const EveryLifeDark: Story = { ...EveryLifeLight, globals: { theme: 'dark' } }
export const RightToLeft: Story = { ...EveryLifeLight, globals: { direction: 'rtl' } }
export const Narrow: Story = { render: (args) => <div style={{ width: '16rem' }}><InLife name="eventful"><LatencyChart {...args} /></InLife></div> }

export const ReadByKeys: Story = {
  play: async ({ canvasElement }) => {
    const plot = within(canvasElement).getByRole('slider', { name: 'Latency of the last hour' })
    await userEvent.tab()
    await expect(plot).toHaveFocus()
    const newest = pane(canvasElement).textContent
    await expect(newest).toMatch(/^\d.*: \d+ ms, excellent/)
    await userEvent.keyboard('{ArrowLeft}')
    await expect(pane(canvasElement)).not.toHaveTextContent(newest ?? '')
    await expect(plot).toHaveAttribute('aria-valuetext', pane(canvasElement).textContent)
    await userEvent.keyboard('{Home}')
    await expect(plot).toHaveAttribute('aria-valuenow', '0')
    await userEvent.keyboard('{Escape}')
    await expect(pane(canvasElement)).toHaveTextContent(/^Half of the round trips/)
  },
}

export const ReadByPointer: Story = {
  play: async ({ canvasElement }) => {
    const plot = within(canvasElement).getByRole('slider', { name: 'Latency of the last hour' })
    const { left, top, width, height } = plot.getBoundingClientRect()
    const sizes = canvasElement.querySelector('figure')?.getBoundingClientRect().height
    await userEvent.pointer({ target: plot, coords: { clientX: left + width * 0.9, clientY: top + height / 2 } })
    await expect(pane(canvasElement)).toHaveTextContent(/: \d+ ms, excellent/)
    await expect(canvasElement.querySelector('[data-slot="cursor"]')).not.toBeNull()
    await expect(canvasElement.querySelector('figure')?.getBoundingClientRect().height).toBe(sizes)
  },
}
