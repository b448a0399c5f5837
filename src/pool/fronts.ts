/** The channels of a pool: counted by their users, left after a grace, heard once however many sockets carry them. */
import { UplinkError } from '../core/errors.ts'
import type { Follow, Gap } from '../core/position.ts'
import type { ChannelLease, LeaseHow } from '../engine/channel-lease.ts'
import { type ReportThrow, deliver, listenTo } from '../engine/listeners.ts'
import type { ChannelParams, Message } from '../protocol/message.ts'
import { type Front, createFront } from './front.ts'
import { nameOf } from './member.ts'
import type { ResolvedPool } from './options.ts'

/** What the channels of a pool need. */
export interface FrontsHost {
  readonly pool: ResolvedPool
  readonly grace: number
  /** Whether channels have several streams, told apart by the server. */
  readonly resumes: boolean
  readonly follow: Follow | undefined
  now(): number
  time(): number
  /** Runs what may change more than one channel. */
  enter(run: () => void): void
  /** Gives a channel a socket. */
  seat(front: Front): void
  /** Nobody uses a channel any more. */
  unseat(front: Front): void
  /** Hears every message once, before its channel does. */
  others(message: Message): void
  isOver(): boolean
  gap(front: Front, gap: Gap): void
  report: ReportThrow
  /** Whether some channel is not current may have changed. */
  progress(): void
  /** The deadline may have changed. */
  rearm(): void
}

/** The channels of one pooled connection. */
export interface Fronts {
  lease(name: string, params?: ChannelParams, how?: LeaseHow): ChannelLease
  find(key: string): Front | undefined
  /** All that are in use, or were a moment ago. */
  all(): readonly Front[]
  /** Whether messages of this channel come by a channel. */
  isKnown(channel: string): boolean
  isBehind(): boolean
  deadline(): number
  tick(): void
  destroy(): void
}

/** Makes the channels of a pooled connection. */
export function createFronts(host: FrontsHost): Fronts {
  const fronts = new Map<string, Front>()
  const byName = new Map<string, Front[]>()
  const leaving = new Set<Front>()
  const behind = new Set<Front>()
  /** Whether several channels ever had one name. */
  let shared = false

  /** Several channels may share a stream: the first of them speaks for all to those who listen to everything. */
  function isFirst(front: Front, message: Message): boolean {
    if (!shared) return true
    const all = byName.get(front.name) ?? []
    front.stream = message.stream ?? front.name
    return all.find(({ stream }) => stream === front.stream) === front
  }

  function hand(front: Front, message: Message): void {
    if (isFirst(front, message)) host.others(message)
    deliver(front.messages, message.data, message, host.report, host.isOver)
  }

  function changed(front: Front): void {
    const { status, asOf } = front.snapshot()
    const isBehind = front.leases > 0 && asOf !== null && status !== 'refused'
    if (isBehind && host.resumes) behind.add(front)
    else behind.delete(front)
    deliver(front.statuses, front.snapshot(), undefined, host.report)
    host.progress()
  }

  function gap(front: Front, lost: Gap): void {
    deliver(front.gaps, lost, undefined, host.report)
    host.gap(front, lost)
  }

  function forget(front: Front): void {
    fronts.delete(front.key)
    leaving.delete(front)
    const rest = (byName.get(front.name) ?? []).filter((other) => other !== front)
    if (rest.length > 0) byName.set(front.name, rest)
    else byName.delete(front.name)
    front.leave()
    behind.delete(front)
    host.unseat(front)
  }

  function claim(name: string, params: ChannelParams | undefined, how: LeaseHow): Front {
    const { mode = 'stream' } = how
    const key = nameOf(name, params, mode)
    const known = fronts.get(key)
    if (known !== undefined) return known
    for (const other of host.resumes ? [] : [...(byName.get(name) ?? [])]) {
      if (other.leases > 0) {
        throw new UplinkError(
          'UPLINK_CHANNEL_CONFLICT',
          `channel "${name}" is in use with other params; its messages do not say which they belong to. ` +
            'Use the same params everywhere, or put them into the name',
          { channel: name },
        )
      }
      forget(other)
    }
    const front = createFront({ name, params, mode, key }, { pool: host.pool, resumes: host.resumes, follow: host.follow, time: host.time, enter: host.enter, hand, changed, gap })
    fronts.set(key, front)
    byName.set(name, [...(byName.get(name) ?? []), front])
    shared ||= byName.size < fronts.size
    host.seat(front)
    return front
  }

  return {
    lease(name, params, how = {}) {
      if (typeof name !== 'string' || name === '') throw new UplinkError('UPLINK_OPTION_INVALID', 'the name of a channel has a wrong value; allowed: a string that is not empty')
      const front = claim(name, params, how)
      front.leases++
      front.leaveAt = Infinity
      leaving.delete(front)
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
        onMessage: (listener) => keep(listenTo(front.messages, listener)),
        onStatus: (listener) => keep(listenTo(front.statuses, listener)),
        onGap: (listener) => keep(listenTo(front.gaps, listener)),
        snapshot: front.snapshot,
        latest: front.latest,
        position: front.position,
        take: (standing) => host.enter(() => front.take(standing)),
        release() {
          if (!held) return
          held = false
          for (const remove of undo) remove()
          if (--front.leases > 0 || fronts.get(front.key) !== front) return
          front.leaveAt = host.now() + host.grace
          leaving.add(front)
          host.rearm()
        },
      }
    },
    find: (key) => fronts.get(key),
    all: () => [...fronts.values()],
    isKnown: (channel) => byName.has(channel),
    isBehind: () => behind.size > 0,
    deadline() {
      let first = Infinity
      for (const { leaveAt } of leaving) first = Math.min(first, leaveAt)
      return first
    },
    tick() {
      for (const front of [...leaving]) if (host.now() >= front.leaveAt) forget(front)
    },
    destroy() {
      for (const front of fronts.values()) for (const list of [front.messages, front.statuses, front.gaps]) list.entries = []
      fronts.clear()
      byName.clear()
      leaving.clear()
      behind.clear()
    },
  }
}
