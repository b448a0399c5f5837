import type { Meta, StoryObj } from '@storybook/react-vite'
import { setupWorker } from 'msw/browser'
import { type ReactNode, useState } from 'react'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { ConnectionIndicator, ConnectionStatus, ConnectionStatusCard, UplinkProvider, createUplink, useChannel, useWebSocket } from 'uplink'
import { uplink as uplinkProtocol } from 'uplink/protocols/uplink'
import { createMockServer } from 'uplink/testing/msw'

const server = createMockServer('wss://live.example/ws')
/** One worker for all stories of the page: starting and stopping it between them would race. */
let started: Promise<unknown> | undefined

function Price(): ReactNode {
  const { data, gap } = useChannel<{ readonly bid: number }>('prices')
  const { sendWithAck } = useWebSocket()
  const [order, setOrder] = useState('none yet')
  return (
    <p>
      Bid <output aria-label="Bid">{data?.bid ?? 'unknown'}</output>{gap === null ? '' : ' (some were missed)'}, order{' '}
      <output aria-label="Order">{order}</output>{' '}
      <button type="button" onClick={() => { setOrder('on its way'); void sendWithAck({ type: 'order' }).then(({ outcome }) => setOrder(outcome)) }}>Order</button>
    </p>
  )
}

function Page({ children }: { readonly children: ReactNode }): ReactNode {
  const [uplink] = useState(() => createUplink({ url: 'wss://live.example/ws', protocol: uplinkProtocol(), reconnectInterval: 200, maxReconnectDelay: 500, display: { grace: 0, dwell: 0 } }))
  return (
    <UplinkProvider uplink={uplink}>
      <div style={{ display: 'grid', gap: '1rem', justifyItems: 'start' }}>
        {children}
        <Price />
        <div style={{ display: 'flex', gap: '0.5rem', flexWrap: 'wrap' }}>
          <button type="button" onClick={() => { server.publish('prices', { bid: ++bid }) }}>Publish a price</button>
          <button type="button" onClick={() => server.stop()}>Stop the server</button>
          <button type="button" onClick={() => server.start()}>Start it again</button>
          <button type="button" onClick={() => server.start('nothing')}>Restart without its history</button>
          <button type="button" onClick={() => server.dropAll(4403, 'blocked')}>Block this client</button>
        </div>
      </div>
    </UplinkProvider>
  )
}

let bid = 100

/** The components against the real server logic, behind msw: break it and watch. */
const meta = {
  title: 'Live/Mocked server',
  beforeEach: async () => {
    server.start()
    await (started ??= setupWorker(...server.handlers).start({ quiet: true, onUnhandledRequest: 'bypass', serviceWorker: { url: '/mockServiceWorker.js' } }))
  },
} satisfies Meta

export default meta
type Story = StoryObj<typeof meta>

const recovers = (slot: string): NonNullable<Story['play']> => async ({ canvasElement }) => {
  const canvas = within(canvasElement)
  const shows = (state: string): Promise<void> => waitFor(() => expect(canvasElement.querySelector(`[data-slot="${slot}"]`)).toHaveAttribute('data-state', state), { timeout: 10_000 })
  const press = (name: string): Promise<void> => userEvent.click(canvas.getByRole('button', { name }))
  await shows('connected')
  await press('Stop the server')
  await shows('reconnecting')
  // What is ordered and published meanwhile arrives afterwards.
  await press('Order')
  await press('Publish a price')
  const published = String(bid)
  await press('Start it again')
  await shows('connected')
  await waitFor(() => expect(canvas.getByLabelText('Bid')).toHaveTextContent(published))
  await waitFor(() => expect(canvas.getByLabelText('Order')).toHaveTextContent('delivered'))
  await press('Block this client')
  await shows('error')
}

export const Indicator: Story = { render: () => <Page><ConnectionIndicator /></Page>, play: recovers('connection-indicator') }
export const Status: Story = { render: () => <Page><ConnectionStatus showDetails /></Page>, play: recovers('connection-status') }
export const Card: Story = { render: () => <Page><ConnectionStatusCard heading="Live feed" /></Page>, play: recovers('connection-status-card') }
