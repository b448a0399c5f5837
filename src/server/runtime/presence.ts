/** How many follow a channel on all nodes: every node tells its own counts now and then, and forgets nodes that have fallen silent. */
import type { Notice } from '../brokers/broker.ts'
import type { Clock } from './clock.ts'

/** What presence needs. */
export interface PresenceHost {
  readonly clock: Clock
  readonly nodeId: string
  /** Followers of each counted stream on this node. */
  counts(): Readonly<Record<string, number>>
  /** Whether there are other nodes to tell. */
  readonly isShared: boolean
  tell(notice: Notice): Promise<void>
}

/** The presence of a node. */
export interface Presence {
  /** Followers of a stream on all nodes, as of a few seconds ago for the others. */
  of(stream: string): number
  heard(notice: Notice & { readonly type: 'presence' }): void
  stop(): void
}

const TELL_EVERY_MS = 5_000
const SILENT_MS = 3 * TELL_EVERY_MS

/** Makes the presence of a node. */
export function createPresence({ clock, nodeId, counts, isShared, tell }: PresenceHost): Presence {
  const others = new Map<string, { readonly counts: Readonly<Record<string, number>>; readonly at: number }>()
  let timer: unknown
  let wasEmpty = true

  function tellAll(): void {
    const mine = counts()
    const isEmpty = Object.keys(mine).length === 0
    // A broker that is away will be told the next time.
    if (!isEmpty || !wasEmpty) void tell({ type: 'presence', nodeId, counts: mine }).catch(() => undefined)
    wasEmpty = isEmpty
    for (const [node, { at }] of others) if (clock.now() - at > SILENT_MS) others.delete(node)
    timer = clock.setTimer(tellAll, TELL_EVERY_MS)
  }
  if (isShared) timer = clock.setTimer(tellAll, TELL_EVERY_MS)

  return {
    of(stream) {
      let sum = counts()[stream] ?? 0
      for (const { counts: theirs, at } of others.values()) if (clock.now() - at <= SILENT_MS) sum += theirs[stream] ?? 0
      return sum
    },
    heard: ({ nodeId: node, counts: theirs }) => { if (node !== nodeId) others.set(node, { counts: theirs, at: clock.now() }) },
    stop: () => clock.clearTimer(timer),
  }
}
