/**
 * The runtime of a connection: an inbox of signals, one timer, one socket. It feeds the machine, commits
 * what it decides, publishes it, performs the effects, and only then tells listeners. It decides nothing.
 */
import { createMachine, deadlineOf, step } from '../core/connection.ts'
import { UplinkError } from '../core/errors.ts'
import { createLatency, latencySnapshot, loseLatency, recordLatency } from '../core/latency.ts'
import type { Context, Effect, Machine, Signal } from '../core/machine.ts'
import { createStats, statsSnapshot } from '../core/stats.ts'
import type { Frame } from '../protocol/message.ts'
import { announce } from './announce.ts'
import { createChannels } from './channels.ts'
import type { Connection } from './connection-interface.ts'
import { createControls } from './controls.ts'
import { createDialer } from './dialer.ts'
import { createGreeter } from './greeter.ts'
import { createInbound } from './inbound.ts'
import { createLifecycle } from './lifecycle.ts'
import { safeLogger } from './logger.ts'
import { type ConnectionOptions, resolveOptions } from './options.ts'
import { createOutbound } from './outbound.ts'
import { createPings } from './pings.ts'
import type { Persistence } from './persistence-interface.ts'
import { createPublisher } from './publisher.ts'
import { createRouter } from './router.ts'
import { createTelling } from './telling.ts'
import { createTimer } from './timer.ts'

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
  const { platform, protocol, policy, storage } = resolved
  const logger = safeLogger(resolved.logger)
  const stats = createStats()
  const latency = createLatency()
  const timer = createTimer(platform, (sleptMs) => wakeUp(sleptMs))
  const pings = createPings()
  const inbox: Signal[] = []
  let clientId = resolved.clientId
  let machine = createMachine()
  let stepping = false
  let destroyed = false

  const telling = createTelling(stats, platform, logger, () => stepping)
  const { emitter, fault, listenerFailed, isolated, later, tellAll } = telling
  const publisher = createPublisher({ platform, stats, telling, machine: () => machine, isBehind: () => channels.isBehind() })
  const { show } = publisher
  const greeter = createGreeter(resolved.identity, () => outbound.forget())
  const lifecycle = createLifecycle(platform, timer, signal)
  const nameOfClient = (): string => (clientId ??= platform.uuid())
  const router = createRouter((thrown) => listenerFailed(thrown, 'message'))
  const channels = createChannels({
    isOpen,
    now: () => platform.now(),
    time: () => platform.time(),
    grace: policy.channelGrace,
    timeout: policy.connectTimeout,
    asks: protocol.subscribe !== undefined,
    resumes: protocol.features.resume,
    follow: protocol.follow,
    subscribe: (list) => request(() => protocol.subscribe?.(list, platform.time())),
    unsubscribe: (list) => request(() => protocol.unsubscribe?.(list, platform.time())),
    rearm: arm,
    report: (thrown) => listenerFailed(thrown, 'message'),
    others(message, ended) {
      emitter.emit('message', message)
      router.route(message, ended)
    },
    onGap: (channel, params, gap) => later(() => emitter.emit('gap', { channel, params, gap })),
    onFault: fault,
    onProgress: show,
  })
  const credentials = resolved.credentials === undefined ? undefined : protocol.credentials?.(resolved.credentials, {
    platform, timeoutMs: policy.connectTimeout, isOpen, attempt: () => machine.attempt,
    renewed: (token) => dialer.say(protocol.authenticate?.(token, platform.time())),
    denied: (error) => signal({ type: 'denied', error }),
    report: fault, rearm: arm,
  })
  const persistence = storage?.persistence(storage, resolved.scope, {
    platform, report: fault, rearm: arm,
    persisted: (ids) => { for (const id of ids) later(() => emitter.emit('messagePersisted', { id })) },
    adopted(messages) {
      outbound.adopt(messages)
      if (isOpen()) restoreMessages()
      arm()
    },
    disowned: (ids) => outbound.disown(ids),
  })
  const outbound = createOutbound({
    protocol, createDelivery: protocol.delivery, platform, policy, stats, persistence, later, rearm: arm,
    emit: (name, event) => emitter.emit(name, event),
    socket: () => (isOpen() ? dialer.socket() : undefined),
    onError: fault,
  })
  const dialer = createDialer(resolved, {
    signal, emit: emitter.emit, receive: (frame) => inbound.receive(frame), heard: () => { inbound.heardAt = platform.now() },
    attempt: () => machine.attempt, credentials,
  })
  const inbound = createInbound({
    protocol, platform, stats, channels, maxMessageSize: policy.maxMessageSize, isOver, onFault: (error) => emitter.emit('error', error),
    onControl: createControls({
      platform, channels, outbound, credentials, generation: () => machine.generation, signal, say: dialer.say, onPong, greet: greeter.greet, fault, isOver,
    }),
  })

  function isOpen(): boolean {
    return machine.phase === 'open'
  }

  function isOver(): boolean {
    return machine.phase !== 'open' && machine.phase !== 'closing'
  }

  function request(frames: () => Frame[] | undefined): void {
    isolated(`protocol ${protocol.name}`, () => frames()?.forEach((frame) => outbound.sendControl(frame)))
  }

  function context(): Context {
    return {
      now: platform.now(), random: platform.random(), heardAt: inbound.heardAt, policy,
      roundTrip: latency, greets: protocol.hello !== undefined,
      resolves: typeof resolved.url === 'function' || credentials?.isNeeded() === true,
      signsIn: typeof resolved.url !== 'function' && credentials?.isNeeded() === true,
      renews: typeof resolved.url === 'function' || credentials !== undefined,
      pings: protocol.ping !== undefined, fatalCodes: protocol.fatalCloseCodes ?? [],
    }
  }

  function signal(next: Signal): void {
    inbox.push(next)
    if (stepping) return
    stepping = true
    try {
      for (let one = inbox.shift(); one !== undefined; one = inbox.shift()) commit(one)
    } finally {
      // Whatever was thrown: a connection that believes it is stepping hears nothing more.
      stepping = false
      arm()
      tellAll()
    }
  }

  function commit(one: Signal): void {
    // What was sent in the same breath goes out before the socket goes.
    if (one.type === 'disconnect' || one.type === 'reconnect' || one.type === 'pagehide') outbound.flush()
    const before = machine
    logger.debug(`signal ${one.type}`, { phase: before.phase })
    const [after, effects] = step(before, one, context())
    machine = after
    if (after !== before) publish(before)
    for (const effect of effects) isolated(`protocol ${protocol.name}`, () => perform(effect))
  }

  function publish(before: Machine): void {
    if (before.phase !== machine.phase) {
      publisher.moved(before)
      if (before.phase === 'open') {
        loseLatency(latency)
        pings.clear()
        outbound.lost()
        channels.lost()
      }
      logger.debug(`${before.phase} -> ${machine.phase}`, { generation: machine.generation, attempt: machine.attempt })
    }
    show()
    if (persistence !== undefined) isolated('the storage', () => settleStorage(before, persistence))
    // What is told while attaching, before `connect`, leaves the machine idle as it was.
    if (machine.phase === 'idle' && before.phase !== 'idle') lifecycle.detach()
  }

  /** Messages of closed pages are for those who can send them: not for one that rests, nor one in the cache. */
  function settleStorage(before: Machine, kept: Persistence): void {
    const rests = ({ phase }: Machine): boolean => phase === 'idle' || phase === 'failed'
    if (machine.away !== before.away && machine.away) kept.hide()
    else if (rests(machine)) kept.rest()
    else if (!machine.away) kept.show()
  }

  function perform(effect: Effect): void {
    switch (effect.type) {
      case 'resolve': return dialer.resolve(effect.generation)
      case 'dial': return dialer.dial(effect.generation)
      case 'drop': return dialer.drop(effect.code, effect.reason)
      case 'close': return dialer.close(effect.code, effect.reason)
      case 'greet': return dialer.say(protocol.hello?.({
        clientId: nameOfClient(), credentials: resolved.credentialsInQuery === false ? credentials?.token() : undefined,
        maxFrame: Math.min(policy.maxMessageSize, Number.MAX_SAFE_INTEGER), timestamp: platform.time(),
      }))
      case 'ping':
        pings.sent(platform.now())
        return dialer.say(protocol.ping?.(platform.time()))
      case 'restore':
        channels.restore()
        return restoreMessages()
      case 'tell':
        return later(() => announce(effect.notice, emitter, stats, platform, logger))
      default: return effect satisfies never
    }
  }

  function restoreMessages(): void {
    outbound.restore(greeter.memory(), greeter.maxFrame(), greeter.messageRate())
  }

  function onPong(): void {
    const sentAt = pings.answered()
    if (sentAt === undefined) return
    const latencyMs = inbound.heardAt - sentAt
    recordLatency(latency, latencyMs)
    signal({ type: 'ponged', generation: machine.generation })
    emitter.emit('pong', { latencyMs })
  }

  function arm(): void {
    const others = Math.min(outbound.deadline(), credentials?.deadline() ?? Infinity, persistence?.deadline() ?? Infinity)
    timer.arm(destroyed ? Infinity : Math.min(deadlineOf(machine), channels.deadline(), others))
  }

  function wakeUp(sleptMs: number): void {
    if (sleptMs > 0) signal({ type: 'wake', slept: true })
    channels.tick()
    outbound.tick()
    credentials?.tick()
    persistence?.tick()
    signal({ type: 'tick' })
  }

  function forget(): Promise<void> {
    outbound.forget()
    return persistence?.wipe() ?? Promise.resolve()
  }

  return {
    get clientId() {
      return nameOfClient()
    },
    connect() {
      const promise = new Promise<void>((resolve, reject) => {
        if (destroyed) return reject(new UplinkError('UPLINK_DESTROYED', 'this connection was destroyed; make a new one'))
        if (machine.phase === 'open') return resolve()
        publisher.wait(resolve, reject)
        lifecycle.attach()
        outbound.open()
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
      outbound.open()
      signal({ type: 'reconnect' })
    },
    probe: () => signal({ type: 'wake', slept: true, granted: true }),
    send: outbound.send,
    sendWithAck: outbound.sendWithAck,
    subscribe: (pattern, listener) => router.add(pattern, listener),
    channel: channels.lease,
    on: (name, listener) => emitter.on(name, listener),
    snapshot: publisher.snapshot,
    onChange: publisher.onChange,
    stats: () => statsSnapshot(stats, platform.time()),
    latency: () => latencySnapshot(latency),
    history: publisher.history,
    outbox: outbound.snapshot,
    forget,
    signedOut() {
      credentials?.clear()
      outbound.close()
      signal({ type: 'disconnect', graceful: false })
      return forget()
    },
    report: fault,
    destroy() {
      if (destroyed) return
      signal({ type: 'disconnect', graceful: false })
      destroyed = true
      outbound.destroy()
      persistence?.destroy()
      credentials?.clear()
      channels.destroy()
      router.clear()
      emitter.clear()
      publisher.clear()
      timer.arm(Infinity)
    },
  }
}
