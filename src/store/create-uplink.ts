/** `createUplink()`: a connection with the stores that React reads. Nothing happens before the first lease or `connect()`. */
import { type StateCreator, type StoreApi, type StoreMutatorIdentifier, createStore } from 'zustand/vanilla'
import { DISPLAY_POLICY, type Display, type DisplayPolicy } from '../core/display.ts'
import { UplinkError, messageOf } from '../core/errors.ts'
import type { Transition } from '../core/history.ts'
import type { LatencySnapshot } from '../core/latency.ts'
import { readNumber } from '../core/policy.ts'
import { sameFields } from '../core/same-fields.ts'
import type { ConnectionStats } from '../core/stats.ts'
import type { ChannelLease, LeaseHow } from '../engine/channel-lease.ts'
import { createConnection } from '../engine/connection.ts'
import type { Connection } from '../engine/connection-interface.ts'
import type { Fallback, SettledOptions } from '../engine/fallback-interface.ts'
import { type ConnectionOptions, bad } from '../engine/options.ts'
import type { Servers } from '../engine/servers.ts'
import type { OutboxSnapshot } from '../engine/send-options.ts'
import { type Platform, browserPlatform } from '../engine/platform.ts'
import { type ConnectionSnapshot, IDLE_SNAPSHOT } from '../engine/snapshot.ts'
import type { ChannelParams, Message } from '../protocol/message.ts'
import type { ChannelData, ChannelOf, DataOf, Schema, TypeOf, UntypedSchema } from '../protocol/schema.ts'
import { createDisplayStore } from './display-store.ts'
import { type ReadableStore, createSampledStore } from './sampled-store.ts'
import { type Scheduler, createScheduler } from './scheduler.ts'

/** Options of an uplink: those of its connection, and those of what is shown. */
export interface UplinkOptions extends ConnectionOptions {
  /** How long the connection is kept after the last component has gone, in ms, 0 to 3,600,000. @default 1_000 */
  readonly connectionGrace?: number
  /** The numbers of what is shown. @default {grace: 1_000, dwell: 700} */
  readonly display?: Partial<DisplayPolicy>
  /**
   * Wraps the connection store in zustand middleware, for example Redux DevTools.
   * @example
   * middleware: (initializer) => devtools(initializer, { name: 'uplink' })
   */
  readonly middleware?: (initializer: StateCreator<ConnectionSnapshot>) => WrappedInitializer
  /** Brings the data of channels while the socket cannot; `poll()` of `uplink/fallback` makes one. @default none */
  readonly fallback?: Fallback
  /** Several servers in place of one `url`: `pool([…])` of `uplink/pool`. */
  readonly servers?: Servers
}

/** Options of an uplink that has `servers`, and so no `url`. */
export interface ServersOptions extends Omit<UplinkOptions, 'url'> {
  readonly servers: Servers
}

/** An initializer wrapped in any zustand middleware. */
export type WrappedInitializer = StateCreator<ConnectionSnapshot, [], Array<[StoreMutatorIdentifier, unknown]>>

/** A handle on a live connection, and a zustand store of its state. */
export interface Uplink<S extends Schema = UntypedSchema>
  extends Pick<Connection, 'clientId' | 'connect' | 'disconnect' | 'reconnect' | 'send' | 'sendWithAck' | 'on' | 'forget' | 'signedOut' | 'destroy'> {
  getState(): ConnectionSnapshot
  getInitialState(): ConnectionSnapshot
  /** Hears every change of the state. */
  subscribe(listener: (state: ConnectionSnapshot, previous: ConnectionSnapshot) => void): () => void
  /** Hears messages by exact type, `prefix*`, or predicate; typed by the schema. */
  subscribe<const Pattern extends TypeOf<S> | (string & {})>(
    pattern: Pattern, listener: (data: DataOf<S, Pattern>, message: Message<DataOf<S, Pattern>>) => void,
  ): () => void
  subscribe(pattern: (message: Message) => boolean, listener: (data: unknown, message: Message) => void): () => void
  /** Claims a channel; see {@link ChannelLease}. */
  channel<const Name extends ChannelOf<S> | (string & {})>(
    name: Name, params?: ChannelParams, how?: LeaseHow,
  ): ChannelLease<ChannelData<S, Name>>
  readonly stats: ReadableStore<ConnectionStats>
  /** What waits, what is on its way, and what became of everything so far. */
  readonly outbox: ReadableStore<OutboxSnapshot>
  readonly latency: ReadableStore<LatencySnapshot>
  readonly history: ReadableStore<readonly Transition[]>
  readonly display: ReadableStore<Display>
  /** Epoch ms, once a second while somebody listens. */
  readonly clock: ReadableStore<number>
  readonly scheduler: Scheduler
  readonly platform: Platform
  /** Reports an error as the connection's own. */
  report(error: UplinkError): void
  /** Claims the connection: it is connected while anybody holds a claim, unless `disconnect()` was called. */
  lease(): () => void
}

/** An uplink of any schema, for those who only need its state. */
export interface AnyUplink extends Omit<Uplink, 'subscribe' | 'channel'> {
  subscribe(listener: (state: ConnectionSnapshot, previous: ConnectionSnapshot) => void): () => void
}

/** Statistics reach components at most this often. */
const STATS_EVERY_MS = 250

const CLOCK_EVERY_MS = 1_000

