/** Who a user is, and what is asked to find that out. */

/** What a user's credentials say. */
export interface User {
  /** Names the user for good; `null` is somebody without a name. */
  readonly identity: string | null
  /** What the user may act as, such as `user`, `admin`, `super_admin`. */
  readonly roles: readonly string[]
  /** Names the sign-in that these credentials come from, so that it can be revoked. */
  readonly sessionId?: string
  /** When the credentials were made, epoch ms, so that older ones can be revoked. */
  readonly issuedAt?: number
}

/** What an authenticator found out; `null` refuses the credentials. */
export type Verdict = (Partial<User> & {
  readonly identity: string | null
  /** How long the credentials last, ms. @default for ever */
  readonly expiresInMs?: number
}) | null

/** What an authenticator is asked. */
export interface AuthenticationRequest {
  /** What the client showed: usually a token; `undefined` where it showed nothing. */
  readonly credentials: unknown
  /** The client's network address. */
  readonly address: string
  /** The door it came through, such as `ws` or `socket.io`. */
  readonly door: string
  /** Headers of the request that opened the connection, names in lower case; empty when newer credentials are shown later. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/**
 * Finds out who a user is. A throw or a rejection is a refusal that is logged; a plain refusal is `null`.
 * It must not take longer than the time a client has to say hello.
 */
export type Authenticator = (request: AuthenticationRequest) => Verdict | Promise<Verdict>
