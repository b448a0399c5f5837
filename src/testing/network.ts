/**
 * A network in virtual time: links between clients and one server, with delay, refusal, silence and cuts. What
 * a TCP connection keeps, it keeps: order, and no frame twice. What it does not, it does not: a cut loses what
 * is on its way, and a silent link tells neither end.
 */
import type { Socket, SocketEvents, Transport } from '../engine/transport.ts'
import type { Frame } from '../protocol/message.ts'
import type { VirtualClock } from './clock.ts'

/** The server's end of a link. */
export interface ServerEnd {
  /** Number of the link, counted from 1. */
  readonly number: number
  /** Sub-protocols the client offered. */
  readonly protocols: readonly string[]
  readonly url: string
  send(frame: Frame): void
  close(code: number, reason: string): void
}

/** What the server does with a link. */
export interface ServerHandlers {
  frame(frame: Frame): void
  /** Called once, when the link has ended and the server can know. */
  closed(code: number): void
}

/** How the network treats links; may be changed at any time. */
export interface NetworkConditions {
  /** What happens to new links: they open, are refused, never answer, or open and are cut soon after. */
  admission: 'open' | 'refuse' | 'hang' | 'flap'
  /** Delay of each frame, drawn between these, ms. */
  delayMs: readonly [least: number, most: number]
  /** Bytes the client's end holds unsent, as `bufferedAmount` reports it. */
  bufferedAmount: number
}

/** A simulated network. */
export interface SimulatedNetwork {
  readonly conditions: NetworkConditions
  /** Give this to clients. */
  readonly transport: Transport
  /** Ends all links of which `picks` is true (all, by default): what is on its way is lost, and both ends are told. */
  cut(picks?: (link: number) => boolean, code?: number): void
  /** From now on existing links carry nothing, and nobody is told; the server notices after `noticeMs`. */
  silence(noticeMs?: number): void
  /** Numbers of links that neither end has closed. */
  alive(): readonly number[]
}

/** What a network is made of. */
export interface NetworkOptions {
  readonly clock: VirtualClock
  /** Chance, for delays. */
  readonly random: () => number
  /** Called when a link opens. */
  accept(end: ServerEnd): ServerHandlers
}

/** A flapping network cuts a link this long after it opened. */
const FLAP_MS = 50

const SERVER_NOTICES_MS = 60_000

interface Link {
  readonly number: number
  readonly events: SocketEvents
  handlers: ServerHandlers | undefined
  /** A frame arrives no earlier than the one before it. */
  toServerAt: number
  toClientAt: number
  carries: boolean
  clientOpen: boolean
  /** The client has asked for the close, and sends no more. */
  closing: boolean
  serverOpen: boolean
}

/**
 * Makes a network.
 *
 * @example
 * const network = createSimulatedNetwork({ clock, random: seededRandom(1), accept: (end) => server.accept(end) })
 * const connection = createConnection({ url: 'wss://simulated', platform, transport: network.transport })
 * network.cut()
 */
export function createSimulatedNetwork({ clock, random, accept }: NetworkOptions): SimulatedNetwork {
  const conditions: NetworkConditions = { admission: 'open', delayMs: [5, 40], bufferedAmount: 0 }
  const links = new Set<Link>()
  let count = 0

  const delay = (): number => {
    const [least, most] = conditions.delayMs
    return least + random() * (most - least)
  }
  const forget = (link: Link): void => {
    if (!link.clientOpen && !link.serverOpen) links.delete(link)
  }

  function toServer(link: Link, run: () => void): void {
    link.toServerAt = Math.max(link.toServerAt, clock.now() + delay())
    clock.setTimer(() => { if (link.carries && link.serverOpen) run() }, link.toServerAt - clock.now())
  }

  function toClient(link: Link, run: () => void): void {
    link.toClientAt = Math.max(link.toClientAt, clock.now() + delay())
    clock.setTimer(() => { if (link.carries && link.clientOpen) run() }, link.toClientAt - clock.now())
  }

  function endClient(link: Link, code: number, reason: string): void {
    if (!link.clientOpen) return
    link.clientOpen = false
    forget(link)
    link.events.closed({ code, reason })
  }

  function endServer(link: Link, code: number): void {
    if (!link.serverOpen) return
    link.serverOpen = false
    forget(link)
    link.handlers?.closed(code)
  }

  function opened(link: Link, url: string, protocols: readonly string[]): void {
    link.serverOpen = true
    link.handlers = accept({
      number: link.number, protocols, url,
      send: (frame) => { if (link.serverOpen) toClient(link, () => link.events.frame(frame)) },
      close(code, reason) {
        if (!link.serverOpen) return
        link.serverOpen = false
        toClient(link, () => endClient(link, code, reason))
        forget(link)
        link.handlers?.closed(code)
      },
    })
    toClient(link, () => link.events.opened(protocols[0] ?? ''))
  }

  function transport({ url, protocols }: { readonly url: string; readonly protocols: readonly string[] }, events: SocketEvents): Socket {
    const link: Link = { number: ++count, events, handlers: undefined, toServerAt: 0, toClientAt: 0, carries: true, clientOpen: true, closing: false, serverOpen: false }
    links.add(link)
    const { admission } = conditions
    if (admission === 'refuse') toClient(link, () => endClient(link, 1006, ''))
    else if (admission !== 'hang') clock.setTimer(() => { if (link.clientOpen && link.carries) opened(link, url, protocols) }, delay())
    if (admission === 'flap') clock.setTimer(() => cutLink(link, 1006), FLAP_MS + delay())
    return {
      send(frame) {
        if (!link.clientOpen || link.closing) throw new Error('the socket is closed')
        toServer(link, () => link.handlers?.frame(frame))
      },
      close(code) {
        if (!link.clientOpen || link.closing) return
        link.closing = true
        if (!link.serverOpen) return toClient(link, () => endClient(link, 1006, ''))
        toServer(link, () => {
          endServer(link, code)
          toClient(link, () => endClient(link, code, ''))
        })
      },
      get bufferedAmount() {
        return conditions.bufferedAmount
      },
    }
  }

  function cutLink(link: Link, code: number): void {
    link.carries = false
    endServer(link, 1006)
    endClient(link, code, '')
  }

  return {
    conditions,
    transport,
    cut(picks = () => true, code = 1006) {
      for (const link of [...links]) if (picks(link.number)) cutLink(link, code)
    },
    silence(noticeMs = SERVER_NOTICES_MS) {
      for (const link of links) {
        link.carries = false
        clock.setTimer(() => endServer(link, 1006), noticeMs)
      }
    },
    alive: () => [...links].filter(({ clientOpen, closing }) => clientOpen && !closing).map(({ number }) => number),
  }
}
