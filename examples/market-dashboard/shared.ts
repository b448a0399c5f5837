/** What page and server agree on. */

/** What the page may break, and whether it is broken. */
export interface Switches {
  /** Sockets are cut and refused. */
  readonly socket: boolean
  /** REST answers 503. */
  readonly rest: boolean
}

/** What the server says of itself. */
export interface ServerState {
  readonly symbols: readonly string[]
  readonly source: string
  readonly blocked: Switches
}

/** Path of the streams. */
export const STREAM_PATH = '/stream'

/** Path of the REST interface, as the stand-in for a spot venue has it. */
export const REST_PATH = '/api/v3'

/** Where the page asks for {@link ServerState}; `POST` with {@link Switches} changes what is blocked. */
export const CONTROL_PATH = '/control'
