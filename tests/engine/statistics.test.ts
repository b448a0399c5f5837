/** What is counted as a message, and what is not. */
import { describe, expect, it } from 'vitest'
import { createConnection, json } from 'uplink/engine'
import { createFakePlatform, scriptedTransport } from 'uplink/testing'

describe('the counters of messages', () => {
  it('count messages, and neither heartbeats nor subscriptions', () => {
    const platform = createFakePlatform()
    const server = scriptedTransport({
      onDial: (socket) => socket.open(),
      onSend: (socket, frame) => {
        if (String(frame).includes('"ping"')) socket.receive({ type: 'pong' })
        if (String(frame).includes('"subscribe"')) socket.receive({ type: 'subscription_confirmed', channel: 'prices' })
      },
    })
    const connection = createConnection({ url: 'wss://test.example/ws', protocol: json(), platform, transport: server.transport })
    void connection.connect()
    connection.channel('prices')
    platform.clock.advance(60_000)
    expect(server.socket().sent.length).toBeGreaterThan(10)
    expect(connection.stats()).toMatchObject({ messagesReceived: 0, messagesSent: 0 })
    expect(connection.stats().bytesReceived).toBeGreaterThan(100)
    connection.send({ type: 'order' })
    server.socket().receive({ type: 'tick', channel: 'prices', data: 1 })
    expect(connection.stats()).toMatchObject({ messagesReceived: 1, messagesSent: 1 })
    connection.destroy()
  })
})
