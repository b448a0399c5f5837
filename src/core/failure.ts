/**
 * What a failure leads to: another try after a delay, a pause until the network is back, a cool-down, or
 * the end. Decided here and nowhere else.
 */
import { OVERLOAD_DELAY_MS, closeMeaning } from '../protocol/close.ts'
import { jittered, retryDelayMs } from './backoff.ts'
import { type Breaker, breakerFailed, cooldownMs } from './breaker.ts'
import { type ErrorCode, UplinkError } from './errors.ts'
import type { Context, Loss, Machine, Notice } from './machine.ts'

/** While the network is said to be gone, it is tried this often all the same: hints lie. */
export const PAUSED_DIAL_MS = 60_000

/** The machine after a failure, what to tell, and whether an attempt with other credentials begins at once. */
export interface AfterFailure {
  /** In phase `idle` where a server closed normally and nobody wants it back. */
  readonly next: Machine
  readonly notices: readonly Notice[]
  readonly redials: boolean
}

/** Puts the end of a socket into words. */
export function lossError(machine: Machine, loss: Loss, context: Context): UplinkError {
  const { advice, meaning } = closeMeaning(loss.code)
  const again = advice === 'authorize' && context.renews && !machine.reauthorized
  const fatal = advice === 'fatal' || context.fatalCodes.includes(loss.code)
  let code: ErrorCode = machine.phase === 'open' ? 'UPLINK_CONNECTION_LOST' : 'UPLINK_DIAL_FAILED'
  if (fatal) code = 'UPLINK_REFUSED'
  else if (advice === 'authorize') code = 'UPLINK_UNAUTHORIZED'
  else if (advice === 'later') code = 'UPLINK_OVERLOADED'
  // A link that never was cannot have been lost.
  const what = loss.code === 1006 && machine.phase !== 'open' ? 'could not connect' : meaning
  const hint = advice === 'authorize' && !context.renews ? '; no credentials option is set' : ''
  const text = `${what} (${loss.code}${loss.reason === '' ? '' : `: ${loss.reason}`})${hint}`
  return new UplinkError(code, text, {
    severity: fatal || (advice === 'authorize' && !again) ? 'fatal' : 'error', closeCode: loss.code, cause: loss.cause,
  })
}

/** Failures nobody was there to suffer do not count, except of a probe, which is one attempt whoever watches. */
function breakerAfter({ breaker, hidden, network }: Machine, context: Context): Breaker {
  const counts = !hidden && network !== 'offline'
  return counts || breaker.state !== 'closed' ? breakerFailed(breaker, context.policy) : breaker
}

function delayMsOf(fallen: Machine, breaker: Breaker, advised: boolean, context: Context, loss: Loss | undefined): number {
  const { policy, random } = context
  if (breaker.state === 'open') return cooldownMs(policy, random)
  if (loss?.retryAfterMs !== undefined) return loss.retryAfterMs
  const usual = retryDelayMs(fallen.attempt, fallen.flaps, policy, random)
  return advised ? Math.max(usual, OVERLOAD_DELAY_MS + jittered(OVERLOAD_DELAY_MS, 'full', random)) : usual
}

function breakerNotice({ failures }: Breaker, delayMs: number): Notice {
  const text = `${failures} attempts failed in a row; the next one is in ${Math.round(delayMs / 1_000)} s`
  return { name: 'error', error: new UplinkError('UPLINK_BREAKER_OPEN', text, { severity: 'warning' }) }
}

/** Decides what a failure of the current attempt, or of the open connection, leads to. */
export function afterFailure(machine: Machine, error: UplinkError, context: Context, loss?: Loss): AfterFailure {
  const { now, policy, random } = context
  const wasOpen = machine.phase === 'open'
  const flaps = wasOpen && machine.stableAt !== Infinity ? machine.flaps + 1 : machine.flaps
  const attempt = machine.attempt + 1
  const fallen: Machine = { ...machine, attempt, flaps, error, stableAt: Infinity }
  const report: Notice = { name: 'error', error }
  const gaveUp: Notice = { name: 'reconnectFailed', error, attempts: attempt }

  const fatal = error.severity === 'fatal'
  if (!fatal && !policy.reconnect && wasOpen && (loss?.code === 1000 || loss?.code === 1001)) {
    return { next: { ...fallen, phase: 'idle', deadline: Infinity }, notices: [], redials: false }
  }
  if (fatal || !policy.reconnect) {
    return { next: { ...fallen, phase: 'failed', deadline: Infinity }, notices: [report, gaveUp], redials: false }
  }
  if (error.code === 'UPLINK_UNAUTHORIZED') {
    const asked: Machine = { ...fallen, reauthorized: true }
    // A server that voids credentials says when newer ones will be told from them: tokens count whole seconds.
    const { retryAfterMs } = loss ?? {}
    if (retryAfterMs === undefined) return { next: asked, notices: [report], redials: true }
    return { next: { ...asked, phase: 'waiting', advised: true, deadline: now + retryAfterMs }, notices: [report], redials: false }
  }
  const breaker = breakerAfter(machine, context)
  if (machine.network === 'offline' && !wasOpen) {
    const deadline = now + PAUSED_DIAL_MS * (0.75 + random / 4)
    return { next: { ...fallen, phase: 'paused', breaker, deadline }, notices: [report], redials: false }
  }
  const advised = loss?.retryAfterMs !== undefined || error.code === 'UPLINK_OVERLOADED'
  const delayMs = delayMsOf(fallen, breaker, advised, context, loss)
  const opens = breaker.state === 'open' && machine.breaker.state === 'closed'
  return {
    next: { ...fallen, phase: 'waiting', breaker, advised, deadline: now + delayMs },
    notices: opens ? [report, breakerNotice(breaker, delayMs), gaveUp] : [report, { name: 'reconnecting', attempt, delayMs }],
    redials: false,
  }
}
