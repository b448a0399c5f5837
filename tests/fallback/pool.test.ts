/** Polling beside a pool of servers: the same promises, whichever server it is that comes back. */
import { afterEach, describe, expect, it } from 'vitest'
import { type Uplink, createUplink } from 'uplink'
import { poll } from 'uplink/fallback'
import { pool } from 'uplink/pool'
import { uplink as uplinkV1 } from 'uplink/protocols/uplink'
import { createFakePlatform, scriptedTransport } from 'uplink/testing'
import { GREETING } from '../engine/uplink-rig.ts'

let uplink: Uplink | undefined
afterEach(() => uplink?.destroy())

function setup() {
  const platform = createFakePlatform()
  const open = new Set<string>()
  const history: number[] = []
  const asks: unknown[] = []
  const server = scriptedTransport({
    onDial: (socket) => (open.has(new URL(socket.request.url).host) ? socket.open() : socket.end()),
    onSend: (socket, raw) => {
      const { type, channels = [] } = JSON.parse(String(raw)) as { type: string; channels?: Array<{ channel: string; recover?: { offset: number } }> }
      if (type === 'hello') socket.receive(GREETING)
      if (type === 'ping') socket.receive({ type: 'pong' })
      for (const { channel, recover } of type === 'subscribe' ? channels : []) {
        asks.push(recover)
        const start = recover?.offset ?? history.length
        const messages = history.slice(start).map((data, index) => ({ type: 't', channel, data, offset: start + index + 1 }))
        socket.receive({ type: 'subscription_confirmed', channel, stream: channel, epoch: 'E', offset: start, top: history.length, recovered: recover !== undefined, messages })
      }
    },
  })
  const made = createUplink({
    servers: pool(['wss://a.example', 'wss://b.example']), platform, transport: server.transport, protocol: uplinkV1(), heartbeat: false,
    fallback: poll({
      interval: 1_000,
      fetch: (_, { position }) => {
        const since = position?.offset ?? 0
        return { messages: history.slice(since).map((data, index) => ({ data, offset: since + index + 1 })), position: { epoch: 'E', offset: history.length } }
      },
    }),
  })
  uplink = made
  const heard: unknown[] = []
  const lease = made.channel('c')
  lease.onMessage((data) => heard.push(data))
  lease.onGap(({ reason }) => heard.push(reason))
  void made.connect()
  const pass = (ms: number): Promise<void> => platform.clock.advanceAsync(ms)
  const publish = (): void => {
    history.push(history.length + 1)
    for (const socket of server.sockets.filter(({ request, closed }) => closed === undefined && open.has(new URL(request.url).host))) {
      socket.receive({ type: 't', channel: 'c', data: history.length, offset: history.length })
    }
  }
  return { platform, server, open, history, asks, lease, heard, pass, publish, uplink: made }
}

describe('beside a pool', () => {
  it('with all servers away data comes by polling, and whichever is back goes on after it', async () => {
    const { open, lease, heard, pass, publish, asks, uplink: made } = setup()
    publish()
    publish()
    await pass(3_500)
    expect(heard).toEqual([1, 2])
    expect(lease.snapshot().source).toBe('fallback')
    expect(made.display.getState().state).toBe('delayed')
    publish()
    await pass(1_100)
    expect(heard).toEqual([1, 2, 3])
    open.add('b.example')
    await pass(8_100)
    expect(lease.snapshot()).toMatchObject({ status: 'live' })
    expect(asks.at(-1)).toEqual({ epoch: 'E', offset: 3 })
    publish()
    expect(heard).toEqual([1, 2, 3, 4])
    expect(made.display.getState().state).toBe('connected')
    expect(made.stats.getState().fallback?.probes).toBeGreaterThan(0)
  })

  it('a server that dies under a channel is bridged by polls where the next one takes its time', async () => {
    const { open, server, lease, heard, pass, publish } = setup()
    open.add('a.example')
    await pass(10_000)
    expect(lease.snapshot().status).toBe('live')
    publish()
    open.clear()
    for (const socket of server.sockets) if (socket.closed === undefined) socket.end()
    for (let count = 0; count < 5; count++) {
      publish()
      await pass(1_000)
    }
    open.add('b.example')
    await pass(10_000)
    publish()
    expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(lease.snapshot()).toMatchObject({ status: 'live', gap: null })
  })
})
