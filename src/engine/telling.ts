/**
 * How a connection speaks to others: what they wrote may throw, but not into the middle of a step, and they
 * are told only once the step is over.
 */
import { type ErrorCode, UplinkError, messageOf } from '../core/errors.ts'
import { type Stats, noteError } from '../core/stats.ts'
import { type Emitter, type EventName, createEmitter } from './events.ts'
import type { Logger } from './logger.ts'
import type { Platform } from './platform.ts'

/** The voice of one connection. */
export interface Telling {
  readonly emitter: Emitter
  /** Counts an error, and tells it. */
  fault(error: UplinkError): void
  /** Reports what a listener of `name` threw. */
  listenerFailed(thrown: unknown, name: EventName): void
  /** Runs what others wrote. */
  isolated(whose: string, run: () => void): void
  /** Runs `tell` when the step is over: at once, where there is none. */
  later(tell: () => void): void
  /** The step is over: tells everything that has gathered. */
  tellAll(): void
}

/** Makes the voice of a connection. `isStepping` says whether its machine is in the middle of a step. */
export function createTelling(stats: Stats, platform: Platform, logger: Logger, isStepping: () => boolean): Telling {
  const notices: Array<() => void> = []
  let telling = false
  const emitter = createEmitter(listenerFailed)

  function failed(code: ErrorCode, text: string, cause: unknown): UplinkError {
    return new UplinkError(code, text, { cause })
  }

  function listenerFailed(thrown: unknown, name: EventName): void {
    const error = failed('UPLINK_LISTENER_FAILED', `a listener of "${name}" threw: ${messageOf(thrown)}`, thrown)
    // A broken error listener hears of itself only through the log; anything else would be a circle.
    if (name === 'error') logger.error(error.message, { code: error.code })
    else fault(error)
  }

  function fault(error: UplinkError): void {
    noteError(stats, error.code, error.message, platform.time())
    later(() => emitter.emit('error', error))
  }

  function later(tell: () => void): void {
    notices.push(tell)
    if (!isStepping()) tellAll()
  }

  function tellAll(): void {
    if (telling) return
    telling = true
    for (let tell = notices.shift(); tell !== undefined; tell = notices.shift()) tell()
    telling = false
  }

  return {
    emitter,
    fault,
    listenerFailed,
    isolated(whose, run) {
      try {
        run()
      } catch (thrown) {
        fault(failed('UPLINK_LISTENER_FAILED', `${whose} threw: ${messageOf(thrown)}`, thrown))
      }
    },
    later,
    tellAll,
  }
}
