/**
 * A channel as the users of a pool hold it: one, whichever sockets it comes over. It has one source, and during a
 * hand-over a second one that is about to take over.
 */
import { type Follow, type Gap, type Place, createPlace, stand } from '../core/position.ts'
import { sameFields } from '../core/same-fields.ts'
import { type ChannelLease, type ChannelSnapshot, IDLE_CHANNEL, type TakenStanding } from '../engine/channel-lease.ts'
import { type Listeners, createListeners } from '../engine/listeners.ts'
import type { ChannelParams, Message, Position, StreamMode } from '../protocol/message.ts'
import type { Standing } from '../protocol/protocol.ts'
import type { Member } from './member.ts'
import type { ResolvedPool } from './options.ts'
import { type Splice, createSplice } from './splice.ts'

/** What a front needs. */
export interface FrontHost {
  readonly pool: ResolvedPool
  /** Whether streams have positions, which the server answers for. */
  readonly resumes: boolean
  /** Finds holes between messages that are only numbered. */
  readonly follow: Follow | undefined
  time(): number
  /** Runs what may change more than this channel. */
  enter(run: () => void): void
  /** A message for everybody: told in order, none twice. */
  hand(front: Front, message: Message): void
  /** The snapshot has changed. */
  changed(front: Front): void
  gap(front: Front, gap: Gap): void
}

/** What becomes of a second source. */
export interface Joining {
  /** The new server has confirmed the channel. */
  confirmed(): void
  /** The new source speaks; `letGo` leaves the channel on the old one. */
  switched(letGo: () => void): void
}

/** One channel of a pool. */
export interface Front {
  readonly name: string
  readonly params: ChannelParams | undefined
  readonly mode: StreamMode
  /** Names it in the pool. */
  readonly key: string
  readonly messages: Listeners<unknown, Message>
  readonly statuses: Listeners<ChannelSnapshot, undefined>
  readonly gaps: Listeners<Gap, undefined>
  leases: number
  /** When it is left, because nobody uses it; monotonic ms. */
  leaveAt: number
  /** The stream that its last message named. */
  stream: string
  latest(): Message | undefined
  snapshot(): ChannelSnapshot
  /** Who has it. */
  source(): Member | undefined
  /** How far it is held; `null` where nothing is, or there are no positions. */
  place(): Position | null
  /** How far it is held, as it changes. */
  position(): Readonly<Place>
  /** Takes messages that came another way, as its source would. */
  take(standing: TakenStanding): void
  /** Comes over this socket. */
  join(member: Member): void
  /** No socket has room for it. */
  refuse(why: ChannelSnapshot): void
  /** Comes over this socket as soon as nothing is lost by it. */
  begin(member: Member, joining: Joining): void
  /** Ends a hand-over as it stands. */
  finish(isLost: boolean): void
  /** Gives the second source up. */
  cancel(): void
  /** A server confirmed it; told before the connection hears of it. */
  stood(member: Member, standing: Standing): void
  /** Leaves all sockets. */
  leave(): void
}

interface Feed {
  readonly member: Member
  readonly lease: ChannelLease
  /** Whether its connection has had a place of its own, so that it judges by itself what an answer means. */
  stands: boolean
}

const NOTHING = (): void => undefined

