/** A place in a stream, and what messages and answers mean to it. docs/PROTOCOL.md, section 6. */
import type { Standing } from '../protocol/protocol.ts'

/**
 * Why a stream could not be continued: what the server said (`epoch_changed`, `trimmed`, `too_many`,
 * `no_history`, `not_authorized`), `hole` where messages left one that asking again did not fill, or `unbridged` where a
 * fallback could not tell what came while the socket returned.
 */
export type GapReason = 'epoch_changed' | 'trimmed' | 'too_many' | 'no_history' | 'not_authorized' | 'hole' | 'unbridged' | (string & {})

/** Messages of a stream that nobody will get any more. */
export interface Gap {
  readonly reason: GapReason
  /** The first offset that is missing. */
  readonly from: number
  /** The last one; `null` where nobody knows: the server has begun to count anew, or has less than was held. */
  readonly to: number | null
}

/** How far a stream is held; changed in place, because it changes with every message. */
export interface Place {
  /** `null` before the first answer. */
  epoch: string | null
  offset: number
  /** The newest position the server told of: who has it is current. */
  top: number
  /** The server was asked, and what comes before its answer is covered by the answer. */
  asking: boolean
  /** The offset at which the server was last asked to fill a hole. */
  repairedAt: number
}

/** What a message means: `next` continues the stream, `seen` is held already, `repair` leaves a hole that the server should fill, `gap` one that it did not. */
export type Verdict = 'next' | 'seen' | 'repair' | 'gap'

/** Nothing is held yet. */
export function createPlace(): Place {
  return { epoch: null, offset: 0, top: 0, asking: false, repairedAt: -1 }
}

/**
 * Judges a message that covers the offsets `from..offset`, and moves on over it where it is `next` or `gap`. After
 * `repair` nothing is taken before the answer.
 *
 * @example
 * advance(place, 5, 5) // 'next' when 4 was the last; then place.offset is 5
 */
export function advance(place: Place, from: number, offset: number): Verdict {
  if (place.asking || offset <= place.offset) return 'seen'
  const hole = from > place.offset + 1
  if (hole && place.repairedAt !== place.offset) {
    place.repairedAt = place.offset
    place.asking = true
    return 'repair'
  }
  place.offset = offset
  return hole ? 'gap' : 'next'
}

/** Judges a message that covers the offsets `from..offset`, moves on over it, and returns what is missing before it. */
export type Follow = (place: Place, from: number, offset: number) => Gap | null

/**
 * Follows messages that are numbered, but cannot be asked for again: what a venue repeats, or counts anew, is for its
 * listeners to judge. Returns what is missing before this one; nothing is before the first.
 */
export const follow: Follow = (place, from, offset) => {
  const held = place.offset
  place.offset = offset
  return held > 0 && from > held + 1 ? { reason: 'hole', from: held + 1, to: from - 1 } : null
}

/** Takes over where the server says the stream stands. Returns what is lost for good, if anything. */
export function stand(place: Place, { epoch, offset, top, recovered, reason }: Standing): Gap | null {
  const { epoch: before, offset: held } = place
  place.asking = false
  place.epoch = epoch
  place.top = top
  const isSame = before === epoch
  // Who has less than was held is not the one that it was held from, whatever it says.
  const goesOn = recovered && isSame && top >= held
  if (!isSame) place.repairedAt = -1
  // A recovery that begins before what is held repeats some; what is held stays.
  place.offset = goesOn ? Math.max(held, offset) : offset
  if (before === null) return null
  if (goesOn) return offset > held ? { reason: 'hole', from: held + 1, to: offset } : null
  if (isSame && offset === held && reason === null) return null
  return { reason: reason ?? (isSame && offset > held ? 'hole' : 'epoch_changed'), from: held + 1, to: isSame && offset > held ? offset : null }
}
