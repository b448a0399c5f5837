/** Orders that survive what the panel below breaks: each has one outcome, and the server has handled it once. */
import { type ReactNode, useState } from 'react'
import { useOutbox, useWebSocket } from 'uplink'
import type { Order, OrderAnswer } from '../shared.ts'

/** Orders that are shown; older ones have long been answered. */
const SHOWN = 3

interface Sent {
  readonly number: number
  readonly fate: string
}

export function Orders(): ReactNode {
  const { sendWithAck } = useWebSocket()
  const { queued, inFlight, delivered } = useOutbox()
  const [orders, setOrders] = useState<readonly Sent[]>([])

  async function send(): Promise<void> {
    const number = (orders[0]?.number ?? 0) + 1
    setOrders((before) => [{ number, fate: 'waiting' }, ...before].slice(0, SHOWN))
    const { outcome, data } = await sendWithAck({ type: 'order', data: { quantity: 1 } satisfies Order })
    const answer = data as OrderAnswer | undefined
    const fate = answer === undefined ? outcome : `${outcome}, number ${answer.number} of the server`
    setOrders((before) => before.map((order) => (order.number === number ? { number, fate } : order)))
  }

  return (
    <section className="panel orders" aria-label="Orders">
      <h2>Orders</h2>
      <div className="actions">
        <button type="button" onClick={() => void send()}>Send an order</button>
        <span className="now" data-testid="outbox">{delivered} delivered, {queued + inFlight} waiting</span>
      </div>
      {orders.length === 0 ? <p>Break something, then send one: it waits, and arrives once.</p> : (
        <ol>{orders.map(({ number, fate }) => <li key={number}>Order {number}: {fate}</li>)}</ol>
      )}
    </section>
  )
}
