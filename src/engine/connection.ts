/**
 * The runtime of a connection: an inbox of signals, one timer, one socket. It feeds the machine, commits
 * what it decides, publishes it, performs the effects, and only then tells listeners. It decides nothing.
 */
import { createMachine, deadlineOf, step } from '../core/connection.ts'
import { UplinkError, messageOf } from '../core/errors.ts'
import { LATE_MS } from '../core/heartbeat.ts'
import { type Transition, withTransition } from '../core/history.ts'
import { type LatencySnapshot, createLatency, latencySnapshot, loseLatency, recordLatency } from '../core/latency.ts'
import { type Context, type Effect, type Notice, type Signal, stateOf } from '../core/machine.ts'
import { type ConnectionStats, createStats, noteConnected, noteError, noteWanted, statsSnapshot } from '../core/stats.ts'
import type { ChannelParams, OutboundMessage } from '../protocol/message.ts'
import type { Control } from '../protocol/protocol.ts'
import type { MessagePattern } from '../protocol/schema.ts'
import { type ChannelLease, createChannels } from './channels.ts'
import { type EventListener, type EventName, createEmitter } from './events.ts'
import { createInbound } from './inbound.ts'
import { safeLogger } from './logger.ts'
import { type ConnectionOptions, resolveOptions } from './options.ts'
import { type SendResult, createOutbound } from './outbound.ts'
import type { LifecycleEvent } from './platform.ts'
import type { MessageListener } from './router.ts'
import { createRouter } from './router.ts'
import { createDialer } from './dialer.ts'
import { type ConnectionSnapshot, sameSnapshot, snapshotOf } from './snapshot.ts'
import { createTimer } from './timer.ts'

/** How `disconnect` goes about it. */
export interface DisconnectOptions {
  /** Wait (at most `closeTimeout`) until the server has answered the close, so that what was sent has arrived. */
  readonly graceful?: boolean
}

/**
 * A lasting relation to a server: it dials, notices death, comes back, and says what happened.
 * All methods may be called in any state and from any callback.
 */
export interface Connection {
  readonly clientId: string
  /**
   * Starts connecting. Resolves at the first `connected`, stays pending through retries, rejects with an
   * {@link UplinkError} when it ends (refused, `disconnect()`). A rejection nobody handles is no accident.
   */
  connect(): Promise<void>
  /** Ends the connection; the state is `disconnected` when this returns, unless `graceful`. */
  disconnect(options?: DisconnectOptions): void
  /** Tries now: fresh attempt counter, breaker closed, old socket dropped. */
  reconnect(): void
  /** Sends a message, or queues it while there is no connection. */
  send(message: OutboundMessage): SendResult
  /** Hears messages by exact type, `prefix*`, or predicate. */
  subscribe(pattern: MessagePattern, listener: MessageListener): () => void
  /**
   * Claims a channel.
   * @throws UplinkError `UPLINK_CHANNEL_CONFLICT` when it is in use with other params.
   */
  channel(name: string, params?: ChannelParams): ChannelLease
  on<Name extends EventName>(name: Name, listener: EventListener<Name>): () => void
  /** The connection as it is; the same object until something changes. */
  snapshot(): ConnectionSnapshot
  /** Called synchronously after every change of the snapshot, before any event. */
  onChange(listener: (snapshot: ConnectionSnapshot) => void): () => void
  stats(): ConnectionStats
  latency(): LatencySnapshot
  /** The last transitions, oldest first. */
  history(): readonly Transition[]
  queued(): { readonly count: number; readonly bytes: number }
  /** Counts and tells an error as the connection's own. */
  report(error: UplinkError): void
  /** Ends everything for good: no timer, listener or handle is left. */
  destroy(): void
}

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: UplinkError) => void
}

/**
 * Makes a connection. Nothing happens before `connect()`.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`, `UPLINK_URL_INVALID`.
 * @example
 * const connection = createConnection({ url: 'wss://example.com/ws' })
 * connection.subscribe('TRADE_OPENED', (trade) => show(trade))
 * await connection.connect()
 */
