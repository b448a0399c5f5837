/** What voids credentials, and whether it is about somebody's. */
import { UplinkError } from '../../core/errors.ts'
import type { Verdict } from '../user.ts'

/** How long credentials stay void, ms; those that live longer must be refused by the authenticator. */
export const REVOKED_MS = 86_400_000

/** What voids credentials; what is given together must all fit. `issuedBefore` is epoch ms. */
export interface Revocation {
  readonly userId?: string
  readonly sessionId?: string
  readonly issuedBefore?: number
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isNumber = (value: unknown): boolean => value === undefined || (typeof value === 'number' && !Number.isNaN(value))

/** Whether a revocation is about these credentials. Those that do not say when they were made count as old. */
export function isVoid({ identity, sessionId, issuedAt = 0 }: NonNullable<Verdict>, revocation: Revocation): boolean {
  if (revocation.userId !== undefined && revocation.userId !== identity) return false
  if (revocation.sessionId !== undefined && revocation.sessionId !== sessionId) return false
  return revocation.issuedBefore === undefined || (identity !== null && issuedAt < revocation.issuedBefore)
}

/** Checks what shall be void: a mistake in it must not sign everybody out. */
export function checkRevocation(revocation: Revocation): Revocation {
  const { userId, sessionId, issuedBefore, ...unknown } = revocation as Readonly<Record<string, unknown>>
  const fits = (userId === undefined || isText(userId)) && (sessionId === undefined || isText(sessionId)) && isNumber(issuedBefore)
  if (!fits || Object.keys(unknown).length > 0 || (userId === undefined && sessionId === undefined && issuedBefore === undefined)) {
    throw new UplinkError('UPLINK_OPTION_INVALID', 'revoke() takes userId, sessionId or issuedBefore (epoch ms), one of them at least, and nothing else')
  }
  return revocation
}
