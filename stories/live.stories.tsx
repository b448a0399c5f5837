import type { Meta, StoryObj } from '@storybook/react-vite'
import { ws } from 'msw'
import { setupWorker } from 'msw/browser'
import { type ReactNode, useState } from 'react'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { ConnectionIndicator, ConnectionStatus, ConnectionStatusCard, UplinkProvider, createUplink } from 'uplink'

const feed = ws.link('wss://live.example/ws')
let refuses = false
/** One worker for all stories of the page: starting and stopping it between them would race. */
let started: Promise<unknown> | undefined

const handlers = [
  feed.addEventListener('connection', ({ client }) => {
    if (refuses) return client.close(4403, 'blocked')
    client.addEventListener('message', ({ data }) => {
      if (String(data).includes('"ping"')) client.send(JSON.stringify({ type: 'pong' }))
    })
    return undefined
  }),
]

function Page({ children }: { readonly children: ReactNode }): ReactNode {
  const [uplink] = useState(() => createUplink({ url: 'wss://live.example/ws', reconnectInterval: 0, display: { grace: 0, dwell: 0 } }))
  return (
    <UplinkProvider uplink={uplink}>
      <div style={{ display: 'grid', gap: '1rem', justifyItems: 'start' }}>
        {children}
        <button type="button" onClick={() => { for (const client of feed.clients) client.close(1012, 'restart') }}>Restart the server</button>
        <button type="button" onClick={() => { refuses = true; for (const client of feed.clients) client.close(4403, 'blocked') }}>Block this client</button>
      </div>
    </UplinkProvider>
  )
}

/** The components against a WebSocket server mocked by msw: break it and watch. */
const meta = {
  title: 'Live/Mocked server',
  beforeEach: async () => {
    refuses = false
    await (started ??= setupWorker(...handlers).start({ quiet: true, onUnhandledRequest: 'bypass', serviceWorker: { url: '/mockServiceWorker.js' } }))
  },
} satisfies Meta

export default meta
type Story = StoryObj<typeof meta>

const recovers = (slot: string): NonNullable<Story['play']> => async ({ canvasElement }) => {
  const canvas = within(canvasElement)
  const shown = () => canvasElement.querySelector(`[data-slot="${slot}"]`)
  await waitFor(() => expect(shown()).toHaveAttribute('data-state', 'connected'))
  await userEvent.click(canvas.getByRole('button', { name: 'Block this client' }))
  await waitFor(() => expect(shown()).toHaveAttribute('data-state', 'error'))
  refuses = false
}

export const Indicator: Story = { render: () => <Page><ConnectionIndicator /></Page>, play: recovers('connection-indicator') }
export const Status: Story = { render: () => <Page><ConnectionStatus showDetails /></Page>, play: recovers('connection-status') }
export const Card: Story = { render: () => <Page><ConnectionStatusCard heading="Live feed" /></Page>, play: recovers('connection-status-card') }
