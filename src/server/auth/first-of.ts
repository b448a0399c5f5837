/** Several ways to sign in, one after another. */
import { UplinkError } from '../../core/errors.ts'
import type { Authenticator, Verdict } from '../user.ts'

/**
 * Asks authenticators in order; the first that does not refuse decides. One that fails is passed over. Where nobody
 * accepts, the first failure is thrown, so that it is logged and not taken for a plain refusal.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` without authenticators.
 * @example
 * const authenticate = firstOf(jwt({ secret, issuer, audience }), apiKeys({ keys }), anonymous())
 */
export function firstOf(...authenticators: readonly [Authenticator, ...Authenticator[]]): Authenticator {
  if (authenticators.length === 0 || authenticators.some((each) => typeof each !== 'function')) {
    throw new UplinkError('UPLINK_OPTION_INVALID', 'firstOf needs at least one authenticator')
  }
  return async (request): Promise<Verdict> => {
    const failures: unknown[] = []
    for (const authenticate of authenticators) {
      try {
        const verdict = await authenticate(request)
        if (verdict !== null) return verdict
      } catch (failure) {
        failures.push(failure)
      }
    }
    if (failures.length > 0) throw failures[0]
    return null
  }
}
