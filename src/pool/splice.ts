/**
 * Joins two sources of one channel, so that nothing is missing, repeated or out of order: the old one speaks until
 * it is known where the new one goes on. Pure.
 *
 * - By **position**: the new source was joined at the place the old one had reached, so it has everything after it;
 *   from its confirmation on it speaks, and what is held already is left out. If its history began later than that,
 *   the old one speaks until it has reached the beginning.
 * - By **key**: the new source is kept back until a message of one is seen in the other. What follows that message
 *   in the new source follows it in the channel.
 * - By **cut**, where there are neither: the new source speaks as soon as it is confirmed. What is on its way at that
 *   moment may be missing, or come twice.
 */
import type { Gap } from '../core/position.ts'
import type { Message, Position } from '../protocol/message.ts'
import type { Standing } from '../protocol/protocol.ts'
import type { KeyOf } from './options.ts'

/** What a splice tells. */
export interface SpliceHost {
  /** The next message of the channel. */
  hand(message: Message): void
  /** The new source speaks from now on; `gap` is what neither has, told before what comes after it. */
  switched(gap: Gap | null): void
}

/** Two sources that are joined. */
export interface Splice {
  old(message: Message): void
  fresh(message: Message): void
  /** The new source has confirmed the channel, at `standing` where it has positions. */
  confirmed(standing: Standing | undefined): void
  isConfirmed(): boolean
  /** The old source has had its time, or is lost: goes on with the new one as it stands. */
  finish(isLost?: boolean): void
  /** After the switch: whether a message of the new source has not been handed out yet. */
  passes(message: Message): boolean
  /** After the switch: whether all that comes is new, so that nobody need ask. */
  isOver(): boolean
}

/** What a splice starts from. */
export interface SpliceStart {
  /** How far the channel is held now; `null` where nothing is, or there are no positions. */
  held(): Position | null
  readonly keyOf: KeyOf | undefined
  /** Most messages, and most keys, that are kept. */
  readonly remember: number
}

/** Starts to join two sources. */
export function createSplice({ held: place, keyOf, remember }: SpliceStart, host: SpliceHost): Splice {
  const keys = new Set<string>()
  let kept: Message[] = []
  let held = 0
  let confirmed = false
  let switched = false
  let over = false
  /** Whether positions of both mean the same. */
  let counts = false
  /** What the old source has to reach, and what is said if it does not. */
  let target: { readonly offset: number; readonly reason: string } | undefined
  /** What is said of a new source that counts differently, unless keys show how the two join. */
  let stranger: Gap | null = null

  function note(message: Message): string | undefined {
    const key = keyOf?.(message)
    if (key === undefined) return undefined
    keys.add(key)
    for (const oldest of keys) {
      if (keys.size <= remember) break
      keys.delete(oldest)
    }
    return key
  }

  function isHeld(message: Message): boolean {
    if (counts && message.offset !== undefined) return message.offset <= held
    const key = keyOf?.(message)
    return key !== undefined && keys.has(key)
  }

  function passes(message: Message): boolean {
    if (isHeld(message)) return false
    over = true
    return true
  }

  function go(gap: Gap | null): void {
    const rest = kept
    kept = []
    switched = true
    host.switched(gap)
    for (const message of rest) if (passes(message)) host.hand(message)
  }

  function keep(message: Message): void {
    kept.push(message)
    if (kept.length > remember) finish()
  }

  function finish(isLost = false): void {
    if (switched) return
    if (target !== undefined) go({ reason: target.reason, from: held + 1, to: target.offset })
    // A quiet channel whose sources have both been heard for a while has lost nothing.
    else go(stranger !== null && (isLost || kept.length > 0) ? { ...stranger, from: held + 1 } : null)
  }

  return {
    old(message) {
      if (switched) return
      const key = note(message)
      if (message.offset !== undefined) held = Math.max(held, message.offset)
      host.hand(message)
      if (switched) return
      if (target !== undefined) {
        if (held >= target.offset) go(null)
        return
      }
      const at = key === undefined ? -1 : kept.findIndex((one) => keyOf?.(one) === key)
      if (at < 0) return
      kept = kept.slice(at + 1)
      go(null)
    },
    fresh(message) {
      if (switched) {
        if (passes(message)) host.hand(message)
      } else if (!confirmed || target !== undefined || !isHeld(message)) keep(message)
      else {
        // What the new source had before this one is older still.
        kept = []
        go(null)
      }
    },
    confirmed(standing) {
      if (confirmed) return
      confirmed = true
      const start = place()
      counts = standing !== undefined && start !== null && standing.epoch === start.epoch
      held = Math.max(held, start?.offset ?? 0)
      // It was not waited for any longer, and now says what it repeats.
      if (switched) return
      if (counts && standing !== undefined) {
        if (standing.offset <= held) return go(null)
        target = { offset: standing.offset, reason: standing.reason ?? 'hole' }
        return
      }
      if (start !== null && standing !== undefined) stranger = { reason: standing.reason ?? 'epoch_changed', from: held + 1, to: null }
      if (keyOf === undefined || (standing !== undefined && start === null)) go(stranger)
    },
    isConfirmed: () => confirmed,
    finish,
    passes,
    isOver: () => over,
  }
}
