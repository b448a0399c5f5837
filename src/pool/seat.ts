/**
 * One place for a socket, and who sits in it. A hand-over brings a stand-in: it opens, joins the channels, and takes
 * the place only when they are there. Who sat there before stays until its messages have their outcome.
 */
import { UplinkError } from '../core/errors.ts'
import type { Front } from './front.ts'
import type { Member } from './member.ts'
import { type Move, createMove } from './move.ts'
import type { ResolvedPool } from './options.ts'

/** What a seat needs. */
export interface SeatHost {
  readonly pool: ResolvedPool
  now(): number
  random(): number
  /** Whether somebody wants the connection. */
  isWanted(): boolean
  /** A member that dials nothing yet; `avoid` is the server it had better leave. */
  createMember(avoid: number | undefined): Member
  destroyMember(member: Member): void
  /** Whether another server could be dialed now. */
  hasOther(server: number | undefined): boolean
  report(error: UplinkError): void
  /** A hand-over is over; the seat is the stand-in's, and was `old`'s. */
  handedOver(old: Member): void
}

/** A place for a socket. */
export interface Seat {
  current(): Member
  /** Who is about to take the place. */
  next(): Member | undefined
  /** Who takes messages: the one who sat here before, as long as what it was given has no outcome. */
  mouth(): Member
  /** Everybody who has, or had, this place. */
  members(): readonly Member[]
  readonly fronts: Set<Front>
  /** Gives a channel its socket. */
  join(front: Front): void
  /** A channel is not in use any more; it counts until it is taken from `fronts`. */
  leave(front: Front): void
  /** The server of this member has said goodbye. */
  goodbye(member: Member): void
  /** Hands over now. */
  handOver(): void
  /** Ends a hand-over that has begun, because nobody wants it any more. */
  cancel(): void
  /** Looks at everybody here, and does what is due. */
  review(): void
  deadline(): number
  destroy(): void
}

/** Share of a socket's life after which another takes its place: from this on, */
const LIFE_LEAST = 0.8
/** and up to so much more, so that sockets of one age do not all go at once. */
const LIFE_SPREAD = 0.1

/** A fleet that is told goodbye leaves within this time, each at a moment of its own. */
const GOODBYE_SPREAD_MS = 1_000

/** A hand-over that failed is tried again after this time, and up to as much more. */
const AGAIN_MS = 10_000

/** How long messages go on by the old socket, so that their order is kept, while some have no answer. */
const MOUTH_MS = 5_000

/** Who has left its place is looked at this often. */
const RETIRED_EVERY_MS = 100

/** An old socket has left a channel after this time. */
const STRAY_MS = 20

