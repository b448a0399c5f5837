/** The seam between a server and what carries its frames. A door is thin: it moves texts, and decides nothing. */
import type { IncomingHttpHeaders } from 'node:http'

/** A connection, as the server uses it. */
export interface DoorEnd {
  /** Sends what the door's `encode` made. False where so much waits that it is worth a look. Never throws. */
  send(encoded: unknown): boolean
  /** Ends the connection, after what was sent. */
  close(code: number, reason: string): void
  /** Bytes that were sent and that the network has not taken yet. */
  waitingBytes(): number
}

/** What is known of a client before its first frame. */
export interface DoorRequest {
  /** Its network address. */
  readonly address: string
  /** The page it comes from; `undefined` for programs. */
  readonly origin: string | undefined
  readonly headers: IncomingHttpHeaders
}

/** What a client showed when it connected. */
export interface DoorVisit extends DoorRequest {
  /** Whether it says no hello, and speaks the plain frames of docs/PROTOCOL.md, section 8. */
  readonly isPlain: boolean
  readonly credentials: unknown
}

/** Why a client is not let in; as an HTTP answer. */
export interface Refusal {
  readonly status: 403 | 404 | 429 | 503
  readonly reason: string
  readonly retryAfterMs?: number
}

/** The server, as a door sees it. */
export interface DoorHost {
  /** Largest frame in characters; larger ones need not be read. */
  readonly maxFrame: number
  /** How long a client may take to say who it is, ms; whoever is not told of by `enter` by then is the door's to cut off. */
  readonly helloTimeoutMs: number
  /** Whether a page of this origin may connect. */
  isAllowedOrigin(origin: string | undefined): boolean
  /** Whether a client may connect at all. Asked before anything is allocated for it. */
  admit(request: DoorRequest): Refusal | null
  /** A connection holds a place of its address, whether or not it has said anything; what is returned gives it back. */
  arrived(address: string): () => void
  /** A client has connected. Returns the number by which it is told of. */
  enter(end: DoorEnd, visit: DoorVisit): number
  frame(session: number, text: string): void
  /** The connection has ended, from whichever side. */
  left(session: number): void
  /** Something of the door itself went wrong. */
  report(error: unknown): void
}

/** A door that is open. */
export interface OpenDoor {
  /** Asks everybody whether they live, and cuts off who did not answer the last time. */
  probe(): void
  /** Takes nobody in any more. Connections stay. */
  shut(): void
  /** Cuts everybody off; resolves when nothing is left. */
  close(): Promise<void>
}

/** A kind of connection. */
export interface Door {
  /** Shown in logs, metrics and to authenticators. */
  readonly name: string
  /** Makes of a frame what `send` takes; once for everybody it is sent to. Plain connections may get other bytes. */
  encode(text: string, isPlain: boolean): unknown
  open(host: DoorHost): OpenDoor
}