export function createConnection(options: ConnectionOptions): Connection {
  const resolved = resolveOptions(options)
  const { platform, protocol, policy } = resolved
  const logger = safeLogger(resolved.logger)
  const stats = createStats()
  const latency = createLatency()
  const timer = createTimer(platform, (lateMs, sleptMs) => wakeUp(lateMs, sleptMs))
  const pingTimes: number[] = []
  const inbox: Signal[] = []
  const notices: Array<() => void> = []
  const watchers = new Set<(snapshot: ConnectionSnapshot) => void>()
  let clientId = resolved.clientId
  let machine = createMachine()
  let snapshot = snapshotOf(machine, platform, null)
  let history: readonly Transition[] = []
  let waiters: Waiter[] = []
  let stepping = false
  let telling = false
  let destroyed = false
  let forgetPlatform: (() => void) | undefined

  const nameOfClient = (): string => (clientId ??= platform.uuid())
  const emitter = createEmitter(listenerFailed)
  const router = createRouter((thrown) => listenerFailed(thrown, 'message'))
  const channels = createChannels({
    isOpen: () => machine.phase === 'open',
    now: () => platform.now(),
    grace: policy.channelGrace,
    asks: protocol.subscribe !== undefined,
    subscribe: (list) => protocol.subscribe?.(list, platform.time()).forEach((frame) => outbound.sendControl(frame)),
    unsubscribe: (list) => protocol.unsubscribe?.(list, platform.time()).forEach((frame) => outbound.sendControl(frame)),
    rearm: arm,
    report: (thrown) => listenerFailed(thrown, 'message'),
  })
  const inbound = createInbound({
    protocol, platform, stats, router, channels, maxMessageSize: policy.maxMessageSize,
    onControl, onFault: (error) => emitter.emit('error', error),
    isOver: () => machine.phase !== 'open' && machine.phase !== 'closing',
    onMessage: (message) => emitter.emit('message', message),
  })
  const dialer = createDialer(resolved, {
    signal, receive: (frame) => inbound.receive(frame), heard: () => { inbound.heardAt = platform.now() },
    attempt: () => machine.attempt,
  })
  const outbound = createOutbound({
    protocol, platform, policy, stats, clientId: nameOfClient,
    socket: () => (machine.phase === 'open' ? dialer.socket() : undefined),
    onDrop: (dropped) => later(() => emitter.emit('messageDropped', dropped)),
    onError: (error) => fault(error),
  })

  function listenerFailed(thrown: unknown, name: EventName): void {
    const error = new UplinkError('UPLINK_LISTENER_FAILED', `a listener of "${name}" threw: ${messageOf(thrown)}`, { cause: thrown })
    // A broken error listener hears of itself only through the log; anything else would be a circle.
    if (name === 'error') logger.error(error.message, { code: error.code })
    else fault(error)
  }

  function fault(error: UplinkError): void {
    noteError(stats, error.code, error.message, platform.time())
    later(() => emitter.emit('error', error))
  }

  function later(tell: () => void): void {
    notices.push(tell)
    if (!stepping) tellAll()
  }

  function tellAll(): void {
    if (telling) return
    telling = true
    for (let tell = notices.shift(); tell !== undefined; tell = notices.shift()) tell()
    telling = false
  }

  function context(): Context {
    return {
      now: platform.now(), random: platform.random(), heardAt: inbound.heardAt, policy,
      roundTrip: latency, resolves: typeof resolved.url === 'function', greets: protocol.hello !== undefined,
      pings: protocol.ping !== undefined, fatalCodes: protocol.fatalCloseCodes ?? [],
    }
  }

  function signal(next: Signal): void {
    inbox.push(next)
    if (stepping) return
    stepping = true
    for (let one = inbox.shift(); one !== undefined; one = inbox.shift()) commit(one)
    stepping = false
    arm()
    tellAll()
  }

  function commit(one: Signal): void {
    const before = machine
    const [after, effects] = step(before, one, context())
    machine = after
    if (after !== before) publish(before)
    for (const effect of effects) perform(effect)
  }

  function publish(before: typeof machine): void {
    const at = platform.time()
    if (before.phase !== machine.phase) {
      if (before.phase === 'open') {
        noteConnected(stats, false, at)
        loseLatency(latency)
        channels.lost()
      }
      if (machine.phase === 'open') {
        noteConnected(stats, true, at)
        pingTimes.length = 0
      }
      noteWanted(stats, machine.phase !== 'idle' && machine.phase !== 'failed' && machine.phase !== 'closing', at)
      history = withTransition(history, {
        at, from: before.phase, to: machine.phase, state: stateOf(machine), attempt: machine.attempt,
        code: machine.error?.code ?? null,
      })
      logger.debug(`${before.phase} -> ${machine.phase}`, { generation: machine.generation, attempt: machine.attempt })
    }
    const next = snapshotOf(machine, platform, stats.connectedAt)
    if (sameSnapshot(snapshot, next)) return
    const from = snapshot.state
    snapshot = next
    for (const watcher of watchers) watcher(snapshot)
    if (from !== next.state) {
      notices.push(() => emitter.emit('statechange', { from, to: next.state }))
      settle(next)
    }
    if (machine.phase === 'idle') detachPlatform()
  }

  /** Answers those who wait for `connect()`. */
  function settle(now: ConnectionSnapshot): void {
    const ends = now.phase === 'failed' || now.phase === 'idle'
    if (now.state !== 'connected' && !ends) return
    const answered = waiters
    waiters = []
    const error = now.error ?? new UplinkError('UPLINK_DISCONNECTED', 'disconnect() was called before the connection was there')
    for (const waiter of answered) {
      if (ends) waiter.reject(error)
      else waiter.resolve()
    }
  }

  function perform(effect: Effect): void {
    switch (effect.type) {
      case 'resolve': return dialer.resolve(effect.generation)
      case 'dial': return dialer.dial(effect.generation)
      case 'drop': return dialer.drop(effect.code, effect.reason)
      case 'close': return dialer.close(effect.code, effect.reason)
      case 'greet': return dialer.say(protocol.hello?.(nameOfClient(), platform.time()))
      case 'ping':
        pingTimes.push(platform.now())
        return dialer.say(protocol.ping?.(platform.time()))
      case 'restore':
        channels.restore()
        return outbound.flush()
      case 'tell':
        notices.push(() => announce(effect.notice))
        return
      default: return effect satisfies never
    }
  }

  function announce(notice: Notice): void {
    switch (notice.name) {
      case 'error':
        noteError(stats, notice.error.code, notice.error.message, platform.time())
        logger.warn(notice.error.message, { code: notice.error.code })
        return emitter.emit('error', notice.error)
      case 'reconnecting': {
        const { attempt, delayMs } = notice
        return emitter.emit('reconnecting', { attempt, delayMs, retryAt: platform.time() + delayMs })
      }
      case 'open': return emitter.emit('open', notice)
      case 'close': return emitter.emit('close', notice)
      case 'reconnectFailed': return emitter.emit('reconnectFailed', notice)
      case 'heartbeatTimeout': return emitter.emit('heartbeatTimeout', notice)
      default: return notice satisfies never
    }
  }

  function onControl(control: Control): void {
    switch (control.kind) {
      case 'pong': {
        const sentAt = pingTimes.shift()
        if (sentAt === undefined) return
        const latencyMs = inbound.heardAt - sentAt
        recordLatency(latency, latencyMs)
        signal({ type: 'ponged', generation: machine.generation })
        return emitter.emit('pong', { latencyMs })
      }
      case 'ping': return dialer.say(control.reply)
      case 'greeting': return signal({ type: 'greeted', generation: machine.generation })
      case 'subscribed': return channels.confirmed(control.channel)
      case 'unsubscribed': return
      case 'channelError': {
        const { channel } = control
        const error = new UplinkError('UPLINK_CHANNEL_REFUSED', `channel "${channel}": ${control.message} (${control.code})`, { channel })
        channels.refused(channel, error)
        return fault(error)
      }
      default: return control satisfies never
    }
  }

  function arm(): void {
    timer.arm(destroyed ? Infinity : Math.min(deadlineOf(machine), channels.deadline()))
  }

  function wakeUp(lateMs: number, sleptMs: number): void {
    if (sleptMs > 0) signal({ type: 'wake', slept: true })
    channels.tick()
    signal({ type: 'tick' })
    if (lateMs > LATE_MS) logger.debug('a timer was late', { lateMs })
  }

  function onLifecycle(event: LifecycleEvent): void {
    switch (event) {
      case 'online': return signal({ type: 'network', online: true })
      case 'offline': return signal({ type: 'network', online: false })
      case 'visible': return signal({ type: 'visibility', hidden: false })
      case 'hidden': return signal({ type: 'visibility', hidden: true })
      case 'focus': return signal({ type: 'wake', slept: timer.sleptMs() > 0 })
      case 'resume': return signal({ type: 'wake', slept: true })
      case 'pagehide': return signal({ type: 'pagehide' })
      case 'pageshow': return signal({ type: 'pageshow' })
      case 'freeze': return
      default: return event satisfies never
    }
  }

  function attachPlatform(): void {
    if (forgetPlatform !== undefined) return
    forgetPlatform = platform.listen(onLifecycle)
    if (platform.isOnline() === false) signal({ type: 'network', online: false })
    if (platform.isHidden()) signal({ type: 'visibility', hidden: true })
  }

  function detachPlatform(): void {
    forgetPlatform?.()
    forgetPlatform = undefined
  }

  function alive(): boolean {
    if (destroyed) fault(new UplinkError('UPLINK_DESTROYED', 'this connection was destroyed; make a new one'))
    return !destroyed
  }

  return {
    get clientId() {
      return nameOfClient()
    },
    connect() {
      const promise = new Promise<void>((resolve, reject) => {
        if (destroyed) return reject(new UplinkError('UPLINK_DESTROYED', 'this connection was destroyed; make a new one'))
        if (machine.phase === 'open') return resolve()
        waiters.push({ resolve, reject })
        attachPlatform()
        signal({ type: 'connect' })
      })
      promise.catch(() => undefined)
      return promise
    },
    disconnect({ graceful = false } = {}) {
      if (!destroyed) signal({ type: 'disconnect', graceful })
    },
    reconnect() {
      if (!alive()) return
      attachPlatform()
      signal({ type: 'reconnect' })
    },
    send: (message) => outbound.send(message),
    subscribe: (pattern, listener) => router.add(pattern, listener),
    channel: (name, params) => channels.lease(name, params),
    on: (name, listener) => emitter.on(name, listener),
    snapshot: () => snapshot,
    onChange(listener) {
      watchers.add(listener)
      return () => watchers.delete(listener)
    },
    stats: () => statsSnapshot(stats, platform.time()),
    latency: () => latencySnapshot(latency),
    history: () => history,
    queued: outbound.queued,
    report: fault,
    destroy() {
      if (destroyed) return
      signal({ type: 'disconnect', graceful: false })
      destroyed = true
      outbound.destroy()
      channels.destroy()
      router.clear()
      emitter.clear()
      watchers.clear()
      detachPlatform()
      timer.arm(Infinity)
    },
  }
}
