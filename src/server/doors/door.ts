/** The seam between a server and what carries its frames. A door is thin: it moves texts, and decides nothing. */
import type { IncomingHttpHeaders } from 'node:http'

/** A connection, as the server uses it. */
export interface DoorEnd {
  /** Sends what the door's `encode` made. Never throws. */
  send(encoded: unknown): void
  /** Ends the connection, after what was sent. */
  close(code: number, reason: string): void
  /** Cuts it off. */
  terminate(): void
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

/** What a door tells of a connection. Nothing may be told after `closed`. */
export interface DoorEvents {
  frame(text: string): void
  /** The connection has ended, from whichever side. */
  closed(): void
}

/** Why a client is not let in; as an HTTP answer. */
export interface Refusal {
  readonly status: 403 | 429 | 503
  readonly reason: string
  readonly retryAfterMs?: number
}

/** The server, as a door sees it. */
export interface DoorHost {
  /** Largest frame in characters; larger ones need not be read. */
  readonly maxFrame: number
  /** Whether a page of this origin may connect. */
  isAllowedOrigin(origin: string | undefined): boolean
  /** Whether a client may connect at all. Asked before anything is allocated for it. */
  admit(request: DoorRequest): Refusal | null
  /** A client has connected. */
  enter(end: DoorEnd, visit: DoorVisit): DoorEvents
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
