/**
 * One consumer's view of a channel: every message goes to `onMessage` and into the fold at once; what
 * renders hears of it once per flush. Bounded always: it holds one value, or `buffer` messages.
 */
import { createStore } from 'zustand/vanilla'
import { UplinkError, isUplinkError, messageOf } from '../core/errors.ts'
import type { ChannelStatus } from '../core/channel.ts'
import { invalid, readNumber } from '../core/policy.ts'
import type { Gap } from '../core/position.ts'
import { type ChannelLease, type ChannelSnapshot, type DataSource, IDLE_CHANNEL } from '../engine/channel-lease.ts'
import type { Platform, TimerHandle } from '../engine/platform.ts'
import type { Message } from '../protocol/message.ts'
import { type Refetch, createRefetch } from './refetch.ts'
import type { ReadableStore } from './sampled-store.ts'
import type { Scheduler } from './scheduler.ts'
import type { StandardSchema } from './standard-schema.ts'

/** How a view turns messages into its value. */
export interface ViewOptions<Data, Value> {
  /** Checks each message's data; what does not fit is reported, counted and left out. */
  readonly schema?: StandardSchema<Data> | undefined
  /** Folds each message into the value, none left out. Must be pure. */
  readonly reduce?: ((value: Value, data: Data, message: Message<Data>) => Value) | undefined
  /** The value before the first message. */
  readonly initial?: Value | undefined
  /** Keeps the last so many data, oldest first, as the value; 1 to 100,000. */
  readonly buffer?: number | undefined
  /** Hears every message, at once, also in a hidden page. */
  readonly onMessage?: ((data: Data, message: Message<Data>) => void) | undefined
  /** Tells listeners at most this often, in ms. @default once a frame */
  readonly throttle?: number | undefined
  /** Age in ms at which the channel counts as stale. @default never */
  readonly staleAfter?: number | undefined
  /** Hears that messages were lost for good. */
  readonly onGap?: ((gap: Gap) => void) | undefined
  /**
   * Fetches a snapshot after a gap, which becomes the value; messages that come meanwhile are folded into it
   * afterwards. The snapshot may contain some of them already, so `reduce` should not mind one twice.
   */
  readonly refetch?: ((request: RefetchRequest) => Value | Promise<Value>) | undefined
}

/** What {@link ViewOptions.refetch} is told. */
export interface RefetchRequest {
  readonly gap: Gap
  /** Aborted when the snapshot is no longer wanted. */
  readonly signal: AbortSignal
}

/** What a view shows. */
export interface ChannelView<Value> {
  /** The latest data, the fold, or the buffer; `undefined` (or `initial`) before the first message. */
  readonly data: Value
  readonly status: ChannelStatus
  /** Who brings the data: `cache` as soon as it is there and nobody does, with a fallback or without; `live` before the first message. */
  readonly source: DataSource
  /** The data is older than `staleAfter`, or the channel is not live any more and nothing polls it instead. */
  readonly isStale: boolean
  /** When the last message came, in epoch ms; of several between two flushes, when they were shown. */
  readonly updatedAt: number | null
  /** The data is as of this time (epoch ms); `null` while it is current, and before it ever was. */
  readonly asOf: number | null
  /** Whether the last outage cost nothing; `null` before the first, and where the protocol cannot tell. */
  readonly recovered: boolean | null
  /** What it cost; `null` if nothing, or once `refetch` has mended it. */
  readonly gap: Gap | null
  readonly error: UplinkError | null
}

/** What a view needs from its uplink. */
export interface ViewHost {
  readonly platform: Platform
  readonly scheduler: Scheduler
  /** Claims the channel. May throw `UPLINK_CHANNEL_CONFLICT`, which the view then shows. */
  lease(): ChannelLease
  /** Hears of data that did not fit the schema. */
  report(error: UplinkError): void
}

