/** How a history and what was published while it was read become one. Pure. */
import type { Held, Subscription } from './session.ts'
import { type Entry, type History, covering, heldOf, isWhole } from './stream.ts'

/** What was held back and is not in the history; `null` where the two do not join. */
export function newerThan({ epoch, top }: History, held: readonly Held[]): readonly Entry[] | null {
  const newer: Entry[] = []
  let last = top
  for (const { epoch: published, entry } of held) {
    if (published !== epoch) return null
    if (entry === null || entry.offset <= last) continue
    if (entry.from > last + 1) return null
    newer.push(entry)
    last = entry.offset
  }
  return newer
}

/** The history with what came after it, as one. A history that was not recovered stays as it is. */
export function joined({ mode, recover }: Subscription['request'], history: History, newer: readonly Entry[]): History {
  const newest = newer.at(-1)
  if (newest === undefined || !isWhole(history)) return history
  const entries = mode === 'latest' ? [covering(newest, heldOf(recover ?? null, history.epoch, history.top))] : [...history.entries, ...newer]
  return { ...history, top: newest.offset, entries }
}
