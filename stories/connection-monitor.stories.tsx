import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fireEvent, userEvent, waitFor, within } from 'storybook/test'
import { ConnectionMonitor, type ConnectionMonitorProps } from 'uplink/devtools'
import { LivingScene, floodScene, tradingScene } from './support/monitored.tsx'

/** What is in the shadow root is out of a canvas's sight. */
function monitor(): ReturnType<typeof within> {
  const root = document.querySelector('[data-uplink-monitor]')?.shadowRoot
  if (root === null || root === undefined) throw new Error('the monitor is not there yet')
  return within(root as unknown as HTMLElement)
}

/** Waits for a heading of the monitor. */
const shows = (state: RegExp, timeout = 5_000): Promise<void> => waitFor(() => expect(monitor().getByTestId('state')).toHaveTextContent(state), { timeout })

/**
 * A panel that shows what a connection does, and breaks it on purpose. The server is real, in the page; its clock follows yours.
 *
 * Do put it at the end of your app, in development. Do give it `faults`. Do not rely on it to hide secrets in memory: it hides them on screen, in search, in copies and exports.
 */
const meta = {
  title: 'Devtools/ConnectionMonitor',
  component: ConnectionMonitor,
  tags: ['autodocs'],
  args: { mode: 'embedded', name: 'Market feed' },
  parameters: { layout: 'fullscreen', docs: { story: { inline: false, height: '520px' } } },
  beforeEach: () => localStorage.removeItem('uplink.monitor'),
  render: (args) => (
    <LivingScene scene={tradingScene}>
      {({ controller }) => <div style={{ height: 480 }}><ConnectionMonitor {...args} faults={controller} /></div>}
    </LivingScene>
  ),
} satisfies Meta<ConnectionMonitorProps>

export default meta
type Story = StoryObj<typeof meta>

/** In a corner of the page, until somebody wants to know. */
export const Floating: Story = {
  args: { mode: 'floating' },
  play: async () => {
    await waitFor(() => expect(monitor().getByRole('button', { name: 'Open the connection monitor of Market feed: Connected' })).toBeVisible(), { timeout: 5_000 })
    await userEvent.click(monitor().getByRole('button', { name: /^Open/ }))
    await expect(monitor().getByRole('img', { name: /phase open/ })).toBeVisible()
    await userEvent.click(monitor().getByRole('tab', { name: 'Channels' }))
    await waitFor(() => expect(monitor().getByRole('rowheader', { name: 'trades.btcusdt' })).toBeVisible())
    await userEvent.keyboard('{Escape}')
    await waitFor(() => expect(document.querySelector('[data-uplink-monitor]')?.shadowRoot?.activeElement).toBe(monitor().getByRole('button', { name: /^Open/ })))
    await userEvent.click(monitor().getByRole('button', { name: /^Open/ }))
  },
}

/** As large as its parent, for a page about the connection. */
export const Embedded: Story = {
  play: async () => {
    await shows(/Connected/)
    await expect(monitor().queryByRole('button', { name: 'Close the monitor' })).toBeNull()
    for (const tab of ['Messages', 'Channels', 'Outbox', 'Timeline', 'Faults', 'Connection']) {
      await userEvent.click(monitor().getByRole('tab', { name: new RegExp(`^${tab}`) }))
      await expect(monitor().getByRole('tabpanel', { name: new RegExp(`^${tab}`) })).toBeVisible()
    }
  },
}

/** Every message, both ways. What sounds like a secret is hidden. */
export const Messages: Story = {
  args: { initialTab: 'messages' },
  play: async () => {
    await shows(/Connected/)
    await userEvent.click(monitor().getByRole('button', { name: 'Out' }))
    const hello = await waitFor(() => within(monitor().getByRole('listbox', { name: 'Messages' })).getByText('hello'), { timeout: 5_000 })
    await fireEvent.mouseDown(hello)
    await waitFor(() => expect(monitor().getByRole('region', { name: 'Content' })).toHaveTextContent('"credentials": "***"'))
    await fireEvent.change(monitor().getByLabelText('Search messages'), { target: { value: 'eyJhbGciOi' } })
    await waitFor(() => expect(monitor().getByText('No message fits the filter.')).toBeVisible())
    await fireEvent.change(monitor().getByLabelText('Search messages'), { target: { value: '' } })
    await userEvent.click(monitor().getByRole('button', { name: 'All' }))
  },
}

