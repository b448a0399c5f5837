/**
 * Named streams: counted by their users, joined in batches, restored after an outage from where they were,
 * left after a grace.
 */
import { type ChannelSignal, channelStep } from '../core/channel.ts'
import { UplinkError } from '../core/errors.ts'
import { invalid } from '../core/policy.ts'
import { type Gap, advance, stand } from '../core/position.ts'
import type { ChannelParams, Message, StreamMode } from '../protocol/message.ts'
import type { Standing } from '../protocol/protocol.ts'
import type { ChannelLease, ChannelSnapshot, LeaseHow, TakenStanding } from './channel-lease.ts'
import type { Channels, ChannelsHost } from './channels-interface.ts'
import { deliver, listenTo } from './listeners.ts'
import { type Stream, conflictOf, createStream, keyOf, leaveOf, requestOf } from './stream.ts'

/** A channel called so gets a ref of its own: its name could be the ref of another. */
const LIKE_A_REF = /#\d+$/

/** Makes the channels of a connection. */
export function createChannels(host: ChannelsHost): Channels {
  const streams = new Set<Stream>()
  const routes = new Map<string, Stream[]>()
  let joining = new Set<Stream>()
  let serial = 0

  function change(stream: Stream, signal: ChannelSignal, more: Partial<ChannelSnapshot> = {}): void {
    const before = stream.snapshot
    const status = channelStep(before.status, signal)
    if (status === before.status && Object.keys(more).length === 0) return
    const asOf = status === 'live' ? null : before.status === 'live' ? host.time() : before.asOf
    stream.snapshot = { ...before, status, error: null, asOf, ...more }
    deliver(stream.statuses, stream.snapshot, undefined, host.report)
    host.onProgress()
  }

  function direct(stream: Stream, route: string): void {
    if (stream.route === route && routes.get(route)?.includes(stream) === true) return
    undirect(stream)
    stream.route = route
    routes.set(route, [...(routes.get(route) ?? []), stream])
  }

  function undirect(stream: Stream): void {
    const rest = (routes.get(stream.route) ?? []).filter((other) => other !== stream)
    if (rest.length > 0) routes.set(stream.route, rest)
    else routes.delete(stream.route)
  }

  function ask(batch: readonly Stream[]): void {
    for (const stream of batch) {
      stream.joined = true
      if (host.resumes) {
        stream.place.asking = true
        stream.answerBy = host.now() + host.timeout
      }
      change(stream, host.asks ? 'asked' : 'routed')
    }
    if (host.asks) host.subscribe(batch.map(requestOf))
    host.rearm()
  }

  function flushJoins(): void {
    const batch = [...joining].filter((stream) => stream.leases > 0)
    joining = new Set()
    if (batch.length > 0 && host.isOpen()) ask(batch)
  }

  function join(stream: Stream): void {
    if (stream.joined || joining.has(stream)) return
    joining.add(stream)
    // One frame for all channels that components of one render ask for.
    if (joining.size === 1) queueMicrotask(flushJoins)
  }

  function forget(stream: Stream): void {
    streams.delete(stream)
    joining.delete(stream)
    undirect(stream)
    change(stream, 'left')
    if (stream.joined && host.asks && host.isOpen()) host.unsubscribe([leaveOf(stream)])
    stream.joined = false
  }

  function find(name: string, params: ChannelParams | undefined, mode: StreamMode): Stream {
    const key = keyOf(params, mode)
    for (const known of [...streams]) {
      if (known.name !== name) continue
      if (known.key === key) return known
      if (host.resumes) continue
      if (known.leases > 0) throw conflictOf(name)
      forget(known)
    }
    const ref = !host.resumes || (key === keyOf(undefined, 'stream') && !LIKE_A_REF.test(name)) ? name : `${name}#${++serial}`
    const stream = createStream(name, params, mode, ref)
    streams.add(stream)
    // Until the server names its stream, a subscription with params has no messages that could be told apart.
    if (ref === name) direct(stream, name)
    return stream
  }

  function lease(name: string, params?: ChannelParams, { mode = 'stream' }: LeaseHow = {}): ChannelLease {
    if (typeof name !== 'string' || name === '') throw invalid('the name of a channel', name, 'a string that is not empty')
    const stream = find(name, params, mode)
    stream.leases++
    stream.leaveAt = Infinity
    change(stream, 'leased')
    if (host.isOpen()) join(stream)
    const undo = new Set<() => void>()
    let held = true
    const keep = (remove: () => void): (() => void) => {
      if (!held) remove()
      undo.add(remove)
      return () => {
        undo.delete(remove)
        remove()
      }
    }
    return {
      name,
      onMessage: (listener) => keep(listenTo(stream.messages, listener)),
      onStatus: (listener) => keep(listenTo(stream.statuses, listener)),
      onGap: (listener) => keep(listenTo(stream.gaps, listener)),
      snapshot: () => stream.snapshot,
      latest: () => stream.latest,
      position: () => stream.place,
      take: (standing) => take(stream, standing),
      release: () => {
        if (!held) return
        held = false
        for (const remove of undo) remove()
        if (--stream.leases > 0 || !streams.has(stream)) return
        stream.leaveAt = host.now() + host.grace
        host.rearm()
      },
    }
  }

  function announce(stream: Stream, gap: Gap, signal: ChannelSignal): void {
    change(stream, signal, { gap, recovered: false })
    deliver(stream.gaps, gap, undefined, host.report)
    host.onGap(stream.name, stream.params, gap)
  }

  /** Whether a message is for the listeners: it is not when it was seen, or when something before it is missing. */
  function isNext(stream: Stream, offset: number, from: number): boolean {
    const { place } = stream
    if (!host.resumes) {
      const gap = host.follow?.(place, from, offset)
      if (gap) announce(stream, gap, 'data')
      return true
    }
    const held = place.offset
    switch (advance(place, from, offset)) {
      case 'seen': return false
      case 'repair':
        // While the connection closes nobody would answer; the next one asks for everything anyway.
        if (host.isOpen()) ask([stream])
        return false
      case 'gap':
        announce(stream, { reason: 'hole', from: held + 1, to: from - 1 }, 'data')
        return true
      default: return true
    }
  }

  /** `first` is the stream that stands for all that get the same messages; what is `taken` says nothing about the socket. */
  function hand(stream: Stream, message: Message, isOver: () => boolean, first: boolean, taken = false): void {
    const { offset, from = offset } = message
    if (offset !== undefined && !isNext(stream, offset, from as number)) return
    stream.latest = message
    if (first) host.others(message, isOver)
    const { status } = stream.snapshot
    if (status === 'subscribing' && !host.resumes && !taken) change(stream, 'data')
    deliver(stream.messages, message.data, message, host.report, isOver)
    if (status === 'catchingUp' && stream.place.offset >= stream.place.top) change(stream, 'confirmed')
  }

  function subscribed(stream: Stream, standing: Standing, isOver: () => boolean, taken = false): void {
    const { place } = stream
    const known = place.epoch !== null
    if (!taken) stream.answerBy = Infinity
    const gap = stand(place, standing)
    direct(stream, standing.stream)
    // What is taken from elsewhere leaves the status to the server: 'leased' changes none.
    const signal = taken ? 'leased' : place.offset >= place.top ? 'confirmed' : 'behind'
    if (gap !== null) announce(stream, gap, signal)
    else change(stream, signal, known ? { recovered: true } : {})
    const first = routes.get(stream.route)?.[0] === stream
    for (const message of standing.messages) if (!isOver()) hand(stream, message, isOver, first, taken)
  }

  /** Until the server has named a stream, the name of its subscription stands for it. */
  function take(stream: Stream, standing: TakenStanding): void {
    const { place: { epoch }, ref, route } = stream
    subscribed(stream, { ...standing, epoch: host.resumes ? standing.epoch : epoch, stream: epoch === null ? ref : route } as Standing, () => !streams.has(stream), true)
  }

  const byRef = (ref: string): Stream | undefined => [...streams].find((stream) => stream.ref === ref)

  return {
    lease,
    route(message, isOver) {
      const route = message.stream ?? message.channel
      const found = route === undefined ? undefined : routes.get(route)
      if (found === undefined) return host.others(message, isOver)
      for (let index = 0; index < found.length; index++) hand(found[index] as Stream, message, isOver, index === 0)
    },
    confirmed(ref, standing, isOver) {
      const stream = byRef(ref)
      if (stream === undefined || !stream.joined) return
      if (standing === undefined || !host.resumes) change(stream, 'confirmed')
      else subscribed(stream, standing, isOver)
    },
    refused(ref, error, isRetryable) {
      const stream = byRef(ref)
      if (stream === undefined) return false
      const wasAsked = stream.joined && !isRetryable
      // A retryable one stays unanswered for now, and is asked for again when its time is over.
      stream.joined = isRetryable && stream.joined
      stream.answerBy = isRetryable ? Math.min(stream.answerBy, host.now() + host.timeout) : Infinity
      change(stream, isRetryable ? 'asked' : 'refused', { error })
      host.rearm()
      return wasAsked
    },
    restore() {
      for (const stream of streams) if (stream.leases > 0) joining.add(stream)
      flushJoins()
    },
    lost() {
      for (const stream of streams) {
        stream.joined = false
        stream.answerBy = Infinity
        change(stream, 'lost')
      }
    },
    isBehind: () => host.resumes && [...streams].some(({ leases, snapshot: { status, asOf } }) => leases > 0 && asOf !== null && status !== 'refused'),
    deadline() {
      let first = Infinity
      for (const { leaveAt, answerBy } of streams) first = Math.min(first, leaveAt, answerBy)
      return first
    },
    tick() {
      const now = host.now()
      for (const stream of [...streams]) {
        if (now >= stream.leaveAt) forget(stream)
        else if (now >= stream.answerBy) {
          host.onFault(new UplinkError('UPLINK_CHANNEL_TIMEOUT', `channel "${stream.name}": not confirmed within ${host.timeout} ms; asking again`, { channel: stream.name, severity: 'warning' }))
          ask([stream])
        }
      }
    },
    destroy() {
      for (const stream of [...streams]) {
        for (const list of [stream.messages, stream.statuses, stream.gaps]) list.entries = []
        streams.delete(stream)
      }
      routes.clear()
      joining.clear()
    },
  }
}
