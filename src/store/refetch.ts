/** Fetching a snapshot after a gap, while messages go on coming. */
import type { Gap } from '../core/position.ts'
import type { Message } from '../protocol/message.ts'

/** A message that waits for the snapshot it belongs on. */
export type Kept<Data> = readonly [data: Data, message: Message<Data>]

/** What a refetch works with. */
export interface RefetchHost<Data, Value> {
  get(request: { readonly gap: Gap; readonly signal: AbortSignal }): Value | Promise<Value>
  /** The snapshot is there; these came while it was fetched. */
  set(gap: Gap, snapshot: Value, messages: ReadonlyArray<Kept<Data>>): void
  fail(thrown: unknown, messages: ReadonlyArray<Kept<Data>>): void
}

/** At most one refetch at a time: a newer gap replaces it. */
export interface Refetch<Data> {
  isRunning(): boolean
  start(gap: Gap): void
  /** Keeps a message for the snapshot; false when none is being fetched. */
  keep(data: Data, message: Message<Data>): boolean
  /** The snapshot is no longer wanted, and what waits for it neither. */
  stop(): void
}

/** Most messages that wait for a snapshot; the oldest give way, because the snapshot is newer than they are. */
const KEPT_MOST = 10_000

/** Makes the refetching of one view. */
export function createRefetch<Data, Value>(host: RefetchHost<Data, Value>): Refetch<Data> {
  let running: AbortController | undefined
  let kept: Array<Kept<Data>> = []

  function end(controller: AbortController, tell: (messages: ReadonlyArray<Kept<Data>>) => void): void {
    if (running !== controller) return
    const messages = kept
    running = undefined
    kept = []
    tell(messages)
  }

  return {
    isRunning: () => running !== undefined,
    start(gap) {
      running?.abort()
      const controller = new AbortController()
      running = controller
      new Promise<Value>((resolve) => resolve(host.get({ gap, signal: controller.signal }))).then(
        (snapshot) => end(controller, (messages) => host.set(gap, snapshot, messages)),
        (thrown: unknown) => end(controller, (messages) => host.fail(thrown, messages)),
      )
    },
    keep(data, message) {
      if (running === undefined) return false
      kept.push([data, message])
      if (kept.length > 2 * KEPT_MOST) kept = kept.slice(-KEPT_MOST)
      return true
    },
    stop() {
      running?.abort()
      running = undefined
      kept = []
    },
  }
}
