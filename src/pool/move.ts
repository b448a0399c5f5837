/**
 * Moves channels from one socket to another: make before break. Every channel is joined on the new socket first,
 * and left on the old one when nothing is lost by it any more.
 */
import type { Front } from './front.ts'
import type { Member } from './member.ts'
import type { ResolvedPool } from './options.ts'

/** What a move needs. */
export interface MoveHost {
  readonly pool: ResolvedPool
  now(): number
  /** A channel comes over the new socket now; `letGo` leaves it on the old one. */
  moved(front: Front, letGo: () => void): void
  /** All do. */
  done(move: Move): void
}

/** Channels on their way from one socket to another. */
export interface Move {
  readonly to: Member
  /** One more. */
  add(front: Front): void
  /** Ends it as it stands, because the old socket is lost, or has had its time. */
  rush(isLost: boolean): void
  /** The new socket is lost: everything stays where it was. */
  cancel(): void
  drop(front: Front): void
  deadline(): number
}

/** Starts to move channels to a socket; `add` them next, then call `rush` at the deadline. */
export function createMove(to: Member, host: MoveHost): Move {
  const { overlap, handOverTimeout } = host.pool
  const pending = new Set<Front>()
  let unconfirmed = new Set<Front>()
  let deadline = host.now() + handOverTimeout
  let ended = false

  function settle(front: Front): void {
    pending.delete(front)
    unconfirmed.delete(front)
    look()
  }

  /** Once all are confirmed, what still waits to be joined has the time of the overlap. */
  function look(): void {
    if (unconfirmed.size === 0) deadline = Math.min(deadline, host.now() + overlap)
  }

  function check(): void {
    if (ended || pending.size > 0) return
    ended = true
    host.done(move)
  }

  const move: Move = {
    to,
    add(front) {
      if (ended || front.source() === undefined || front.source() === to) return
      pending.add(front)
      unconfirmed.add(front)
      front.begin(to, {
        confirmed() {
          unconfirmed.delete(front)
          look()
        },
        switched(letGo) {
          settle(front)
          host.moved(front, letGo)
        },
      })
    },
    rush(isLost) {
      for (const front of [...pending]) front.finish(isLost)
      pending.clear()
      unconfirmed = new Set()
      check()
    },
    cancel() {
      ended = true
      for (const front of pending) front.cancel()
      pending.clear()
    },
    drop: settle,
    deadline: () => (ended ? Infinity : pending.size === 0 ? -Infinity : deadline),
  }
  return move
}
