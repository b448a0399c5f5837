/** Named streams: counted by their users, joined in batches, restored after an outage, left after a grace. */
import { type ChannelSignal, type ChannelStatus, channelStep } from '../core/channel.ts'
import { UplinkError } from '../core/errors.ts'
import type { ChannelParams, ChannelRequest, Message } from '../protocol/message.ts'
import { type Listeners, type ReportThrow, createListeners, deliver, listenTo } from './listeners.ts'
import type { MessageListener } from './router.ts'

/** What is known about a channel. */
export interface ChannelSnapshot {
  readonly status: ChannelStatus
  /** Why the server refused it, else null. */
  readonly error: UplinkError | null
}

/** A claim on a channel. While one is held, the channel is joined whenever the connection is open. */
export interface ChannelLease<Data = unknown> {
  readonly name: string
  /** Every message of the channel, none left out. The returned function stops it. */
  onMessage(listener: MessageListener<Data>): () => void
  onStatus(listener: (snapshot: ChannelSnapshot) => void): () => void
  snapshot(): ChannelSnapshot
  /** The last message, also when nobody has been shown it yet. */
  latest(): Message<Data> | undefined
  /** Gives the claim back, once; its listeners are removed. */
  release(): void
}

interface Stream {
  readonly name: string
  readonly params: ChannelParams | undefined
  readonly key: string
  readonly messages: Listeners<unknown, Message>
  readonly statuses: Listeners<ChannelSnapshot, undefined>
  leases: number
  joined: boolean
  leaveAt: number
  latest: Message | undefined
  snapshot: ChannelSnapshot
}

/** What channels need from the connection. */
export interface ChannelsHost {
  /** Whether frames can go out now. */
  isOpen(): boolean
  now(): number
  grace: number
  /** Whether the server has to be asked. */
  asks: boolean
  subscribe(channels: readonly ChannelRequest[]): void
  unsubscribe(channels: readonly ChannelRequest[]): void
  /** The deadline may have changed. */
  rearm(): void
  report: ReportThrow
}

/** The channels of one connection. */
export interface Channels {
  lease(name: string, params?: ChannelParams): ChannelLease
  /** Hands a message to its channel; called for every data message. */
  route(message: Message, isOver: () => boolean): void
  confirmed(name: string): void
  refused(name: string, error: UplinkError): void
  /** The connection is open: joins all, in one batch. */
  restore(): void
  /** The connection is gone. */
  lost(): void
  deadline(): number
  /** Leaves what nobody has used for the grace. */
  tick(): void
  destroy(): void
}

const keyOf = (params: ChannelParams | undefined): string =>
  params === undefined ? '' : JSON.stringify(params, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value)

const requestOf = ({ name, params }: Stream): ChannelRequest =>
  params === undefined ? { channel: name } : { channel: name, params }

/** Makes the channels of a connection. */
export function createChannels(host: ChannelsHost): Channels {
  const streams = new Map<string, Stream>()
  let joining = new Set<Stream>()

  function change(stream: Stream, signal: ChannelSignal, error: UplinkError | null = null): void {
    const status = channelStep(stream.snapshot.status, signal)
    if (status === stream.snapshot.status) return
    stream.snapshot = { status, error: status === 'refused' ? error : null }
    deliver(stream.statuses, stream.snapshot, undefined, host.report)
  }

  function flushJoins(): void {
    const batch = [...joining].filter((stream) => stream.leases > 0)
    joining = new Set()
    if (batch.length === 0 || !host.isOpen()) return
    for (const stream of batch) {
      stream.joined = true
      change(stream, host.asks ? 'asked' : 'routed')
    }
    if (host.asks) host.subscribe(batch.map(requestOf))
  }

  function join(stream: Stream): void {
    if (stream.joined || joining.has(stream)) return
    joining.add(stream)
    // One frame for all channels that components of one render ask for.
    if (joining.size === 1) queueMicrotask(flushJoins)
  }

  function forget(stream: Stream): void {
    streams.delete(stream.name)
    joining.delete(stream)
    change(stream, 'left')
    if (stream.joined && host.asks && host.isOpen()) host.unsubscribe([requestOf(stream)])
    stream.joined = false
  }

  function find(name: string, params: ChannelParams | undefined): Stream {
    const key = keyOf(params)
    const known = streams.get(name)
    if (known !== undefined && known.key === key) return known
    if (known !== undefined) {
      if (known.leases > 0) {
        throw new UplinkError(
          'UPLINK_CHANNEL_CONFLICT',
          `channel "${name}" is in use with other params; its messages do not say which they belong to. ` +
            'Use the same params everywhere, or put them into the name',
          { channel: name },
        )
      }
      forget(known)
    }
    const stream: Stream = {
      name, params, key, messages: createListeners(), statuses: createListeners(), leases: 0, joined: false,
      leaveAt: Infinity, latest: undefined, snapshot: { status: 'idle', error: null },
    }
    streams.set(name, stream)
    return stream
  }

  function lease(name: string, params?: ChannelParams): ChannelLease {
    const stream = find(name, params)
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
      snapshot: () => stream.snapshot,
      latest: () => stream.latest,
      release: () => {
        if (!held) return
        held = false
        for (const remove of undo) remove()
        if (--stream.leases > 0 || streams.get(name) !== stream) return
        stream.leaveAt = host.now() + host.grace
        host.rearm()
      },
    }
  }

  function route(message: Message, isOver: () => boolean): void {
    if (message.channel === undefined) return
    const stream = streams.get(message.channel)
    if (stream === undefined) return
    stream.latest = message
    if (stream.snapshot.status === 'subscribing') change(stream, 'data')
    deliver(stream.messages, message.data, message, host.report, isOver)
  }

  return {
    lease,
    route,
    confirmed(name) {
      const stream = streams.get(name)
      if (stream !== undefined) change(stream, 'confirmed')
    },
    refused(name, error) {
      const stream = streams.get(name)
      if (stream === undefined) return
      stream.joined = false
      change(stream, 'refused', error)
    },
    restore() {
      for (const stream of streams.values()) if (stream.leases > 0) joining.add(stream)
      flushJoins()
    },
    lost() {
      for (const stream of streams.values()) {
        stream.joined = false
        change(stream, 'lost')
      }
    },
    deadline() {
      let first = Infinity
      for (const stream of streams.values()) first = Math.min(first, stream.leaveAt)
      return first
    },
    tick() {
      const now = host.now()
      for (const stream of [...streams.values()]) if (now >= stream.leaveAt) forget(stream)
    },
    destroy() {
      for (const stream of [...streams.values()]) {
        stream.messages.entries = []
        stream.statuses.entries = []
        streams.delete(stream.name)
      }
      joining.clear()
    },
  }
}