/** Five thousand messages a second: the log keeps what can be read, and says so. */
export const UnderLoad: Story = {
  args: { initialTab: 'messages' },
  render: (args) => (
    <LivingScene scene={() => floodScene(5_000)}>
      {({ controller }) => <div style={{ height: 480 }}><ConnectionMonitor {...args} faults={controller} /></div>}
    </LivingScene>
  ),
  play: async () => {
    await waitFor(() => expect(monitor().getByText(/^showing 1 of \d+ \([\d.,K]+\/s\)$/)).toBeVisible(), { timeout: 10_000 })
    await userEvent.click(monitor().getByRole('button', { name: 'Pause' }))
    await waitFor(() => expect(monitor().getByRole('button', { name: /new$/ })).toBeVisible(), { timeout: 5_000 })
  },
}

/** Where nothing can be broken, the panel says how to add it. */
export const WithoutFaults: Story = {
  args: { initialTab: 'faults' },
  render: (args) => <LivingScene scene={tradingScene}>{() => <div style={{ height: 480 }}><ConnectionMonitor {...args} /></div>}</LivingScene>,
  play: async () => {
    await waitFor(() => expect(monitor().getByRole('region', { name: 'How to add it' })).toHaveTextContent('faults(webSocket())'))
  },
}

/** The faults that are switches: what they show as, and that they heal. */
const switched = (name: string, during: RegExp, timeout: number): Story => ({
  args: { initialTab: 'faults' },
  play: async () => {
    await shows(/Connected/)
    await userEvent.click(monitor().getByRole('switch', { name }))
    await shows(during, timeout)
    await userEvent.click(monitor().getByRole('button', { name: 'Heal everything' }))
    await userEvent.click(monitor().getByRole('button', { name: 'Reconnect' }))
    await shows(/Connected/)
  },
})

export const FaultOffline: Story = switched('Offline', /Reconnecting/, 5_000)
export const FaultHalfOpen: Story = switched('Half-open', /Reconnecting/, 14_000)
export const FaultStaleToken: Story = switched('Stale token', /Failed/, 10_000)

export const FaultClose: Story = {
  args: { initialTab: 'faults' },
  play: async () => {
    await shows(/Connected/)
    await userEvent.selectOptions(monitor().getByLabelText('Close code'), '4403')
    await userEvent.click(monitor().getByRole('button', { name: 'Close' }))
    await shows(/Failed/)
    await userEvent.click(monitor().getByRole('button', { name: 'Reconnect' }))
    await shows(/Connected/)
  },
}

export const FaultLatency: Story = {
  args: { initialTab: 'faults' },
  play: async () => {
    await shows(/Connected/)
    await fireEvent.change(monitor().getByLabelText('Latency'), { target: { value: '600' } })
    await fireEvent.change(monitor().getByLabelText('Jitter'), { target: { value: '100' } })
    await waitFor(() => expect(monitor().getByText('600 ms')).toBeVisible())
    await waitFor(() => expect(monitor().getByText(/^1\.\d s$/)).toBeVisible(), { timeout: 10_000 })
  },
}

export const FaultLoss: Story = {
  args: { initialTab: 'faults' },
  play: async () => {
    await shows(/Connected/)
    await fireEvent.change(monitor().getByLabelText('Lose incoming: how many'), { target: { value: '3' } })
    await userEvent.click(monitor().getAllByRole('button', { name: 'Lose' })[0] as HTMLElement)
    await waitFor(() => expect(monitor().getByText(/· 3 lost on purpose/)).toBeVisible(), { timeout: 5_000 })
    // The holes are found by their offsets, and filled.
    await userEvent.click(monitor().getByRole('tab', { name: 'Channels' }))
    await waitFor(() => expect(monitor().queryByText(/gap/)).toBeNull())
  },
}

export const FaultSlowConsumer: Story = {
  args: { initialTab: 'faults' },
  play: async () => {
    await shows(/Connected/)
    await fireEvent.change(monitor().getByLabelText('Slow consumer'), { target: { value: '2' } })
    await waitFor(() => expect(monitor().getByText(/· [1-9]\d* frames held/)).toBeVisible(), { timeout: 5_000 })
  },
}
