/** When to ask again. Pure: time and chance are arguments. */
import { jittered } from '../core/backoff.ts'
import type { ResolvedPoll } from './options.ts'

/** While the device says that it has no network, a channel is tried this often all the same: hints lie. */
export const OFFLINE_MS = 60_000

/** What a delay depends on. */
export interface Circumstances {
  /** Failures in a row. */
  readonly failures: number
  /** What the server asked for. */
  readonly retryAfterMs: number
  readonly isHidden: boolean
  readonly isOffline: boolean
  /** In [0, 1). */
  readonly random: number
}

/** How long to wait after a request: the interval less a tenth at most, or after failures a cap that doubles, at least half of it. */
export function pollDelayMs({ interval, maxInterval, hiddenInterval }: ResolvedPoll, { failures, retryAfterMs, isHidden, isOffline, random }: Circumstances): number {
  const usual = failures === 0 ? interval - jittered(interval / 10, 'full', random) : jittered(Math.min(interval * 2 ** failures, maxInterval), 'equal', random)
  return Math.max(usual, retryAfterMs, isHidden ? hiddenInterval : 0, isOffline ? OFFLINE_MS : 0)
}

/** When polling begins: up to a fifth later than it may, so that a fleet which lost its server does not ask in one moment. */
export function beginsAfterMs({ fallbackAfter }: ResolvedPoll, random: number): number {
  return fallbackAfter + jittered(fallbackAfter / 5, 'full', random)
}

/** Time between two attempts granted to the socket; the first may be any time within it. */
export function probeDelayMs({ probeInterval }: ResolvedPoll, isFirst: boolean, random: number): number {
  return isFirst ? jittered(probeInterval, 'full', random) : probeInterval * 0.75 + jittered(probeInterval / 4, 'full', random)
}

/** Whether a good answer so long ago still speaks for the network, and for the data. */
export function isRecent({ interval, hiddenInterval, timeout }: ResolvedPoll, agoMs: number, isHidden: boolean): boolean {
  return agoMs <= 2 * (isHidden ? Math.max(interval, hiddenInterval) : interval) + Math.min(timeout, interval)
}
