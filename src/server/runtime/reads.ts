/** Histories are read as fast as a client takes them: many channels at once do not make it look too slow. */
import type { Clock } from './clock.ts'

/** The reads of all clients. */
export interface Reads {
  /** Runs a read when its client has room for what it brings. */
  enqueue(session: number, read: () => Promise<void>): void
  /** The client has gone: what waits is forgotten. */
  forget(session: number): void
}

/** Reads of one client at a time. */
const AT_ONCE = 1
const LOOK_AGAIN_MS = 20

interface Queue {
  running: number
  readonly waiting: Array<() => Promise<void>>
  timer: unknown
}

/** Makes the reads of a node. `hasRoom` says whether a client has taken most of what it was sent. */
export function createReads(clock: Clock, hasRoom: (session: number) => boolean): Reads {
  const queues = new Map<number, Queue>()

  function next(session: number, queue: Queue): void {
    while (queue.waiting.length > 0 && queue.running < AT_ONCE) {
      if (!hasRoom(session)) {
        queue.timer ??= clock.setTimer(() => {
          queue.timer = undefined
          next(session, queue)
        }, LOOK_AGAIN_MS)
        return
      }
      queue.running++
      const read = queue.waiting.shift() as () => Promise<void>
      void read().finally(() => {
        queue.running--
        next(session, queue)
      })
    }
    if (queue.running === 0 && queue.waiting.length === 0) queues.delete(session)
  }

  return {
    enqueue(session, read) {
      const queue = queues.get(session) ?? { running: 0, waiting: [], timer: undefined }
      queues.set(session, queue)
      queue.waiting.push(read)
      next(session, queue)
    },
    forget(session) {
      const queue = queues.get(session)
      if (queue === undefined) return
      clock.clearTimer(queue.timer)
      queue.waiting.length = 0
      queues.delete(session)
    },
  }
}
