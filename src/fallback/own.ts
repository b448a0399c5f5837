/** What a channel shows beside what its socket knows: where its data came from, and what the last outage cost. Pure. */
import type { Gap } from '../core/position.ts'
import type { ChannelSnapshot, DataSource } from '../engine/channel-lease.ts'

/** What is known better than by the socket; `null` where nothing is. */
export interface Own {
  readonly source: DataSource | null
  readonly asOf: number | null
  readonly gap: Gap | null
  readonly recovered: boolean | null
}

/** The socket knows it all. */
export const NOTHING_OWN: Own = Object.freeze({ source: null, asOf: null, gap: null, recovered: null })

/** What the socket knows, with what is known better in its place. */
export function withOwn(base: ChannelSnapshot, { source, asOf, gap, recovered }: Own): ChannelSnapshot {
  const own = { ...(source === null ? {} : { source, asOf }), ...(gap === null ? {} : { gap }), ...(recovered === null ? {} : { recovered }) }
  return Object.keys(own).length === 0 ? base : Object.freeze({ ...base, ...own })
}
