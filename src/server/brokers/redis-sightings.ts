/**
 * What this node has seen of streams in Redis. Redis confirms writes that a failover, or a restart, may lose; then it
 * gives their offsets once more, and whoever holds the lost messages would take the new ones for those. The scripts are told
 * what was seen, and begin a stream anew that has fallen behind it.
 */

/** What was seen of streams. */
export interface Sightings {
  /** Redis says that a stream stands here. */
  stands(stream: string, epoch: string, offset: number): void
  /** A message was heard, published at a time by the clock of Redis. False where its offset was heard for another one before. */
  hears(stream: string, epoch: string, offset: number, at: number): boolean
  /** What the scripts are told: `epoch top heard at`; empty where nothing was seen. */
  of(stream: string): string
}

interface Sighting {
  epoch: string
  /** The newest offset that is known to have been given. */
  top: number
  /** The newest message that was heard, and when it was published; 0 before the first. */
  heard: number
  at: number
}

/** Of more streams those are forgotten that were seen first: a loss in them is found only by others. */
const MOST = 100_000

/** Nothing was seen yet. */
export function createSightings(most: number = MOST): Sightings {
  const sightings = new Map<string, Sighting>()

  function sightingOf(stream: string, epoch: string): Sighting {
    const known = sightings.get(stream)
    if (known?.epoch === epoch) return known
    const begun = { epoch, top: 0, heard: 0, at: 0 }
    sightings.set(stream, begun)
    if (sightings.size > most) for (const [oldest] of sightings) {
      sightings.delete(oldest)
      break
    }
    return begun
  }

  return {
    stands(stream, epoch, offset) {
      const sighting = sightingOf(stream, epoch)
      sighting.top = Math.max(sighting.top, offset)
    },
    hears(stream, epoch, offset, at) {
      const sighting = sightingOf(stream, epoch)
      // A copy of one that was heard is as old as it, or older.
      if (offset <= sighting.heard) return at <= sighting.at && (offset < sighting.heard || at === sighting.at)
      sighting.heard = offset
      sighting.at = at
      sighting.top = Math.max(sighting.top, offset)
      return true
    },
    of(stream) {
      const known = sightings.get(stream)
      return known === undefined ? '' : `${known.epoch} ${known.top} ${known.heard} ${known.at}`
    },
  }
}
