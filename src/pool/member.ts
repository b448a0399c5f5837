/**
 * One socket of a pool: a whole connection, whose address is asked of the pool's health before every dial. What
 * goes through its transport and its protocol is looked at on the way, so that the pool learns what servers advise.
 */
import type { UplinkError } from '../core/errors.ts'
import { createConnection } from '../engine/connection.ts'
import type { Connection } from '../engine/connection-interface.ts'
import type { ClientProtocol, ConnectionOptions, UrlRequest } from '../engine/options.ts'
import type { Platform } from '../engine/platform.ts'
import type { ConnectionSnapshot } from '../engine/snapshot.ts'
import { keyOf } from '../engine/stream.ts'
import { type Transport, webSocket } from '../engine/transport.ts'
import { OVERLOAD_DELAY_MS, closeMeaning } from '../protocol/close.ts'
import { json } from '../protocol/json.ts'
import type { ChannelRequest, Message, Position } from '../protocol/message.ts'
import type { Control, Standing } from '../protocol/protocol.ts'
import type { Health } from './health.ts'
import type { ResolvedPool } from './options.ts'

/** One socket of a pool. */
export interface Member {
  readonly connection: Connection
  /** Place of its server in the list; `undefined` before the first dial. */
  server(): number | undefined
  isOpen(): boolean
  /** When it opened last; monotonic ms. */
  openedAt(): number
  /** Whether every message has left, and has its answer. */
  isSettled(): boolean
}

/** What a member is made with. */
export interface MemberHost {
  readonly pool: ResolvedPool
  readonly options: Omit<ConnectionOptions, 'url'>
  readonly platform: Platform
  readonly health: Health
  readonly clientId: string | undefined
  /** The server that is dialed first only where there is no other. */
  readonly avoid: number | undefined
  /** How far the pool holds a channel; `null` where it holds nothing. */
  placeOf(channel: string): Position | null
  /** The server confirmed a channel; told before the connection hears of it. */
  stood(channel: string, standing: Standing): void
  changed(snapshot: ConnectionSnapshot): void
  goodbye(): void
}

/** Why a server says goodbye to one client, whoever it is that asks next: another server would say the same. */
const PERSONAL: ReadonlySet<string> = new Set(['idle', 'rate_limited', 'revoked'])

/** Failures that are not the server's. */
const OURS: ReadonlySet<string> = new Set<UplinkError['code']>(['UPLINK_UNAUTHORIZED', 'UPLINK_CREDENTIALS_FAILED', 'UPLINK_SIGNED_OUT', 'UPLINK_IDENTITY_MISMATCH'])

/** How long a socket must last, where the options do not say it, before failures are forgotten: with others to go to, that is sooner. */
const STABLE_MS = 2_000

/** A server that says goodbye without a word on when to come back is left alone for so long. */
const GOODBYE_MS = 10_000

/** Longest wait before another server is tried. */
const ELSEWHERE_MS = 1_000

/** Names a channel in the pool: name, params and mode together. */
export const nameOf = (channel: string, params: ChannelRequest['params'], mode: ChannelRequest['mode'] = 'stream'): string => `${channel}\n${keyOf(params, mode)}`

/** Makes a member; it dials nothing before `connect()`. */
export function createMember(host: MemberHost): Member {
  const { pool, options, platform, health } = host
  const { protocol = json(), transport = webSocket(), stableAfter = STABLE_MS, reconnectInterval = ELSEWHERE_MS } = options
  /** Channels by what the server calls their subscriptions. */
  const channels = new Map<string, string>()
  let server: number | undefined
  let avoid = host.avoid
  let dialedAt = 0
  let openedAt = -Infinity
  let attempt = 0
  let wasOpen = false
  /** What the server asked to wait before it is dialed again. */
  let advised: number | undefined

  const random = (): number => platform.random()

  function address(request: UrlRequest): string | Promise<string> {
    server = health.pick(server, avoid, platform.now(), random)
    avoid = undefined
    advised = undefined
    dialedAt = platform.now()
    const chosen = pool.servers[server] as (typeof pool.servers)[number]
    return typeof chosen === 'function' ? chosen(request) : chosen
  }

  const watched: Transport = (request, events) => transport(request, {
    ...events,
    closed(loss) {
      const later = closeMeaning(loss.code).advice === 'later'
      advised = loss.retryAfterMs ?? advised ?? (later ? OVERLOAD_DELAY_MS : undefined)
      // What one server asks for, or has failed at, is no reason to wait for another.
      const elsewhere = health.hasOther(server, platform.now())
      events.closed(elsewhere ? { ...loss, retryAfterMs: random() * Math.min(ELSEWHERE_MS, reconnectInterval) } : loss)
    },
  })

  function notice(control: Control): void {
    if (control.kind === 'subscribed' && control.standing !== undefined) {
      const channel = channels.get(control.ref ?? control.channel)
      if (channel !== undefined) host.stood(channel, control.standing)
    }
    if (control.kind === 'goodbye' && !PERSONAL.has(control.reason)) {
      advised = control.retryAfterMs ?? undefined
      if (server !== undefined) health.rest(server, Math.max(GOODBYE_MS, advised ?? 0), platform.now())
      host.goodbye()
    }
  }

  function read(message: Message): ReturnType<NonNullable<ClientProtocol['control']>> {
    const control = protocol.control?.(message)
    if (control !== undefined) for (const one of 'length' in control ? control : [control]) notice(one)
    return control
  }

  /** A channel that comes from another socket goes on where it was there. */
  function placed(request: ChannelRequest): ChannelRequest {
    const name = nameOf(request.channel, request.params, request.mode)
    channels.set(request.ref ?? request.channel, name)
    const place = request.recover === undefined && protocol.features.resume ? host.placeOf(name) : null
    return place === null ? request : { ...request, recover: place }
  }

  const { subscribe } = protocol
  // A protocol may be an object of a class: its methods are not its own.
  const heard: ClientProtocol = Object.assign(Object.create(protocol) as ClientProtocol, protocol, {
    control: read,
    ...(subscribe === undefined ? {} : { subscribe: (list: readonly ChannelRequest[], timestamp: number) => subscribe.call(protocol, list.map(placed), timestamp) }),
  })

  const connection = createConnection({
    ...options,
    stableAfter,
    url: address,
    protocol: heard,
    transport: watched,
    // The pool itself keeps channels for a while that nobody uses.
    channelGrace: 0,
    ...(host.clientId === undefined ? {} : { clientId: host.clientId }),
  })

  function learn({ phase, attempt: now, error }: ConnectionSnapshot): void {
    const isOpen = phase === 'open'
    if (server !== undefined) {
      if (isOpen && !wasOpen) {
        openedAt = platform.now()
        health.opened(server, openedAt - dialedAt)
      }
      if (isOpen && now === 0 && attempt > 0) health.steady(server)
      const lasted = wasOpen && platform.now() - openedAt >= stableAfter
      if (now > attempt && !OURS.has(error?.code ?? '')) health.failed(server, lasted, advised, platform.now(), random())
    }
    attempt = now
    wasOpen = isOpen
  }

  connection.onChange((snapshot) => {
    learn(snapshot)
    host.changed(snapshot)
  })

  return {
    connection,
    server: () => server,
    isOpen: () => connection.snapshot().phase === 'open',
    openedAt: () => openedAt,
    isSettled() {
      const { queued, inFlight } = connection.outbox()
      return queued === 0 && inFlight === 0
    },
  }
}
