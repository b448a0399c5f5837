/** What a protocol may bring along: something around the transport, several meanings of one frame, numbers of messages. */
import { type ClientProtocol, type Message, createConnection, json } from 'uplink/engine'
import { createFakePlatform, scriptedTransport } from 'uplink/testing'
import { expect, it } from 'vitest'

const open = { onDial: (socket: { open(): void }) => socket.open() }

function start(protocol: Partial<ClientProtocol>, script = scriptedTransport(open)) {
  const platform = createFakePlatform()
  const connection = createConnection({ url: 'wss://test', platform, transport: script.transport, protocol: { ...json({ ping: false }), ...protocol } })
  void connection.connect()
  return { connection, platform, script }
}

it('a protocol wraps the transport of every socket, and is given the clock', () => {
  const now: number[] = []
  const { connection, script } = start({
    wrapTransport: (inner, platform) => (request, events) => {
      now.push(platform.now())
      const socket = inner(request, { ...events, frame: (frame) => events.frame(String(frame).replace('low', 'high')) })
      return { send: (frame) => socket.send(`>${String(frame)}`), close: (code, reason) => socket.close(code, reason), bufferedAmount: 0 }
    },
  })
  const heard: unknown[] = []
  connection.subscribe('tide', (data) => heard.push(data))
  connection.send({ type: 'hello', data: 1, timestamp: 0 })
  script.socket().receive({ type: 'tide', data: 'low' })
  expect(heard).toEqual(['high'])
  expect(script.socket().sent).toEqual(['>{"type":"hello","data":1,"timestamp":0}'])
  connection.reconnect()
  expect(now).toHaveLength(2)
})

it('one frame may mean several things, each to whom it concerns', () => {
  const { connection, script } = start({
    control: ({ type, data }: Message) => (type === 'joined' ? (data as string[]).map((channel) => ({ kind: 'subscribed', channel })) : undefined),
  })
  const leases = ['a', 'b', 'c'].map((name) => connection.channel(name))
  return Promise.resolve().then(() => {
    script.socket().receive({ type: 'joined', data: ['a', 'c'] })
    expect(leases.map((lease) => lease.snapshot().status)).toEqual(['live', 'subscribing', 'live'])
    script.socket().receive({ type: 'joined', data: [] })
    expect(connection.stats().malformed).toBe(0)
  })
})

it('holes are announced by the judge that a protocol brings, and by none where it brings none', () => {
  for (const isJudged of [true, false]) {
    const { connection, script } = start(isJudged ? { follow: (place, from, offset) => {
      const held = place.offset
      place.offset = offset
      return held > 0 && from > held + 1 ? { reason: 'hole', from: held + 1, to: from - 1 } : null
    } } : {})
    const told: string[] = []
    const lease = connection.channel('a')
    lease.onGap(({ from, to }) => told.push(`gap ${from}-${String(to)}`))
    lease.onMessage((_, { offset }) => told.push(`message ${String(offset)}`))
    for (const offset of [4, 5, 9, 9, 2]) script.socket().receive({ type: 'x', channel: 'a', data: 0, offset })
    expect(told).toEqual(['message 4', 'message 5', ...(isJudged ? ['gap 6-8'] : []), 'message 9', 'message 9', 'message 2'])
    connection.destroy()
  }
})
