/**
 * The runtime of a connection: an inbox of signals, one timer, one socket. It feeds the machine, commits
 * what it decides, publishes it, performs the effects, and only then tells listeners. It decides nothing.
 */
import { createMachine, deadlineOf, step } from '../core/connection.ts'
import { UplinkError, messageOf } from '../core/errors.ts'
import { type Transition, withTransition } from '../core/history.ts'
import { createLatency, latencySnapshot, loseLatency, recordLatency } from '../core/latency.ts'
import { type Context, type Effect, type Signal, stateOf } from '../core/machine.ts'
import { createStats, noteConnected, noteError, noteWanted, statsSnapshot } from '../core/stats.ts'
import type { Frame } from '../protocol/message.ts'
import type { Control } from '../protocol/protocol.ts'
import { announce } from './announce.ts'
import { createChannels } from './channels.ts'
import type { Connection } from './connection-interface.ts'
import { createDialer } from './dialer.ts'
import { type EventName, createEmitter } from './events.ts'
import { createInbound } from './inbound.ts'
import { createLifecycle } from './lifecycle.ts'
import { safeLogger } from './logger.ts'
import { type ConnectionOptions, resolveOptions } from './options.ts'
import { createOutbound } from './outbound.ts'
import { createRouter } from './router.ts'
import { type ConnectionSnapshot, sameSnapshot, snapshotOf } from './snapshot.ts'
import { createTimer } from './timer.ts'
import { createWaiters } from './waiters.ts'

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
  const timer = createTimer(platform, (sleptMs) => wakeUp(sleptMs))
  const pingTimes: number[] = []
  const inbox: Signal[] = []
  const notices: Array<() => void> = []
  const waiters = createWaiters()
  const watchers = new Set<(snapshot: ConnectionSnapshot) => void>()
  let clientId = resolved.clientId
  let machine = createMachine()
  let snapshot = snapshotOf(machine, platform, null)
  let history: readonly Transition[] = []
  let stepping = false
  let telling = false
  let destroyed = false

  const lifecycle = createLifecycle(platform, timer, signal)
  const nameOfClient = (): string => (clientId ??= platform.uuid())
  const emitter = createEmitter(listenerFailed)
  const router = createRouter((thrown) => listenerFailed(thrown, 'message'))
  const channels = createChannels({
    isOpen: () => machine.phase === 'open',
    now: () => platform.now(),
    grace: policy.channelGrace,
    asks: protocol.subscribe !== undefined,
    subscribe: (list) => request(() => protocol.subscribe?.(list, platform.time())),
    unsubscribe: (list) => request(() => protocol.unsubscribe?.(list, platform.time())),
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

  /** What others wrote may throw, but not into the middle of a step. */
  function isolated(whose: string, run: () => void): void {
    try {
      run()
    } catch (thrown) {
      fault(new UplinkError('UPLINK_LISTENER_FAILED', `${whose} threw: ${messageOf(thrown)}`, { cause: thrown }))
    }
  }

  function request(frames: () => Frame[] | undefined): void {
    isolated(`protocol ${protocol.name}`, () => frames()?.forEach((frame) => outbound.sendControl(frame)))
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
    for (const effect of effects) isolated(`protocol ${protocol.name}`, () => perform(effect))
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
    for (const watcher of watchers) isolated('a listener of the state', () => watcher(next))
    if (from !== next.state) {
      notices.push(() => emitter.emit('statechange', { from, to: next.state }))
      waiters.settle(next)
    }
    if (machine.phase === 'idle') lifecycle.detach()
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
        notices.push(() => announce(effect.notice, emitter, stats, platform, logger))
        return
      default: return effect satisfies never
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

  function wakeUp(sleptMs: number): void {
    if (sleptMs > 0) signal({ type: 'wake', slept: true })
    channels.tick()
    signal({ type: 'tick' })
  }

  return {
    get clientId() {
      return nameOfClient()
    },
    connect() {
      const promise = new Promise<void>((resolve, reject) => {
        if (destroyed) return reject(new UplinkError('UPLINK_DESTROYED', 'this connection was destroyed; make a new one'))
        if (machine.phase === 'open') return resolve()
        waiters.add(resolve, reject)
        lifecycle.attach()
        signal({ type: 'connect' })
      })
      promise.catch(() => undefined)
      return promise
    },
    disconnect({ graceful = false } = {}) {
      if (!destroyed) signal({ type: 'disconnect', graceful })
    },
    reconnect() {
      if (destroyed) return
      lifecycle.attach()
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
      timer.arm(Infinity)
    },
  }
}