/** Whether two looks at the statistics show the same, uptime to the second. */
function sameStats(a: ConnectionStats, b: ConnectionStats): boolean {
  const seconds = (stats: ConnectionStats): object => ({ ...stats, uptime: Math.floor(stats.uptime / 1_000), availability: 0 })
  return sameFields(seconds(a), seconds(b))
}

/**
 * Makes an uplink.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`, `UPLINK_URL_INVALID`.
 * @example
 * const uplink = createUplink({ url: 'wss://example.com/ws' })
 * // <UplinkProvider uplink={uplink}><App /></UplinkProvider>
 */
export function createUplink<S extends Schema = UntypedSchema>(options: UplinkOptions | ServersOptions): Uplink<S> {
  const platform = options.platform ?? browserPlatform()
  const grace = readNumber('connectionGrace', options.connectionGrace, 1_000, 0, 3_600_000)
  const displayPolicy: DisplayPolicy = {
    grace: readNumber('display.grace', options.display?.grace, DISPLAY_POLICY.grace, 0, 60_000),
    dwell: readNumber('display.dwell', options.display?.dwell, DISPLAY_POLICY.dwell, 0, 60_000),
  }
  const given = { ...options, platform }
  if (given.fallback && !given.fallback.over) throw bad('fallback has a wrong value; allowed: what poll() returns')
  if (given.servers && !given.servers.connection) throw bad('servers has a wrong value; allowed: what pool() returns')
  const create = (own: SettledOptions): Connection => given.servers?.connection(own) ?? createConnection(own as ConnectionOptions)
  const connection = given.fallback?.over(create, given) ?? create(given)
  const scheduler = createScheduler(platform)
  const initializer: StateCreator<ConnectionSnapshot> = () => IDLE_SNAPSHOT
  const wrapped: WrappedInitializer = options.middleware?.(initializer) ?? (initializer as WrappedInitializer)
  // What middleware adds to the store is for its own tools; uplink only sets and reads the state.
  const store = createStore(wrapped) as unknown as StoreApi<ConnectionSnapshot>
  const stats = createSampledStore(platform, STATS_EVERY_MS, connection.stats(), connection.stats, sameStats)
  const outbox = createSampledStore(platform, STATS_EVERY_MS, connection.outbox(), connection.outbox, sameFields)
  const latencyStore = createStore<LatencySnapshot>(connection.latency)
  const refreshLatency = (): void => latencyStore.setState(connection.latency(), true)
  connection.on('pong', refreshLatency)
  const historyStore = createStore<readonly Transition[]>(connection.history)
  connection.onChange((snapshot) => {
    historyStore.setState(connection.history(), true)
    if (snapshot.state !== 'connected' && latencyStore.getState().current !== null) refreshLatency()
    // Middleware such as Redux DevTools shows the third argument as the name of what happened.
    const set = store.setState as (state: ConnectionSnapshot, replace: true, action?: string) => void
    set(snapshot, true, `uplink/${snapshot.phase}`)
  })
  const display = createDisplayStore(connection, platform, displayPolicy)
  const clock = createSampledStore(platform, CLOCK_EVERY_MS, 0, () => platform.time(), Object.is, false)
  let leases = 0
  let held = false
  let muted = false
  let graceTimer: unknown

  function lease(): () => void {
    leases++
    platform.clearTimer(graceTimer)
    // From rest only: a component that mounts does not reopen what a server has refused.
    if (!muted && connection.snapshot().phase === 'idle') void connection.connect()
    let mine = true
    return () => {
      if (mine && --leases === 0 && !held) graceTimer = platform.setTimer(() => connection.disconnect(), grace)
      mine = false
    }
  }

  /** What somebody sent shows in the next frame, not a quarter of a second later. */
  function shown<Result>(result: Result): Result {
    outbox.hurry(scheduler.request)
    return result
  }

  function subscribe(first: unknown, listener?: (data: never, message: Message<never>) => void): () => void {
    if (listener) return connection.subscribe(first as string, listener as (data: unknown, message: Message) => void)
    const onState = first as (state: ConnectionSnapshot, previous: ConnectionSnapshot) => void
    return store.subscribe((state, previous) => {
      try {
        onState(state, previous)
      } catch (thrown) {
        // zustand would leave out every listener after this one.
        connection.report(new UplinkError('UPLINK_LISTENER_FAILED', `a listener of the state threw: ${messageOf(thrown)}`, { cause: thrown }))
      }
    })
  }

  return {
    get clientId() {
      return connection.clientId
    },
    getState: store.getState,
    getInitialState: store.getInitialState,
    subscribe: subscribe as Uplink<S>['subscribe'],
    connect() {
      held = true
      muted = false
      return connection.connect()
    },
    disconnect(how) {
      held = false
      muted = true
      connection.disconnect(how)
    },
    reconnect() {
      muted = false
      if (leases === 0) held = true
      connection.reconnect()
    },
    send: (message, how) => shown(connection.send(message, how)),
    on: connection.on,
    sendWithAck: (message, how) => shown(connection.sendWithAck(message, how)),
    forget: connection.forget,
    signedOut() {
      held = false
      muted = true
      return connection.signedOut()
    },
    channel: connection.channel as Uplink<S>['channel'],
    stats,
    outbox,
    latency: latencyStore,
    history: historyStore,
    display,
    clock,
    scheduler,
    platform,
    report: connection.report,
    lease,
    destroy() {
      platform.clearTimer(graceTimer)
      connection.destroy() // lets go of all who listen to it
      display.destroy()
      scheduler.destroy()
    },
  }
}
