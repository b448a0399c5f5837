/** A connection with a fallback beside it: the same to its users, whose channels are served another way while it cannot. */
import { UplinkError, messageOf } from '../core/errors.ts'
import type { FallbackStats } from '../core/stats.ts'
import type { Connection } from '../engine/connection-interface.ts'
import { type EventListener, type EventName, createEmitter } from '../engine/events.ts'
import type { CreateConnection, SettledOptions } from '../engine/fallback-interface.ts'
import { createListeners, deliver, listenTo } from '../engine/listeners.ts'
import type { ConnectionSnapshot } from '../engine/snapshot.ts'
import { json } from '../protocol/json.ts'
import type { ChannelParams } from '../protocol/message.ts'
import { createCounters, lookAt } from './counters.ts'
import { createFeeds } from './feeds.ts'
import type { ResolvedPoll } from './options.ts'
import { createPageLife } from './page-life.ts'
import { createProbe } from './probe.ts'
import { sifting } from './protocol.ts'
import { createRequests } from './requests.ts'
import { beginsAfterMs } from './schedule.ts'
import { canTell } from './sieve.ts'

/** Who is not who they should be gets no data another way. */
const SIGNED_OUT: ReadonlySet<string> = new Set(['UPLINK_SIGNED_OUT', 'UPLINK_UNAUTHORIZED', 'UPLINK_IDENTITY_MISMATCH'])

/** Whether somebody wants the connection, and may have what it brings. */
function isWanted({ phase, error }: ConnectionSnapshot): boolean {
  return phase !== 'idle' && phase !== 'closing' && !(phase === 'failed' && SIGNED_OUT.has(error?.code ?? ''))
}

/** Makes a connection, and what polls for it. */
export function over<Options extends SettledOptions>(create: CreateConnection<Options>, options: Options, poll: ResolvedPoll): Connection {
  const { platform, protocol = json() } = options
  // What is no protocol is refused by `create`.
  const resumes = protocol?.features?.resume !== false
  const base = create(!resumes && canTell(poll) ? { ...options, protocol: sifting(protocol, (message) => feeds.admits(message)) } : options)
  const counters = createCounters()
  const emitter = createEmitter((thrown, name) => failed(name, thrown))
  const changes = createListeners<ConnectionSnapshot, undefined>()
  const requests = createRequests(platform, poll.concurrency, poll.timeout, () => feeds.rearm())
  const probe = createProbe(base, platform, poll, counters)
  const life = createPageLife(platform, () => { look(); feeds.hurry() }, () => look(), () => feeds.flush())
  let missingDue = Infinity
  let openSince = Infinity
  let shown = base.snapshot()
  let shownBase = shown
  let looked: FallbackStats | undefined

  const feeds = createFeeds({
    options: poll, platform, requests, counters, resumes, graceMs: options.channelGrace ?? 1_000,
    lease: (name, params, how) => base.channel(name, params, how),
    dueAt: () => (life.isAway() ? Infinity : missingDue),
    openSince: () => openSince,
    circumstances: () => ({ isHidden: life.isHidden(), isOffline: life.isOffline(), random: platform.random() }),
    report: base.report,
    reportThrow: (thrown) => failed('source', thrown),
    onGood(latencyMs) {
      probe.granted(latencyMs)
      feeds.rearm()
    },
    onSource: (event) => emitter.emit('source', event),
    onPoll: (event) => emitter.emit('poll', event),
    onGap: ({ channel, params }, gap) => emitter.emit('gap', { channel, params, gap }),
    onShown: show,
    otherDeadline: probe.deadline,
    otherwise: probe.tick,
  })
  base.onChange(look)

  function failed(name: EventName, thrown: unknown): void {
    base.report(new UplinkError('UPLINK_LISTENER_FAILED', `a listener of "${name}" threw: ${messageOf(thrown)}`, { cause: thrown }))
  }

  /** Follows the connection: since when it is missing, or there. */
  function look(): void {
    const now = platform.now()
    const snapshot = base.snapshot()
    const isOpen = snapshot.phase === 'open'
    if (!isOpen) openSince = Infinity
    else if (openSince === Infinity) openSince = now
    if (isOpen || !isWanted(snapshot)) missingDue = Infinity
    else if (missingDue === Infinity) missingDue = now + beginsAfterMs(poll, platform.random())
    life.follow(isOpen || isWanted(snapshot))
    feeds.review()
    probe.look()
    show()
  }

  function show(): void {
    const snapshot = base.snapshot()
    const delayed = snapshot.phase !== 'open' && isWanted(snapshot) && feeds.isAnyDelayed() ? poll.interval : null
    if (snapshot === shownBase && delayed === (shown.delayed ?? null)) return
    shownBase = snapshot
    shown = delayed === null ? snapshot : Object.freeze({ ...snapshot, delayed })
    deliver(changes, shown, undefined, (thrown) => failed('statechange', thrown))
  }

  function wants(name: string, params: ChannelParams | undefined): boolean {
    try {
      return poll.channels(name, params)
    } catch (thrown) {
      failed('poll', thrown)
      return false
    }
  }

  const own: Partial<Connection> = {
    channel: (name, params, how) => (wants(name, params) ? feeds.lease(name, params, how) : base.channel(name, params, how)),
    snapshot: () => shown,
    onChange: (listener) => listenTo(changes, listener),
    on<Name extends EventName>(name: Name, listener: EventListener<Name>) {
      const forget = name === 'source' || name === 'poll' ? undefined : base.on(name, listener)
      const forgetOurs = name === 'source' || name === 'poll' || name === 'gap' ? emitter.on(name, listener) : undefined
      return () => {
        forget?.()
        forgetOurs?.()
      }
    },
    stats() {
      counters.inFlight = requests.inFlight()
      looked = lookAt(counters, looked)
      return { ...base.stats(), fallback: looked }
    },
    destroy() {
      feeds.destroy()
      life.follow(false)
      base.destroy()
      emitter.clear()
      changes.entries = []
    },
  }
  // Inherits, because the name of the client is drawn only when it is asked for.
  return Object.assign(Object.create(base) as Connection, own)
}
