/** The WebSocket side of the stand-in: who follows which streams, and what a venue's rules do to those who break them. */
import type { IncomingMessage } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { answer } from './requests.ts'
import type { Venue } from './venue.ts'

/** A socket and what is known of it. */
export interface Guest {
  readonly socket: WebSocket
  readonly streams: Set<string>
  /** Whether payloads say which stream they are of. */
  combined: boolean
  /** When its messages of the last second came. */
  heard: number[]
}

/** Texts that are sent in the place of one. */
export type Tampering = (stream: string, text: string) => readonly string[]

/** What sockets need. */
export interface SocketsHost {
  readonly venue: Venue
  knows(stream: string): boolean
}

/** All sockets. */
export interface Sockets {
  readonly server: WebSocketServer
  /** Sends a message to those who follow its stream. */
  send(stream: string, data: unknown): void
  isFollowed(stream: string): boolean
  count(): number
  accepted(): number
  /** Most messages that any socket sent within a second, ping and pong frames included. */
  busiest(): number
  /** Most streams that any socket has followed at once. */
  fullest(): number
  /** Sockets that were closed for breaking a rule, and which. */
  violations(): readonly string[]
  /** Ends every socket without a word, as a lost network does. */
  drop(): void
  closeAll(code: number, reason: string): void
  /** Says that the server will shut down. */
  announceShutdown(): void
  /** Changes what goes out on a stream: to none, to several, to garbage. `null` ends it. */
  tamper(how: Tampering | null): void
  /** Frames that came from clients, for tests that count them. */
  requests(): readonly string[]
}

/** Close code for those who break a rule. */
const POLICY = 1_008

/** Requests that are remembered. */
const REQUESTS_MOST = 10_000

const SECOND_MS = 1_000

/** The streams in an address, and whether its payloads say their stream; null where there is no such path. */
function addressed(url: string): { readonly streams: readonly string[]; readonly combined: boolean } | null {
  const { pathname, searchParams } = new URL(url, 'ws://venue')
  if (pathname === '/stream') return { streams: searchParams.get('streams')?.split('/').filter(Boolean) ?? [], combined: true }
  if (pathname !== '/ws' && !pathname.startsWith('/ws/')) return null
  return { streams: pathname.slice(4).split('/').filter(Boolean).map(decodeURIComponent), combined: false }
}

/** Makes the sockets of a venue. */
export function createSockets({ venue, knows }: SocketsHost): Sockets {
  const server = new WebSocketServer({ noServer: true })
  const guests = new Set<Guest>()
  const followers = new Map<string, Set<Guest>>()
  const violations: string[] = []
  const requests: string[] = []
  let attempts: number[] = []
  let accepted = 0
  let busiest = 0
  let fullest = 0
  let tampering: Tampering | null = null

  function violated(guest: Guest, rule: string): void {
    violations.push(rule)
    guest.socket.close(POLICY, rule)
  }

  function follow(guest: Guest, stream: string): void {
    guest.streams.add(stream)
    const set = followers.get(stream) ?? new Set()
    followers.set(stream, set.add(guest))
    fullest = Math.max(fullest, guest.streams.size)
  }

  function leave(guest: Guest, stream: string): void {
    guest.streams.delete(stream)
    const set = followers.get(stream)
    set?.delete(guest)
    if (set?.size === 0) followers.delete(stream)
  }

  /** Counts a message of a socket, whatever it is; false where it was one too many. */
  function isHeard(guest: Guest): boolean {
    const now = performance.now()
    guest.heard = guest.heard.filter((at) => now - at < SECOND_MS)
    guest.heard.push(now)
    busiest = Math.max(busiest, guest.heard.length)
    if (guest.heard.length <= venue.messagesPerSecond) return true
    violated(guest, 'too many messages')
    return false
  }

  function keepAlive(guest: Guest): void {
    const { socket } = guest
    let answeredAt = performance.now()
    socket.on('pong', () => { if (isHeard(guest)) answeredAt = performance.now() })
    socket.on('ping', () => isHeard(guest))
    const pings = setInterval(() => {
      if (performance.now() - answeredAt > venue.pongTimeoutMs) socket.terminate()
      else socket.ping(String(Date.now()))
    }, venue.pingIntervalMs)
    const life = setTimeout(() => socket.close(1_001, `lived ${venue.lifetimeMs} ms`), Math.min(venue.lifetimeMs, 2 ** 31 - 1))
    socket.on('close', () => {
      clearInterval(pings)
      clearTimeout(life)
      for (const stream of guest.streams) leave(guest, stream)
      guests.delete(guest)
    })
  }

  function welcome(socket: WebSocket, request: IncomingMessage): void {
    const address = addressed(request.url ?? '')
    const guest: Guest = { socket, streams: new Set(), combined: address?.combined ?? false, heard: [] }
    socket.on('error', () => undefined)
    const now = performance.now()
    attempts = attempts.filter((at) => now - at < venue.attemptWindowMs)
    if (attempts.push(now) > venue.attemptsMost) return violated(guest, 'too many connections')
    if (address === null || address.streams.some((stream) => !knows(stream))) return socket.close(POLICY, 'Invalid request')
    accepted++
    guests.add(guest)
    keepAlive(guest)
    if (address.streams.length > venue.streamsMost) return violated(guest, 'too many streams')
    for (const stream of address.streams) follow(guest, stream)
    socket.on('message', (raw, isBinary) => {
      if (!isHeard(guest)) return
      const text = isBinary ? '' : String(raw)
      requests.push(text)
      if (requests.length > REQUESTS_MOST) requests.shift()
      const reply = answer(text, guest, { venue, knows, follow: (stream) => follow(guest, stream), leave: (stream) => leave(guest, stream) })
      if (reply === 'too many streams') return violated(guest, reply)
      socket.send(reply)
      return undefined
    })
    return undefined
  }

  server.on('connection', welcome)

  function send(stream: string, data: unknown): void {
    const set = followers.get(stream)
    if (set === undefined) return
    const raw = JSON.stringify(data)
    const combined = `{"stream":${JSON.stringify(stream)},"data":${raw}}`
    for (const { socket, combined: isCombined } of set) {
      if (socket.readyState !== WebSocket.OPEN) continue
      const text = isCombined ? combined : raw
      if (tampering === null) socket.send(text)
      else for (const one of tampering(stream, text)) socket.send(one)
    }
  }

  return {
    server,
    send,
    isFollowed: (stream) => followers.has(stream),
    count: () => guests.size,
    accepted: () => accepted,
    busiest: () => busiest,
    fullest: () => fullest,
    violations: () => violations,
    drop() {
      for (const { socket } of guests) socket.terminate()
    },
    closeAll(code, reason) {
      for (const { socket } of guests) socket.close(code, reason)
    },
    announceShutdown() {
      const data = { e: 'serverShutdown', E: Date.now() }
      for (const { socket, combined } of guests) socket.send(JSON.stringify(combined ? { stream: '!serverShutdown', data } : data))
    },
    tamper(how) {
      tampering = how
    },
    requests: () => requests,
  }
}
