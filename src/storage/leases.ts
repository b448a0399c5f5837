/**
 * Who owns messages where there are no Web Locks, as in pages over plain http: a session writes down until when
 * it will be alive, and does so again before that time. A hidden page runs its timers once a minute, so a lease
 * lasts several.
 */
import type { Platform, TimerHandle } from '../engine/platform.ts'
import type { Hold } from './locks.ts'

/** Where a lease is written. */
export interface LeasePaper {
  /** @param expiresAt - epoch ms, because pages share it */
  write(expiresAt: number): Promise<void>
  erase(): Promise<void>
}

/** Leases are renewed when so much of them is over. */
const RENEWED_AT = 1 / 3

/** A hold by a lease. */
export function holdLease(platform: Platform, leaseMs: number, paper: LeasePaper): Hold {
  let timer: TimerHandle | undefined
  let turns = 0
  const write = (): Promise<void> => paper.write(platform.time() + leaseMs)

  function renew(): void {
    timer = platform.setTimer(() => {
      // A lease that could not be renewed ends: then others take over, and the next write learns so.
      write().catch(() => undefined)
      renew()
    }, leaseMs * RENEWED_AT)
  }
  function stop(): void {
    if (timer !== undefined) platform.clearTimer(timer)
    timer = undefined
  }
  return {
    async take() {
      const turn = ++turns
      stop()
      await write()
      if (turn === turns) renew()
    },
    release() {
      turns++
      stop()
      // A page that is going away may not get this far; then the lease expires.
      paper.erase().catch(() => undefined)
    },
  }
}
