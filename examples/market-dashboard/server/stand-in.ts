/**
 * A local stand-in for an exchange: a WebSocket and a REST server that keep Binance's rules and break where they are
 * told to. It shares no code with the client, so that a mistake of the one is not made by the other as well.
 */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { derive } from './derived.ts'
import { type Market, type MarketEvent, createMarket } from './market.ts'
import { type Rest, createRest } from './rest.ts'
import { type Sockets, createSockets } from './sockets.ts'
import type { Source } from './source.ts'
import { VENUES, type Venue, type VenueName } from './venue.ts'

/** What a stand-in is made of. */
export interface StandInOptions {
  readonly venue: VenueName
  readonly source: Source
  /** Numbers of the venue's rules that shall be others, such as a shorter life of sockets. */
  readonly rules?: Partial<Venue>
  /** Port to listen on. @default a free one */
  readonly port?: number
  /** Whether its source waits for `play()`. @default false */
  readonly paused?: boolean
  /** Answers what is neither REST nor a stream, such as the files of a page. */
  readonly otherwise?: (request: IncomingMessage, response: ServerResponse) => void
}

/** How sockets are refused. */
export type Refusal = 'forbidden' | 'silence' | 'reset'

/** A running stand-in. */
export interface StandIn {
  readonly port: number
  /** Base of its socket addresses, such as `ws://127.0.0.1:1234`; add `/stream` or `/ws`. */
  readonly wsUrl: string
  /** Base of its REST addresses, without a path. */
  readonly restUrl: string
  readonly venue: Venue
  readonly market: Market
  readonly sockets: Sockets
  readonly rest: Rest
  /** Starts a source that waits. */
  play(): void
  /** Hears every message of the source, once the market has taken it in, until the returned function is called. */
  listen(listener: (event: MarketEvent) => void): () => void
  /** While set, sockets are refused: by an HTTP status, by silence, or by breaking them off. */
  refuseSockets(how: Refusal | null): void
  /** Says that it will shut down, and closes every socket after so many ms. */
  shutdown(afterMs: number): void
  /** Ends everything; resolves when nothing is left. */
  close(): Promise<void>
}

/** Starts a stand-in on loopback. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const { source } = options
  const venue: Venue = { ...VENUES[options.venue], ...options.rules }
  const market = createMarket()
  const symbols = new Set(source.symbols)
  const sockets = createSockets({ venue, knows: (stream) => source.streams.has(stream) || derived.knows(stream, symbols) })
  const derived = derive({ venue, market, isFollowed: sockets.isFollowed, send: ({ stream, data }) => sockets.send(stream, data) })
  const rest = createRest({ venue, market })
  const http = createServer((request, response) => {
    if (request.url?.startsWith(venue.restBase) === true || options.otherwise === undefined) rest.handle(request, response)
    else options.otherwise(request, response)
  })
  const open = new Set<Socket>()
  const timers = new Set<NodeJS.Timeout>()
  const listeners = new Set<(event: MarketEvent) => void>()
  let refusal: Refusal | null = null

  for (const symbol of symbols) market.of(symbol)
  for (const [symbol, depth] of source.books) market.seed(symbol, depth)
  market.recall(source.past ?? [])

  function emit(event: MarketEvent): void {
    market.apply(event)
    for (const listener of listeners) listener(event)
    sockets.send(event.stream, event.data)
    derived.after(event, source.streams)
  }

  http.on('connection', (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
  })
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined)
    if (refusal === 'silence') return
    if (refusal === 'reset') socket.destroy()
    else if (refusal === 'forbidden') socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
    else sockets.server.handleUpgrade(request, socket, head, (client) => sockets.server.emit('connection', client, request))
  })
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = http.address() as AddressInfo
  const play = (): void => source.start({ emit, isFollowed: sockets.isFollowed })
  if (options.paused !== true) play()

  return {
    port,
    wsUrl: `ws://127.0.0.1:${port}`,
    restUrl: `http://127.0.0.1:${port}`,
    venue,
    market,
    sockets,
    rest,
    play,
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    refuseSockets(how) {
      refusal = how
    },
    shutdown(afterMs) {
      sockets.announceShutdown()
      const timer = setTimeout(() => {
        timers.delete(timer)
        sockets.closeAll(1_001, 'shutting down')
      }, afterMs)
      timers.add(timer)
    },
    async close() {
      source.stop()
      derived.stop()
      for (const timer of timers) clearTimeout(timer)
      sockets.drop()
      for (const socket of open) socket.destroy()
      await new Promise<void>((resolve) => { http.close(() => resolve()) })
    },
  }
}
