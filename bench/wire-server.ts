/** The servers of the wire benches, in a process of their own: they send on request, and count what they get. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server as SocketIoServer } from 'socket.io'
import { WebSocketServer } from 'ws'

const data = { symbol: 'BTCUSDT', price: 64_123.45, volume: 12.5, change: -0.42 }
const frame = JSON.stringify({ type: 'tick', channel: 'btc', data, timestamp: 1_790_000_000_000 })
const BATCH = 500

const plain = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
plain.on('connection', (socket) => {
  let expected = 0
  socket.on('message', (raw) => {
    const text = String(raw)
    if (text.includes('"ping"')) return socket.send('{"type":"pong"}')
    if (text.includes('"burst"')) return burst((JSON.parse(text) as { data: { burst: number } }).data.burst, () => socket.send(frame), () => socket.bufferedAmount)
    if (text.includes('"expect"')) expected = (JSON.parse(text) as { data: { expect: number } }).data.expect
    else if (text.includes('"order"') && --expected === 0) socket.send('{"type":"tick","data":"done"}')
    return undefined
  })
})

const reliable = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, handleProtocols: () => 'uplink.v1' })
reliable.on('connection', (socket) => {
  let expected = Infinity
  let offset = 0
  const say = (message: object): void => socket.send(JSON.stringify(message))
  function take(message: { type: string; id?: string; data?: { burst?: number; expect?: number } }): void {
    if (message.type === 'ping') return socket.send('{"type":"pong"}')
    if (message.type === 'hello') return say({ type: 'connection', version: 1, session: 's', serverTime: 0, resultsEpoch: 'r', limits: { maxFrame: 1e6, maxChannels: 9, resultsTtl: 6e5 } })
    if (message.type === 'subscribe') return say({ type: 'subscription_confirmed', channel: 'btc', stream: 'btc', epoch: 'e', offset: 0, top: 0, recovered: false })
    socket.send(`{"type":"ack","id":"${message.id}"}`)
    const { burst: count, expect } = message.data ?? {}
    if (count !== undefined) burst(count, () => say({ type: 'tick', channel: 'btc', data, offset: ++offset, timestamp: 1_790_000_000_000 }), () => socket.bufferedAmount)
    else if (expect !== undefined) expected = expect
    else if (--expected === 0) say({ type: 'tick', data: 'done' })
  }
  socket.on('message', (raw) => {
    const message = JSON.parse(String(raw)) as { type: string; messages?: Array<{ type: string }> }
    for (const one of message.type === 'batch' ? (message.messages ?? []) : [message]) take(one)
  })
})

const http = createServer()
const socketIo = new SocketIoServer(http, { transports: ['websocket'], perMessageDeflate: false })
socketIo.on('connection', (socket) => {
  let expected = 0
  socket.on('order', (order: { burst?: number; expect?: number }) => {
    if (order.burst !== undefined) burst(order.burst, () => socket.emit('tick', data), () => 0)
    else if (order.expect !== undefined) expected = order.expect
    else if (--expected === 0) socket.emit('tick', 'done')
  })
})

/** Sends `count` frames in slices, so that neither side drowns. */
function burst(count: number, send: () => void, buffered: () => number): void {
  let left = count
  const slice = (): void => {
    if (buffered() < 1_000_000) for (let n = 0; n < BATCH && left > 0; n++, left--) send()
    if (left > 0) setImmediate(slice)
  }
  slice()
}

await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve) })
const port = (address: string | AddressInfo | null): number => (address as AddressInfo).port
process.send?.({ ws: `ws://127.0.0.1:${port(plain.address())}`, reliable: `ws://127.0.0.1:${port(reliable.address())}`, socketIo: `http://127.0.0.1:${port(http.address())}` })
