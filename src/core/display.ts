/**
 * What is *shown* of a connection, beside what is. A pure machine of its own: an outage that heals
 * within the grace is never shown, a shown state stays long enough to be read, good news and final
 * news are shown at once, and a sentence can be made of cause and remedy. An outage is over when the
 * data is current again, not when the socket opens. Data that is polled meanwhile is `delayed`, whatever the socket does.
 */
import { type Remedy, closeMeaning } from '../protocol/close.ts'
import type { UplinkError } from './errors.ts'
import type { ConnectionState, NetworkHint, Phase } from './machine.ts'

/**
 * The shown word. `offline` waits for the network; `cooldown` is the breaker's pause; `catching_up` is
 * connected again after an outage, with data still missing; `delayed` is not connected, with data polled meanwhile; the
 * others are the public states.
 */
export type DisplayState = ConnectionState | 'offline' | 'cooldown' | 'catching_up' | 'delayed'

/** Why the connection (or, for `behind`, a part of the data) is not there, as a person would put it. */
export type Cause =
  | 'none' | 'user' | 'behind' | 'starting' | 'never_connected' | 'network_offline' | 'unreachable' | 'lost' | 'silent' | 'restarting' | 'overloaded'
  | 'unauthorized' | 'refused' | 'misconfigured'

/** The facts it is made from; times are epoch ms. */
export interface DisplayFacts {
  readonly state: ConnectionState
  readonly phase: Phase
  readonly attempt: number
  readonly retryAt: number | null
  readonly breakerOpen: boolean
  readonly everConnected: boolean
  /** It is open again, and some channel is not current yet. */
  readonly catchingUp: boolean
  readonly network: NetworkHint
  readonly error: UplinkError | null
  /** How often data is polled, in ms, while polling brings it. @default null */
  readonly delayed?: number | null
}

/** What is shown. Times are epoch ms. */
export interface Display {
  readonly state: DisplayState
  readonly cause: Cause
  readonly remedy: Remedy
  /** Failed attempts in a row. */
  readonly attempt: number
  /** Time of the next attempt, only where counting down is honest: for waits of at least {@link COUNTDOWN_LEAST_MS}. */
  readonly retryAt: number | null
  /** When this state began to be shown. */
  readonly since: number
  /** When the outage began that is going on (shown or not), else null. */
  readonly outageSince: number | null
  /** Nothing needs to be said yet: the very first connect, within its grace. */
  readonly quiet: boolean
  /** How often the data comes, in ms, where it is polled instead of live; else null. */
  readonly delayed: number | null
}

/** The numbers of the display, in ms. */
export interface DisplayPolicy {
  /** Outages shorter than this are not shown; also how long a first connect stays quiet. @default 1_000 */
  readonly grace: number
  /** A state that is not final is shown at least this long. @default 700 */
  readonly dwell: number
}

/** The display machine: what is shown, what would be, and when to look again (epoch ms, Infinity never). */
export interface DisplayMachine {
  readonly shown: Display
  /** The trouble going on began after it had been connected: it is an outage, not a first connect. */
  readonly lapsed: boolean
  readonly deadline: number
}

/** Shorter waits than this are not counted down: a number that is gone when read helps nobody. */
export const COUNTDOWN_LEAST_MS = 5_000

/** Default numbers of the display. */
export const DISPLAY_POLICY: DisplayPolicy = Object.freeze({ grace: 1_000, dwell: 700 })

const INSTANT: ReadonlySet<DisplayState> = new Set(['connected', 'error', 'cooldown', 'disconnected', 'disconnecting'])

/** A display of a connection that was never asked for. */
export function createDisplay(): DisplayMachine {
  return {
    shown: {
      state: 'disconnected', cause: 'none', remedy: 'none', attempt: 0, retryAt: null, since: 0, outageSince: null, quiet: true, delayed: null,
    },
    lapsed: false,
    deadline: Infinity,
  }
}

/** The next display, given the facts at `now` (epoch ms). Returns the same object when nothing changed. */
export function displayStep(
  before: DisplayMachine, facts: DisplayFacts, now: number, policy: DisplayPolicy = DISPLAY_POLICY,
): DisplayMachine {
  const { shown } = before
  const state = wordFor(facts, before.lapsed)
  const trouble = state !== 'connected' && state !== 'disconnected' && state !== 'disconnecting'
  const lapsed = trouble && (before.lapsed || facts.everConnected)
  const outageSince = trouble ? (shown.outageSince ?? now) : null
  const wanted = { ...describe(facts, state, now, shown), outageSince }
  const due = dueAt(shown, state, outageSince, facts, policy)
  if (now < due) {
    // Not yet: what is on the screen stays, though the outage is on record.
    return keep(before, { ...shown, outageSince, quiet: shown.quiet && facts.attempt === 0 }, lapsed, due)
  }
  const changed = state !== shown.state
  const first = trouble && !facts.everConnected && outageSince !== null
  const quietUntil = first && state === 'connecting' ? outageSince + policy.grace : -Infinity
  const next: Display = { ...wanted, since: changed ? now : shown.since, quiet: state === 'disconnected' ? shown.quiet : now < quietUntil }
  return keep(before, next, lapsed, now < quietUntil ? quietUntil : Infinity)
}

