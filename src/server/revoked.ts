/** Whether credentials are void. Pure, and asked alike for clients that are there and for those that come later, on every node. */
import type { Verdict } from './user.ts'

/** What voids credentials; what is given together must all fit. `issuedBefore` is epoch ms, and means the whole second it lies in. */
export interface Revocation {
  readonly userId?: string
  readonly sessionId?: string
  readonly issuedBefore?: number
}

const SECOND_MS = 1_000
const secondOf = (ms: number): number => Math.floor(ms / SECOND_MS)

/**
 * Whether a revocation is about these credentials. Tokens count whole seconds (RFC 7519, section 2): one of the very second
 * of a revocation may have been made before it, and is void. Those that do not say when they were made count as old.
 */
export function isVoid({ identity, sessionId, issuedAt = 0 }: NonNullable<Verdict>, revocation: Revocation): boolean {
  if (revocation.userId !== undefined && revocation.userId !== identity) return false
  if (revocation.sessionId !== undefined && revocation.sessionId !== sessionId) return false
  return revocation.issuedBefore === undefined || (identity !== null && secondOf(issuedAt) <= secondOf(revocation.issuedBefore))
}

/** Whether it is too early for credentials that could be told from void ones: the second of the revocation is not over. */
export function isTooEarly({ issuedBefore }: Revocation, time: number): boolean {
  return issuedBefore !== undefined && secondOf(issuedBefore) === secondOf(time)
}

/** When newer credentials can be told from void ones, ms from now on. */
export const NEWER_AFTER_MS: number = SECOND_MS