/** Makes a channel that comes over nothing yet. */
export function createFront(identity: Pick<Front, 'name' | 'params' | 'mode' | 'key'>, host: FrontHost): Front {
  const { name, params, mode } = identity
  const { keyOf, remember } = host.pool
  let snapshot: ChannelSnapshot = IDLE_CHANNEL
  let latest: Message | undefined
  let source: Feed | undefined
  let second: (Feed & { readonly joining: Joining }) | undefined
  let splice: Splice | undefined
  /** What joined the last two sources, until nothing can come twice any more. */
  let trail: Splice | undefined
  let place = createPlace()
  /** The next message is the first of another source. */
  let crossing = false
  /** What the second source was confirmed at. */
  let standing: Standing | undefined
  /** What the source's first answer meant, until its connection has taken it; `undefined` where it judges itself. */
  let verdict: Gap | null | undefined

  /** What is missing between the last message of one source and the first of the next: neither of them can tell. */
  function cross(from: number, offset: number): void {
    crossing = false
    const gap = host.follow?.(place, from, offset) ?? null
    if (gap === null) return
    show({ ...snapshot, gap, recovered: false })
    host.gap(front, gap)
  }

  function hand(message: Message): void {
    const { offset, from = offset } = message
    if (offset !== undefined) {
      if (crossing && !host.resumes) cross(from as number, offset)
      place.offset = host.resumes ? Math.max(place.offset, offset) : offset
    }
    latest = message
    host.hand(front, message)
  }

  function show(next: ChannelSnapshot): void {
    const isLive = next.status === 'live'
    const asOf = isLive ? null : snapshot.asOf ?? (snapshot.status === 'live' ? next.asOf ?? host.time() : next.asOf)
    const shown = { ...next, asOf, recovered: next.recovered ?? snapshot.recovered, gap: next.gap ?? snapshot.gap }
    if (sameFields(shown, snapshot)) return
    snapshot = shown
    host.changed(front)
  }

  function listen(feed: Feed): void {
    const { lease } = feed
    lease.onMessage((_, message) => {
      if (splice === undefined) hear(feed, message)
      else host.enter(() => hear(feed, message))
    })
    lease.onStatus((status) => host.enter(() => look(feed, status)))
    lease.onGap((gap) => host.enter(() => { if (lease === source?.lease) host.gap(front, gap) }))
  }

  function hear({ lease }: Feed, message: Message): void {
    if (lease === second?.lease) return splice?.fresh(message)
    if (lease !== source?.lease) return
    if (trail !== undefined) {
      const isNew = trail.passes(message)
      if (trail.isOver()) trail = undefined
      if (!isNew) return
    }
    if (splice === undefined) hand(message)
    else splice.old(message)
  }

  /** Shows a status, with what an outage has cost that the connection of the source cannot know of. */
  function judged(status: ChannelSnapshot, gap: Gap | null): void {
    const bridged = gap === null && snapshot.asOf !== null
    show(gap !== null ? { ...status, gap, recovered: false } : bridged ? { ...status, recovered: true } : status)
    if (gap !== null) host.gap(front, gap)
  }

  function look({ lease }: Feed, status: ChannelSnapshot): void {
    const isThere = status.status === 'live' || status.status === 'catchingUp'
    if (lease === source?.lease) {
      if (!isThere || verdict === undefined) return show(status)
      const gap = verdict
      verdict = undefined
      return judged(status, gap)
    }
    if (lease !== second?.lease || !isThere || splice?.isConfirmed() !== false) return
    const { joining } = second
    splice.confirmed(standing)
    joining.confirmed()
  }

  function switched(gap: Gap | null): void {
    if (second === undefined) return
    const old = source
    const { joining, ...feed } = second
    trail = splice
    crossing = true
    source = feed
    second = undefined
    splice = undefined
    if (standing !== undefined) {
      const same = place.epoch === standing.epoch
      place = { ...place, epoch: standing.epoch, offset: same ? Math.max(place.offset, standing.offset) : standing.offset }
      source.stands = true
    }
    const status = feed.lease.snapshot()
    if (standing === undefined) show(status)
    else judged(status, gap)
    joining.switched(old === undefined ? NOTHING : old.lease.release)
  }

  function cancel(): void {
    const given = second
    second = undefined
    splice = undefined
    given?.lease.release()
  }

  const front: Front = {
    ...identity,
    messages: createListeners(),
    statuses: createListeners(),
    gaps: createListeners(),
    leases: 0,
    leaveAt: Infinity,
    stream: name,
    latest: () => latest,
    snapshot: () => snapshot,
    source: () => source?.member,
    place: () => (place.epoch === null ? null : { epoch: place.epoch, offset: place.offset }),
    position: () => place,
    take(taken) {
      if (source === undefined) return
      if (taken.epoch !== null) {
        const gap = stand(place, { ...taken, epoch: taken.epoch, stream: front.stream })
        if (!source.stands && gap !== null) {
          show({ ...snapshot, gap, recovered: false })
          host.gap(front, gap)
        }
        source.stands = true
      }
      source.lease.take(taken)
    },
    join(member) {
      const lease = member.connection.channel(name, params, { mode })
      source = { member, lease, stands: false }
      listen(source)
      show(lease.snapshot())
    },
    refuse(why) {
      show(why)
    },
    begin(member, joining) {
      cancel()
      standing = undefined
      const lease = member.connection.channel(name, params, { mode })
      splice = createSplice({ held: front.place, keyOf, remember }, { hand, switched })
      second = { member, lease, joining, stands: false }
      listen(second)
      look(second, lease.snapshot())
    },
    finish: (isLost) => splice?.finish(isLost),
    cancel,
    stood(member, at) {
      if (member === second?.member) standing = at
      if (member !== source?.member) return
      const gap = stand(place, at)
      if (!source.stands) verdict = gap
      if (trail?.isConfirmed() === false) trail.confirmed(at)
      source.stands = true
    },
    leave() {
      cancel()
      source?.lease.release()
      source = undefined
      trail = undefined
      place = createPlace()
      snapshot = { ...IDLE_CHANNEL }
      host.changed(front)
    },
  }
  return front
}
