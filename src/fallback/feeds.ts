/** The channels of a connection that are polled where they have to be: counted by their users, given their turns by one timer. */
import type { ReportThrow } from '../engine/listeners.ts'
import type { Gap } from '../core/position.ts'
import type { ChannelLease, ChannelSnapshot, LeaseHow } from '../engine/channel-lease.ts'
import { type Listeners, createListeners, deliver, listenTo } from '../engine/listeners.ts'
import { keyOf } from '../engine/stream.ts'
import type { ChannelParams, Message } from '../protocol/message.ts'
import { createFeed } from './feed.ts'
import type { Feed, FeedHost } from './feed-interface.ts'

/** What the feeds of a connection need, besides what each of them does. */
export interface FeedsHost extends Omit<FeedHost, 'onShown' | 'onGap' | 'rearm'> {
  /** How long a channel that nobody uses is remembered, as the engine does. */
  readonly graceMs: number
  /** Claims a channel of the connection itself. */
  lease(name: string, params: ChannelParams | undefined, how: LeaseHow | undefined): ChannelLease
  reportThrow: ReportThrow
  /** Whether some feed is delayed may have changed. */
  onShown(): void
  onGap(feed: Feed, gap: Gap): void
  /** When something else than a channel is next due, and doing it. */
  otherDeadline(): number
  otherwise(): void
}

/** All feeds of a connection. */
export interface Feeds {
  lease(name: string, params: ChannelParams | undefined, how: LeaseHow | undefined): ChannelLease
  /** Judges a message that the socket brings. */
  admits(message: Message): boolean | 'confirms'
  isAnyDelayed(): boolean
  /** Reviews all of them: the connection has changed. */
  review(): void
  hurry(): void
  flush(): void
  rearm(): void
  destroy(): void
}

interface Entry {
  readonly feed: Feed
  readonly statuses: Listeners<ChannelSnapshot, undefined>
  readonly gaps: Listeners<Gap, undefined>
  /** The fallback's own claim. */
  own: ChannelLease | undefined
  users: number
  leaveTimer: unknown
}

/** Makes the feeds of a connection. */
export function createFeeds(host: FeedsHost): Feeds {
  const { platform, requests } = host
  const entries = new Map<string, Entry>()
  const byName = new Map<string, Feed>()
  let timer: unknown
  let armedFor = Infinity
  let isArming = false
  let isOver = false

  function rearm(): void {
    if (isArming || isOver) return
    isArming = true
    // Once for all that changes in one turn: an outage changes every channel.
    queueMicrotask(arm)
  }

  function arm(): void {
    isArming = false
    if (isOver) return
    let at = host.otherDeadline()
    for (const { feed } of entries.values()) at = Math.min(at, feed.reviewAt(), requests.isFull() ? Infinity : feed.turnAt())
    if (at === armedFor) return
    if (armedFor !== Infinity) platform.clearTimer(timer)
    armedFor = at
    // Whole ms: a timer that fires a fraction too early would find nothing to do, again and again.
    if (at !== Infinity) timer = platform.setTimer(run, Math.max(0, Math.ceil(at - platform.now())))
  }

  function run(): void {
    armedFor = Infinity
    const now = platform.now()
    for (const { feed } of [...entries.values()]) if (feed.reviewAt() <= now) feed.review()
    const due = [...entries.values()].map(({ feed }) => feed).filter((feed) => feed.turnAt() <= now).sort((a, b) => a.turnAt() - b.turnAt())
    for (const feed of due) if (!requests.isFull()) feed.poll()
    host.otherwise()
    rearm()
  }

  function entryOf(key: string, name: string, params: ChannelParams | undefined): Entry {
    const known = entries.get(key)
    if (known !== undefined) return known
    const statuses = createListeners<ChannelSnapshot, undefined>()
    const gaps = createListeners<Gap, undefined>()
    const feed = createFeed(name, params, {
      ...host, rearm,
      onShown(changed) {
        deliver(statuses, changed.snapshot(), undefined, host.reportThrow)
        host.onShown()
      },
      onGap(from, gap) {
        deliver(gaps, gap, undefined, host.reportThrow)
        host.onGap(from, gap)
      },
    })
    const entry: Entry = { feed, statuses, gaps, own: undefined, users: 0, leaveTimer: undefined }
    entries.set(key, entry)
    byName.set(name, feed)
    return entry
  }

  function drop(key: string, { feed }: Entry): void {
    entries.delete(key)
    if (byName.get(feed.channel) === feed) byName.delete(feed.channel)
  }

  function join(entry: Entry, name: string, params: ChannelParams | undefined, how: LeaseHow | undefined): void {
    if (entry.leaveTimer !== undefined) platform.clearTimer(entry.leaveTimer)
    entry.leaveTimer = undefined
    if (entry.users++ > 0) return
    entry.own = host.lease(name, params, how)
    entry.feed.attach(entry.own)
  }

  function leave(key: string, entry: Entry): void {
    if (--entry.users > 0) return
    entry.feed.detach()
    entry.own?.release()
    entry.own = undefined
    if (isOver) return
    entry.leaveTimer = platform.setTimer(() => drop(key, entry), host.graceMs)
    host.onShown()
    rearm()
  }

  function lease(name: string, params: ChannelParams | undefined, how: LeaseHow | undefined): ChannelLease {
    // First of all: it may throw, and then nothing has happened.
    const base = host.lease(name, params, how)
    const key = `${name}\n${keyOf(params, how?.mode ?? 'stream')}`
    const entry = entryOf(key, name, params)
    join(entry, name, params, how)
    const undo = new Set<() => void>()
    let isHeld = true
    const keep = (...removals: ReadonlyArray<() => void>): (() => void) => {
      const remove = (): void => removals.forEach((one) => one())
      if (!isHeld) remove()
      undo.add(remove)
      return () => {
        undo.delete(remove)
        remove()
      }
    }
    return {
      ...base,
      snapshot: () => (isHeld ? entry.feed.snapshot() : base.snapshot()),
      onStatus: (listener) => keep(listenTo(entry.statuses, listener)),
      onGap: (listener) => keep(base.onGap(listener), listenTo(entry.gaps, listener)),
      release() {
        if (!isHeld) return
        isHeld = false
        for (const remove of undo) remove()
        base.release()
        leave(key, entry)
      },
    }
  }

  return {
    lease,
    admits: (message) => byName.get(message.channel ?? '')?.admits(message) ?? true,
    isAnyDelayed: () => [...entries.values()].some(({ feed }) => feed.isDelayed()),
    review() {
      for (const { feed } of [...entries.values()]) feed.review()
    },
    hurry() {
      for (const { feed } of entries.values()) feed.hurry()
    },
    flush() {
      for (const { feed } of entries.values()) feed.flush()
    },
    rearm,
    destroy() {
      isOver = true
      if (armedFor !== Infinity) platform.clearTimer(timer)
      for (const { feed, leaveTimer } of entries.values()) {
        if (leaveTimer !== undefined) platform.clearTimer(leaveTimer)
        feed.detach()
      }
      entries.clear()
      byName.clear()
    },
  }
}