/** Makes a seat; its member dials nothing before it is told to. */
export function createSeat(host: SeatHost): Seat {
  const { pool } = host
  const fronts = new Set<Front>()
  const retired = new Set<Member>()
  /** When they are looked at next: a time that stands, whatever else happens meanwhile. */
  let retiredAt = Infinity
  let current = host.createMember(undefined)
  let next: Member | undefined
  let move: Move | undefined
  let mouth = current
  let mouthUntil = Infinity
  /** The opening that `handOverAt` was made for. */
  let known = -Infinity
  let handOverAt = Infinity
  /** Openings whose server has said goodbye. */
  const farewells = new WeakMap<Member, number>()
  /** Channels that had moved to a stand-in that is gone, and when they may come back. */
  let strays: readonly Front[] = []
  /** Leave channels that have moved on the old socket; it need not be told where it goes anyway. */
  let moved: Array<() => void> = []
  let straysAt = Infinity

  const isUnwelcome = (): boolean => farewells.get(current) === current.openedAt()

  function begin(): void {
    handOverAt = Infinity
    next = host.createMember(isUnwelcome() ? current.server() : undefined)
    void next.connection.connect()
  }

  function leaveOld(): void {
    for (const letGo of moved) letGo()
    moved = []
  }

  function abandon(): void {
    if (next === undefined) return
    strays = [...fronts].filter((front) => front.source() === next)
    // The old socket has to leave them first: what it held back is not to be mistaken for what was heard.
    if (strays.length > 0) straysAt = host.now() + STRAY_MS
    move?.cancel()
    leaveOld()
    move = undefined
    host.destroyMember(next)
    next = undefined
  }

  function comeBack(): void {
    const back = strays
    strays = []
    straysAt = Infinity
    for (const front of back) {
      if (!fronts.has(front) || front.source() === undefined) continue
      front.begin(current, { confirmed: () => undefined, switched: () => undefined })
      front.finish(true)
    }
  }

  function startMove(to: Member): Move {
    move = createMove(to, { pool, now: host.now, moved: (_, letGo) => moved.push(letGo), done: takePlace })
    for (const front of fronts) move.add(front)
    return move
  }

  function takePlace(): void {
    if (next === undefined) return
    const old = current
    current = next
    next = undefined
    retired.add(old)
    retiredAt = host.now() + RETIRED_EVERY_MS
    if (mouth === old) mouthUntil = host.now() + MOUTH_MS
    if (!old.isSettled()) leaveOld()
    moved = []
    move = undefined
    known = -Infinity
    host.handedOver(old)
  }

  function reviewNext(to: Member): void {
    const { phase, error, breakerOpen } = to.connection.snapshot()
    // A breaker would keep it away for minutes, though a server may be back in seconds.
    if (phase === 'failed' || (breakerOpen && current.isOpen())) {
      abandon()
      handOverAt = host.now() + AGAIN_MS * (1 + host.random())
      host.report(new UplinkError('UPLINK_HAND_OVER_FAILED', `another socket could not be opened: ${error?.message ?? 'it was refused'}; the old one is kept`, { severity: 'warning', cause: error }))
    } else if (!current.isOpen()) (move ?? startMove(to)).rush(true)
    else if (phase !== 'open') {
      move?.cancel()
      move = undefined
    } else if (move === undefined) startMove(to)
    else if (host.now() >= move.deadline()) move.rush(false)
  }

  function leaveSoon(): void {
    // Where there is one address only, it leads to whoever is there, and that may be another.
    if (pool.servers.length > 1 && !host.hasOther(current.server())) return
    handOverAt = Math.min(handOverAt, host.now() + GOODBYE_SPREAD_MS * host.random())
  }

  function reviewCurrent(): void {
    if (!current.isOpen()) {
      handOverAt = Infinity
      return
    }
    if (known !== current.openedAt()) {
      known = current.openedAt()
      handOverAt = known + pool.lifetime * (LIFE_LEAST + LIFE_SPREAD * host.random())
      if (isUnwelcome()) leaveSoon()
    }
    if (host.isWanted() && host.now() >= handOverAt) begin()
  }

  /** Whoever has nothing to say any more may leave the mouth to the one who sits here. */
  function speaker(): Member {
    if (mouth !== current && (mouth.isSettled() || host.now() >= mouthUntil)) mouth = current
    return mouth
  }

  function reviewRetired(): void {
    const speaking = speaker()
    for (const old of [...retired]) {
      if (old === speaking || !old.isSettled()) continue
      retired.delete(old)
      host.destroyMember(old)
    }
    retiredAt = retired.size > 0 ? host.now() + RETIRED_EVERY_MS : Infinity
  }

  return {
    current: () => current,
    next: () => next,
    mouth: speaker,
    members: () => [current, ...(next === undefined ? [] : [next]), ...retired],
    fronts,
    join(front) {
      fronts.add(front)
      front.join(current)
      move?.add(front)
    },
    leave: (front) => move?.drop(front),
    goodbye(member) {
      farewells.set(member, member.openedAt())
      if (member === current && next === undefined && member.isOpen()) leaveSoon()
    },
    handOver() {
      if (next === undefined && current.isOpen()) handOverAt = -Infinity
    },
    cancel: abandon,
    review() {
      if (host.now() >= straysAt) comeBack()
      if (next === undefined) reviewCurrent()
      if (next !== undefined) reviewNext(next)
      reviewRetired()
    },
    deadline: () => Math.min(next === undefined ? handOverAt : Infinity, move?.deadline() ?? Infinity, straysAt, retiredAt),
    destroy() {
      move?.cancel()
      for (const member of [current, ...(next === undefined ? [] : [next]), ...retired]) host.destroyMember(member)
      next = undefined
      retired.clear()
    },
  }
}
