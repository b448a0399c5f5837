/** Revocations as an application gives them, checked; and how long they are remembered. */
import { UplinkError } from '../../core/errors.ts'
import type { Revocation } from '../revoked.ts'

/** How long credentials stay void, ms; those that live longer must be refused by the authenticator. */
export const REVOKED_MS = 86_400_000

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isNumber = (value: unknown): boolean => value === undefined || (typeof value === 'number' && !Number.isNaN(value))

/** Checks what shall be void: a mistake in it must not sign everybody out. */
export function checkRevocation(revocation: Revocation): Revocation {
  const { userId, sessionId, issuedBefore, ...unknown } = revocation as Readonly<Record<string, unknown>>
  const fits = (userId === undefined || isText(userId)) && (sessionId === undefined || isText(sessionId)) && isNumber(issuedBefore)
  if (!fits || Object.keys(unknown).length > 0 || (userId === undefined && sessionId === undefined && issuedBefore === undefined)) {
    throw new UplinkError('UPLINK_OPTION_INVALID', 'revoke() takes userId, sessionId or issuedBefore (epoch ms), one of them at least, and nothing else')
  }
  return revocation
}
