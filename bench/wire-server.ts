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
process.send?.({ ws: `ws://127.0.0.1:${port(plain.address())}`, socketIo: `http://127.0.0.1:${port(http.address())}` })
