/** The demo's WebSocket server. It speaks `json()`, sends a channel's last value on subscribe, and can be told to misbehave. */
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Row, Source } from '../shared.ts'

/** What the server shows. */
export interface MarketView {
  readonly rows: ReadonlyMap<string, Row>
  /** Every symbol that has a row, or will have one later. */
  readonly symbols: ReadonlySet<string>
  readonly source: Source
}

/** A running server. */
export interface MarketServer {
  readonly port: number
  clients(): number
  /** Sends changed rows to those who follow the market, or one of its symbols. */
  publish(rows: readonly Row[]): void
  /** Closes every socket with a code. */
  closeAll(code: number, reason: string): void
  /** While set, new sockets are closed at once with this code. */
  turnAway(code: number | null): void
  /** While silent, it accepts everything and says nothing. */
  setSilent(silent: boolean): void
  close(): Promise<void>
}

/** Larger messages end a socket: nobody here has so much to say. */
const MESSAGE_MOST_BYTES = 65_536

/** A reader this far behind is sent away; it comes back to the current values. */
const BEHIND_MOST_BYTES = 4_194_304

interface Request {
  readonly type?: unknown
  readonly channels?: unknown
}

/** The channel that an entry of a request names, or undefined. A name is a string and nothing else. */
function nameOf(entry: unknown): string | undefined {
  const name = typeof entry === 'string' ? entry : (entry as { channel?: unknown } | null)?.channel
  return typeof name === 'string' ? name : undefined
}

/** How often the server looks for peers that are gone without a word. */
const WATCH_INTERVAL_MS = 60_000

/** Starts the server on loopback, on a free port. */
export async function startMarketServer(view: () => MarketView, watchIntervalMs = WATCH_INTERVAL_MS): Promise<MarketServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: MESSAGE_MOST_BYTES })
  const subscriptions = new Map<WebSocket, Set<string>>()
  const unheard = new Set<WebSocket>()
  let silent = false
  let turnedAway: number | null = null
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', reject)
  })

  const envelope = (type: string, channel: string, data?: unknown): string => JSON.stringify({ type, channel, data, timestamp: Date.now() })

  function sendText(socket: WebSocket, text: string): void {
    if (silent) return
    if (socket.bufferedAmount > BEHIND_MOST_BYTES) socket.close(1013, 'too far behind')
    else socket.send(text)
  }

  const symbolOf = (channel: string): string | undefined => (channel.startsWith('ticker.') ? channel.slice(7) : undefined)

  function exists(channel: string): boolean {
    return channel === 'market' || channel === 'system' || view().symbols.has(symbolOf(channel) ?? '')
  }

  /** The channel's value as it is now; a symbol whose first row is still to come has none. */
  function lastValue(channel: string): string | undefined {
    const { rows, source } = view()
    if (channel === 'market') return envelope('market', channel, [...rows.values()])
    if (channel === 'system') return envelope('system', channel, { source, clients: subscriptions.size })
    const row = rows.get(symbolOf(channel) ?? '')
    return row === undefined ? undefined : envelope('ticker', channel, row)
  }

  function follow(socket: WebSocket, channels: readonly unknown[], on: boolean): void {
    const mine = subscriptions.get(socket)
    for (const channel of channels.map(nameOf)) {
      if (channel === undefined || mine === undefined) continue
      if (!on) {
        mine.delete(channel)
        sendText(socket, envelope('unsubscription_confirmed', channel))
        continue
      }
      if (!exists(channel)) {
        sendText(socket, envelope('error', channel, { code: 'unknown_channel', message: 'no such channel; there are market, system and ticker.SYMBOL' }))
        continue
      }
      mine.add(channel)
      sendText(socket, envelope('subscription_confirmed', channel))
      const value = lastValue(channel)
      if (value !== undefined) sendText(socket, value)
    }
  }

  function receive(socket: WebSocket, text: string): void {
    let request: Request
    try {
      request = (JSON.parse(text) ?? {}) as Request
    } catch {
      sendText(socket, JSON.stringify({ type: 'error', data: { code: 'malformed', message: 'not JSON' }, timestamp: Date.now() }))
      return
    }
    if (request.type === 'ping') sendText(socket, JSON.stringify({ type: 'pong', timestamp: Date.now() }))
    else if ((request.type === 'subscribe' || request.type === 'unsubscribe') && Array.isArray(request.channels)) {
      follow(socket, request.channels, request.type === 'subscribe')
    } else sendText(socket, JSON.stringify({ type: 'error', data: { code: 'unknown_type', message: 'understood are ping, subscribe and unsubscribe' }, timestamp: Date.now() }))
  }

  /** Tells those who follow the server about who else is there. */
  function publishSystem(): void {
    const value = lastValue('system')
    for (const [socket, channels] of subscriptions) if (value !== undefined && channels.has('system')) sendText(socket, value)
  }

  /** Half-open paths leave peers that never say goodbye; a WebSocket ping finds them, also in hidden tabs. */
  const watch = setInterval(() => {
    for (const socket of server.clients) {
      if (unheard.has(socket)) socket.terminate()
      else {
        unheard.add(socket)
        socket.ping()
      }
    }
  }, watchIntervalMs)

  server.on('connection', (socket) => {
    // First of all: ws throws what nobody listens to, and a client that is turned away can break too.
    socket.on('error', () => undefined)
    if (turnedAway !== null) return socket.close(turnedAway, 'turned away')
    subscriptions.set(socket, new Set())
    publishSystem()
    socket.on('pong', () => unheard.delete(socket))
    socket.on('message', (raw) => {
      unheard.delete(socket)
      receive(socket, raw.toString())
    })
    socket.on('close', () => {
      unheard.delete(socket)
      subscriptions.delete(socket)
      publishSystem()
    })
    return undefined
  })

  return {
    port: (server.address() as AddressInfo).port,
    clients: () => subscriptions.size,
    publish(rows) {
      if (rows.length === 0) return
      const all = envelope('market', 'market', rows)
      for (const [socket, channels] of subscriptions) {
        if (channels.has('market')) sendText(socket, all)
        for (const row of rows) if (channels.has(`ticker.${row.symbol}`)) sendText(socket, envelope('ticker', `ticker.${row.symbol}`, row))
      }
    },
    closeAll(code, reason) {
      for (const socket of server.clients) socket.close(code, reason)
    },
    turnAway(code) {
      turnedAway = code
    },
    setSilent(value) {
      silent = value
    },
    async close() {
      clearInterval(watch)
      for (const socket of server.clients) socket.terminate()
      await new Promise<void>((resolve) => { server.close(() => resolve()) })
    },
  }
}
