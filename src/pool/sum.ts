/** What several connections have counted, as one. */
import type { ConnectionStats } from '../core/stats.ts'
import type { Connection } from '../engine/connection-interface.ts'
import type { OutboxSnapshot } from '../engine/send-options.ts'

/** Counters that are simply added. */
const COUNTERS = ['messagesReceived', 'messagesSent', 'bytesReceived', 'bytesSent', 'errors', 'malformed', 'dropped'] as const

/** Rates, which a connection that is gone has none of. */
const RATES = ['receivedPerSecond', 'sentPerSecond', 'bytesReceivedPerSecond', 'bytesSentPerSecond'] as const

const FATES = ['delivered', 'rejected', 'expired', 'dropped', 'unknown', 'kept'] as const

const WAITING = ['queued', 'bytes', 'inFlight', 'persisted'] as const

/** Adds up connections that come and go. */
export interface Sum {
  /** What `own`, the pool itself, has counted, and everybody else. */
  stats(own: ConnectionStats, members: readonly Connection[]): ConnectionStats
  outbox(members: readonly Connection[]): OutboxSnapshot
  /** A connection has ended: what it counted stays. */
  keep(member: Connection): void
}

type Counts<Names extends readonly string[]> = Record<Names[number], number>

function add<Name extends string>(names: readonly Name[], all: ReadonlyArray<Readonly<Record<Name, number>>>): Record<Name, number> {
  const sum = {} as Record<Name, number>
  for (const name of names) sum[name] = all.reduce<number>((total, one) => total + one[name], 0)
  return sum
}

/** Nothing has ended yet. */
export function createSum(): Sum {
  let gone: Counts<typeof COUNTERS> = add(COUNTERS, [])
  let fates: Counts<typeof FATES> = add(FATES, [])
  let lastError: ConnectionStats['lastError'] = null

  const later = (a: ConnectionStats['lastError'], b: ConnectionStats['lastError']): ConnectionStats['lastError'] => (a === null || (b !== null && b.at >= a.at) ? b : a)

  return {
    stats(own, members) {
      const all = members.map((member) => member.stats())
      return {
        ...own,
        ...add(COUNTERS, [own, gone, ...all]),
        ...add(RATES, all),
        lastError: [...all.map((one) => one.lastError), own.lastError].reduce(later, lastError),
      }
    },
    outbox(members) {
      const all = members.map((member) => member.outbox())
      return { ...add(WAITING, all), ...add(FATES, [fates, ...all]) }
    },
    keep(member) {
      const stats = member.stats()
      gone = add(COUNTERS, [gone, stats])
      fates = add(FATES, [fates, member.outbox()])
      lastError = later(lastError, stats.lastError)
    },
  }
}
