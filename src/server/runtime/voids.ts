/** Which credentials are void: found by who they are of, because a busy service revokes one session after the other all day. */
import { type Revocation, isVoid } from '../revoked.ts'
import type { Verdict } from '../user.ts'
import type { Clock } from './clock.ts'
import { REVOKED_MS } from './revocation.ts'

/** Revocations that still count. */
export interface Voids {
  add(revocation: Revocation): void
  /** What voids these credentials; of several that which was told last. */
  of(verdict: NonNullable<Verdict>): Revocation | undefined
}

interface Entry {
  readonly revocation: Revocation
  readonly endsAt: number
}

const nameOf = ({ userId, sessionId }: Pick<Revocation, 'userId' | 'sessionId'>): string =>
  sessionId !== undefined ? `session ${sessionId}` : userId !== undefined ? `user ${userId}` : 'everybody'

/** Nothing is revoked yet. */
export function createVoids(clock: Clock): Voids {
  // In the order in which they were told last; within each by what they say: a node hears of one more than once.
  const byName = new Map<string, Map<string, Entry>>()

  /** Forgets what has ended, from the front: what was told first ends first. */
  function forget(): void {
    const now = clock.now()
    for (const [name, entries] of byName) {
      for (const [key, { endsAt }] of entries) {
        if (endsAt > now) break
        entries.delete(key)
      }
      if (entries.size > 0) return
      byName.delete(name)
    }
  }

  return {
    add(revocation) {
      const { userId, sessionId, issuedBefore } = revocation
      const name = nameOf(revocation)
      const key = JSON.stringify([userId, sessionId, issuedBefore])
      const entries = byName.get(name) ?? new Map<string, Entry>()
      byName.delete(name)
      entries.delete(key)
      byName.set(name, entries.set(key, { revocation, endsAt: clock.now() + REVOKED_MS }))
      forget()
    },
    of(verdict) {
      const { identity, sessionId } = verdict
      const now = clock.now()
      let found: Entry | undefined
      const names = [nameOf({}), ...(identity === null ? [] : [nameOf({ userId: identity })]), ...(sessionId === undefined ? [] : [nameOf({ sessionId })])]
      for (const name of names) {
        for (const entry of byName.get(name)?.values() ?? []) {
          if (entry.endsAt > now && entry.endsAt >= (found?.endsAt ?? 0) && isVoid(verdict, entry.revocation)) found = entry
        }
      }
      return found?.revocation
    },
  }
}
