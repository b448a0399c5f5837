/** What the parts of a hub share: its sessions, the time of the step, and the ways out. */
import type { HubEffect } from './effects.ts'
import type { Session } from './session.ts'

/** A hub, as its parts see it. */
export interface HubHost {
  readonly sessions: ReadonlyMap<number, Session>
  /** Monotonic ms. */
  now(): number
  /** Epoch ms. */
  time(): number
  /** A new question. */
  ask(): number
  emit(effect: HubEffect): void
  send(session: number, text: string): void
  say(session: number, frame: object): void
  /** Says that something could not be done. */
  report(session: Session, code: string, message: string, more?: object): void
  /** Ends a session with a code. */
  close(session: Session, code: number, reason: string): void
}