/** A store of a view; it holds its channel between `attach` and the function that returns. */
export interface ChannelViewStore<Data, Value> extends ReadableStore<ChannelView<Value>> {
  attach(): () => void
  /** Newest options; functions take effect from the next message on. */
  update(options: ViewOptions<Data, Value>): void
}

/** Most data a buffer may hold. */
export const BUFFER_MOST = 100_000

function check({ buffer = 1, throttle, staleAfter }: Pick<ViewOptions<unknown, unknown>, 'buffer' | 'throttle' | 'staleAfter'>): void {
  if (!Number.isInteger(buffer) || buffer < 1 || buffer > BUFFER_MOST) {
    throw invalid('buffer', buffer, `a whole number from 1 to ${BUFFER_MOST}`)
  }
  readNumber('throttle', throttle, 0, 0, Infinity)
  readNumber('staleAfter', staleAfter, 0, 0, Infinity)
}

/**
 * Makes a view.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` for a number out of range.
 */
export function createChannelView<Data, Value>(options: ViewOptions<Data, Value>, host: ViewHost): ChannelViewStore<Data, Value> {
  const { platform, scheduler } = host
  check(options)
  let current = options
  let value = (options.buffer === undefined ? options.initial : []) as Value
  let fresh: Data[] = []
  let channel: ChannelSnapshot = IDLE_CHANNEL
  let error: UplinkError | null = null
  let heardAt: number | null = null
  let throttleTimer: TimerHandle | undefined
  let staleTimer: TimerHandle | undefined
  let shownAt = -Infinity
  let mended: Gap | null = null
  /** Why the gap is still there; a message that comes well does not mend it. */
  let unmended: UplinkError | null = null

  /** Messages wait for the snapshot they belong on. Most views never have a gap, and none of this. */
  let snapshotting: Refetch<Data> | undefined
  /** A flush that will show it is asked for. Asking again with every message would do nothing, at its price. */
  let isDue = false
  /** Messages have come since then. They are as old as the flush: clocks of browsers cost more than all the rest of this. */
  let isNewer = false

  const createSnapshotting = (): Refetch<Data> => createRefetch<Data, Value>({
    get: (request) => current.refetch?.(request) as Value | Promise<Value>,
    set(gap, snapshot, messages) {
      value = snapshot
      fresh = []
      mended = gap
      unmended = null
      heardAt = platform.now()
      messages.forEach(([data, message]) => fold(data, message))
      changed()
    },
    fail(thrown, messages) {
      messages.forEach(([data, message]) => fold(data, message))
      unmended = new UplinkError('UPLINK_CHANNEL_GAP', `the snapshot after a gap could not be fetched: ${messageOf(thrown)}`, { cause: thrown })
      host.report(unmended)
      changed()
    },
  })
  const statusNow = (): ChannelStatus => (snapshotting !== undefined && snapshotting.isRunning() && channel.status === 'live' ? 'catchingUp' : channel.status)
  /** The engine tells what a fallback says of the channel. Without one, or before it acts, only a live channel brings anything. */
  const sourceNow = (): DataSource => channel.source ?? (heardAt === null || statusNow() === 'live' ? 'live' : 'cache')
  const isStale = (now: number): boolean => {
    if (heardAt === null) return false
    const { staleAfter } = current
    const source = sourceNow()
    return source === 'cache' || (source === 'live' && staleAfter !== undefined && now - heardAt >= staleAfter)
  }
  const view = (now: number, time: number): ChannelView<Value> => ({
    data: value, status: statusNow(), source: sourceNow(), isStale: isStale(now), updatedAt: heardAt === null ? null : Math.round(time - now + heardAt),
    error: error ?? unmended, asOf: channel.asOf, recovered: channel.recovered, gap: channel.gap === mended ? null : channel.gap,
  })
  const store = createStore<ChannelView<Value>>(() => view(platform.now(), platform.time()))

  function show(now: number, time: number): void {
    if (isNewer) heardAt = now
    isDue = isNewer = false
    shownAt = now
    throttleTimer = undefined
    const { buffer, staleAfter } = current
    if (buffer !== undefined && fresh.length > 0) {
      value = [...(value as Data[]), ...fresh].slice(-buffer) as Value
      fresh = []
    }
    store.setState(view(now, time), true)
    if (staleTimer !== undefined) platform.clearTimer(staleTimer)
    staleTimer = undefined
    if (staleAfter === undefined || heardAt === null) return
    const wait = heardAt + staleAfter - now
    if (wait > 0) staleTimer = platform.setTimer(showNow, wait)
  }

  const showNow = (): void => show(platform.now(), platform.time())

  function due(): void {
    isDue = true
    scheduler.request(show)
  }

  function changed(): void {
    if (isDue || throttleTimer !== undefined) return
    const { throttle } = current
    if (throttle === undefined || platform.now() - shownAt >= throttle) due()
    else throttleTimer = platform.setTimer(due, shownAt + throttle - platform.now())
  }

  function accept(data: Data, message: Message<Data>): void {
    if (isDue) isNewer = true
    else heardAt = platform.now()
    error = null
    const { onMessage } = current
    try {
      if (snapshotting === undefined || !snapshotting.keep(data, message)) fold(data, message)
      changed()
    } finally {
      // A `reduce` that throws is reported by the engine, and costs nobody a message.
      onMessage?.(data, message)
    }
  }

  function fold(data: Data, message: Message<Data>): void {
    const { reduce, buffer } = current
    if (buffer === undefined) value = reduce === undefined ? (data as unknown as Value) : reduce(value, data, message)
    else {
      fresh.push(data)
      // Twice the size before cutting: one cut per `buffer` messages instead of one each.
      if (fresh.length > 2 * buffer) fresh = fresh.slice(-buffer)
    }
  }

  function reject(cause: string, message: Message<Data>): void {
    const channel = message.channel
    error = new UplinkError('UPLINK_MESSAGE_INVALID', `channel "${channel}": ${cause}`, {
      severity: 'warning', ...(channel === undefined ? {} : { channel }),
    })
    host.report(error)
    changed()
  }

  function take(data: Data, message: Message<Data>): void {
    const { schema } = current
    if (schema === undefined) return accept(data, message)
    let checked: ReturnType<StandardSchema<Data>['~standard']['validate']>
    try {
      checked = schema['~standard'].validate(data)
    } catch (thrown) {
      return reject(messageOf(thrown), message)
    }
    if (checked instanceof Promise) return reject('the schema is asynchronous; messages cannot wait for it', message)
    if (checked.issues !== undefined) return reject(checked.issues.map((issue) => issue.message).join('; '), message)
    accept(checked.value, message)
  }

  return {
    getState: store.getState,
    getInitialState: store.getInitialState,
    subscribe: store.subscribe,
    update(next) {
      check(next)
      current = next
    },
    attach() {
      let lease: ChannelLease
      try {
        lease = host.lease()
      } catch (thrown) {
        error = isUplinkError(thrown) ? thrown : new UplinkError('UPLINK_CHANNEL_CONFLICT', messageOf(thrown), { cause: thrown })
        showNow()
        return () => undefined
      }
      const follow = (): void => {
        channel = lease.snapshot()
        error = channel.error
        due()
      }
      lease.onStatus(follow)
      lease.onGap((gap) => {
        if (current.refetch !== undefined) (snapshotting ??= createSnapshotting()).start(gap)
        current.onGap?.(gap)
      })
      lease.onMessage(take as (data: unknown, message: Message) => void)
      follow()
      return () => {
        lease.release()
        snapshotting?.stop()
        scheduler.cancel(show)
        isDue = isNewer = false
        for (const timer of [throttleTimer, staleTimer]) if (timer !== undefined) platform.clearTimer(timer)
        throttleTimer = undefined
        staleTimer = undefined
      }
    },
  }
}
