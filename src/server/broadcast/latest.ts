/** The newest value of every key, so many of them at most. */
import type { Position } from '../../protocol/message.ts'

/** Newest values, by channel and key. */
export interface Latest {
  /** Notes what was published there; an older one than is held is left out. */
  note(channel: string, key: string, data: unknown, position: Position): void
  /** The values of a channel; the one that was noted last is the last. */
  of(channel: string): readonly unknown[]
  readonly size: number
}

/** Makes the store. Beyond `most` values the one goes that was noted longest ago. */
export function createLatest(most: number): Latest {
  const held = new Map<string, { readonly channel: string; readonly data: unknown; readonly position: Position }>()

  return {
    note(channel, key, data, position) {
      const name = `${channel}?${key}`
      const known = held.get(name)
      // Answers of a broker may come out of order; positions do not.
      if (known !== undefined && known.position.epoch === position.epoch && known.position.offset > position.offset) return
      held.delete(name)
      held.set(name, { channel, data, position })
      if (held.size > most) for (const oldest of held.keys()) return void held.delete(oldest)
    },
    of: (channel) => [...held.values()].flatMap((one) => (one.channel === channel ? [one.data] : [])),
    get size() {
      return held.size
    },
  }
}
