/** The words of the connection machine: what it knows, what it is told, what it asks for. No logic. */
import type { Breaker } from './breaker.ts'
import type { UplinkError } from './errors.ts'
import type { Heartbeat, RoundTrip } from './heartbeat.ts'
import type { Policy } from './policy.ts'

/**
 * Where the machine is. `authorizing` waits for the URL (and credentials), `dialing` for the socket,
 * `greeting` for the server's first word, `waiting` for the time of the next attempt, `paused` for
 * the network, `closing` for the peer's goodbye. `idle`, `open` and `failed` wait for nobody.
 */
export type Phase =
  | 'idle' | 'authorizing' | 'dialing' | 'greeting' | 'open' | 'waiting' | 'paused' | 'closing' | 'failed'

/** The public word for the connection, derived from the phase. */
export type ConnectionState =
  | 'disconnected' | 'connecting' | 'connected' | 'reconnecting' | 'disconnecting' | 'error'

/** What the platform says about the device's network: a hint, never a verdict. */
export type NetworkHint = 'online' | 'offline' | 'unknown'

/** All that the machine remembers. Times are monotonic ms; `Infinity` means never. */
export interface Machine {
  readonly phase: Phase
  /** Number of the socket (or the attempt at one). Answers that carry an older number are ignored. */
  readonly generation: number
  /** When the phase has lasted long enough; finite in every phase that waits for somebody. */
  readonly deadline: number
  /** Failed attempts in a row since the last stable connection. */
  readonly attempt: number
  /** Connections in a row that opened but did not last. */
  readonly flaps: number
  readonly breaker: Breaker
  /** Whether it was open since the last `connect()`: later attempts are `reconnecting`. */
  readonly everConnected: boolean
  /** When the open connection counts as stable; Infinity when it does already, or is not open. */
  readonly stableAt: number
  readonly heartbeat: Heartbeat
  readonly network: NetworkHint
  readonly hidden: boolean
  /** The page is in the back/forward cache, or on its way there. */
  readonly away: boolean
  /** The wait was asked for by the server, so a wake-up does not cut it short. */
  readonly advised: boolean
  /** Other credentials were asked for since the last stable connection. */
  readonly reauthorized: boolean
  /** What the server's goodbye asked to wait; `null` where it has not said goodbye, or asked for nothing. */
  readonly goodbyeMs: number | null
  /** When a wake-up was last granted an attempt. */
  readonly wokeAt: number
  /** Why it is not open; `null` when it is, or was never tried. */
  readonly error: UplinkError | null
}

/** Why a socket ended. */
export interface Loss {
  readonly code: number
  readonly reason: string
  /** What the server asked to wait, where the transport or the protocol can know it. */
  readonly retryAfterMs?: number
  /** What was thrown, where something was. */
  readonly cause?: unknown
}

/** Everything the machine can be told. */
export type Signal =
  | { readonly type: 'connect' }
  | { readonly type: 'disconnect'; readonly graceful: boolean }
  | { readonly type: 'reconnect' }
  | { readonly type: 'resolved'; readonly generation: number }
  | { readonly type: 'rejected'; readonly generation: number; readonly error: UplinkError }
  /** The transport could not even begin. */
  | { readonly type: 'undialable'; readonly generation: number; readonly error: UplinkError }
  | { readonly type: 'opened'; readonly generation: number }
  | { readonly type: 'greeted'; readonly generation: number }
  | ({ readonly type: 'lost'; readonly generation: number } & Loss)
  /** The server is about to close. */
  | { readonly type: 'goodbye'; readonly generation: number; readonly retryAfterMs: number | null }
  /** It cannot go on, whoever says so: nobody is signed in, or somebody else is. */
  | { readonly type: 'denied'; readonly error: UplinkError }
  | { readonly type: 'ponged'; readonly generation: number }
  | { readonly type: 'tick' }
  /** A wake-up, or (`granted`) somebody who knows that it is worth an attempt, however long ago the last one was. */
  | { readonly type: 'wake'; readonly slept: boolean; readonly granted?: boolean }
  | { readonly type: 'network'; readonly online: boolean }
  | { readonly type: 'visibility'; readonly hidden: boolean }
  | { readonly type: 'pagehide' }
  | { readonly type: 'pageshow' }

/** Everything the machine can ask for. Effects are performed after the new state is published. */
export type Effect =
  | { readonly type: 'resolve'; readonly generation: number }
  | { readonly type: 'dial'; readonly generation: number }
  | { readonly type: 'greet' }
  | { readonly type: 'ping' }
  /** Rejoin channels, then send what is queued. */
  | { readonly type: 'restore' }
  /** Detach from the socket or the attempt and let it die unheard. */
  | { readonly type: 'drop'; readonly code: number; readonly reason: string }
  /** Start the closing handshake and keep listening. */
  | { readonly type: 'close'; readonly code: number; readonly reason: string }
  | { readonly type: 'tell'; readonly notice: Notice }

/** What listeners are told about the connection. Times are still monotonic here. */
export type Notice =
  | { readonly name: 'open'; readonly reconnected: boolean }
  | { readonly name: 'close'; readonly code: number; readonly reason: string }
  | { readonly name: 'error'; readonly error: UplinkError }
  | { readonly name: 'reconnecting'; readonly attempt: number; readonly delayMs: number }
  | { readonly name: 'reconnectFailed'; readonly error: UplinkError; readonly attempts: number }
  | { readonly name: 'heartbeatTimeout'; readonly missed: number; readonly silentMs: number }

/** Time, chance and the rules, as arguments. */
export interface Context {
  /** Monotonic ms. */
  readonly now: number
  /** A number in [0, 1). */
  readonly random: number
  /** When the last frame came in. */
  readonly heardAt: number
  readonly roundTrip: RoundTrip
  readonly policy: Policy
  /** The URL or the credentials have to be asked for before the next dial. */
  readonly resolves: boolean
  /** It is the credentials alone that have to be asked for. */
  readonly signsIn: boolean
  /** Somebody can be asked for other credentials. */
  readonly renews: boolean
  /** The protocol has a greeting. */
  readonly greets: boolean
  /** The protocol has a ping. */
  readonly pings: boolean
  /** Close codes that are fatal in this protocol on top of the table. */
  readonly fatalCodes: readonly number[]
}

/** The public word for a machine: THE table from phases to states. */
export function stateOf(machine: Pick<Machine, 'phase' | 'everConnected' | 'breaker'>): ConnectionState {
  switch (machine.phase) {
    case 'idle': return 'disconnected'
    case 'open': return 'connected'
    case 'closing': return 'disconnecting'
    case 'failed': return 'error'
    case 'waiting':
      if (machine.breaker.state === 'open') return 'error'
      return machine.everConnected ? 'reconnecting' : 'connecting'
    case 'authorizing':
    case 'dialing':
    case 'greeting':
    case 'paused':
      return machine.everConnected ? 'reconnecting' : 'connecting'
    default:
      return machine.phase satisfies never
  }
}
