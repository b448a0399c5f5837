/**
 * Attempts that good polls grant the socket: the network works, so it is worth one now. Failures stay counted and the
 * breaker stays as it is, because only the socket can show that the socket works.
 */
import type { Connection } from '../engine/connection-interface.ts'
import type { Platform } from '../engine/platform.ts'
import type { Counters } from './counters.ts'
import type { ResolvedPoll } from './options.ts'
import { isRecent, probeDelayMs } from './schedule.ts'

/** Grants attempts to one connection. */
export interface Probe {
  /** A good answer came, after so long. */
  granted(latencyMs: number): void
  /** The connection has changed. */
  look(): void
  deadline(): number
  tick(): void
}

/** Handshakes that take so many times longer than a request are stuck. */
const STUCK_FACTOR = 10

/** Makes what probes for a connection. */
export function createProbe(connection: Connection, platform: Platform, options: ResolvedPoll, counters: Counters): Probe {
  let goodAt = -Infinity
  let latency = 0
  let lastAt: number | null = null
  let dueAt = Infinity
  let generation = -1
  let dialedAt = -Infinity

  /** The socket could use an attempt: it waits for one, or is stuck in one. A server that has refused it is not asked again. */
  function waits(): boolean {
    const { phase } = connection.snapshot()
    return phase === 'waiting' || phase === 'paused' || phase === 'dialing' || phase === 'greeting'
  }

  function arm(): void {
    const now = platform.now()
    if (options.probeInterval === Infinity || !waits() || !isRecent(options, now - goodAt, platform.isHidden())) {
      dueAt = Infinity
      return
    }
    if (dueAt === Infinity) dueAt = (lastAt ?? now) + probeDelayMs(options, lastAt === null, platform.random())
  }

  /** An attempt under way is given its time first. */
  function deadline(): number {
    const { phase } = connection.snapshot()
    const isTrying = phase === 'dialing' || phase === 'greeting'
    return isTrying ? Math.max(dueAt, dialedAt + Math.max(options.probeInterval, latency * STUCK_FACTOR)) : dueAt
  }

  return {
    granted(latencyMs) {
      goodAt = platform.now()
      latency = latencyMs
      arm()
    },
    look() {
      const snapshot = connection.snapshot()
      if (snapshot.generation !== generation) {
        generation = snapshot.generation
        dialedAt = platform.now()
      }
      if (snapshot.phase === 'open' || snapshot.phase === 'idle') lastAt = null
      arm()
    },
    deadline,
    tick() {
      const now = platform.now()
      if (now < deadline()) return
      dueAt = Infinity
      // Nobody looks at a hidden page, and it tries as soon as somebody does.
      if (!waits() || platform.isHidden()) return
      lastAt = now
      counters.probes++
      connection.probe()
      arm()
    },
  }
}
