import type { Meta, StoryObj } from '@storybook/react-vite'
import { type ReactNode, useEffect, useState } from 'react'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { ConnectionStatus, ConnectionStatusCard, Freshness, type Uplink, UplinkProvider, createUplink, useChannel } from 'uplink'
import { poll } from 'uplink/fallback'
import { scriptedTransport } from 'uplink/testing'

interface Tick { readonly price: number; readonly at: number }

/** A market that moves ten times a second, over a socket and by REST; either can be switched off. */
function createMarket() {
  const is = { socket: false, rest: true }
  let tick: Tick = { price: 42_000, at: 0 }
  const server = scriptedTransport({
    onDial: (socket) => setTimeout(() => (is.socket ? socket.open() : socket.end()), 20),
    onSend: (socket, frame) => {
      const { type, channels = [] } = JSON.parse(String(frame)) as { type: string; channels?: Array<{ channel: string }> }
      if (type === 'ping') socket.receive({ type: 'pong' })
      if (type === 'subscribe') for (const { channel } of channels) socket.receive({ type: 'subscription_confirmed', channel })
    },
  })
  const uplink = createUplink({
    url: 'wss://market.example', transport: server.transport,
    fallback: poll({
      fetch: async () => {
        if (!is.rest) throw new TypeError('failed to fetch')
        return { data: tick }
      },
      positionOf: (data) => (data as Tick).at,
      interval: 1_000, fallbackAfter: 500, probeInterval: 1_000, maxInterval: 2_000,
    }),
  })
  function move(): void {
    tick = { price: Math.round(tick.price + 40 * Math.sin(tick.at / 7)), at: tick.at + 1 }
    if (is.socket && uplink.getState().state === 'connected') server.socket().receive({ type: 'tick', channel: 'btc', data: tick })
  }
  function set(name: keyof typeof is, on: boolean): void {
    is[name] = on
    if (name === 'socket' && !on && server.sockets.length > 0) server.socket().end()
  }
  return { uplink, move, set }
}

function Price(): ReactNode {
  const btc = useChannel<Tick>('btc')
  return (
    <Freshness channel={btc}>
      <p style={{ margin: 0, padding: '0.75rem 1rem', border: '1px solid color-mix(in oklab, currentColor 15%, transparent)', borderRadius: '0.5rem', fontVariantNumeric: 'tabular-nums' }}>
        BTC/USDT <output aria-label="Price" style={{ fontWeight: 600 }}>{btc.data?.price.toLocaleString('en') ?? '–'}</output>{' '}
        <small aria-label="Source">{btc.data === undefined ? 'no data yet' : btc.source}</small>
      </p>
    </Freshness>
  )
}

function Switch({ label, on, set }: { readonly label: string; readonly on: boolean; readonly set: (on: boolean) => void }): ReactNode {
  return <label><input type="checkbox" checked={on} onChange={({ target }) => set(target.checked)} /> {label}</label>
}

/** Switch the socket and REST off and on: live, delayed, kept. */
function Page({ card = false }: { readonly card?: boolean }): ReactNode {
  const [market] = useState(createMarket)
  const [socket, setSocket] = useState(false)
  const [rest, setRest] = useState(true)
  useEffect(() => {
    const timer = setInterval(market.move, 100)
    return () => clearInterval(timer)
  }, [market])
  const uplink: Uplink = market.uplink
  return (
    <UplinkProvider uplink={uplink}>
      <div style={{ display: 'grid', gap: '1rem', justifyItems: 'start', maxWidth: '22rem' }}>
        {card ? <ConnectionStatusCard /> : <ConnectionStatus showDetails />}
        <Price />
        <div style={{ display: 'flex', gap: '1rem' }}>
          <Switch label="Socket" on={socket} set={(on) => { setSocket(on); market.set('socket', on) }} />
          <Switch label="REST" on={rest} set={(on) => { setRest(on); market.set('rest', on) }} />
        </div>
      </div>
    </UplinkProvider>
  )
}

const meta = { title: 'Live/Fallback', render: () => <Page /> } satisfies Meta

export default meta
type Story = StoryObj<typeof meta>

export const InALine: Story = {
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    const source = canvas.getByLabelText('Source')
    await waitFor(() => expect(source).toHaveTextContent('fallback'), { timeout: 5_000 })
    await expect(await canvas.findByText('Data is delayed: it comes every 1 sec.', { exact: false })).toBeVisible()
    await userEvent.click(canvas.getByLabelText('Socket'))
    await waitFor(() => expect(source).toHaveTextContent('live'), { timeout: 5_000 })
    await userEvent.click(canvas.getByLabelText('REST'))
    await userEvent.click(canvas.getByLabelText('Socket'))
    await waitFor(() => expect(source).toHaveTextContent('cache'), { timeout: 8_000 })
    await expect(canvas.getByLabelText('Price')).not.toHaveTextContent('–')
    await userEvent.click(canvas.getByLabelText('REST'))
    await waitFor(() => expect(source).toHaveTextContent('fallback'), { timeout: 8_000 })
  },
}

export const InACard: Story = { render: () => <Page card /> }
