/** Lets in whoever shows no credentials, as somebody without a name. */
import type { Authenticator } from '../user.ts'

/**
 * Accepts missing credentials. Whoever shows some is refused, so that a bad token is never taken for none.
 *
 * @example
 * const authenticate = firstOf(jwt({ secret, issuer, audience }), anonymous())
 */
export function anonymous(): Authenticator {
  return ({ credentials }) => (credentials === undefined || credentials === null ? { identity: null, roles: [] } : null)
}
