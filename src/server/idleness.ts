/** Which sessions are idle: they follow nothing, say nothing and wait for nothing. Heartbeats are no sign of use. Pure; times are monotonic ms. */
import type { Session } from './session.ts'

/** How long a session has been idle; changed in place. */
export interface Idleness {
  readonly timeoutMs: number
  /** When it is closed, unless it is in use then. */
  endsAt: number
  /** Messages that are being handled, and whose answers it waits for. */
  running: number
}

/** Not in use yet; `null` where nobody is closed for being idle. */
export function createIdleness(timeoutMs: number): Idleness | null {
  return timeoutMs === Infinity ? null : { timeoutMs, endsAt: Infinity, running: 0 }
}

/** A session is used: it said something, it left something it followed, it got an answer. `running` says by how many the messages it waits for change. */
export function use({ idleness }: Session, now: number, running: -1 | 0 | 1 = 0): void {
  if (idleness === null) return
  idleness.running += running
  idleness.endsAt = now + idleness.timeoutMs
}

/** Whether its time is over. Who is in use begins anew. */
export function isIdle(session: Session, now: number): boolean {
  const { idleness, subscriptions, asked } = session
  if (idleness === null || now < idleness.endsAt) return false
  if (subscriptions.size === 0 && idleness.running === 0 && (asked?.size ?? 0) === 0) return true
  use(session, now)
  return false
}