/** When the wanted state may be shown: at once, after the grace of its outage, or after a dwell. */
function dueAt(
  shown: Display, state: DisplayState, outageSince: number | null, facts: DisplayFacts, policy: DisplayPolicy,
): number {
  if (state === shown.state || INSTANT.has(state)) return -Infinity
  if (shown.state === 'connected' && facts.everConnected && outageSince !== null) return outageSince + policy.grace
  // From one passing state to another: let it be read. From a settled one: at once.
  return INSTANT.has(shown.state) && shown.state !== 'cooldown' ? -Infinity : shown.since + policy.dwell
}

function keep(before: DisplayMachine, shown: Display, lapsed: boolean, deadline: number): DisplayMachine {
  const same = (Object.keys(shown) as (keyof Display)[]).every((key) => Object.is(shown[key], before.shown[key]))
  if (same && before.lapsed === lapsed && before.deadline === deadline) return before
  return { shown: same ? before.shown : shown, lapsed, deadline }
}

function wordFor(facts: DisplayFacts, lapsed: boolean): DisplayState {
  // Without an outage before it (a first connect, a hole being filled) the link is as good as connected.
  if (facts.state === 'connected') return facts.catchingUp && lapsed ? 'catching_up' : 'connected'
  // Who waits for data wants to know that it comes; where nothing is tried any more, somebody has to do something first.
  if (facts.delayed && facts.phase !== 'failed') return 'delayed'
  if (facts.phase === 'paused') return 'offline'
  if (facts.network === 'offline' && facts.phase === 'waiting' && !facts.breakerOpen) return 'offline'
  return facts.breakerOpen && facts.phase === 'waiting' ? 'cooldown' : facts.state
}

function describe(facts: DisplayFacts, state: DisplayState, now: number, shown: Display): Omit<Display, 'since' | 'outageSince' | 'quiet'> {
  const cause = causeOf(facts, state)
  const { retryAt } = facts
  // A countdown once begun goes on to its end: it does not vanish at five seconds.
  // Without a network the next attempt is not what is waited for.
  const honest = retryAt !== null && state !== 'offline' && (retryAt - now >= COUNTDOWN_LEAST_MS || shown.retryAt === retryAt)
  return { state, cause, remedy: remedyOf(facts, state, cause), attempt: facts.attempt, retryAt: honest ? retryAt : null, delayed: (state === 'delayed' && facts.delayed) || null }
}

function causeOf(facts: DisplayFacts, state: DisplayState): Cause {
  if (state === 'connected') return 'none'
  if (state === 'catching_up') return 'behind'
  if (state === 'disconnected' || state === 'disconnecting') return facts.error === null ? 'user' : 'lost'
  if (state === 'offline') return 'network_offline'
  const { error } = facts
  if (error === null) return 'starting'
  switch (error.code) {
    case 'UPLINK_SIGNED_OUT':
    case 'UPLINK_IDENTITY_MISMATCH':
    case 'UPLINK_UNAUTHORIZED': return 'unauthorized'
    case 'UPLINK_REFUSED': return closeMeaning(error.closeCode ?? 0).remedy === 'sign_in' ? 'unauthorized' : 'refused'
    case 'UPLINK_OVERLOADED': return 'overloaded'
    case 'UPLINK_HEARTBEAT_TIMEOUT': return 'silent'
    case 'UPLINK_URL_INVALID':
    case 'UPLINK_NO_WEBSOCKET': return 'misconfigured'
    // What answers no longer is not what has never answered: the one heals by itself, the other may be a firewall.
    default:
      if (error.closeCode === 1012) return 'restarting'
      if (!facts.everConnected) return 'never_connected'
      return error.code === 'UPLINK_CONNECTION_LOST' ? 'lost' : 'unreachable'
  }
}

function remedyOf(facts: DisplayFacts, state: DisplayState, cause: Cause): Remedy {
  if (cause === 'never_connected') return 'check_access'
  if (cause === 'overloaded' && state === 'connecting') return 'wait'
  if (state === 'connected' || state === 'catching_up' || state === 'connecting' || state === 'disconnecting') return 'none'
  if (state === 'disconnected') return 'reconnect'
  if (state === 'offline') return 'check_network'
  if (cause === 'unauthorized') return 'sign_in'
  if (cause === 'misconfigured') return 'contact'
  if (state === 'error') {
    const known = facts.error?.closeCode === undefined ? undefined : closeMeaning(facts.error.closeCode).remedy
    return known === undefined || known === 'wait' ? 'reconnect' : known
  }
  return state === 'cooldown' ? 'reconnect' : 'wait'
}
