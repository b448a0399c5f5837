/** What can be wrong with a link on purpose: the words, and which values are allowed. Pure. */
import { UplinkError } from '../../core/errors.ts'
import { readBoolean, readNumber } from '../../core/policy.ts'

/** The faults of a link; all may be on at once. */
export interface Faults {
  /** There is no network: open sockets end with 1006, and no new one opens. */
  readonly offline: boolean
  /** Sockets open and stay open, and nothing passes in either direction, not even a close. */
  readonly halfOpen: boolean
  /** What every frame is late, each way, in ms, 0 to 60,000. */
  readonly latencyMs: number
  /** At most so much more, by chance, in ms, 0 to 60,000. Frames keep their order. */
  readonly jitterMs: number
  /** So many of the next frames from the server are lost, 0 to 1,000,000. */
  readonly loseIncoming: number
  /** So many of the next frames to the server are lost, 0 to 1,000,000. */
  readonly loseOutgoing: number
  /** How many frames a second the page takes, 1 to 100,000; 0 is all of them. What comes faster waits, and too much of that ends the socket with 4413. */
  readonly slowConsumer: number
  /** Every socket is closed with 4401, as by a server that finds the token too old. */
  readonly staleToken: boolean
}

/** A link that is well. */
export const NO_FAULTS: Faults = Object.freeze({
  offline: false, halfOpen: false, latencyMs: 0, jitterMs: 0, loseIncoming: 0, loseOutgoing: 0, slowConsumer: 0, staleToken: false,
})

const LONGEST_MS = 60_000
const MOST_LOST = 1_000_000
const FASTEST = 100_000

/**
 * The faults after a change.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`, naming the fault and what is allowed.
 */
export function changeFaults(before: Faults, change: Partial<Faults>): Faults {
  const unknown = Object.keys(change).find((name) => !(name in NO_FAULTS))
  if (unknown !== undefined) throw new UplinkError('UPLINK_OPTION_INVALID', `there is no fault "${unknown}"; there are ${Object.keys(NO_FAULTS).join(', ')}`)
  return {
    offline: readBoolean('offline', change.offline, before.offline),
    halfOpen: readBoolean('halfOpen', change.halfOpen, before.halfOpen),
    latencyMs: readNumber('latencyMs', change.latencyMs, before.latencyMs, 0, LONGEST_MS),
    jitterMs: readNumber('jitterMs', change.jitterMs, before.jitterMs, 0, LONGEST_MS),
    loseIncoming: readNumber('loseIncoming', change.loseIncoming, before.loseIncoming, 0, MOST_LOST),
    loseOutgoing: readNumber('loseOutgoing', change.loseOutgoing, before.loseOutgoing, 0, MOST_LOST),
    slowConsumer: readNumber('slowConsumer', change.slowConsumer, before.slowConsumer, 0, FASTEST),
    staleToken: readBoolean('staleToken', change.staleToken, before.staleToken),
  }
}

/** Names of the faults that are on. */
export function faultsOf(faults: Faults): (keyof Faults)[] {
  return (Object.keys(NO_FAULTS) as (keyof Faults)[]).filter((name) => faults[name] !== NO_FAULTS[name])
}

/** When a frame may go on that came at `now`, behind one that goes at `before`. Monotonic ms; `random` in [0, 1). */
export function releaseAt(now: number, before: number, { latencyMs, jitterMs }: Pick<Faults, 'latencyMs' | 'jitterMs'>, perSecond: number, random: number): number {
  const due = now + latencyMs + jitterMs * random
  return Math.max(due, before + (perSecond > 0 ? 1_000 / perSecond : 0))
}
