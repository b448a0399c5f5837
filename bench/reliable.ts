/** The clients that speak `uplink.v1` with everything it has: ids and answers, positions, one of them by hand. */
import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import type { OpenClient } from './clients.ts'

// The built library, as users get it; by address, because the name leads to the sources here.
const built = (path: string): string => new URL(`../dist/${path}`, import.meta.url).href
const { createConnection } = (await import(built('engine/index.js'))) as typeof import('uplink/engine')
const { uplink } = (await import(built('protocols/uplink.js'))) as typeof import('uplink/protocols/uplink')
const { ws } = (await import(built('transports/ws.js'))) as typeof import('uplink/transports/ws')

interface Frame {
  readonly type: string
  readonly id?: string
  readonly channel?: string
  readonly offset?: number
  readonly data?: unknown
}

/**
 * What somebody careful writes by hand: ids, a Map of what has no answer, a position of every channel that is
 * checked. It sends nothing again and restores nothing; that is what it saves.
 */
const byHand: OpenClient = ({ reliable: url }, listen) =>
  new Promise((resolve) => {
    const socket = new WebSocket(url, ['uplink.v1'], { perMessageDeflate: false })
    const unanswered = new Map<string, { readonly sentAt: number; readonly frame: string }>()
    const positions = new Map<string, number>()
    const listeners = new Map<string, Array<(data: unknown) => void>>([['tick', [listen]]])
    const prefix = randomUUID()
    let serial = 0

    function read(message: Frame): void {
      if (message.type === 'ack') {
        unanswered.delete(message.id ?? '')
        return
      }
      if (message.type === 'connection') {
        socket.send(JSON.stringify({ type: 'subscribe', channels: ['btc'] }))
        return
      }
      if (message.type === 'subscription_confirmed') {
        positions.set('btc', 0)
        return resolve({ send, close: () => socket.close() })
      }
      if (message.channel !== undefined && message.offset !== undefined) {
        if (message.offset !== (positions.get(message.channel) ?? 0) + 1) throw new Error('a hole')
        positions.set(message.channel, message.offset)
      }
      for (const one of listeners.get(message.type) ?? []) one(message.data)
    }
    function send(data: unknown): void {
      const id = `${prefix}-${++serial}`
      const frame = JSON.stringify({ type: 'order', data, timestamp: Date.now(), id })
      unanswered.set(id, { sentAt: performance.now(), frame })
      socket.send(frame)
    }
    socket.on('message', (raw) => read(JSON.parse(String(raw)) as Frame))
    socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', versions: [1], clientId: prefix, maxFrame: 1_048_576 })))
  })

const connect = (batch: boolean): OpenClient => async ({ reliable: url }, listen) => {
  const connection = createConnection({ url, protocol: uplink({ batch }), transport: ws(), queueSize: 100_000, queueMaxBytes: 100_000_000, maxInFlight: 100_000 })
  connection.subscribe('tick', listen)
  const lease = connection.channel('btc')
  const live = new Promise<void>((resolve) => lease.onStatus(({ status }) => { if (status === 'live') resolve() }))
  await connection.connect()
  await live
  return { send: (data) => void connection.send({ type: 'order', data }), close: () => connection.destroy() }
}

/** By name. */
export const RELIABLE: Readonly<Record<string, OpenClient>> = {
  'by hand': byHand,
  'by hand again': byHand,
  'uplink()': connect(true),
  'uplink({ batch: false })': connect(false),
}
